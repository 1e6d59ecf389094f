//! JSON Schemas of the rule files, for editors: made from the same tables that check the files.

use serde_json::{Map, Value as Json, json};

use crate::shapes;
use crate::spec::{Key, Kind, Shape};

/// Every rule file and its schema.
pub fn schemas() -> Vec<(&'static str, Json)> {
    vec![
        ("desk.toml", schema(&shapes::DESK)),
        ("departments.toml", schema(&shapes::DEPARTMENTS)),
        ("classifications.toml", schema(&shapes::CLASSIFICATIONS)),
        ("replies.toml", schema(&shapes::REPLIES)),
        ("plugins.toml", schema(&shapes::PLUGINS)),
        ("keyring.toml", schema(&shapes::KEYRING)),
        ("plugins/*.toml", settings_schema(&json!({}))),
    ]
}

/// The schema of a plugin's settings as an editor needs it: the package's own, and the `[[test]]` cases that the engine
/// takes out.
pub fn settings_schema(package: &Json) -> Json {
    let mut schema = match package {
        Json::Object(map) => map.clone(),
        _ => Map::new(),
    };
    schema.entry("type").or_insert_with(|| json!("object"));
    let tests = json!({ "type": "array", "items": { "$ref": format!("#/$defs/{}", def_name(&shapes::TEST)) } });
    let properties = schema.entry("properties").or_insert_with(|| json!({}));
    if let Json::Object(properties) = properties {
        properties.insert("test".to_owned(), tests);
    }
    let defs = schema.entry("$defs").or_insert_with(|| json!({}));
    if let Json::Object(defs) = defs {
        define(&shapes::TEST, defs);
    }
    Json::Object(schema)
}

/// The link that makes editors use a schema: the first line of a rule file.
pub fn editor_hint(schema_path: &str) -> String {
    format!("#:schema {schema_path}")
}

fn schema(shape: &'static Shape) -> Json {
    let mut defs = Map::new();
    define(shape, &mut defs);
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": shape.what,
        "$ref": format!("#/$defs/{}", def_name(shape)),
        "$defs": defs,
    })
}

fn def_name(shape: &Shape) -> String {
    let name = shape.what.chars().map(|next| if next.is_ascii_alphanumeric() { next } else { '-' });
    name.collect::<String>().trim_matches('-').to_owned()
}

fn define(shape: &'static Shape, defs: &mut Map<String, Json>) {
    let name = def_name(shape);
    if defs.contains_key(&name) {
        return;
    }
    // Held free first: a tree's node refers to itself.
    defs.insert(name.clone(), Json::Null);
    let properties: Map<String, Json> =
        shape.keys.iter().map(|key| (key.name.to_owned(), property(key))).collect();
    let required: Vec<&str> =
        shape.keys.iter().filter(|key| key.required).map(|key| key.name).collect();
    let mut table =
        json!({ "type": "object", "additionalProperties": false, "properties": properties });
    if !required.is_empty() {
        table["required"] = json!(required);
    }
    defs.insert(name, table);
    shape.keys.iter().for_each(|key| inside(&key.kind, defs));
}

fn inside(kind: &'static Kind, defs: &mut Map<String, Json>) {
    match kind {
        Kind::Table(shape) => define(shape, defs),
        Kind::List(kind) | Kind::Map(kind) => inside(kind, defs),
        Kind::Either(kinds) => kinds.iter().for_each(|kind| inside(kind, defs)),
        _ => {}
    }
}

fn property(key: &'static Key) -> Json {
    let mut schema = kind(&key.kind);
    let Json::Object(map) = &mut schema else { return schema };
    // In draft 7 nothing beside `$ref` counts, so it is wrapped.
    if map.contains_key("$ref") {
        let inner = std::mem::take(map);
        map.insert("allOf".to_owned(), json!([inner]));
    }
    map.insert("description".to_owned(), json!(format!("{}\n\nSuch as: {}", key.doc, key.example)));
    if let Some(default) = key.default.and_then(toml_json) {
        map.insert("default".to_owned(), default);
    }
    if let Some(example) = example(key) {
        map.insert("examples".to_owned(), json!([example]));
    }
    schema
}

fn example(key: &Key) -> Option<Json> {
    let table: toml::Table = key.example.parse().ok()?;
    serde_json::to_value(table.get(key.name)?)
        .ok()
        .filter(|value| !value.is_array() || !key.example.starts_with("[["))
}

fn toml_json(text: &str) -> Option<Json> {
    let table: toml::Table = format!("x = {text}").parse().ok()?;
    serde_json::to_value(table.get("x")?).ok()
}

fn kind(of: &'static Kind) -> Json {
    match of {
        Kind::Text(most) => json!({ "type": "string", "minLength": 1, "maxLength": most }),
        Kind::Id => json!({ "type": "string", "pattern": "^[a-z0-9._-]{1,64}$" }),
        Kind::Ref(_) => json!({ "type": "string" }),
        Kind::Bool => json!({ "type": "boolean" }),
        Kind::Int(least, most) => json!({ "type": "integer", "minimum": least, "maximum": most }),
        Kind::Number(least, most) => json!({ "type": "number", "minimum": least, "maximum": most }),
        Kind::Duration(..) => {
            json!({ "type": "string", "pattern": "^\\s*([0-9.]+\\s*[A-Za-z]+\\s*)+$" })
        }
        Kind::Time => json!({ "type": "string", "pattern": "^[0-9]{1,2}:[0-9]{2}(:[0-9]{2})?$" }),
        Kind::Date => json!({ "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$" }),
        Kind::Moment => {
            json!({ "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{1,2}:[0-9]{2}" })
        }
        Kind::Choice(choices) => choice(choices),
        Kind::Localized => json!({
            "anyOf": [
                { "type": "string", "minLength": 1 },
                { "type": "object", "additionalProperties": { "type": "string", "minLength": 1 } },
            ]
        }),
        Kind::List(item) => json!({ "type": "array", "items": kind(item) }),
        Kind::Table(shape) => json!({ "$ref": format!("#/$defs/{}", def_name(shape)) }),
        Kind::Map(value) => json!({ "type": "object", "additionalProperties": kind(value) }),
        Kind::Either(kinds) => json!({ "anyOf": kinds.iter().map(kind).collect::<Vec<_>>() }),
        Kind::Any => json!({}),
    }
}

fn choice(choices: &[(&str, &str)]) -> Json {
    let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
    if choices.iter().all(|(_, meaning)| meaning.is_empty()) {
        return json!({ "type": "string", "enum": names });
    }
    let meanings: Vec<&str> = choices.iter().map(|(_, meaning)| *meaning).collect();
    // `enumDescriptions` is what editors know it by; validators ignore it.
    json!({ "type": "string", "enum": names, "enumDescriptions": meanings })
}
