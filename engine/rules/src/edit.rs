//! Changes to `plugins.toml` that the desk makes for people: comments and order stay as they are.
//!
//! Text in, text out; whether the result is right is for [`crate::load`] to say.

use dialogo_domain::PluginId;
use toml_edit::{DocumentMut, InlineTable, Item, Key, TableLike, Value};

/// How a remark begins that the desk writes above the mode of a plugin; the next change takes it away again.
const REMARK: &str = "# The desk:";

/// The text with the plugin's word counting in `percent` of 100 conversations.
pub fn promoted(text: &str, plugin: &PluginId, percent: u8) -> Result<String, String> {
    changed(text, plugin, |table| {
        set_mode(table, "enforce", None);
        let percent = i64::from(percent);
        if let Some(promotion) = table.get_mut("promotion").and_then(Item::as_table_like_mut) {
            set(promotion, "percent", percent.into());
        } else if percent < 100 {
            let promotion = InlineTable::from_iter([("percent", percent)]);
            table.insert("promotion", Item::Value(promotion.into()));
        }
    })
}

/// The text with the plugin asked in shadow at every hook, and a remark that says why.
pub fn in_shadow(text: &str, plugin: &PluginId, why: &str) -> Result<String, String> {
    changed(text, plugin, |table| {
        set_mode(table, "shadow", Some(why));
        let Some(hooks) = table.get_mut("per_hook").and_then(Item::as_table_like_mut) else {
            return;
        };
        for (_, hook) in hooks.iter_mut() {
            let Some(hook) = hook.as_table_like_mut() else { continue };
            if hook.get("mode").and_then(Item::as_str) == Some("enforce") {
                set(hook, "mode", "shadow".into());
            }
        }
    })
}

fn changed(
    text: &str,
    plugin: &PluginId,
    change: impl FnOnce(&mut dyn TableLike),
) -> Result<String, String> {
    let mut document: DocumentMut =
        text.parse().map_err(|fault| format!("plugins.toml is no TOML: {fault}"))?;
    let table = binding(&mut document, plugin)
        .ok_or_else(|| format!("plugins.toml binds no plugin `{plugin}`"))?;
    change(table);
    Ok(document.to_string())
}

/// The `[[plugin]]` of that id, or the inline table of a list `plugin = [{ … }]`.
fn binding<'d>(document: &'d mut DocumentMut, plugin: &PluginId) -> Option<&'d mut dyn TableLike> {
    let is_it = |id: Option<&str>| id == Some(plugin.as_str());
    match document.get_mut("plugin")? {
        Item::ArrayOfTables(tables) => {
            let found =
                tables.iter_mut().find(|table| is_it(table.get("id").and_then(Item::as_str)));
            found.map(|table| table as &mut dyn TableLike)
        }
        Item::Value(Value::Array(values)) => {
            let mut inline = values.iter_mut().filter_map(Value::as_inline_table_mut);
            let found = inline.find(|table| is_it(table.get("id").and_then(Value::as_str)));
            found.map(|table| table as &mut dyn TableLike)
        }
        _ => None,
    }
}

fn set_mode(table: &mut dyn TableLike, mode: &str, why: Option<&str>) {
    set(table, "mode", mode.into());
    if let Some(mut key) = table.key_mut("mode") {
        let decor = key.leaf_decor_mut();
        let before = decor.prefix().and_then(|prefix| prefix.as_str()).unwrap_or_default();
        let mut prefix: String =
            before.split_inclusive('\n').filter(|line| !line.starts_with(REMARK)).collect();
        if let Some(why) = why {
            prefix.push_str(&format!("{REMARK} {why}\n"));
        }
        decor.set_prefix(prefix);
    }
}

/// Sets a value; the comment behind the old one stays.
fn set(table: &mut dyn TableLike, key: &str, mut value: Value) {
    match table.get_mut(key).and_then(Item::as_value_mut) {
        Some(old) => {
            *value.decor_mut() = old.decor().clone();
            *old = value;
        }
        None => drop(table.entry_format(&Key::new(key)).or_insert(Item::Value(value))),
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    const TEXT: &str = r#"# The plugins.

[[plugin]]
id = "keywords"            # suggests
file = "keywords.wasm"
# tried since Monday
mode = "shadow"            # for now
promotion = { min_precision = 0.7 } # asked for by Ana

[[plugin]]
id = "emoji-policy"
file = "emoji-policy.wasm"
[plugin.per_hook.emoji-policy]
mode = "enforce" # at this hook
"#;

    #[test]
    fn a_promotion_keeps_every_comment() {
        let text = promoted(TEXT, &"keywords".into(), 10).unwrap();
        let diff: Vec<&str> = text.lines().filter(|line| !TEXT.contains(line)).collect();
        expect![[r#"
            [
                "mode = \"enforce\"            # for now",
                "promotion = { min_precision = 0.7 , percent = 10 } # asked for by Ana",
            ]
        "#]]
        .assert_debug_eq(&diff);
        let text = promoted(TEXT, &"emoji-policy".into(), 50).unwrap();
        assert!(text.contains("mode = \"enforce\"\npromotion = { percent = 50 }"), "{text}");
    }

    #[test]
    fn a_step_back_says_why_and_the_next_promotion_takes_the_remark_away() {
        let text = promoted(TEXT, &"keywords".into(), 100).unwrap();
        let back = in_shadow(&text, &"keywords".into(), "3 of 10 right.").unwrap();
        assert!(
            back.contains("# tried since Monday\n# The desk: 3 of 10 right.\nmode = \"shadow\"            # for now"),
            "{back}"
        );
        assert_eq!(promoted(&back, &"keywords".into(), 100).unwrap(), text);
    }

    #[test]
    fn hooks_with_a_mode_of_their_own_go_back_too() {
        let back = in_shadow(TEXT, &"emoji-policy".into(), "x").unwrap();
        assert!(back.ends_with("mode = \"shadow\" # at this hook\n"), "{back}");
        assert_eq!(
            in_shadow(TEXT, &"nobody".into(), "x").unwrap_err(),
            "plugins.toml binds no plugin `nobody`"
        );
    }
}
