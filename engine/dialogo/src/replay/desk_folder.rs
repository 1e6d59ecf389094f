//! The folder of a desk made for one replay: the default rules, and what the recording needs beside them.
//!
//! Added are a department for every service of the recording, nodes and keyword rules for its labels,
//! the agents as members everywhere, and limits no visitor of a replay runs into. The bot is taken out
//! unless it is asked for, since it would answer in the agents' place.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, Value, value};

use super::dialogue::Dialogue;

/// What a recording needs of a desk.
#[derive(Debug, Default)]
pub struct Needs {
    /// Service of the recording to the id of its department; `""` is where dialogues without one begin.
    pub departments: HashMap<String, String>,
    /// Label of the recording to the id of its node.
    pub nodes: HashMap<String, String>,
}

impl Needs {
    /// What these dialogues need.
    pub fn of(dialogues: &[Dialogue]) -> Self {
        let mut needs = Self::default();
        needs.departments.insert(String::new(), "replay".into());
        for dialogue in dialogues {
            for service in dialogue.services() {
                needs.departments.insert(service.to_owned(), format!("replay-{}", plain(service)));
            }
            for label in &dialogue.labels {
                needs.nodes.insert(label.clone(), format!("replay.{}", plain(label)));
            }
        }
        needs
    }
}

/// Adds to the rules in `folder` what a replay needs, with `agents` as members of everything.
pub fn adapt(folder: &Path, needs: &Needs, agents: &[String], with_bot: bool) -> Result<()> {
    let config = folder.join("config");
    edit(&config.join("desk.toml"), raise_limits)?;
    edit(&config.join("departments.toml"), |doc| add_departments(doc, needs, agents))?;
    edit(&config.join("classifications.toml"), |doc| add_nodes(doc, needs))?;
    let keywords = config.join("plugins/keywords.toml");
    if keywords.exists() && !needs.nodes.is_empty() {
        edit(&keywords, |doc| add_keywords(doc, needs))?;
    }
    let plugins = config.join("plugins.toml");
    if !with_bot && plugins.exists() {
        let mut settings = Vec::new();
        edit(&plugins, |doc| settings = take_out_bots(doc))?;
        for file in settings {
            std::fs::remove_file(config.join(&file))
                .with_context(|| format!("cannot take out config/{file}"))?;
        }
    }
    Ok(())
}

/// Changes one rule file, keeping its comments and order.
pub fn edit(file: &Path, change: impl FnOnce(&mut DocumentMut)) -> Result<()> {
    let shown = file.display();
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {shown}"))?;
    let mut doc: DocumentMut =
        text.parse().with_context(|| format!("cannot understand {shown}"))?;
    change(&mut doc);
    std::fs::write(file, doc.to_string()).with_context(|| format!("cannot write {shown}"))
}

fn raise_limits(doc: &mut DocumentMut) {
    let visitor = [
        ("messages", Value::from(10_000)),
        ("per", Value::from("1 s")),
        ("uploads_per_hour", Value::from(10_000)),
        ("new_per_hour", Value::from(10_000)),
    ];
    for (key, limit) in visitor {
        set(doc, "visitor", key, limit);
    }
    set(doc, "conversation", "idle_timeout", "never".into());
    set(doc, "conversation", "connection_timeout", "never".into());
    set(doc, "routing", "max_transfers", 50.into());
}

/// Sets a key in a table of the top level, whichever way the table is written.
fn set(doc: &mut DocumentMut, table: &str, key: &str, to: Value) {
    let entry = doc.entry(table).or_insert_with(|| Item::Table(Table::new()));
    if let Some(table) = entry.as_table_like_mut() {
        table.insert(key, Item::Value(to));
    }
}

/// The list of tables under `key`, made if there is none.
fn list<'a>(doc: &'a mut DocumentMut, key: &str) -> Option<&'a mut ArrayOfTables> {
    doc.entry(key)
        .or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()))
        .as_array_of_tables_mut()
}

fn add_departments(doc: &mut DocumentMut, needs: &Needs, agents: &[String]) {
    let Some(departments) = list(doc, "department") else { return };
    for department in departments.iter_mut() {
        if let Some(members) =
            department.entry("members").or_insert_with(|| value(Array::new())).as_array_mut()
        {
            members.extend(agents.iter().map(String::as_str));
        }
    }
    let services: BTreeMap<&String, &String> =
        needs.departments.iter().map(|(service, id)| (id, service)).collect();
    for (index, (id, service)) in services.into_iter().enumerate() {
        let mut department = Table::new();
        department.insert("id", value(id.as_str()));
        let name = if service.is_empty() { "Replay" } else { service.as_str() };
        department.insert("name", value(name));
        let members: Array = members_of(index, service, agents).into_iter().collect();
        department.insert("members", value(members));
        department.insert("may_transfer_to", value("*"));
        departments.push(department);
    }
}

/// Half of the agents, others for each service, so that a transfer changes hands; all of them where
/// dialogues without a service begin.
fn members_of<'a>(index: usize, service: &str, agents: &'a [String]) -> Vec<&'a str> {
    if service.is_empty() || agents.len() < 4 {
        return agents.iter().map(String::as_str).collect();
    }
    let half = agents.len().div_ceil(2);
    agents.iter().cycle().skip(index % agents.len()).take(half).map(String::as_str).collect()
}

fn add_nodes(doc: &mut DocumentMut, needs: &Needs) {
    let ids: BTreeSet<&String> = needs.nodes.values().collect();
    if ids.is_empty() {
        return;
    }
    let Some(nodes) = list(doc, "node") else { return };
    let mut children = ArrayOfTables::new();
    for id in ids {
        let mut child = Table::new();
        child.insert("id", value(id.as_str()));
        child.insert("name", value(id.trim_start_matches("replay.")));
        children.push(child);
    }
    let mut mother = Table::new();
    mother.insert("id", value("replay"));
    mother.insert("name", value("Replay"));
    mother.insert("child", Item::ArrayOfTables(children));
    nodes.push(mother);
}

fn add_keywords(doc: &mut DocumentMut, needs: &Needs) {
    let Some(rules) = list(doc, "rule") else { return };
    let nodes: BTreeMap<&String, &String> = needs.nodes.iter().collect();
    for (label, node) in nodes {
        let words: Array = words_of(label).into_iter().map(|word| format!(r"\b{word}")).collect();
        if words.is_empty() {
            continue;
        }
        let mut rule = Table::new();
        rule.insert("node", value(node.as_str()));
        rule.insert("any", value(words));
        rule.insert("weight", value(0.6));
        rules.push(rule);
    }
}

/// The words of a label that say something: `hotel_service_request` is about a hotel.
fn words_of(label: &str) -> Vec<String> {
    const SAY_NOTHING: [&str; 9] = [
        "book", "search", "status", "change", "schedule", "request", "report", "service",
        "services",
    ];
    let words = label.split(|next: char| !next.is_ascii_alphabetic()).map(str::to_ascii_lowercase);
    words.filter(|word| word.len() > 2 && !SAY_NOTHING.contains(&word.as_str())).collect()
}

fn take_out_bots(doc: &mut DocumentMut) -> Vec<String> {
    let mut settings = Vec::new();
    if let Some(plugins) = list(doc, "plugin") {
        plugins.retain(|plugin| {
            let is_bot = plugin
                .get("hooks")
                .and_then(Item::as_array)
                .is_some_and(|hooks| hooks.iter().any(|hook| hook.as_str() == Some("bot")));
            if is_bot && let Some(file) = plugin.get("settings").and_then(Item::as_str) {
                settings.push(file.to_owned());
            }
            !is_bot
        });
    }
    settings
}

/// Small letters, digits and `-`, as ids are.
fn plain(name: &str) -> String {
    let plain: String = name
        .chars()
        .map(|next| if next.is_ascii_alphanumeric() { next.to_ascii_lowercase() } else { '-' })
        .collect();
    plain.trim_matches('-').chars().take(50).collect()
}

/// Rule files a replay edits while it runs, each in a way that changes nothing it depends on.
#[derive(Debug)]
pub struct Edits {
    config: PathBuf,
    plugins: PathBuf,
    round: usize,
}

impl Edits {
    /// Edits in this folder of a desk.
    pub fn new(folder: &Path) -> Self {
        Self { config: folder.join("config"), plugins: folder.join("plugins"), round: 0 }
    }

    /// Edits the next rule file: every time another one, in place and by rename in turn.
    pub fn next_file(&mut self) -> Result<PathBuf> {
        self.round += 1;
        let round = self.round;
        let file = self.config.join(["replies.toml", "desk.toml", "departments.toml"][round % 3]);
        let text = std::fs::read_to_string(&file)
            .with_context(|| format!("cannot read {}", file.display()))?;
        let mut doc: DocumentMut =
            text.parse().with_context(|| format!("cannot understand {}", file.display()))?;
        match round % 3 {
            0 => set_reply(&mut doc, round),
            1 => set(&mut doc, "conversation", "keep_closed", format!("{} min", 10 + round).into()),
            _ => set_queue(&mut doc, round),
        }
        let changed = doc.to_string();
        if round.is_multiple_of(2) {
            std::fs::write(&file, changed)
                .with_context(|| format!("cannot write {}", file.display()))?;
        } else {
            // As editors save: a file beside it takes its name.
            let beside = file.with_extension("toml.new");
            std::fs::write(&beside, changed)
                .with_context(|| format!("cannot write {}", beside.display()))?;
            std::fs::rename(&beside, &file)
                .with_context(|| format!("cannot replace {}", file.display()))?;
        }
        Ok(file)
    }

    /// Breaks a rule file and returns what it held.
    pub fn break_file(&self) -> Result<(PathBuf, Vec<u8>)> {
        let file = self.config.join("departments.toml");
        let held =
            std::fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
        let mut broken = held.clone();
        broken.extend_from_slice(
            b"\n[[department]]\nid = \"broken\"\nname = \"broken\"\nmembers = \"nobody\"\n",
        );
        std::fs::write(&file, broken)
            .with_context(|| format!("cannot write {}", file.display()))?;
        Ok((file, held))
    }

    /// Replaces the bytes of a plugin: `round` names the bytes, so that the same round brings the same
    /// ones back. The component stays what it was but for a section without meaning.
    pub fn replace_plugin(&self, name: &str, round: u32) -> Result<()> {
        let file = self.plugins.join(name).join(format!("{name}.wasm"));
        let original = self.plugins.join(name).join(".original");
        if !original.exists() {
            std::fs::copy(&file, &original)
                .with_context(|| format!("cannot copy {}", file.display()))?;
        }
        let mut bytes = std::fs::read(&original)
            .with_context(|| format!("cannot read {}", original.display()))?;
        if round > 0 {
            bytes.extend(custom_section(&format!("replay-{round}")));
        }
        let beside = file.with_extension("wasm.new");
        std::fs::write(&beside, bytes)
            .with_context(|| format!("cannot write {}", beside.display()))?;
        std::fs::rename(&beside, &file)
            .with_context(|| format!("cannot replace {}", file.display()))
    }

    /// A plugin whose package is in the folder, preferring one that the recording does not depend on.
    pub fn a_plugin(&self) -> Option<String> {
        let exists = |name: &&str| self.plugins.join(name).join(format!("{name}.wasm")).is_file();
        ["emoji-policy", "keywords", "transfer-rules"].into_iter().find(exists).map(str::to_owned)
    }
}

/// A WebAssembly custom section: id 0, length, name. Names here are short, so that every length is one byte.
fn custom_section(name: &str) -> Vec<u8> {
    let mut section = vec![0, name.len() as u8 + 1, name.len() as u8];
    section.extend_from_slice(name.as_bytes());
    section
}

fn set_reply(doc: &mut DocumentMut, round: usize) {
    let Some(replies) = list(doc, "reply") else { return };
    let text = format!("Edited {round} times.");
    if let Some(reply) =
        replies.iter_mut().find(|reply| reply.get("id").and_then(Item::as_str) == Some("replay"))
    {
        reply.insert("text", value(text));
        return;
    }
    let mut reply = Table::new();
    reply.insert("id", value("replay"));
    reply.insert("title", value("Replay"));
    reply.insert("text", value(text));
    replies.push(reply);
}

fn set_queue(doc: &mut DocumentMut, round: usize) {
    let Some(departments) = list(doc, "department") else { return };
    if let Some(last) = departments.iter_mut().last() {
        let mut queue = InlineTable::new();
        queue.insert("max_waiting", (100_000 + round as i64).into());
        last.insert("queue", value(queue));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn doc(text: &str) -> DocumentMut {
        text.parse().expect("toml")
    }

    #[test]
    fn limits_are_raised_whichever_way_the_table_is_written() {
        for before in ["", "visitor = { messages = 10 }\n", "[visitor]\nmessages = 10\n"] {
            let mut desk = doc(before);
            raise_limits(&mut desk);
            let again = doc(&desk.to_string());
            assert_eq!(again["visitor"]["messages"].as_integer(), Some(10_000), "{before:?}");
            assert_eq!(again["routing"]["max_transfers"].as_integer(), Some(50));
        }
    }

    #[test]
    fn every_service_becomes_a_department_and_every_label_a_node() {
        let line = r#"{"id":"a","turns":[{"who":"consumer","text":"1","service":"Hotels_4"}],"labels":{"services":["Hotels_4"]}}"#;
        let needs = Needs::of(&super::super::dialogue::parse(line).expect("reads"));
        assert_eq!(needs.departments["Hotels_4"], "replay-hotels-4");
        assert_eq!(needs.nodes["Hotels_4"], "replay.hotels-4");
        let mut departments =
            doc("# kept\n[[department]]\nid = \"suporte\"\nname = \"S\"\nmembers = [\"ana\"]\n");
        add_departments(&mut departments, &needs, &["replay-1".into()]);
        let text = departments.to_string();
        assert!(text.starts_with("# kept"), "{text}");
        assert!(text.contains("[\"ana\", \"replay-1\"]"), "{text}");
        assert_eq!(doc(&text)["department"].as_array_of_tables().map(ArrayOfTables::len), Some(3));
    }

    #[test]
    fn the_bot_is_taken_out_with_its_settings() {
        let mut plugins = doc(
            "[[plugin]]\nid = \"greeter\"\nhooks = [\"bot\"]\nsettings = \"plugins/greeter.toml\"\n[[plugin]]\nid = \"keywords\"\nhooks = [\"classifier\"]\n",
        );
        assert_eq!(take_out_bots(&mut plugins), ["plugins/greeter.toml"]);
        assert!(!plugins.to_string().contains("greeter"));
        assert!(plugins.to_string().contains("keywords"));
    }

    #[test]
    fn words_that_say_nothing_are_no_keywords() {
        assert_eq!(words_of("hotel_service_request"), ["hotel"]);
        assert_eq!(words_of("Weather_1"), ["weather"]);
        assert!(words_of("Services_4").is_empty());
    }

    #[test]
    fn members_of_different_services_differ() {
        let agents: Vec<String> = (1..=8).map(|number| format!("replay-{number}")).collect();
        assert_eq!(members_of(0, "A", &agents).len(), 4);
        assert_ne!(members_of(0, "A", &agents), members_of(1, "B", &agents));
        assert_eq!(members_of(0, "", &agents).len(), 8);
    }

    #[test]
    fn a_replaced_plugin_differs_by_one_section() {
        assert_eq!(custom_section("ab"), [0, 3, 2, b'a', b'b']);
    }
}
