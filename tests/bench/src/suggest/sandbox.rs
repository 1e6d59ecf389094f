//! What a suggestion costs in the plugin host as the desk runs it: a package as `dialogo train` writes it, a message of 200
//! bytes, a sandbox that is reused and one that is fresh, in CPU time of the calling thread (the machine has neighbours). And that the sandbox says what the model says outside of it.

use std::sync::Arc;

use anyhow::{Context as _, Result, anyhow, ensure};
use dialogo::learning::package;
use dialogo_host::input::{Call, Channel, Conversation, Message, Participant, Side, State};
use dialogo_host::question::{Answer, Question};
use dialogo_host::{Binding, Catalogue, Host, HostConfig, Node, Package};
use dialogo_model::{Model, Turn, Who};
use serde_json::json;

use crate::figure::Figure;
use crate::process::thread_cpu_us;
use crate::sets::Set;

/// Bytes of a message.
const BYTES: usize = 200;
/// Calls of a reused sandbox.
const REUSED: usize = 1_000;
/// Calls of fresh ones.
const FRESH: usize = 20;
/// Messages whose answers are compared with the model's own.
const COMPARED: usize = 200;

pub(crate) fn measure(set: &Set) -> Result<Vec<Figure>> {
    let folder = tempfile::tempdir().context("cannot make a folder")?;
    let path = folder.path().join(package::ID);
    package::write(&path, package::ID, &set.bytes, &package::version(&set.bytes), &json!({}))?;
    let package = Package::read(&path)?;
    let bytes =
        package.component.len() + package.assets.values().map(|asset| asset.len()).sum::<usize>();
    let model = Model::open(set.bytes.clone())?;
    let host = Host::new(HostConfig { worker_threads: 1, ..HostConfig::default() })
        .context("the plugin host")?;
    let mut binding = Binding::of(Arc::new(package), json!({ "least": 0.0 }));
    // A neighbour of this process may take the core for longer than a call may last; that is not what is measured.
    binding.limits.time_ms = Some(200);
    let plugin = host
        .plugin(&binding, &Arc::new(tree(&model)))
        .map_err(|problems| anyhow!("it cannot be bound: {problems:?}"))?;
    let call = Arc::new(Call { call_id: "bench".into(), ..Call::default() });
    let mut warm = plugin.reused();
    for lesson in set.test.iter().take(COMPARED) {
        let text = &lesson.turns[0].1;
        let (answer, _) = warm.ask(&call, &question(text));
        let Ok(Answer::Classify(said)) = answer else { anyhow::bail!("no answer: {answer:?}") };
        let reading = model.read(&[Turn { who: Who::Consumer, text }]);
        for one in &said {
            let class = model.head().classes.iter().position(|class| class.name == *one.node);
            let own = class.map(|class| reading.confidence(class));
            ensure!(
                own == Some(one.confidence),
                "the sandbox says {one:?}, the model {own:?}: {text}"
            );
        }
    }
    let texts: Vec<String> = messages(set).take(200).collect();
    let questions: Vec<Question> = texts.iter().map(|text| question(text)).collect();
    let mut took = Vec::new();
    let mut memory = 0;
    for at in 0..REUSED {
        let began = thread_cpu_us()?;
        let (answer, cost) = warm.ask(&call, &questions[at % questions.len()]);
        took.push(thread_cpu_us()? - began);
        answer.map_err(|failure| anyhow!("it failed: {failure}"))?;
        memory = memory.max(cost.peak_memory_bytes);
    }
    let mut fresh = Vec::new();
    for at in 0..FRESH {
        let began = thread_cpu_us()?;
        let (answer, _) = plugin.ask(&call, &questions[at % questions.len()]);
        fresh.push(thread_cpu_us()? - began);
        answer.map_err(|failure| anyhow!("it failed: {failure}"))?;
    }
    Ok(vec![
        Figure::new(&set.name, "suggest_p50_us", quantile(&mut took, 0.5)),
        Figure::new(&set.name, "suggest_p99_us", quantile(&mut took, 0.99)),
        Figure::new(&set.name, "suggest_fresh_p50_us", quantile(&mut fresh, 0.5)),
        Figure::new(&set.name, "package_bytes", bytes as f64),
        Figure::new(&set.name, "memory_bytes", memory as f64),
    ])
}

fn tree(model: &Model) -> Catalogue {
    let nodes =
        model.head().classes.iter().filter(|class| !class.name.is_empty()).map(|class| Node {
            id: class.name.as_str().into(),
            parent: None,
            title: class.name.clone(),
            active: true,
            synonyms: Vec::new(),
        });
    Catalogue::new(1, nodes.collect())
}

/// Messages of exactly [`BYTES`] bytes or a little less, where a character ends: test rows one after the other.
fn messages(set: &Set) -> impl Iterator<Item = String> {
    let texts = set.test.iter().map(|lesson| lesson.turns[0].1.as_str()).cycle();
    let mut texts = texts;
    std::iter::from_fn(move || {
        let mut message = String::new();
        while message.len() < BYTES {
            message.push_str(texts.next()?);
            message.push(' ');
        }
        message.truncate(message.floor_char_boundary(BYTES));
        Some(message)
    })
}

fn question(text: &str) -> Question {
    let consumer = Arc::new(Participant {
        id: "c".into(),
        side: Side::Consumer,
        name: None,
        locale: None,
        facts: Vec::new(),
    });
    let message = Message {
        id: "m".into(),
        author: Arc::clone(&consumer),
        at: 0,
        text: text.into(),
        emojis: Vec::new(),
        attachments: Vec::new(),
        facts: Vec::new(),
    };
    let conversation = Conversation {
        id: "bench".into(),
        channel: Channel::Web,
        state: State::Active,
        opened_at: 0,
        department: None,
        agent: None,
        consumer,
        classification: None,
        recent: vec![Arc::new(message)],
        total_messages: 1,
        facts: Vec::new(),
    };
    Question::Classify { conversation: Arc::new(conversation), limit: 3 }
}

fn quantile(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    values[((values.len() - 1) as f64 * share) as usize]
}
