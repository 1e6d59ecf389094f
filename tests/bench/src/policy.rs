//! A sandboxed call against the same function without a sandbox: CPU time of the calling thread, both in this process, in
//! turns. The native side is the very source of the plugin (see `main.rs`), called with the same settings and input.

use std::cell::RefCell;
use std::collections::HashMap;
use std::hint::black_box;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, Result, anyhow, ensure};
use dialogo_host::input::{Call, Channel, Conversation, Emoji, Message, Participant, Side, State};
use dialogo_host::patterns::{PatternSet, patterns_in};
use dialogo_host::question::{Answer, Question};
use dialogo_host::{Binding, Catalogue, Host, HostConfig, Node, Package, Plugin, Surroundings};
use serde::Deserialize as _;
use serde_json::{Value, json};

use crate::desk::{packages, repository};
use crate::figures::{Bar, Figure};
use crate::process::thread_cpu_us;
use crate::say::progress;
use crate::statistics::median;
use crate::{keywords_logic, logic, words};

/// Rules of the large classifier.
const RULES: usize = 1_000;

/// Messages it looks at.
const RECENT: usize = 20;

/// Turns of both sides.
const ROUNDS: usize = 7;

/// `policy_call`.
pub(crate) fn emoji(seconds: f64) -> Result<Figure> {
    let host = host()?;
    let settings = settings("emoji")?;
    let native =
        logic::Settings::deserialize(&settings).context("the native side reads the settings")?;
    let plugin = plugin(&host, "emoji-policy", settings, &Arc::new(Catalogue::default()))?;
    let found =
        dialogo_host::emoji::find("Pronto, já está resolvido 🙂 e amanhã chega 👍 obrigado 🍕");
    let emojis: Arc<[Emoji]> = found.emojis.clone().into();
    let question = Question::Emoji {
        by: Side::Agent,
        conversation: Arc::new(conversation(Vec::new())),
        emojis,
    };
    let call = call();
    let sandboxed = || answered(plugin.ask(&call, &question).0);
    let alone = || {
        let limits = native.limits(logic::By::Agent, Some("suporte"));
        let faults = limits.map(|limits| {
            limits.judge(found.emojis.iter().map(|emoji| (&*emoji.text, emoji.count)))
        });
        black_box(faults);
        Ok(())
    };
    let (value, limit) = in_turns("policy_call", seconds, sandboxed, alone)?;
    let scan = host.uses_pagemap_scan();
    Ok(Figure {
        name: "policy_call",
        value,
        unit: "µs",
        limit,
        bar: if scan { Bar::AtMost(20.0) } else { Bar::None },
        note: format!(
            "CPU of a fresh sandbox, emoji-policy with its default settings, 3 emojis; pagemap_scan {}; limit: native",
            if scan { "works" } else { "is missing here" }
        ),
    })
}

/// `policy_call_keywords`.
pub(crate) fn keywords(seconds: f64) -> Result<Figure> {
    let host = host()?;
    let settings = a_thousand_rules()?;
    let native = keywords_logic::Rules::deserialize(&settings)
        .context("the native side reads the settings")?;
    let package = Package::read(&packages()?.join("keywords"))?;
    let sets = patterns_in(&settings, &package.manifest.patterns.sets)
        .map_err(|faults| anyhow!("{faults:?}"))?;
    let patterns = sets.into_values().next().context("keywords names its patterns")?;
    let patterns = PatternSet::compile(patterns).map_err(|faults| anyhow!("{faults:?}"))?;
    let plugin = plugin(&host, "keywords", settings.clone(), &catalogue(&settings))?;
    let call = call();
    let questions: Vec<Question> = (0..200).map(sliding).collect();
    let texts: Vec<Vec<String>> = (0..200).map(recent_texts).collect();

    let mut warm = plugin.reused();
    let mut at = 0;
    let reused = || {
        at = (at + 1) % questions.len();
        answered(warm.ask(&call, &questions[at]).0)
    };
    // The host finds the patterns of a message once; so does the native side.
    let memory: RefCell<HashMap<String, Rc<[keywords_logic::Hit]>>> = RefCell::default();
    let mut turn = 0;
    let alone = || {
        turn = (turn + 1) % texts.len();
        let messages: Vec<keywords_logic::Message<'_>> =
            texts[turn].iter().enumerate().map(native_message).collect();
        let find = |text: &str| {
            let mut memory = memory.borrow_mut();
            if let Some(hits) = memory.get(text) {
                return Rc::clone(hits);
            }
            let hits: Rc<[keywords_logic::Hit]> = patterns
                .find(text, 256)
                .iter()
                .filter_map(|hit| {
                    keywords_logic::Hit::named(&hit.pattern, hit.start as usize, hit.end as usize)
                })
                .collect();
            memory.insert(text.to_owned(), Rc::clone(&hits));
            hits
        };
        black_box(native.suggest(&messages, false, 5, find));
        Ok(())
    };
    let (value, limit) = in_turns("policy_call_keywords", seconds, reused, alone)?;
    let fresh = fresh_us(&plugin, &call, &questions)?;
    Ok(Figure {
        name: "policy_call_keywords",
        value,
        unit: "µs",
        limit,
        bar: if host.uses_pagemap_scan() { Bar::AtMost(20.0) } else { Bar::None },
        note: format!(
            "CPU of a reused sandbox, keywords with {RULES} rules and {RECENT} messages (fresh: {fresh:.0}); limit: native"
        ),
    })
}

fn fresh_us(plugin: &Plugin, call: &Arc<Call>, questions: &[Question]) -> Result<f64> {
    const CALLS: usize = 20;
    let before = thread_cpu_us()?;
    for question in questions.iter().cycle().take(CALLS) {
        answered(plugin.ask(call, question).0)?;
    }
    Ok((thread_cpu_us()? - before) / CALLS as f64)
}

/// A call of the classifier with the default rules in a warm sandbox, in microseconds of wall time: what a suggestion
/// cannot be faster than.
pub(crate) fn default_classifier_us() -> Result<f64> {
    let host = host()?;
    let settings = settings("keywords")?;
    let plugin = plugin(&host, "keywords", settings.clone(), &catalogue(&settings))?;
    let (call, mut warm) = (call(), plugin.reused());
    let mut took = Vec::new();
    for number in 0..200 {
        let question = sliding(number);
        let before = Instant::now();
        answered(warm.ask(&call, &question).0)?;
        took.push(before.elapsed().as_secs_f64() * 1e6);
    }
    Ok(median(&took))
}

/// Microseconds of CPU a call of each, in turns.
fn in_turns(
    name: &str,
    seconds: f64,
    mut ours: impl FnMut() -> Result<()>,
    mut theirs: impl FnMut() -> Result<()>,
) -> Result<(f64, f64)> {
    let each = seconds / (2 * ROUNDS) as f64;
    let (our_calls, their_calls) = (calls_in(each, &mut ours)?, calls_in(each, &mut theirs)?);
    let (mut our, mut their) = (Vec::new(), Vec::new());
    for round in 1..=ROUNDS {
        our.push(one_turn(our_calls, &mut ours)?);
        their.push(one_turn(their_calls, &mut theirs)?);
        progress(name, round, ROUNDS);
    }
    Ok((median(&our), median(&their)))
}

/// How many calls fill so many seconds; it warms up meanwhile.
pub(crate) fn calls_in(seconds: f64, ask: &mut impl FnMut() -> Result<()>) -> Result<u32> {
    let (started, mut calls) = (Instant::now(), 0_u32);
    while started.elapsed().as_secs_f64() < seconds.min(0.5) || calls < 10 {
        ask()?;
        calls += 1;
    }
    let each = started.elapsed().as_secs_f64() / f64::from(calls);
    Ok(((seconds / each) as u32).clamp(10, 10_000_000))
}

pub(crate) fn one_turn(calls: u32, ask: &mut impl FnMut() -> Result<()>) -> Result<f64> {
    let before = thread_cpu_us()?;
    for _ in 0..calls {
        ask()?;
    }
    Ok((thread_cpu_us()? - before) / f64::from(calls))
}

pub(crate) fn answered(answer: Result<Answer, dialogo_host::Failure>) -> Result<()> {
    black_box(answer).map(drop).map_err(|failure| anyhow!("the plugin failed: {failure}"))
}

pub(crate) fn host() -> Result<Host> {
    Host::new(HostConfig { worker_threads: 1, ..HostConfig::default() }).context("the plugin host")
}

fn plugin(host: &Host, id: &str, settings: Value, catalogue: &Arc<Catalogue>) -> Result<Plugin> {
    let package =
        Package::read(&packages()?.join(id)).with_context(|| format!("the package {id}"))?;
    let mut binding = Binding::of(Arc::new(package), settings);
    // A neighbour of this process may take the core for longer than a call may last; that is not what is measured.
    binding.limits.time_ms = Some(200);
    host.plugin(&binding, &Surroundings::from(catalogue))
        .map_err(|problems| anyhow!("{id} cannot be bound: {problems:?}"))
}

/// The default settings of a plugin, without the tests in them.
fn settings(name: &str) -> Result<Value> {
    let file: PathBuf = repository().join(format!("config/plugins/{name}.toml"));
    let text = std::fs::read_to_string(&file)
        .with_context(|| format!("cannot read {}", file.display()))?;
    let mut settings: Value =
        toml::from_str(&text).with_context(|| format!("cannot understand {}", file.display()))?;
    settings.as_object_mut().context("settings are a table")?.remove("test");
    Ok(settings)
}

/// The default rules and as many made-up ones as fill a thousand.
fn a_thousand_rules() -> Result<Value> {
    const WORDS: [&str; 40] = [
        "contrato",
        "garantia",
        "parcela",
        "juros",
        "cadastro",
        "endereco",
        "telefone",
        "assinatura",
        "cupom",
        "desconto",
        "estoque",
        "tamanho",
        "medida",
        "cor",
        "modelo",
        "tecido",
        "montagem",
        "visita",
        "tecnico",
        "instalacao",
        "roteador",
        "sinal",
        "franquia",
        "pacote",
        "canal",
        "volume",
        "manual",
        "voltagem",
        "bateria",
        "carregador",
        "tela",
        "teclado",
        "impressora",
        "tinta",
        "papel",
        "frete",
        "transportadora",
        "recibo",
        "imposto",
        "protocolo",
    ];
    let mut settings = settings("keywords")?;
    let rules = settings["rule"].as_array_mut().context("keywords has rules")?;
    let nodes: Vec<Value> = rules.iter().map(|rule| rule["node"].clone()).collect();
    for number in rules.len()..RULES {
        let (one, other) = (WORDS[number % 40], WORDS[(number / 40 + number * 7 + 1) % 40]);
        rules.push(json!({
            "node": nodes[number % nodes.len()],
            "any": [format!(r"\b{one} (da|de|do) {other}s?\b"), format!(r"\b{other}\b.*\bsem {one}\b")],
            "weight": 0.5,
        }));
    }
    ensure!(rules.len() == RULES, "there are {} rules", rules.len());
    Ok(settings)
}

fn catalogue(settings: &Value) -> Arc<Catalogue> {
    let rules = settings["rule"].as_array().into_iter().flatten();
    let mut ids: Vec<&str> = rules.filter_map(|rule| rule["node"].as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    let node = |id: &str| Node {
        id: id.into(),
        parent: None,
        title: id.to_owned(),
        active: true,
        synonyms: Vec::new(),
    };
    Arc::new(Catalogue::new(1, ids.into_iter().map(node).collect()))
}

pub(crate) fn call() -> Arc<Call> {
    Arc::new(Call {
        call_id: "bench".into(),
        now_ms: 1_790_000_000_000,
        seed: 7,
        ..Call::default()
    })
}

fn participant(side: Side) -> Arc<Participant> {
    let id = if side == Side::Consumer { "consumer" } else { "agent" };
    Arc::new(Participant { id: id.into(), side, name: None, locale: None, facts: Vec::new() })
}

pub(crate) fn conversation(recent: Vec<Arc<Message>>) -> Conversation {
    Conversation {
        id: "0190f5e4-7b1c-7000-8000-0000000000ff".into(),
        channel: Channel::Web,
        state: State::Active,
        opened_at: 1_790_000_000_000,
        department: Some("suporte".into()),
        agent: Some("agent1".into()),
        consumer: participant(Side::Consumer),
        classification: None,
        total_messages: 40,
        recent,
        facts: Vec::new(),
    }
}

/// A message of the consumer.
pub(crate) fn written(text: &str) -> Arc<Message> {
    Arc::new(Message {
        id: "m".into(),
        author: participant(Side::Consumer),
        at: 1_790_000_000_000,
        text: text.into(),
        emojis: Vec::new(),
        attachments: Vec::new(),
        facts: Vec::new(),
    })
}

/// The conversation after message `newest`: each call sees one message that was not there before.
fn sliding(newest: usize) -> Question {
    let recent = recent_texts(newest).into_iter().enumerate().map(|(at, text)| {
        Arc::new(Message {
            id: format!("m{}", newest + at).into(),
            author: participant(if at % 2 == 0 { Side::Consumer } else { Side::Agent }),
            at: 1_790_000_000_000 + (newest + at) as u64,
            text: text.into(),
            emojis: Vec::new(),
            attachments: Vec::new(),
            facts: Vec::new(),
        })
    });
    Question::Classify { conversation: Arc::new(conversation(recent.collect())), limit: 5 }
}

fn recent_texts(newest: usize) -> Vec<String> {
    (0..RECENT).map(|at| words::message(1, newest + at)).collect()
}

fn native_message((at, text): (usize, &String)) -> keywords_logic::Message<'_> {
    let who = if at % 2 == 0 { keywords_logic::Who::Consumer } else { keywords_logic::Who::Agent };
    keywords_logic::Message { who, text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thousand_different_rules_are_made() {
        let settings = a_thousand_rules().expect("made");
        let rules = settings["rule"].as_array().expect("a list");
        let patterns: std::collections::BTreeSet<String> =
            rules.iter().map(|rule| rule["any"].to_string()).collect();
        assert_eq!(rules.len(), RULES);
        assert!(patterns.len() > RULES * 9 / 10, "{} differ", patterns.len());
    }

    #[test]
    fn a_turn_counts_time() {
        let mut sum = 0_u64;
        let mut work = || {
            sum = (0..20_000_u64).fold(sum, |sum, next| black_box(sum.wrapping_mul(31) ^ next));
            Ok(())
        };
        let each = one_turn(500, &mut work).expect("counted");
        assert!(each > 0.0, "{each}");
    }
}
