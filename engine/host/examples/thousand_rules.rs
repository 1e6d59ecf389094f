//! Times the keyword classifier with a thousand rules over a conversation of twenty messages.
//!
//! `cargo run -p dialogo-host --example thousand_rules -- FOLDER_OF_KEYWORDS`. CPU time of the calling thread.

use std::path::PathBuf;
use std::sync::Arc;

use dialogo_host::input::{Call, Channel, Conversation, Message, Participant, Side, State};
use dialogo_host::question::Question;
use dialogo_host::{Binding, Catalogue, Host, HostConfig, Node, Package};
use rustix::time::{ClockId, clock_gettime};

const RULES: usize = 1_000;
const CALLS: usize = 1_000;

fn main() {
    let folder = PathBuf::from(std::env::args().nth(1).expect("the folder of the keywords plugin"));
    let host = Host::new(HostConfig::default()).expect("host");
    let package = Arc::new(Package::read(&folder).expect("package"));
    let rules: Vec<_> = (0..RULES)
        .map(|n| serde_json::json!({ "node": "a", "any": [format!(r"\b(palavra|termo){n}\b"), format!(r"\bfrase {n}s?\b")], "weight": 0.5 }))
        .collect();
    let node = Node {
        id: "a".into(),
        parent: None,
        title: "a".into(),
        active: true,
        synonyms: Vec::new(),
    };
    let catalogue = Arc::new(Catalogue::new(1, vec![node]));
    let began = std::time::Instant::now();
    let settings = serde_json::json!({ "rule": rules });
    let binding = Binding { probe: false, ..Binding::of(package, settings) };
    let plugin = host.plugin(&binding, &catalogue).expect("bound");
    println!("bound with {RULES} rules in {:?}", began.elapsed());
    let call = Arc::new(Call::default());
    let question =
        |round: usize| Question::Classify { conversation: conversation(round), limit: 5 };

    let questions: Vec<Question> = (0..CALLS).map(question).collect();
    println!("  {:?}", plugin.ask(&call, &questions[0]));
    println!("fresh: {}", measure(|n| drop(plugin.ask(&call, &questions[n]))));
    let mut reused = plugin.reused();
    println!("reused: {}", measure(|n| drop(reused.ask(&call, &questions[n]))));
}

/// Twenty messages of which the last is new each round.
fn conversation(round: usize) -> Arc<Conversation> {
    let author = Arc::new(Participant {
        id: "c".into(),
        side: Side::Consumer,
        name: None,
        locale: None,
        facts: Vec::new(),
    });
    let message = |n: usize, text: String| {
        let author = author.clone();
        Arc::new(Message {
            id: format!("m{n}").into(),
            author,
            at: 0,
            text: text.into(),
            emojis: Vec::new(),
            attachments: Vec::new(),
            facts: Vec::new(),
        })
    };
    let mut recent: Vec<_> = (0..19)
        .map(|n| message(n, format!("Olá, bom dia! Preciso de ajuda com a minha compra número {n}, que ainda não chegou até hoje, e a palavra{n} é esta")))
        .collect();
    recent.push(message(
        19,
        format!("E agora a frase {round}, por favor, já é a {round}ª vez que peço"),
    ));
    Arc::new(Conversation {
        id: "k".into(),
        channel: Channel::Web,
        state: State::Active,
        opened_at: 0,
        department: None,
        agent: None,
        consumer: author,
        classification: None,
        recent,
        total_messages: 20,
        facts: Vec::new(),
    })
}

fn measure(mut call: impl FnMut(usize)) -> String {
    call(0);
    let mut times: Vec<u64> = (0..CALLS)
        .map(|n| {
            let began = cpu_ns();
            call(n);
            cpu_ns() - began
        })
        .collect();
    times.sort_unstable();
    let at = |share: usize| times[CALLS * share / 100] as f64 / 1e3;
    format!("p10 {:.1} µs, p50 {:.1} µs, p99 {:.1} µs of CPU", at(10), at(50), at(99))
}

fn cpu_ns() -> u64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}
