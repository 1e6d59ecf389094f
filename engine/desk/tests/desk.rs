//! The shell end to end, in process: commands in, durable answers out, a feed that resumes, rules that reload, a start
//! from what is on disk. Plugins are tried by the black-box tests; here the rules name none.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use dialogo_desk::{Desk, DeskConfig, DeskError, FeedItem, Listener, OutgoingMessage, Scope};
use dialogo_domain::agent::{Presence, Role};
use dialogo_domain::conversation::State;
use dialogo_domain::desk::Profile;
use dialogo_domain::message::Channel;
use dialogo_domain::{
    Actor, AgentId, Command, CommandId, ConsumerId, ConversationId, Event, MessageId, Position,
    Refusal, Request,
};

const CONSUMER: ConsumerId = ConsumerId(7);

fn write_rules(folder: &Path, limit: u32) {
    let config = folder.join("config");
    std::fs::create_dir_all(&config).unwrap();
    std::fs::write(config.join("desk.toml"), format!("name = \"Teste\"\nlimit = {limit}\n"))
        .unwrap();
    let departments =
        "[[department]]\nid = \"suporte\"\nname = \"Suporte\"\nmembers = [\"ana\", \"bruno\"]\n";
    std::fs::write(config.join("departments.toml"), departments).unwrap();
}

fn open(folder: &Path) -> Desk {
    let config = DeskConfig { plugin_threads: Some(1), ..DeskConfig::below(folder) };
    Desk::open(config, &mut |_| ()).unwrap()
}

fn request(actor: Actor, command: Command) -> Request {
    Request { id: None, actor, command }
}

async fn agent(desk: &Desk, name: &str) {
    let add = Command::AddAccount {
        agent: name.into(),
        name: name.into(),
        role: Role::Agent,
        password_hash: "$argon2id$x".into(),
    };
    desk.execute(request(Actor::Operator, add)).await.unwrap();
    let online = Command::SetPresence { agent: name.into(), presence: Presence::Online };
    desk.execute(request(Actor::Agent(name.into()), online)).await.unwrap();
}

async fn start(desk: &Desk, consumer: ConsumerId) -> ConversationId {
    let fresh = ConversationId(1_000 + consumer.0);
    let start = Command::StartConversation {
        conversation: fresh,
        consumer,
        channel: Channel::Web,
        profile: Profile::default(),
        department: Some("suporte".into()),
        bot: false,
    };
    let answer = desk.execute(request(Actor::Consumer(consumer), start)).await.unwrap();
    answer.commit.events.iter().find_map(Event::conversation).unwrap()
}

fn message(conversation: ConversationId, id: u128, text: &str) -> OutgoingMessage {
    OutgoingMessage {
        conversation,
        message: MessageId(id),
        text: text.into(),
        attachments: Vec::new(),
        connection: None,
    }
}

/// The next commit that concerns the listener, or a panic after ten seconds.
async fn next_commit(
    feed: &mut dialogo_desk::Subscription,
) -> (Arc<dialogo_desk::Published>, Scope) {
    let next = async {
        loop {
            if let FeedItem::Published(published, scope) = feed.next().await {
                return (published, scope);
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(10), next).await.expect("nothing came by the feed")
}

fn texts(published: &dialogo_desk::Published) -> Vec<String> {
    let text = |event: &Event| match event {
        Event::MessageSent { body, .. } => Some(body.text.to_string()),
        _ => None,
    };
    published.commit.events.iter().filter_map(text).collect()
}

/// Whether a text stands in the files of the log, whoever reads them.
fn in_the_log(folder: &Path, text: &str) -> bool {
    std::fs::read_dir(folder.join("data/log")).unwrap().any(|file| {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        bytes.windows(text.len()).any(|window| window == text.as_bytes())
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_is_answered_when_durable_and_shown_to_the_other_side_only() {
    let folder = tempfile::tempdir().unwrap();
    write_rules(folder.path(), 4);
    let desk = open(folder.path());
    agent(&desk, "ana").await;
    let conversation = start(&desk, CONSUMER).await;
    assert_eq!(desk.read(|desk| desk.conversations[&conversation].state), State::Active);

    let here = desk.connection();
    let mut consumer = desk.subscribe(Listener::Consumer(CONSUMER), here);
    let mut ana =
        desk.subscribe(Listener::Agent { id: "ana".into(), sees_all: false }, desk.connection());
    let sent =
        OutgoingMessage { connection: Some(here), ..message(conversation, 1, "oi, tudo bem?") };
    let answer = desk.send_message(Actor::Consumer(CONSUMER), None, sent.clone()).await.unwrap();
    assert!(in_the_log(folder.path(), "oi, tudo bem?"), "answered before it was written");

    let shown = loop {
        let (published, scope) = next_commit(&mut ana).await;
        if !texts(&published).is_empty() {
            break (published, scope);
        }
    };
    assert_eq!((texts(&shown.0), shown.1), (vec!["oi, tudo bem?".to_owned()], Scope::Full));

    let again = desk.send_message(Actor::Consumer(CONSUMER), None, sent).await.unwrap();
    assert!(again.replayed);
    assert_eq!(again.commit, answer.commit, "a resend gets the first answer");

    desk.send_message(Actor::Agent("ana".into()), None, message(conversation, 2, "bom dia"))
        .await
        .unwrap();
    let echoed = loop {
        let (published, _) = next_commit(&mut consumer).await;
        if !texts(&published).is_empty() {
            break texts(&published);
        }
    };
    assert_eq!(echoed, ["bom dia"], "the sender's own connection gets no echo");
    desk.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fifth_conversation_waits_and_a_stranger_sees_nothing() {
    let folder = tempfile::tempdir().unwrap();
    write_rules(folder.path(), 4);
    let desk = open(folder.path());
    agent(&desk, "ana").await;
    for consumer in 0..5 {
        start(&desk, ConsumerId(100 + consumer)).await;
    }
    let waiting = desk.read(|desk| desk.waiting(&"suporte".into()));
    assert_eq!(waiting, 1);
    let theirs = ConversationId(1_100);
    let refused = desk.send_message(Actor::Consumer(CONSUMER), None, message(theirs, 9, "x")).await;
    assert_eq!(refused, Err(DeskError::Refused(Refusal::ConversationUnknown(theirs))));
    desk.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cursor_gets_what_was_missed_also_after_a_start() {
    let folder = tempfile::tempdir().unwrap();
    write_rules(folder.path(), 4);
    let desk = open(folder.path());
    agent(&desk, "ana").await;
    let conversation = start(&desk, CONSUMER).await;
    let cursor = desk.head();
    let mut last = cursor;
    for number in 1..=300_u128 {
        let sent = message(conversation, number, &format!("linha {number}"));
        let answer = desk.send_message(Actor::Consumer(CONSUMER), None, sent).await.unwrap();
        last = answer.commit.stamp.position;
    }
    // A sender is answered a moment before the others are shown the message.
    wait_until(|| desk.head() >= last).await;
    let all: Vec<String> = (1..=300).map(|number| format!("linha {number}")).collect();
    let missed = |desk: &Desk| {
        let listener = Listener::Agent { id: "ana".into(), sees_all: false };
        let mut ana = desk.subscribe(listener, desk.connection());
        let missed = ana.catch_up(cursor).unwrap();
        missed.iter().flat_map(|(published, _)| texts(published)).collect::<Vec<_>>()
    };
    assert_eq!(missed(&desk), all);
    let before = desk.read(Clone::clone);
    desk.stop().await;
    drop(desk);

    let desk = open(folder.path());
    assert_eq!(missed(&desk), all, "the recent past is served after a start as well");
    let after = desk.read(Clone::clone);
    assert_eq!(
        before.conversations[&conversation].messages,
        after.conversations[&conversation].messages
    );
    let mut late = desk.subscribe(Listener::Consumer(CONSUMER), desk.connection());
    assert!(late.catch_up(Position(0)).is_ok(), "position 0 is still in the ring of a young desk");
    desk.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_id_is_answered_once_even_by_a_thousand_senders() {
    let folder = tempfile::tempdir().unwrap();
    write_rules(folder.path(), 4);
    let desk = open(folder.path());
    agent(&desk, "ana").await;
    let tasks: Vec<_> = (0..50)
        .map(|_| {
            let desk = desk.clone();
            tokio::spawn(async move {
                let start = Command::StartConversation {
                    conversation: ConversationId(uuid::Uuid::now_v7().as_u128()),
                    consumer: CONSUMER,
                    channel: Channel::Web,
                    profile: Profile::default(),
                    department: None,
                    bot: false,
                };
                let request = Request {
                    id: Some(CommandId(42)),
                    actor: Actor::Consumer(CONSUMER),
                    command: start,
                };
                desk.execute(request).await.unwrap()
            })
        })
        .collect();
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await.unwrap());
    }
    assert_eq!(answers.iter().filter(|answer| !answer.replayed).count(), 1);
    assert!(answers.iter().all(|answer| answer.commit == answers[0].commit));
    assert_eq!(desk.read(|desk| desk.conversations.len()), 1);
    desk.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rules_reload_roll_back_and_survive_being_broken() {
    let folder = tempfile::tempdir().unwrap();
    write_rules(folder.path(), 4);
    let desk = open(folder.path());
    let first = desk.rules().generation;
    let file = folder.path().join("config/desk.toml");

    std::fs::write(&file, "name = \"Teste\"\nlimit = 2\n").unwrap();
    wait_until(|| desk.rules().checked.domain.desk.limit == 2).await;
    let second = desk.rules().generation;
    assert_eq!(desk.read(|desk| desk.generation), second, "the activation is a commit");

    std::fs::write(&file, "name = \"Teste\"\nlimit = \"two\"\nlimt = 3\n").unwrap();
    wait_until(|| !desk.rules_status().problems.is_empty()).await;
    let status = desk.rules_status();
    assert_eq!(status.generation, second, "the last good generation stays");
    assert!(
        status.report.contains("config/desk.toml:2:"),
        "no line and column in:\n{}",
        status.report
    );

    let status = desk.rules_desk().roll_back(Some(first), Actor::Operator).await.unwrap();
    assert_eq!((status.generation, status.rolled_back), (first, true));
    assert_eq!(desk.rules().checked.domain.desk.limit, 4);

    std::fs::write(&file, "name = \"Teste\"\nlimit = 3\n").unwrap();
    wait_until(|| desk.rules().checked.domain.desk.limit == 3).await;
    wait_until(|| !desk.rules_status().rolled_back).await;

    std::fs::write(&file, "name = [").unwrap();
    wait_until(|| !desk.rules_status().problems.is_empty()).await;
    desk.stop().await;
    drop(desk);
    let desk = open(folder.path());
    assert_eq!(
        desk.rules().checked.domain.desk.limit,
        3,
        "a start goes on with the last good generation"
    );
    assert!(!desk.rules_status().last_reload_ok);
    desk.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_listener_that_sleeps_is_told_that_it_is_behind_and_misses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    write_rules(folder.path(), 4);
    let desk = open(folder.path());
    agent(&desk, "ana").await;
    let conversation = start(&desk, CONSUMER).await;
    let mut ana =
        desk.subscribe(Listener::Agent { id: "ana".into(), sees_all: false }, desk.connection());
    for number in 1..=600_u128 {
        let text = number.to_string();
        desk.send_message(Actor::Consumer(CONSUMER), None, message(conversation, number, &text))
            .await
            .unwrap();
    }
    let mut seen = Vec::new();
    let mut behind = 0;
    while seen.len() < 600 {
        match tokio::time::timeout(Duration::from_secs(10), ana.next())
            .await
            .expect("the feed stands still")
        {
            FeedItem::Published(published, _) => seen.extend(texts(&published)),
            FeedItem::Behind => {
                behind += 1;
                let cursor = ana.cursor();
                seen.extend(
                    ana.catch_up(cursor)
                        .unwrap()
                        .iter()
                        .flat_map(|(published, _)| texts(published)),
                );
            }
            FeedItem::Ephemeral(_) => {}
            FeedItem::Stopped => panic!("the desk stopped"),
        }
    }
    assert_eq!(behind, 1);
    assert_eq!(seen, (1..=600).map(|number: u32| number.to_string()).collect::<Vec<_>>());
    desk.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_goes_starts_the_grace_period() {
    let folder = tempfile::tempdir().unwrap();
    write_rules(folder.path(), 4);
    let desk = open(folder.path());
    agent(&desk, "ana").await;
    let ana: AgentId = "ana".into();
    let feed =
        desk.subscribe(Listener::Agent { id: ana.clone(), sees_all: false }, desk.connection());
    let second_tab =
        desk.subscribe(Listener::Agent { id: ana.clone(), sees_all: false }, desk.connection());
    drop(feed);
    drop(second_tab);
    wait_until(|| desk.read(|desk| desk.agents[&ana].dropped_at.is_some())).await;
    let _back =
        desk.subscribe(Listener::Agent { id: ana.clone(), sees_all: false }, desk.connection());
    wait_until(|| desk.read(|desk| desk.agents[&ana].dropped_at.is_none())).await;
    desk.stop().await;
}

/// Looks again and again, ten seconds at most.
async fn wait_until(holds: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(10);
    while !holds() {
        assert!(Instant::now() < end, "it did not come to hold within ten seconds");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
