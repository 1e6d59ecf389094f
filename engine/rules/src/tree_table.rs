//! The classification tree as a table, for spreadsheets: out of `classifications.toml`, and merged into it again with every
//! comment kept.
//!
//! A table never moves a node and never takes one out: what it lacks stays as it is, or is switched off where that is asked
//! for. Reading and writing the table's bytes is the rim's.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, Value};

/// One node as a row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// Its stable name.
    pub id: String,
    /// The node above it; empty: none.
    pub parent: String,
    /// Whether it is in use; `None`: the table does not say.
    pub active: Option<bool>,
    /// Language to name; languages that the table lacks stay as they are.
    pub name: BTreeMap<String, String>,
    /// Departments and synonyms by their key; keys that the table lacks stay as they are.
    pub lists: BTreeMap<&'static str, Vec<String>>,
}

/// Lists that a table may hold.
pub const LISTS: [&str; 3] = ["departments", "channels", "synonyms"];

/// What a table changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A node more.
    Added(String),
    /// Another value: of which node, which key, from what, to what.
    Changed(String, String, String, String),
    /// The table lacks it.
    Absent(String),
    /// It is switched off, as the table lacks it.
    SwitchedOff(String),
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Added(id) => write!(f, "+ {id}"),
            Self::Changed(id, key, from, to) => write!(f, "~ {id}: {key} {from} → {to}"),
            Self::Absent(id) => write!(f, "  {id} is not in the table and stays as it is"),
            Self::SwitchedOff(id) => write!(f, "- {id} is not in the table: active = false"),
        }
    }
}

/// Every node of the tree, parents before children, with the languages that occur.
pub fn rows(text: &str) -> Result<(Vec<Row>, Vec<String>), String> {
    let document = parse(text)?;
    let mut rows = Vec::new();
    if let Some(nodes) = document.get("node").and_then(Item::as_array_of_tables) {
        collect(nodes, "", &mut rows);
    }
    let languages: BTreeSet<String> =
        rows.iter().flat_map(|row| row.name.keys().cloned()).collect();
    Ok((rows, languages.into_iter().collect()))
}

fn parse(text: &str) -> Result<DocumentMut, String> {
    text.parse().map_err(|fault| format!("classifications.toml is no TOML: {fault}"))
}

fn collect(nodes: &ArrayOfTables, parent: &str, rows: &mut Vec<Row>) {
    for node in nodes {
        let row = row_of(node, parent);
        let id = row.id.clone();
        rows.push(row);
        if let Some(children) = node.get("child").and_then(Item::as_array_of_tables) {
            collect(children, &id, rows);
        }
    }
}

fn row_of(node: &Table, parent: &str) -> Row {
    let text = |item: Option<&Item>| item.and_then(Item::as_str).unwrap_or_default().to_owned();
    let name = match node.get("name") {
        Some(name) if name.is_str() => BTreeMap::from([(String::new(), text(Some(name)))]),
        name => name
            .and_then(Item::as_table_like)
            .into_iter()
            .flat_map(|names| names.iter())
            .map(|(language, name)| (language.to_owned(), text(Some(name))))
            .collect(),
    };
    let list = |key: &'static str| {
        let items = node.get(key).and_then(Item::as_array);
        let texts = items.into_iter().flatten().filter_map(Value::as_str).map(ToOwned::to_owned);
        (key, texts.collect())
    };
    Row {
        id: text(node.get("id")),
        parent: parent.to_owned(),
        active: Some(node.get("active").and_then(Item::as_bool).unwrap_or(true)),
        name,
        lists: LISTS.into_iter().map(list).collect(),
    }
}

/// The file with one more node, every comment kept; or why the tree cannot take it.
pub fn added(text: &str, row: &Row) -> Result<String, String> {
    let mut document = parse(text)?;
    if find(&mut document, &row.id).is_some() {
        return Err(format!("there is a classification `{}` already: choose another id", row.id));
    }
    if !row.parent.is_empty() && find(&mut document, &row.parent).is_none() {
        return Err(format!("there is no classification `{}` to put it under", row.parent));
    }
    add(&mut document, row);
    Ok(document.to_string())
}

/// The file with a table merged into it, and what that changes; or everything that is wrong with the table.
pub fn merged(
    text: &str,
    table: &[Row],
    switch_off_absent: bool,
) -> Result<(String, Vec<Change>), Vec<String>> {
    let mut document = parse(text).map_err(|fault| vec![fault])?;
    let (known, _) = rows(text).map_err(|fault| vec![fault])?;
    let known: BTreeMap<&str, &Row> = known.iter().map(|row| (row.id.as_str(), row)).collect();
    let wrong = wrong(table, &known);
    if !wrong.is_empty() {
        return Err(wrong);
    }
    let mut changes = Vec::new();
    let mut rest: Vec<&Row> = table.iter().collect();
    // A parent may stand below its children in the table.
    while !rest.is_empty() {
        let (now, later): (Vec<&Row>, Vec<&Row>) = rest.into_iter().partition(|row| {
            known.contains_key(row.id.as_str())
                || row.parent.is_empty()
                || find(&mut document, &row.parent).is_some()
        });
        if now.is_empty() {
            let circles = later.iter().map(|row| format!("`{}` is below itself", row.id));
            return Err(circles.collect());
        }
        for row in now {
            match known.get(row.id.as_str()) {
                Some(old) => change(&mut document, old, row, &mut changes),
                None => {
                    add(&mut document, row);
                    changes.push(Change::Added(row.id.clone()));
                }
            }
        }
        rest = later;
    }
    let named: BTreeSet<&str> = table.iter().map(|row| row.id.as_str()).collect();
    for (id, row) in
        known.iter().filter(|(id, row)| !named.contains(*id) && row.active == Some(true))
    {
        if switch_off_absent {
            let off = Row { active: Some(false), ..Row::default() };
            change(&mut document, row, &Row { id: row.id.clone(), ..off }, &mut Vec::new());
            changes.push(Change::SwitchedOff((*id).to_owned()));
        } else {
            changes.push(Change::Absent((*id).to_owned()));
        }
    }
    Ok((document.to_string(), changes))
}

fn wrong(table: &[Row], known: &BTreeMap<&str, &Row>) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut seen = BTreeSet::new();
    let in_table: BTreeSet<&str> = table.iter().map(|row| row.id.as_str()).collect();
    for (index, row) in table.iter().enumerate() {
        // The heading is line 1.
        let line = index + 2;
        if row.id.is_empty() {
            wrong.push(format!("line {line}: there is no id"));
            continue;
        }
        if !seen.insert(row.id.as_str()) {
            wrong.push(format!("line {line}: `{}` stands there twice", row.id));
        }
        match known.get(row.id.as_str()) {
            Some(old) if old.parent != row.parent => wrong.push(format!(
                "line {line}: `{}` is below `{}` and cannot move to `{}`, old reports refer to it: add a node with another id there",
                row.id, old.parent, row.parent
            )),
            None if !row.parent.is_empty()
                && !known.contains_key(row.parent.as_str())
                && !in_table.contains(row.parent.as_str()) =>
            {
                wrong.push(format!("line {line}: there is no `{}` that `{}` could be below", row.parent, row.id));
            }
            None if row.name.values().all(String::is_empty) => {
                wrong.push(format!("line {line}: `{}` is new and has no name", row.id));
            }
            _ => {}
        }
    }
    wrong
}

fn find<'d>(document: &'d mut DocumentMut, id: &str) -> Option<(&'d mut Table, usize)> {
    fn below<'t>(
        nodes: &'t mut ArrayOfTables,
        id: &str,
        depth: usize,
    ) -> Option<(&'t mut Table, usize)> {
        for node in nodes.iter_mut() {
            if node.get("id").and_then(Item::as_str) == Some(id) {
                return Some((node, depth));
            }
            // Looked at twice, as a borrow that is returned cannot be looked at first.
            let inside = node
                .get_mut("child")
                .and_then(Item::as_array_of_tables_mut)
                .is_some_and(|children| below(children, id, depth + 1).is_some());
            if inside {
                let children = node.get_mut("child").and_then(Item::as_array_of_tables_mut)?;
                return below(children, id, depth + 1);
            }
        }
        None
    }
    below(document.get_mut("node")?.as_array_of_tables_mut()?, id, 0)
}

fn change(document: &mut DocumentMut, old: &Row, new: &Row, changes: &mut Vec<Change>) {
    let Some((node, _)) = find(document, &new.id) else { return };
    let mut note = |key: &str, from: String, to: String| {
        changes.push(Change::Changed(new.id.clone(), key.to_owned(), from, to));
    };
    for (language, name) in new.name.iter().filter(|(_, name)| !name.is_empty()) {
        let before = old.name.get(language).cloned().unwrap_or_default();
        if before == *name {
            continue;
        }
        note(&format!("name.{language}"), format!("\"{before}\""), format!("\"{name}\""));
        match node.get_mut("name") {
            Some(names) if names.is_table_like() => {
                if let Some(names) = names.as_table_like_mut() {
                    put(names, language, name.as_str().into());
                }
            }
            _ => put(node, "name", name.as_str().into()),
        }
    }
    if let Some(active) = new.active.filter(|active| old.active != Some(*active)) {
        note("active", (!active).to_string(), active.to_string());
        put(node, "active", active.into());
    }
    for (key, list) in &new.lists {
        let before = old.lists.get(key).cloned().unwrap_or_default();
        if before != *list {
            note(key, format!("{before:?}"), format!("{list:?}"));
            put(node, key, Value::Array(list.iter().map(String::as_str).collect::<Array>()));
        }
    }
}

/// Sets a value; the comment behind the old one stays.
fn put(table: &mut dyn toml_edit::TableLike, key: &str, mut value: Value) {
    match table.get_mut(key).and_then(Item::as_value_mut) {
        Some(old) => {
            *value.decor_mut() = old.decor().clone();
            *old = value;
        }
        None => {
            table.insert(key, Item::Value(value));
            indent(table, key);
        }
    }
}

/// A new key stands as far in as the id does.
fn indent(table: &mut dyn toml_edit::TableLike, key: &str) {
    let space = table
        .key("id")
        .and_then(|id| id.leaf_decor().prefix().and_then(|prefix| prefix.as_str()))
        .map(|prefix| prefix.rsplit('\n').next().unwrap_or_default().to_owned());
    if let (Some(space), Some(mut key)) = (space, table.key_mut(key)) {
        key.leaf_decor_mut().set_prefix(space);
    }
}

fn add(document: &mut DocumentMut, row: &Row) {
    let depth = find(document, &row.parent).map_or(0, |(_, depth)| depth + 1);
    let space = "  ".repeat(depth);
    let mut node = Table::new();
    node.decor_mut().set_prefix(format!("\n{space}"));
    node.insert("id", row.id.as_str().into());
    if let Some(mut id) = node.key_mut("id") {
        id.leaf_decor_mut().set_prefix(space);
    }
    let names = row.name.iter().filter(|(_, name)| !name.is_empty());
    let names: Vec<(&str, &str)> =
        names.map(|(language, name)| (language.as_str(), name.as_str())).collect();
    let name: Value = match names.as_slice() {
        [("", name)] => (*name).into(),
        _ => InlineTable::from_iter(names).into(),
    };
    put(&mut node, "name", name);
    if row.active == Some(false) {
        put(&mut node, "active", false.into());
    }
    for (key, list) in row.lists.iter().filter(|(_, list)| !list.is_empty()) {
        put(&mut node, key, Value::Array(list.iter().map(String::as_str).collect::<Array>()));
    }
    let empty = || Item::ArrayOfTables(ArrayOfTables::new());
    let list = match find(document, &row.parent) {
        Some((parent, _)) => parent.entry("child").or_insert_with(empty),
        None => document.entry("node").or_insert_with(empty),
    };
    if let Some(list) = list.as_array_of_tables_mut() {
        list.push(node);
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    const TREE: &str = r#"# The tree.

# ── Money
[[node]]
id = "money"
name = { pt = "Dinheiro", en = "Money" } # both

  [[node.child]]
  id = "money.refund"
  name = { pt = "Estorno", en = "Refund" }
  # never by itself
  confidence = { preselect = "never" }

# ── Praise
[[node]]
id = "praise"
name = { pt = "Elogio", en = "Praise" }
"#;

    fn row(id: &str, parent: &str, pt: &str) -> Row {
        Row {
            id: id.into(),
            parent: parent.into(),
            name: [("pt".to_owned(), pt.to_owned())].into(),
            ..Row::default()
        }
    }

    #[test]
    fn what_came_out_changes_nothing_when_it_comes_in_again() {
        let (rows, languages) = rows(TREE).unwrap();
        assert_eq!(languages, ["en", "pt"]);
        assert_eq!(merged(TREE, &rows, true).unwrap(), (TREE.to_owned(), Vec::new()));
    }

    #[test]
    fn a_table_is_merged_and_every_comment_stays() {
        let table = [
            row("money", "", "Dinheiro e contas"),
            row("money.slip.late", "money.slip", "Vencido"),
            row("money.slip", "money", "Boleto"),
            Row {
                lists: [("synonyms", vec!["devolução".to_owned()])].into(),
                ..row("money.refund", "money", "")
            },
        ];
        let (text, changes) = merged(TREE, &table, true).unwrap();
        let said: Vec<String> = changes.iter().map(ToString::to_string).collect();
        expect![[r#"
            ~ money: name.pt "Dinheiro" → "Dinheiro e contas"
            + money.slip
            ~ money.refund: synonyms [] → ["devolução"]
            + money.slip.late
            - praise is not in the table: active = false"#]]
        .assert_eq(&said.join("\n"));
        expect![[r#"
            # The tree.

            # ── Money
            [[node]]
            id = "money"
            name = { pt = "Dinheiro e contas", en = "Money" } # both

              [[node.child]]
              id = "money.refund"
              name = { pt = "Estorno", en = "Refund" }
              # never by itself
              confidence = { preselect = "never" }
              synonyms = ["devolução"]

              [[node.child]]
              id = "money.slip"
              name = { pt = "Boleto" }

                [[node.child.child]]
                id = "money.slip.late"
                name = { pt = "Vencido" }

            # ── Praise
            [[node]]
            id = "praise"
            name = { pt = "Elogio", en = "Praise" }
            active = false
        "#]]
        .assert_eq(&text);
        let (again, _) = merged(&text, &table, false).unwrap();
        assert_eq!(again, text);
    }

    #[test]
    fn one_node_is_added_where_it_belongs_or_not_at_all() {
        let text = added(TREE, &row("money.pix", "money", "Pix")).unwrap();
        let more = "\n  [[node.child]]\n  id = \"money.pix\"\n  name = { pt = \"Pix\" }\n";
        assert_eq!(text.replace(more, ""), TREE);
        assert!(added(TREE, &row("pix", "", "Pix")).unwrap().starts_with(TREE));
        let wrong = |row| added(TREE, &row).unwrap_err();
        assert!(wrong(row("praise", "", "x")).contains("already"));
        assert!(wrong(row("pix", "nowhere", "x")).contains("`nowhere`"));
    }

    #[test]
    fn everything_wrong_is_told_at_once() {
        let table = [
            row("money.refund", "praise", "x"),
            row("", "", "x"),
            row("new", "nowhere", "x"),
            row("nameless", "", ""),
            row("nameless", "", "x"),
        ];
        expect![[r#"
            line 2: `money.refund` is below `money` and cannot move to `praise`, old reports refer to it: add a node with another id there
            line 3: there is no id
            line 4: there is no `nowhere` that `new` could be below
            line 5: `nameless` is new and has no name
            line 6: `nameless` stands there twice"#]]
        .assert_eq(&merged(TREE, &table, false).unwrap_err().join("\n"));
    }
}
