//! Prints what the host finds in files: `cargo run -p dialogo-host --example inspect_table -- FOLDER`.

use std::path::{Path, PathBuf};
use std::time::Instant;

use dialogo_host::input::FactValue;
use dialogo_host::inspect::inspect;

fn main() {
    let root = PathBuf::from(std::env::args().nth(1).expect("a folder"));
    let mut files = Vec::new();
    collect(&root, &mut files);
    files.sort();
    for path in files {
        let bytes = std::fs::read(&path).expect("readable");
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or("file").to_owned();
        let began = Instant::now();
        let found = inspect(&bytes, &name, "");
        let took = began.elapsed();
        let reasons = found.facts.iter().find(|fact| &*fact.key == "content.active-reasons");
        let kind = found.facts.iter().find(|fact| &*fact.key == "content.kind");
        let text = |fact: Option<&dialogo_host::input::Fact>| match fact.map(|fact| &fact.value) {
            Some(FactValue::Text(text)) => text.to_string(),
            Some(FactValue::Texts(texts)) => texts.join(","),
            _ => String::new(),
        };
        println!(
            "{} | {} | {} | {} | {} | {} us",
            path.strip_prefix(&root).unwrap_or(&path).display(),
            found.sniffed_mime.as_deref().unwrap_or("-"),
            text(kind),
            found.concerns().join(","),
            text(reasons),
            took.as_micros()
        );
    }
}

fn collect(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        if entry.path().is_dir() { collect(&entry.path(), into) } else { into.push(entry.path()) }
    }
}
