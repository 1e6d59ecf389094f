//! Where a new model goes: beside the one that counts, in shadow, with that one to replace.
//!
//! There are two places for a learned classifier, `learned` and `learned-next`, and they take turns: what counts is never
//! touched, what comes new takes the other place. `dialogo promote` lets it count; the desk takes it back by itself when people
//! choose something else too often. Pure: text of `plugins.toml` in, text out.

use toml_edit::{DocumentMut, InlineTable, Item, Table, Value};

/// The two places, by the ids of their bindings and packages.
pub const SLOTS: [&str; 2] = ["learned", "learned-next"];

/// What a learned classifier must be right in, of the last so many choices of people, or it is taken back.
const MIN_PRECISION: f64 = 0.6;
const WINDOW: i64 = 200;

/// Which place a new model takes, and which one counts now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Where the new one goes.
    pub new: &'static str,
    /// What counts now, if anything does.
    pub present: Option<&'static str>,
}

/// The place for a new model, by what `plugins.toml` says.
pub fn place(plugins: &str) -> Result<Place, toml_edit::TomlError> {
    let document: DocumentMut = plugins.parse()?;
    let counts =
        |id: &str| bindings(&document).any(|(own, table)| own == id && mode(table) == "enforce");
    let replaces = |id: &str, other: &str| {
        bindings(&document).any(|(own, table)| own == id && replaced(table) == Some(other))
    };
    let [first, second] = SLOTS;
    let present = match (counts(first), counts(second)) {
        (true, true) if replaces(second, first) => Some(second),
        (true, _) => Some(first),
        (false, true) => Some(second),
        (false, false) => None,
    };
    let new = if present == Some(first) { second } else { first };
    Ok(Place { new, present })
}

/// `plugins.toml` with the new one bound in its place, in shadow; comments stay.
pub fn bind(plugins: &str, place: Place) -> Result<String, toml_edit::TomlError> {
    let mut document: DocumentMut = plugins.parse()?;
    let known = bindings(&document).any(|(id, _)| id == place.new);
    if !known {
        return Ok(format!("{}\n{}", plugins.trim_end(), fresh(place)));
    }
    for table in
        document["plugin"].as_array_of_tables_mut().into_iter().flat_map(|all| all.iter_mut())
    {
        let id = table.get("id").and_then(Item::as_str).unwrap_or_default().to_owned();
        if id == place.new {
            table["mode"] = toml_edit::value("shadow");
            let promotion = promotion(table);
            promotion.remove("percent");
            promotion.remove("replaces");
            if let Some(present) = place.present {
                promotion.insert("replaces", present.into());
            }
            promotion.entry("min_precision").or_insert(MIN_PRECISION.into());
            promotion.entry("window").or_insert(WINDOW.into());
        } else if Some(id.as_str()) == place.present && replaced(table) == Some(place.new) {
            promotion(table).remove("replaces");
        }
    }
    Ok(document.to_string())
}

fn bindings(document: &DocumentMut) -> impl Iterator<Item = (&str, &Table)> {
    let all = document.get("plugin").and_then(Item::as_array_of_tables);
    all.into_iter().flatten().filter_map(|table| Some((table.get("id")?.as_str()?, table)))
}

fn mode(table: &Table) -> &str {
    table.get("mode").and_then(Item::as_str).unwrap_or("enforce")
}

fn replaced(table: &Table) -> Option<&str> {
    table.get("promotion")?.as_table_like()?.get("replaces")?.as_str()
}

/// The binding's `promotion`, made if there is none.
fn promotion(table: &mut Table) -> &mut dyn toml_edit::TableLike {
    let entry = table.entry("promotion");
    let item = entry.or_insert_with(|| Item::Value(Value::InlineTable(InlineTable::new())));
    if !item.is_table_like() {
        *item = Item::Value(Value::InlineTable(InlineTable::new()));
    }
    item.as_table_like_mut().expect("it is one now")
}

fn fresh(place: Place) -> String {
    let Place { new, present } = place;
    let replaces = present.map(|present| format!("replaces = \"{present}\", ")).unwrap_or_default();
    format!(
        r#"
[[plugin]]
id = "{new}"
file = "{new}.wasm"                   # suggests what it has learned from classified conversations
hooks = ["classifier"]
mode = "shadow"                       # `dialogo promote {new}` lets it count
on_failure = "open"
settings = "plugins/learned.toml"
grants = ["assets", "catalogue"]      # its model, and the classification tree
promotion = {{ {replaces}min_precision = {MIN_PRECISION}, window = {WINDOW} }}
"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn promoted(text: &str, id: &str) -> String {
        let (before, own) = text.split_once(&format!("id = \"{id}\"")).expect("bound");
        format!(
            "{before}id = \"{id}\"{}",
            own.replacen("mode = \"shadow\"", "mode = \"enforce\"", 1)
        )
    }

    #[test]
    fn what_is_new_takes_the_place_of_what_does_not_count() {
        let empty = "# mine\n";
        let first = place(empty).expect("reads");
        assert_eq!(first, Place { new: "learned", present: None });
        let text = bind(empty, first).expect("bound");
        assert!(text.starts_with("# mine\n"), "{text}");
        // Not promoted yet: the next one takes the same place.
        assert_eq!(place(&text).expect("reads"), first);
        assert_eq!(bind(&text, first).expect("bound").matches("[[plugin]]").count(), 1);

        let text = promoted(&text, "learned");
        let second = place(&text).expect("reads");
        assert_eq!(second, Place { new: "learned-next", present: Some("learned") });
        let text = bind(&text, second).expect("bound");
        assert!(text.contains("promotion = { replaces = \"learned\","), "{text}");

        // Both count: the newer one replaces the older one, whose place is free again.
        let text = promoted(&text, "learned-next");
        let third = place(&text).expect("reads");
        assert_eq!(third, Place { new: "learned", present: Some("learned-next") });
        let text = bind(&text, third).expect("bound");
        assert_eq!(text.matches("replaces = ").count(), 1, "{text}");
        assert!(text.contains("replaces = \"learned-next\""), "{text}");
    }
}
