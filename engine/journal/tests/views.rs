//! The views: what they show, that they come back from the log whatever happens to sled, and the folder's long work
//! (rebuild, verify, backup). Commits are made by hand, so that this does not depend on what the desk decides.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use dialogo_domain::command::Actor;
use dialogo_domain::conversation::{Chosen, Closer};
use dialogo_domain::desk::Profile;
use dialogo_domain::event::{AssignedBecause, QueuedBecause, SuggestionOutcome};
use dialogo_domain::message::{Attachment, Author, Body, Channel};
use dialogo_domain::plugin::{Suggestion, Verdict};
use dialogo_domain::{
    AttachmentId, Commit, ConsumerId, ConversationId, Desk, Event, Generation, MessageId, Millis,
    Position, Stamp, apply,
};
use dialogo_journal::disk::real::RealDisk;
use dialogo_journal::log::Options;
use dialogo_journal::views::figures::{Fate, Figures};
use dialogo_journal::views::follower::Follower;
use dialogo_journal::views::search::{Bounds, Query, Within};
use dialogo_journal::views::{Page, Summary, kind};
use dialogo_journal::{
    Batch, Chunk, Fault, Folder, Journal, Limit, MemoryLog, SegmentLog, Snapshots, Views, backup,
    codec, rebuild, snapshot, verify,
};

const HOUR: u64 = 3_600_000;
const LATER: Millis = Millis(u64::MAX);
const PATIENCE: Duration = Duration::from_mins(1);

fn small() -> Options {
    Options { segment_bytes: 8 << 10, prepare_ahead: false }
}

/// Makes commits in order.
#[derive(Default)]
struct Story {
    commits: Vec<Commit>,
    numbers: std::collections::BTreeMap<u128, u32>,
}

impl Story {
    fn commit(&mut self, events: Vec<Event>) -> Position {
        let position = Position(self.commits.len() as u64 + 1);
        let stamp = Stamp {
            position,
            at: Millis(position.0 * HOUR),
            generation: Generation::default(),
            command: None,
            actor: Actor::Engine,
        };
        self.commits.push(Commit { stamp, events });
        position
    }

    fn start(&mut self, id: u128, consumer: u128) {
        let (conversation, department) = (ConversationId(id), "sales".into());
        self.commit(vec![
            Event::ConversationStarted {
                conversation,
                consumer: ConsumerId(consumer),
                channel: Channel::Web,
                profile: Profile::default(),
                previous: None,
                bot: false,
            },
            Event::ConversationQueued {
                conversation,
                department,
                waiting_since: Millis(1),
                priority: 0,
                why: QueuedBecause::Asked,
            },
        ]);
        self.commit(vec![Event::ConversationAssigned {
            conversation,
            agent: "ana".into(),
            department: "sales".into(),
            why: AssignedBecause::Claimed,
            over_limit: None,
        }]);
    }

    fn message(&mut self, id: u128, body: Body) -> Position {
        let number = self.numbers.entry(id).or_default();
        *number += 1;
        let event = Event::MessageSent {
            conversation: ConversationId(id),
            message: MessageId(u128::from(*number)),
            number: *number,
            author: Author::Consumer,
            body,
            verdict: Verdict::Allow,
            decisions: Vec::new(),
        };
        self.commit(vec![event, Event::TimerSet { conversation: ConversationId(id), at: None }])
    }

    fn says(&mut self, id: u128, text: &str) -> Position {
        self.message(id, Body::text(text))
    }

    fn close(&mut self, id: u128) -> Position {
        self.commit(vec![Event::ConversationClosed {
            conversation: ConversationId(id),
            by: Closer::Agent("ana".into()),
        }])
    }

    /// Three conversations: one closed and cold, one closed, one open.
    fn usual() -> Self {
        let mut story = Self::default();
        story.commit(vec![Event::AccountAdded {
            agent: "ana".into(),
            name: "Ana".into(),
            role: dialogo_domain::agent::Role::Agent,
            password_hash: "x".into(),
        }]);
        for (id, consumer) in [(1, 10), (2, 10), (3, 11)] {
            story.start(id, consumer);
            for number in 0..40 {
                story.says(id, &format!("Mensagem {number} sobre Devolução do pedido {id}"));
            }
        }
        story.close(1);
        story.close(2);
        story.commit(vec![Event::ConversationWentCold { conversation: ConversationId(1) }]);
        story
    }

    fn append(&self, journal: &dyn Journal) {
        let head = journal.head().0 as usize;
        for commits in self.commits[head..].chunks(7) {
            let mut batch = Batch::new();
            for commit in commits {
                batch.push_with(|bytes| codec::encode(commit, bytes));
            }
            journal.append(journal.head(), &batch, &mut |_| {}).unwrap();
        }
    }

    fn desk(&self) -> Desk {
        let mut desk = Desk::default();
        self.commits.iter().for_each(|commit| apply::apply_commit(&mut desk, commit));
        desk
    }
}

fn memory(story: &Story) -> Arc<dyn Journal> {
    let journal = MemoryLog::new();
    story.append(&journal);
    Arc::new(journal)
}

fn caught_up(folder: &Path, journal: &Arc<dyn Journal>) -> (Arc<Views>, Follower) {
    let folder = Folder::new(folder);
    let views = Arc::new(Views::open(folder.views(), Arc::clone(journal)).unwrap());
    let snapshots = Snapshots::new(folder.snapshots()).unwrap();
    let mut follower =
        Follower::new(Arc::clone(journal), Arc::clone(&views), snapshots, &mut |_| {}).unwrap();
    follower.catch_up(&mut |_| {}).unwrap();
    (views, follower)
}

fn viewed(story: &Story) -> (tempfile::TempDir, Arc<Views>) {
    let folder = tempfile::tempdir().unwrap();
    let (views, follower) = caught_up(folder.path(), &memory(story));
    assert_eq!(follower.desk(), &story.desk());
    (folder, views)
}

fn ids(list: &[Summary]) -> Vec<u128> {
    list.iter().map(|summary| summary.conversation.0).collect()
}

fn numbers(commits: &[Commit]) -> Vec<u32> {
    let number = |event: &Event| match event {
        Event::MessageSent { number, .. } => Some(*number),
        _ => None,
    };
    commits.iter().flat_map(|commit| commit.events.iter().filter_map(number)).collect()
}

const ALWAYS: std::ops::Range<Millis> = Millis(0)..Millis(u64::MAX);

#[test]
fn a_transcript_is_paged_both_ways() {
    let story = Story::usual();
    let (_folder, views) = viewed(&story);
    let id = ConversationId(1);
    let page = |page, limit| numbers(&views.transcript_of(id, page, limit, kind::MESSAGE).unwrap());
    assert_eq!(page(Page::Latest, 3), [38, 39, 40]);
    assert_eq!(page(Page::BeforeNumber(38), 2), [36, 37]);
    assert_eq!(page(Page::AfterNumber(10), 2), [11, 12]);
    let tenth = views.message_position(id, MessageId(10)).unwrap().unwrap();
    assert_eq!(page(Page::After(tenth), 2), [11, 12]);
    assert_eq!(page(Page::Before(tenth), 2), [8, 9]);
}

#[test]
fn events_of_a_conversation_are_all_there_in_order() {
    let story = Story::usual();
    let (_folder, views) = viewed(&story);
    let all = views.events_of(ConversationId(2), Position(0), usize::MAX).unwrap();
    let expected = story.commits.iter().filter(|commit| {
        let here = |event: &Event| event.conversation() == Some(ConversationId(2));
        commit.events.iter().any(|event| here(event) && !matches!(event, Event::TimerSet { .. }))
    });
    assert_eq!(all, expected.cloned().collect::<Vec<_>>());
    let service = views.transcript_of(ConversationId(2), Page::Latest, 100, kind::SERVICE).unwrap();
    assert_eq!(service.len(), 3, "started and queued, assigned, closed");
}

#[test]
fn a_cold_conversation_comes_back_whole() {
    let story = Story::usual();
    let (_folder, views) = viewed(&story);
    let mut warm = Desk::default();
    let last = story.commits.len() - 1;
    story.commits[..last].iter().for_each(|commit| apply::apply_commit(&mut warm, commit));
    let cold = views.conversation(ConversationId(1)).unwrap().unwrap();
    assert_eq!(&cold.conversation, &warm.conversations[&ConversationId(1)]);
    assert_eq!(cold.position, Position(story.commits.len() as u64));
    assert_eq!(views.conversation(ConversationId(2)).unwrap(), None, "still warm");
}

#[test]
fn a_recalled_conversation_is_cold_no_longer() {
    let mut story = Story::usual();
    let cold = viewed(&story).1.conversation(ConversationId(1)).unwrap().unwrap();
    story.commit(vec![Event::ConversationRecalled { conversation: Box::new(cold.conversation) }]);
    let (_folder, views) = viewed(&story);
    assert_eq!(views.conversation(ConversationId(1)).unwrap(), None);
}

#[test]
fn lists_show_what_is_closed_and_where() {
    let mut story = Story::usual();
    let chosen = Chosen { node: "a/b".into(), tree: "t".into(), by: Some("ana".into()) };
    let (_folder, views) = viewed(&story);
    let ana = "ana".into();
    assert_eq!(ids(&views.by_consumer(ConsumerId(10), 10).unwrap()), [2, 1]);
    assert_eq!(ids(&views.closed_by_agent(&ana, ALWAYS, 10).unwrap()), [2, 1]);
    assert_eq!(ids(&views.closed_by_department(Some(&"sales".into()), ALWAYS, 1).unwrap()), [2]);
    assert_eq!(ids(&views.to_classify(10).unwrap()), [2, 1]);
    let closed_at = views.summary(ConversationId(1)).unwrap().unwrap().closed.unwrap().0;
    assert_eq!(ids(&views.closed(closed_at..closed_at.plus(1), 10).unwrap()), [1]);

    let conversation = ConversationId(2);
    story.commit(vec![Event::ConversationClassified {
        conversation,
        chosen,
        is_final: true,
        from_set: None,
    }]);
    let (_folder, views) = viewed(&story);
    assert_eq!(ids(&views.to_classify(10).unwrap()), [1]);
    assert_eq!(nodes(&summed(&views)), [("", 1), ("a/b", 1)]);

    story.commit(vec![Event::ConversationReopened { conversation, undone: true }]);
    let (_folder, views) = viewed(&story);
    assert_eq!(ids(&views.closed(ALWAYS, 10).unwrap()), [1]);
    assert_eq!(ids(&views.by_consumer(ConsumerId(10), 10).unwrap()), [2, 1]);
}

#[test]
fn search_finds_words_in_closed_conversations_of_ones_own() {
    let (_folder, views) = viewed(&Story::usual());
    let bounds = Bounds { found: 10, looked_at: 100, time: Duration::from_secs(5) };
    let find = |agent: &str, query| {
        let query = Query::new(query, []).unwrap();
        let agent = agent.into();
        let found = views.search(Within::Agent(&agent), Some(&query), LATER, bounds).unwrap();
        assert_eq!(found.stopped_at, None);
        ids(&found.conversations)
    };
    assert_eq!(find("ana", "devoluçao PEDIDO"), [2, 1]);
    assert_eq!(find("ana", "cartão"), [0u128; 0]);
    assert_eq!(find("bruno", "pedido"), [0u128; 0]);
}

#[test]
fn a_bounded_search_says_how_far_it_looked_and_goes_on_from_there() {
    let (_folder, views) = viewed(&Story::usual());
    let all = views.closed(ALWAYS, 10).unwrap();
    let bounds = Bounds { found: 10, looked_at: 1, time: Duration::from_secs(5) };
    let (mut before, mut found, mut rounds) = (LATER, Vec::new(), 0);
    loop {
        let page = views.search(Within::All, None, before, bounds).unwrap();
        found.extend(page.conversations);
        rounds += 1;
        let Some(stopped) = page.stopped_at else { break };
        before = stopped;
    }
    assert_eq!(found, all);
    assert!(rounds > 1 && rounds <= all.len() + 1, "{rounds}");
}

#[test]
fn a_file_is_found_by_its_id() {
    let mut story = Story::usual();
    let attachment = Attachment {
        id: AttachmentId(77),
        name: "recibo.pdf".into(),
        mime: "application/pdf".into(),
        bytes: 12,
        sha256: [3; 32],
        warning: None,
    };
    let body = Body { attachments: vec![attachment.clone()], ..Body::text("segue") };
    let position = story.message(3, body);
    let (_folder, views) = viewed(&story);
    let found = views.attachment(AttachmentId(77)).unwrap().unwrap();
    assert_eq!(
        (found.conversation, found.position, found.attachment),
        (ConversationId(3), position, attachment)
    );
    assert_eq!(views.attachment(AttachmentId(78)).unwrap(), None);
}

#[test]
fn suggestions_are_counted_by_plugin_and_node() {
    let mut story = Story::usual();
    let conversation = ConversationId(3);
    let suggestion = |node: &str| Suggestion {
        node: node.into(),
        confidence: 0.5,
        plugins: vec!["keywords".into()],
        evidence: Vec::new(),
    };
    for set in [1, 2] {
        let suggestions = vec![suggestion("a"), suggestion("b")];
        story.commit(vec![Event::ClassificationSuggested {
            conversation,
            set,
            suggestions,
            decisions: Vec::new(),
        }]);
        story.commit(vec![Event::SuggestionsShown { conversation, set }]);
    }
    let outcome = SuggestionOutcome::Accepted { node: "a".into(), rank: 0 };
    story.commit(vec![Event::SuggestionsSettled { conversation, set: 2, outcome }]);
    let (_folder, views) = viewed(&story);
    let suggestions = summed(&views).suggestions;
    let fate = |node: &str| suggestions[&("keywords".to_owned(), node.to_owned())];
    assert_eq!(fate("a"), Fate { shown: 2, accepted: 1, ..Fate::default() });
    assert_eq!(fate("b"), Fate { shown: 2, changed: 1, ..Fate::default() });
    assert_eq!(suggestions.len(), 2);
}

/// Everything counted, added up.
fn summed(views: &Views) -> Figures {
    views.figures(ALWAYS).unwrap().iter().fold(Figures::default(), |mut sum, quarter| {
        sum.add(&quarter.figures);
        sum
    })
}

fn nodes(figures: &Figures) -> Vec<(&str, u64)> {
    figures.nodes.iter().map(|(node, count)| (node.as_str(), *count)).collect()
}

/// Whether two times are the same but for the steps they are counted in.
fn about(one: Option<u64>, other: u64) -> bool {
    one.is_some_and(|one| one.abs_diff(other) <= other / 30)
}

#[test]
fn contacts_waits_and_work_are_counted_where_and_when_they_happened() {
    // One commit an hour: queued at 1 h, with an agent at 2 h, at 3 h with another, closed at 4 h.
    let mut story = Story::default();
    let conversation = ConversationId(1);
    story.start(1, 10);
    story.commit(vec![Event::ConversationAssigned {
        conversation,
        agent: "bruno".into(),
        department: "sales".into(),
        why: AssignedBecause::Transferred,
        over_limit: None,
    }]);
    story.close(1);
    let (_folder, views) = viewed(&story);
    let quarters = views.figures(ALWAYS).unwrap();
    let hours: Vec<u64> = quarters.iter().map(|quarter| quarter.from.0 / HOUR).collect();
    assert_eq!(hours, [1, 2, 4]);
    assert!(quarters.iter().all(|quarter| quarter.department == Some("sales".into())));
    let sum = summed(&views);
    assert_eq!((sum.contacts, sum.closed, sum.abandoned), (1, 1, 0));
    assert_eq!((sum.waited.count(), sum.handled.count()), (1, 1));
    // The consumer has waited since the first millisecond (see `start`).
    assert!(about(sum.waited.quantile(0.5), 2 * HOUR), "{:?}", sum.waited);
    assert!(about(sum.handled.quantile(0.5), 2 * HOUR), "{:?}", sum.handled);
    let within = views.figures(Millis(2 * HOUR)..Millis(4 * HOUR)).unwrap();
    assert_eq!(within.len(), 1, "the end is not part of a span");
}

#[test]
fn an_undone_finish_was_none_and_a_new_message_is_a_new_contact() {
    let mut story = Story::default();
    let conversation = ConversationId(1);
    story.start(1, 10);
    story.close(1);
    story.commit(vec![Event::ConversationReopened { conversation, undone: true }]);
    let (_folder, views) = viewed(&story);
    let sum = summed(&views);
    assert_eq!((sum.contacts, sum.closed, sum.handled.count()), (1, 0, 0));
    assert_eq!(nodes(&sum), []);

    story.close(1);
    story.commit(vec![Event::ConversationReopened { conversation, undone: false }]);
    story.commit(vec![Event::ConversationClosed { conversation, by: Closer::Consumer }]);
    let (_folder, views) = viewed(&story);
    let sum = summed(&views);
    assert_eq!((sum.contacts, sum.closed, sum.abandoned), (2, 2, 1));
    assert!(about(sum.handled.quantile(1.0), 3 * HOUR), "from the first agent to the second end");
    assert_eq!(nodes(&sum), [("", 2)]);
}

#[test]
fn rules_that_came_into_force_are_listed_newest_first() {
    let mut story = Story::default();
    for summary in ["first", "second"] {
        let summary = summary.into();
        story.commit(vec![Event::RulesActivated { generation: Generation::default(), summary }]);
    }
    let (_folder, views) = viewed(&story);
    let positions = |limit| {
        let found = views.activations(limit).unwrap();
        found.iter().map(|commit| commit.stamp.position.0).collect::<Vec<_>>()
    };
    assert_eq!(positions(10), [2, 1]);
    assert_eq!(positions(1), [2]);
}

#[test]
fn sessions_are_kept_until_ended() {
    let (_folder, views) = viewed(&Story::default());
    views.put_session(&[1; 32], b"ana").unwrap();
    views.put_session(&[2; 32], b"bruno").unwrap();
    assert_eq!(views.get_session(&[1; 32]).unwrap().as_deref(), Some(&b"ana"[..]));
    views.delete_session(&[1; 32]).unwrap();
    assert_eq!(views.get_session(&[1; 32]).unwrap(), None);
    assert_eq!(views.retain_sessions(|value| value != b"bruno").unwrap(), 1);
    assert_eq!(views.get_session(&[2; 32]).unwrap(), None);
}

fn damage_every_file(folder: &Path) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        if entry.path().is_file() {
            let len = entry.metadata().unwrap().len() as usize;
            std::fs::write(entry.path(), vec![0xa5; len.max(64)]).unwrap();
        }
    }
}

#[test]
fn damaged_views_are_set_aside_and_come_back_from_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let journal = memory(&Story::usual());
    drop(caught_up(folder.path(), &journal));
    damage_every_file(&folder.path().join("views"));
    let (views, _follower) = caught_up(folder.path(), &journal);
    assert_eq!(views.set_aside().unwrap().now_at, folder.path().join("views.broken-1"));
    assert!(folder.path().join("views.broken-1").exists());
    assert_eq!(ids(&views.closed(ALWAYS, 10).unwrap()), [2, 1]);
}

#[test]
fn views_ahead_of_the_log_are_set_aside() {
    let folder = tempfile::tempdir().unwrap();
    let mut story = Story::usual();
    drop(caught_up(folder.path(), &memory(&story)));
    story.commits.truncate(20);
    let (views, _follower) = caught_up(folder.path(), &memory(&story));
    assert!(views.set_aside().unwrap().reason.contains("ahead"), "{:?}", views.set_aside());
    assert_eq!(views.applied(), Position(20));
}

#[test]
fn missing_views_come_back_from_the_log_even_with_a_snapshot_there() {
    let folder = tempfile::tempdir().unwrap();
    let journal = memory(&Story::usual());
    let (views, mut follower) = caught_up(folder.path(), &journal);
    follower.save().unwrap();
    drop((views, follower));
    std::fs::remove_dir_all(folder.path().join("views")).unwrap();
    let (views, _follower) = caught_up(folder.path(), &journal);
    assert_eq!(views.set_aside(), None);
    assert!(views.conversation(ConversationId(1)).unwrap().is_some());
    assert_eq!(ids(&views.closed(ALWAYS, 10).unwrap()), [2, 1]);
}

#[test]
fn the_follower_keeps_up_and_leaves_a_snapshot() {
    let folder = tempfile::tempdir().unwrap();
    let mut story = Story::usual();
    let journal = memory(&story);
    let (views, follower) = caught_up(folder.path(), &journal);
    let running = follower.spawn().unwrap();
    let position = story.says(3, "agora mesmo");
    story.append(&*journal);
    assert!(views.wait_for(position, PATIENCE).unwrap());
    assert_eq!(views.lag(), 0);
    assert!(views.wait_for_room(Duration::ZERO).unwrap());
    assert!(!views.wait_for(position.next(), Duration::ZERO).unwrap());
    drop(running);
    let snapshots = Snapshots::new(folder.path().join("snapshots")).unwrap();
    assert_eq!(snapshots.newest(position).unwrap(), story.desk());
    assert_eq!(snapshot::recover(&*journal, &snapshots, &mut |_| {}).unwrap(), story.desk());
    assert!(matches!(views.wait_for(position.next(), PATIENCE), Err(Fault::Closed)));
}

#[test]
fn a_damaged_or_foreign_snapshot_is_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    let story = Story::usual();
    let journal = memory(&story);
    let snapshots = Snapshots::new(folder.path()).unwrap();
    let mut desk = Desk::default();
    for to in [10, 20, 30] {
        snapshot::fold(&*journal, &mut desk, Position(to), &mut |_| {}).unwrap();
        snapshots.save(&desk).unwrap();
    }
    assert_eq!(snapshots.positions(), [Position(20), Position(30)], "two are kept");
    let newest = folder.path().join(format!("{:020}.snapshot", 30));
    let whole = std::fs::read(&newest).unwrap();
    for at in [0, 9, 20, 40, whole.len() - 1] {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        std::fs::write(&newest, bytes).unwrap();
        assert_eq!(snapshots.newest(journal.head()).unwrap().position, Position(20), "byte {at}");
    }
    std::fs::write(&newest, &whole[..whole.len() / 2]).unwrap();
    assert_eq!(snapshot::recover(&*journal, &snapshots, &mut |_| {}).unwrap(), story.desk());
}

fn on_disk(folder: &Folder) -> SegmentLog {
    SegmentLog::open(Arc::new(RealDisk::new(folder.log()).unwrap()), small()).unwrap()
}

#[test]
fn a_folder_is_verified_backed_up_and_rebuilt() {
    let root = tempfile::tempdir().unwrap();
    let folder = Folder::new(root.path().join("desk"));
    let story = Story::usual();
    let log = on_disk(&folder);
    story.append(&log);
    let head = log.head();

    let report = verify(&RealDisk::existing(folder.log()).unwrap(), &mut |_| {}).unwrap();
    assert_eq!((report.problem.clone(), report.last, report.unfinished), (None, head, 0));
    assert!(report.segments > 1);
    assert!(matches!(rebuild(&folder, &mut |_| {}), Err(Fault::Locked { .. })));

    let copy = Folder::new(root.path().join("copy"));
    assert_eq!(backup(&folder, &copy, &mut |_| {}).unwrap(), head);
    assert!(backup(&folder, &copy, &mut |_| {}).is_err(), "never into a journal");
    let copied = verify(&RealDisk::existing(copy.log()).unwrap(), &mut |_| {}).unwrap();
    assert_eq!((copied.hash, copied.last, copied.unfinished), (report.hash, report.last, 0));

    assert_eq!(rebuild(&copy, &mut |_| {}).unwrap(), head);
    let restored: Arc<dyn Journal> = Arc::new(on_disk(&copy));
    let (views, follower) = caught_up(copy.root(), &restored);
    assert_eq!((views.applied(), follower.desk()), (head, &story.desk()));
    assert_eq!(ids(&views.closed(ALWAYS, 10).unwrap()), [2, 1]);
}

#[test]
fn the_log_and_its_twin_in_memory_read_alike() {
    let root = tempfile::tempdir().unwrap();
    let story = Story::usual();
    let (log, twin) = (on_disk(&Folder::new(root.path())), MemoryLog::new());
    story.append(&log);
    story.append(&twin);
    let (mut ours, mut theirs) = (Chunk::new(), Chunk::new());
    for position in 0..=log.head().0 {
        for commits in [1, 3] {
            log.read(Position(position), Limit::commits(commits), &mut ours).unwrap();
            twin.read(Position(position), Limit::commits(commits), &mut theirs).unwrap();
            let (first, same) = (ours.iter().next(), theirs.iter().next());
            assert_eq!(first, same, "after {position}");
        }
    }
    drop(log);
    assert_eq!(on_disk(&Folder::new(root.path())).head(), twin.head());
}
