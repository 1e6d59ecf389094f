//! The example plugin in each language: the very same answers to the same thousand messages, to the last bit of a
//! confidence and the last word of an explanation.
//!
//! The packages are in `target/examples` (`cargo xtask examples` builds them); `DIALOGO_EXAMPLES` names another folder.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result, anyhow, ensure};
use dialogo_host::input::{Call, Channel, Conversation, Message, Participant, Side, State};
use dialogo_host::verdict::MessageVerdict;
use dialogo_host::{
    Binding, Catalogue, Chain, Host, HostConfig, Node, Package, PluginProblem, Surroundings,
};
use dialogo_tests::command::repository;
use dialogo_tests::data;
use serde_json::{Value, json};

/// The first is what the others are compared with.
const LANGUAGES: [&str; 4] = ["rust", "js", "python", "c"];

/// Messages asked about.
const MESSAGES: usize = 1_000;

/// Messages of a conversation that the classifier sees.
const RECENT: usize = 5;

#[test]
fn all_languages_give_the_same_answers() -> Result<()> {
    let host = Host::new(HostConfig { worker_threads: 1, ..HostConfig::default() })?;
    let messages: Vec<Arc<Message>> =
        data::thousand()?.iter().enumerate().map(|(at, text)| message(at, text)).collect();
    ensure!(messages.len() == MESSAGES, "{} messages", messages.len());
    let first = answers(&host, LANGUAGES[0], &messages)?;
    let mut seen = BTreeMap::new();
    for answer in &first {
        *seen.entry(answer.kind).or_insert(0) += 1;
    }
    for kind in ["suggestions", "no suggestion", "allow", "rewrite", "deny"] {
        ensure!(seen.get(kind) >= Some(&30), "hardly any answer is `{kind}`: {seen:?}");
    }
    for language in &LANGUAGES[1..] {
        let other = answers(&host, language, &messages)?;
        for (one, other) in first.iter().zip(&other) {
            ensure!(
                one.said == other.said,
                "{language} differs from {} about “{}”:\n  {}\n  {}",
                LANGUAGES[0],
                one.about,
                one.said,
                other.said
            );
        }
        ensure!(first.len() == other.len(), "{language} gave {} answers", other.len());
    }
    Ok(())
}

/// A copy that is changed in one language only would teach a partner something else.
#[test]
fn the_examples_differ_only_in_their_code() -> Result<()> {
    let folder = repository().join("sdk/examples");
    for part in ["settings.schema.json", "cases/classifier.toml", "cases/message-policy.toml"] {
        let of = |language: &str| read(&folder.join(language).join(part));
        for language in &LANGUAGES[1..] {
            ensure!(of(LANGUAGES[0])? == of(language)?, "{part} differs in {language}");
        }
    }
    let manifest = |language: &str| -> Result<String> {
        let text = read(&folder.join(language).join("plugin.toml"))?;
        let own = format!("lang = \"{language}\"");
        ensure!(text.contains(&own), "the manifest of {language} does not say `{own}`");
        let rest = text.lines().skip(1).filter(|line| *line != own);
        Ok(rest.collect::<Vec<_>>().join("\n"))
    };
    for language in &LANGUAGES[1..] {
        ensure!(
            manifest(LANGUAGES[0])? == manifest(language)?,
            "the manifest of {language} differs in more than the language"
        );
    }
    Ok(())
}

/// What one plugin said about one message.
struct Answered<'a> {
    about: &'a str,
    kind: &'static str,
    said: String,
}

fn answers<'a>(
    host: &Host,
    language: &str,
    messages: &'a [Arc<Message>],
) -> Result<Vec<Answered<'a>>> {
    let chain = chain(host, language)?;
    let mut all = Vec::new();
    for (at, message) in messages.iter().enumerate() {
        let recent = &messages[(at + 1).saturating_sub(RECENT)..=at];
        let conversation = conversation(recent.to_vec());
        let outcome = chain.classify(call(at), conversation.clone(), 3).wait();
        ensure!(outcome.decisions[0].failure.is_none(), "{language}: {:?}", outcome.decisions);
        let said = outcome.suggestions.iter().map(|one| {
            let why = one.sources[0].why.as_ref();
            format!("{} {:08x} {why:?}", one.node, one.confidence.to_bits())
        });
        let said = said.collect::<Vec<_>>().join("; ");
        let kind = if said.is_empty() { "no suggestion" } else { "suggestions" };
        all.push(Answered { about: &message.text, kind, said });

        let outcome = chain.judge_message(call(at), conversation, message.clone()).wait();
        ensure!(outcome.decisions[0].failure.is_none(), "{language}: {:?}", outcome.decisions);
        let kind = match outcome.verdict {
            MessageVerdict::Allow => "allow",
            MessageVerdict::Warn(_) => "warn",
            MessageVerdict::Rewrite { .. } => "rewrite",
            MessageVerdict::Deny(_) => "deny",
        };
        let said = format!("{:?} {:?}", outcome.verdict, outcome.conflicts);
        all.push(Answered { about: &message.text, kind, said });
    }
    Ok(all)
}

fn chain(host: &Host, language: &str) -> Result<Chain> {
    let folder = match std::env::var_os("DIALOGO_EXAMPLES") {
        Some(named) => PathBuf::from(named),
        None => repository().join("target/examples"),
    };
    let package = Package::read(&folder.join(language)).with_context(|| {
        format!("the example in {language} is not built: run `cargo xtask examples` first")
    })?;
    let mut binding = Binding::of(Arc::new(package), settings());
    // What is compared is what they say; on a machine that is busy nobody is quick.
    binding.limits.time_ms = Some(1_000);
    let told = |problems: Vec<PluginProblem>| {
        let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
        anyhow!("the example in {language} cannot be bound: {}", lines.join("; "))
    };
    host.prepare(vec![binding], &surroundings(), None).map_err(told)
}

/// Words that people say in the samples, some within others, some in one text more than once.
fn settings() -> Value {
    json!({
        "rule": [
            { "node": "bank", "words": ["\\bbank\\b", "\\baccount\\b", "\\bbalance\\b", "\\bbanco\\b"], "weight": 33 },
            { "node": "travel", "words": ["\\b(hotel|room)s?\\b", "\\bflights?\\b", "\\btrip\\b", "\\bvoo\\b"], "weight": 57 },
            { "node": "travel.ride", "words": ["\\b(ride|taxi|bus)\\b", "\\btrip to\\b", "\\bcorrida\\b"], "weight": 71 },
            { "node": "food", "words": ["\\brestaurants?\\b", "\\b(eat|food|pizza)\\b"], "weight": 13 },
            { "node": "bank", "words": ["\\bpin\\b", "\\bmoney\\b", "\\btransfer\\w*"], "weight": 7 },
        ],
        "denied": ["\\bhello\\b", "\\bthank(s| you)\\b", "\\bplease\\b", "you", "não", "🙂"],
    })
}

fn surroundings() -> Surroundings {
    let node = |id: &str| Node {
        id: id.into(),
        parent: None,
        title: id.to_owned(),
        active: true,
        synonyms: Vec::new(),
    };
    let nodes = ["bank", "travel", "travel.ride", "food"].map(node);
    Surroundings { catalogue: Arc::new(Catalogue::new(1, nodes.into())), ..Surroundings::default() }
}

fn call(at: usize) -> Call {
    Call { call_id: format!("message-{at}"), dry_run: true, ..Call::default() }
}

/// Two in three are the consumer's; every fifth has characters of two to four bytes before its words.
fn message(at: usize, text: &str) -> Arc<Message> {
    let side = if at % 3 == 1 { Side::Agent } else { Side::Consumer };
    let text = if at % 5 == 0 { format!("Ação 🙂 — {text}") } else { text.to_owned() };
    Arc::new(Message {
        id: format!("m{at}").into(),
        author: participant(side),
        at: at as u64,
        text: text.into(),
        emojis: Vec::new(),
        attachments: Vec::new(),
        facts: Vec::new(),
    })
}

fn participant(side: Side) -> Arc<Participant> {
    Arc::new(Participant { id: "p".into(), side, name: None, locale: None, facts: Vec::new() })
}

fn conversation(recent: Vec<Arc<Message>>) -> Arc<Conversation> {
    Arc::new(Conversation {
        id: "k".into(),
        channel: Channel::Web,
        state: State::Active,
        opened_at: 0,
        department: None,
        agent: None,
        consumer: participant(Side::Consumer),
        classification: None,
        total_messages: recent.len() as u32,
        recent,
        facts: Vec::new(),
    })
}

fn read(file: &Path) -> Result<String> {
    std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))
}
