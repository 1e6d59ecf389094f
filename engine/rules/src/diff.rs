//! What changed between two sets of rule files, in the form of `diff -u`.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::files::Files;

/// Unchanged lines shown around a change.
const CONTEXT: usize = 3;
/// Tables larger than this are not searched for common lines; the whole stretch is shown as replaced.
const MOST_CELLS: usize = 16_000_000;

/// The difference as text; empty if there is none.
pub fn diff(old: &Files, new: &Files) -> String {
    let paths: BTreeSet<&str> = old.paths().chain(new.paths()).collect();
    let mut out = String::new();
    for path in paths {
        let (before, after) = (old.text(path), new.text(path));
        if before == after {
            continue;
        }
        let name = |side: &str, there: bool| {
            if there { format!("{side}/{path}") } else { "/dev/null".to_owned() }
        };
        let _ = writeln!(
            out,
            "--- {}\n+++ {}",
            name("old", before.is_some()),
            name("new", after.is_some())
        );
        let before = before.unwrap_or_default();
        let after = after.unwrap_or_default();
        file(&before.lines().collect::<Vec<_>>(), &after.lines().collect::<Vec<_>>(), &mut out);
    }
    out
}

/// One line of the way from old to new.
#[derive(Clone, Copy)]
enum Step<'a> {
    Same(&'a str),
    Out(&'a str),
    In(&'a str),
}

fn file(old: &[&str], new: &[&str], out: &mut String) {
    let steps = steps(old, new);
    let places: Vec<usize> = steps
        .iter()
        .enumerate()
        .filter(|(_, step)| !matches!(step, Step::Same(_)))
        .map(|(at, _)| at)
        .collect();
    let mut changes = places.into_iter().peekable();
    while let Some(first) = changes.next() {
        let start = first.saturating_sub(CONTEXT);
        let mut last = first;
        while let Some(next) = changes.next_if(|next| *next <= last + 2 * CONTEXT) {
            last = next;
        }
        hunk(&steps, start, (last + CONTEXT + 1).min(steps.len()), out);
    }
}

fn hunk(steps: &[Step<'_>], start: usize, end: usize, out: &mut String) {
    let (old_before, new_before) = counted(&steps[..start]);
    let (old_count, new_count) = counted(&steps[start..end]);
    let line = |before: usize, count: usize| if count == 0 { before } else { before + 1 };
    let _ = writeln!(
        out,
        "@@ -{},{old_count} +{},{new_count} @@",
        line(old_before, old_count),
        line(new_before, new_count)
    );
    for step in &steps[start..end] {
        let _ = match step {
            Step::Same(text) => writeln!(out, " {text}"),
            Step::Out(text) => writeln!(out, "-{text}"),
            Step::In(text) => writeln!(out, "+{text}"),
        };
    }
}

fn counted(steps: &[Step<'_>]) -> (usize, usize) {
    steps.iter().fold((0, 0), |(old, new), step| match step {
        Step::Same(_) => (old + 1, new + 1),
        Step::Out(_) => (old + 1, new),
        Step::In(_) => (old, new + 1),
    })
}

fn steps<'a>(old: &[&'a str], new: &[&'a str]) -> Vec<Step<'a>> {
    let head = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let tail =
        old[head..].iter().rev().zip(new[head..].iter().rev()).take_while(|(a, b)| a == b).count();
    let mut steps: Vec<Step<'a>> = old[..head].iter().map(|line| Step::Same(line)).collect();
    middle(&old[head..old.len() - tail], &new[head..new.len() - tail], &mut steps);
    steps.extend(old[old.len() - tail..].iter().map(|line| Step::Same(line)));
    steps
}

/// The longest common lines by the textbook table, over what head and tail do not share.
fn middle<'a>(old: &[&'a str], new: &[&'a str], steps: &mut Vec<Step<'a>>) {
    let width = new.len() + 1;
    if (old.len() + 1).saturating_mul(width) > MOST_CELLS {
        steps.extend(old.iter().map(|line| Step::Out(line)));
        steps.extend(new.iter().map(|line| Step::In(line)));
        return;
    }
    let mut common = vec![0u32; (old.len() + 1) * width];
    for (row, a) in old.iter().enumerate().rev() {
        for (column, b) in new.iter().enumerate().rev() {
            let (below, right) =
                (common[(row + 1) * width + column], common[row * width + column + 1]);
            let diagonal = common[(row + 1) * width + column + 1];
            common[row * width + column] = if a == b { diagonal + 1 } else { below.max(right) };
        }
    }
    let (mut row, mut column) = (0, 0);
    while row < old.len() && column < new.len() {
        if old[row] == new[column] {
            steps.push(Step::Same(old[row]));
            row += 1;
            column += 1;
        } else if common[(row + 1) * width + column] >= common[row * width + column + 1] {
            steps.push(Step::Out(old[row]));
            row += 1;
        } else {
            steps.push(Step::In(new[column]));
            column += 1;
        }
    }
    steps.extend(old[row..].iter().map(|line| Step::Out(line)));
    steps.extend(new[column..].iter().map(|line| Step::In(line)));
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    fn files(files: &[(&str, &str)]) -> Files {
        Files::from_map(files.iter().map(|(path, text)| (*path, text.as_bytes().to_vec())))
    }

    #[test]
    fn changed_added_and_removed_files() {
        let old = files(&[
            ("desk.toml", "a = 1\nb = 2\nc = 3\nd = 4\ne = 5\nf = 6\n"),
            ("gone.toml", "x = 1\n"),
        ]);
        let new = files(&[
            ("desk.toml", "a = 1\nb = 2\nc = 3\nd = 4\ne = 50\nf = 6\n"),
            ("new.toml", "y = 1\n"),
        ]);
        expect![[r"
            --- old/desk.toml
            +++ new/desk.toml
            @@ -2,5 +2,5 @@
             b = 2
             c = 3
             d = 4
            -e = 5
            +e = 50
             f = 6
            --- old/gone.toml
            +++ /dev/null
            @@ -1,1 +0,0 @@
            -x = 1
            --- /dev/null
            +++ new/new.toml
            @@ -0,0 +1,1 @@
            +y = 1
        "]]
        .assert_eq(&diff(&old, &new));
    }

    #[test]
    fn no_change_is_no_text() {
        let same = files(&[("desk.toml", "a = 1\n")]);
        assert_eq!(diff(&same, &same), "");
    }
}
