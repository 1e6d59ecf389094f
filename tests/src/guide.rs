//! Commands in the documentation that promise to work: shell blocks right after a line `<!-- test -->`.
//!
//! After `<!-- test, continued -->` they go on where the block before has ended, in the same folder.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// A block of commands in a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// The page.
    pub page: PathBuf,
    /// Line of the first command, counted from 1.
    pub line: usize,
    /// The commands.
    pub script: String,
}

/// The blocks of all pages: README.md and everything below docs/.
pub fn blocks(repository: &Path) -> Result<Vec<Block>> {
    let mut pages = Vec::new();
    below(&repository.join("docs"), &mut pages)?;
    pages.push(repository.join("README.md"));
    pages.sort();
    let mut all = Vec::new();
    for page in pages.iter().filter(|page| page.is_file()) {
        let text = std::fs::read_to_string(page)
            .with_context(|| format!("cannot read {}", page.display()))?;
        all.extend(blocks_of(page, &text));
    }
    Ok(all)
}

fn below(folder: &Path, pages: &mut Vec<PathBuf>) -> Result<()> {
    let entries =
        std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            below(&path, pages)?;
        } else if path.extension().is_some_and(|extension| extension == "md") {
            pages.push(path);
        }
    }
    Ok(())
}

/// The blocks of one page.
pub fn blocks_of(page: &Path, text: &str) -> Vec<Block> {
    let mut all: Vec<Block> = Vec::new();
    let mut lines = text.lines().enumerate().peekable();
    while let Some((_, line)) = lines.next() {
        let continued = line.trim() == "<!-- test, continued -->";
        if line.trim() != "<!-- test -->" && !continued {
            continue;
        }
        let fence = lines.next().map(|(_, line)| line.trim().to_owned()).unwrap_or_default();
        if fence != "```sh" {
            continue;
        }
        let first = lines.peek().map_or(0, |(number, _)| number + 1);
        let script: Vec<&str> =
            lines.by_ref().map(|(_, line)| line).take_while(|line| line.trim() != "```").collect();
        let script = script.join("\n");
        match all.last_mut().filter(|_| continued) {
            Some(before) => before.script = format!("{}\n{script}", before.script),
            None => all.push(Block { page: page.to_owned(), line: first, script }),
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_go_on_where_the_one_before_has_ended() {
        let text = "<!-- test -->\n```sh\ncd a\n```\n<!-- test, continued -->\n```sh\nls\n```\n";
        let blocks = blocks_of(Path::new("a.md"), text);
        assert_eq!(blocks.len(), 1);
        assert_eq!(blocks[0].script, "cd a\nls");
    }

    #[test]
    fn only_marked_blocks_count() {
        let text = "# A\n```sh\nrm -rf /\n```\n<!-- test -->\n```sh\necho 1\necho 2\n```\n<!-- test -->\ntext\n";
        let blocks = blocks_of(Path::new("a.md"), text);
        assert_eq!(
            blocks,
            [Block { page: "a.md".into(), line: 7, script: "echo 1\necho 2".into() }]
        );
    }
}
