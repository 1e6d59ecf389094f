//! `dialogo tree …`: the classification tree as a spreadsheet, out and in.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use dialogo_rules::tree_table::{self, Change, LISTS, Row};
use serde_json::json;

use crate::cli::Tree;
use crate::folder::DeskFolder;
use crate::output::{self, Exit, Failure};

/// Between the entries of a list in one cell.
const BETWEEN: char = '|';

/// Tells spreadsheets that the text is UTF-8.
const MARK: &str = "\u{feff}";

pub(super) fn run(dir: &Path, verb: Tree) -> Result<Exit> {
    let folder = DeskFolder::at(dir);
    folder.need()?;
    let path = folder.config.join("classifications.toml");
    let text = std::fs::read_to_string(&path)
        .with_context(|| format!("cannot read {}", path.display()))?;
    match verb {
        Tree::Export { file } => export(&text, &file),
        Tree::Import { file, apply, switch_off, json } => {
            let asked = Asked { file, apply, switch_off, json };
            import(&path, &text, &asked)
        }
    }
}

struct Asked {
    file: PathBuf,
    apply: bool,
    switch_off: bool,
    json: bool,
}

fn export(text: &str, to: &Path) -> Result<Exit> {
    let (rows, languages) = tree_table::rows(text).map_err(Failure::refused)?;
    let table = written(&rows, &languages)?;
    std::fs::write(to, table).with_context(|| format!("cannot write {}", to.display()))?;
    output::note(format!("{} classifications are in {}", rows.len(), to.display()));
    Ok(Exit::Good)
}

fn written(rows: &[Row], languages: &[String]) -> Result<Vec<u8>> {
    let mut out = csv::WriterBuilder::new().delimiter(b';').from_writer(MARK.as_bytes().to_vec());
    let names = languages.iter().map(|language| name_column(language));
    let heading: Vec<String> = ["id", "parent", "active"]
        .into_iter()
        .map(str::to_owned)
        .chain(names)
        .chain(LISTS.map(str::to_owned))
        .collect();
    out.write_record(&heading)?;
    for row in rows {
        let active = row.active.unwrap_or(true).to_string();
        let mut cells = vec![row.id.clone(), row.parent.clone(), active];
        cells.extend(
            languages.iter().map(|language| row.name.get(language).cloned().unwrap_or_default()),
        );
        cells.extend(LISTS.iter().map(|key| {
            row.lists.get(key).map(|list| list.join(&BETWEEN.to_string())).unwrap_or_default()
        }));
        out.write_record(&cells)?;
    }
    out.into_inner().map_err(|fault| anyhow::anyhow!("cannot write the table: {fault}"))
}

fn name_column(language: &str) -> String {
    if language.is_empty() { "name".to_owned() } else { format!("name.{language}") }
}

fn import(path: &Path, text: &str, asked: &Asked) -> Result<Exit> {
    let bytes = std::fs::read(&asked.file)
        .with_context(|| format!("cannot read {}", asked.file.display()))?;
    let rows = read(&bytes).map_err(|wrong| refused(&asked.file, &wrong))?;
    let (edited, changes) = tree_table::merged(text, &rows, asked.switch_off)
        .map_err(|wrong| refused(&asked.file, &wrong))?;
    let changed = changes.iter().any(|change| !matches!(change, Change::Absent(_)));
    if asked.json {
        let lines: Vec<String> = changes.iter().map(ToString::to_string).collect();
        output::say_json(
            &json!({ "rows": rows.len(), "changes": lines, "applied": asked.apply && changed }),
        );
    } else {
        changes.iter().for_each(|change| output::say(change.to_string()));
        if !changed {
            output::say(format!("{} rows, and nothing differs", rows.len()));
        }
    }
    if asked.apply && changed {
        std::fs::write(path, edited).with_context(|| format!("cannot write {}", path.display()))?;
        output::note(format!("written into {}; a running desk takes it over", path.display()));
    } else if changed {
        output::note("nothing is written yet: --apply does it");
    }
    Ok(Exit::Good)
}

fn refused(file: &Path, wrong: &[String]) -> Failure {
    Failure {
        what: format!("{} cannot be taken:\n  {}", file.display(), wrong.join("\n  ")),
        todo: Some("mend the table, or begin with one from `dialogo tree export`".to_owned()),
        exit: Exit::Found,
    }
}

/// The rows of a table as spreadsheets write it: semicolons or commas, UTF-8 or Windows-1252.
fn read(bytes: &[u8]) -> Result<Vec<Row>, Vec<String>> {
    let text = decoded(bytes)?;
    let heading = text.lines().next().unwrap_or_default();
    let delimiter = [b';', b',', b'\t']
        .into_iter()
        .max_by_key(|delimiter| heading.bytes().filter(|byte| byte == delimiter).count())
        .unwrap_or(b';');
    let mut table =
        csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(text.as_bytes());
    let columns: Vec<String> = table
        .headers()
        .map_err(|fault| vec![fault.to_string()])?
        .iter()
        .map(|name| name.trim().to_lowercase())
        .collect();
    check_columns(&columns)?;
    let (mut rows, mut wrong) = (Vec::new(), Vec::new());
    for (index, record) in table.records().enumerate() {
        let row =
            record.map_err(|fault| fault.to_string()).and_then(|record| row(&columns, &record));
        match row {
            // Spreadsheets leave empty lines at the end.
            Ok(row) if row == empty(&row) => {}
            Ok(row) => rows.push(row),
            Err(fault) => wrong.push(format!("line {}: {fault}", index + 2)),
        }
    }
    if wrong.is_empty() { Ok(rows) } else { Err(wrong) }
}

/// A row with the same columns and nothing in them.
fn empty(row: &Row) -> Row {
    Row {
        name: row.name.keys().map(|language| (language.clone(), String::new())).collect(),
        lists: row.lists.keys().map(|key| (*key, Vec::new())).collect(),
        ..Row::default()
    }
}

fn decoded(bytes: &[u8]) -> Result<String, Vec<String>> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(vec!["it is UTF-16: save it as \"CSV UTF-8\"".to_owned()]);
    }
    if bytes.starts_with(b"PK") {
        return Err(vec!["it is a workbook: save the sheet as CSV".to_owned()]);
    }
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned(),
    };
    Ok(text.trim_start_matches(MARK).to_owned())
}

fn check_columns(columns: &[String]) -> Result<(), Vec<String>> {
    let known = |name: &str| {
        ["id", "parent", "active", "name"].contains(&name)
            || LISTS.contains(&name)
            || name.starts_with("name.")
    };
    let mut wrong: Vec<String> = columns
        .iter()
        .filter(|name| !name.is_empty() && !known(name))
        .map(|name| format!("line 1: there is no column `{name}`"))
        .collect();
    let needed = ["id", "parent"].into_iter().filter(|name| !columns.iter().any(|one| one == name));
    wrong.extend(needed.map(|name| format!("line 1: the column `{name}` is missing")));
    if wrong.is_empty() { Ok(()) } else { Err(wrong) }
}

fn row(columns: &[String], record: &csv::StringRecord) -> Result<Row, String> {
    let mut row = Row { name: BTreeMap::new(), ..Row::default() };
    for (column, cell) in columns.iter().zip(record) {
        let cell = cell.trim();
        match column.as_str() {
            "id" => cell.clone_into(&mut row.id),
            "parent" => cell.clone_into(&mut row.parent),
            "active" => row.active = active(cell)?,
            "name" => drop(row.name.insert(String::new(), cell.to_owned())),
            other => {
                if let Some(language) = other.strip_prefix("name.") {
                    row.name.insert(language.to_owned(), cell.to_owned());
                } else if let Some(key) = LISTS.into_iter().find(|key| *key == other) {
                    let items = cell.split(BETWEEN).map(str::trim).filter(|item| !item.is_empty());
                    row.lists.insert(key, items.map(str::to_owned).collect());
                }
            }
        }
    }
    Ok(row)
}

fn active(cell: &str) -> Result<Option<bool>, String> {
    match cell.to_lowercase().as_str() {
        "" => Ok(None),
        "true" | "yes" | "1" | "x" | "sim" | "verdadeiro" | "sí" | "si" => Ok(Some(true)),
        "false" | "no" | "0" | "não" | "nao" | "falso" => Ok(Some(false)),
        other => Err(format!("`{other}` in the column `active` is neither true nor false")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let tree = "[[node]]\nid = \"a\"\nname = { pt = \"Cobrança; taxas\", en = \"Fees\" }\nsynonyms = [\"x\", \"y z\"]\n";
        let (rows, languages) = tree_table::rows(tree).expect("a tree");
        let table = written(&rows, &languages).expect("a table");
        assert!(table.starts_with(MARK.as_bytes()));
        assert_eq!(read(&table).expect("rows"), rows);
    }

    #[test]
    fn a_brazilian_spreadsheet_is_read() {
        let latin = b"id;parent;active;name.pt\r\ncobranca;;VERDADEIRO;Cobran\xe7a\r\n;;;\r\n";
        let rows = read(latin).expect("rows");
        assert_eq!(
            (rows.len(), rows[0].name["pt"].as_str(), rows[0].active),
            (1, "Cobrança", Some(true))
        );
        let commas = read(b"id,parent,name\na,,\"A, B\"\n").expect("rows");
        assert_eq!(commas[0].name[""], "A, B");
    }

    #[test]
    fn what_is_no_table_is_told() {
        let told = |bytes: &[u8]| read(bytes).expect_err("wrong").join(" / ");
        assert!(told(b"\xff\xfei\0d\0").contains("CSV UTF-8"));
        assert!(told(b"PK\x03\x04").contains("workbook"));
        assert_eq!(
            told(b"id;mother\n"),
            "line 1: there is no column `mother` / line 1: the column `parent` is missing"
        );
        assert!(told(b"id;parent;active\na;;maybe\n").contains("line 2: `maybe`"));
    }
}
