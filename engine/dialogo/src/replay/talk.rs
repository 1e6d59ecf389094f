//! One dialogue being played: whose turn it is, what became of each line, and what each side saw.
//!
//! Both sides share a [`Talk`]; each keeps a [`View`] of what reached it, which is handed in when it
//! lets go. Nothing here touches the network.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::mpsc;
use tokio::time::Instant;
use uuid::Uuid;

use super::agent::ToAgent;
use super::dialogue::{Dialogue, Who};
use crate::client::frames::Message;

/// A dialogue that has become a conversation.
pub struct Talk {
    /// What is played.
    pub dialogue: Arc<Dialogue>,
    /// Where.
    pub conversation: Uuid,
    /// The consumer's token.
    pub token: String,
    /// When it began.
    pub started: Instant,
    /// How far it is.
    pub script: Mutex<Script>,
    /// Wakes the consumer.
    pub wake_consumer: mpsc::UnboundedSender<()>,
}

/// How far a dialogue is.
pub struct Script {
    /// The first turn that nobody has sent.
    pub next: usize,
    /// One for each turn.
    pub lines: Vec<Line>,
    /// The team that has it, by the name in the recording.
    pub service: Option<String>,
    /// The agent who has it.
    pub holder: Option<Holder>,
    /// Whether the close was asked for.
    pub closing: bool,
    /// Whether it is closed.
    pub closed: bool,
    /// What went wrong with it, if it did.
    pub failure: Option<String>,
    /// What the agents saw, one for each time one had it.
    pub agent_views: Vec<View>,
    /// What the consumer saw.
    pub consumer_view: Option<View>,
    by_id: HashMap<Uuid, usize>,
}

/// The agent who has a conversation.
#[derive(Clone, Debug)]
pub struct Holder {
    /// Its login.
    pub agent: String,
    /// Where it hears.
    pub inbox: mpsc::UnboundedSender<ToAgent>,
}

/// One turn's message.
#[derive(Clone, Debug)]
pub struct Line {
    /// The id it was sent with.
    pub id: Uuid,
    /// When it was first sent.
    pub sent_at: Option<Instant>,
    /// What became of it.
    pub fate: Fate,
    /// The commit that holds it.
    pub position: Option<u64>,
}

/// What became of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Not sent yet.
    Unsent,
    /// Sent and not acknowledged yet.
    Sent,
    /// Acknowledged: durable.
    Stored {
        /// Its number.
        number: u32,
        /// Its text, where a policy changed it.
        rewritten: Option<String>,
    },
    /// A policy refused it: the other side never sees it.
    Refused,
}

/// What one side may do now.
#[derive(Debug, PartialEq, Eq)]
pub enum Move {
    /// Send this turn.
    Send(usize),
    /// Send this turn, but not before then.
    Wait(Instant),
    /// Transfer to this team first.
    Transfer(String),
    /// Everything is said and seen.
    Over,
    /// It is the other side's turn, or an answer is due.
    Nothing,
}

impl Talk {
    /// A conversation at its beginning; the receiver is the consumer's.
    pub fn new(
        dialogue: Arc<Dialogue>,
        conversation: Uuid,
        token: String,
    ) -> (Arc<Self>, mpsc::UnboundedReceiver<()>) {
        let (wake_consumer, woken) = mpsc::unbounded_channel();
        let lines: Vec<Line> = dialogue
            .turns
            .iter()
            .map(|_| Line { id: Uuid::new_v4(), sent_at: None, fate: Fate::Unsent, position: None })
            .collect();
        let script = Script {
            next: 0,
            service: dialogue.services().first().map(|&service| service.to_owned()),
            by_id: lines.iter().enumerate().map(|(turn, line)| (line.id, turn)).collect(),
            lines,
            holder: None,
            closing: false,
            closed: false,
            failure: None,
            agent_views: Vec::new(),
            consumer_view: None,
        };
        let talk = Self {
            dialogue,
            conversation,
            token,
            started: Instant::now(),
            script: Mutex::new(script),
            wake_consumer,
        };
        (Arc::new(talk), woken)
    }

    /// What `who`, having seen `view`, may do now at `speed` (times that of the recording; `None`: at once).
    pub fn next_move(&self, script: &Script, who: Who, view: &View, speed: Option<f64>) -> Move {
        let turns = &self.dialogue.turns;
        let settled = |turn: usize| match (&script.lines[turn].fate, turns[turn].who == who) {
            (Fate::Refused, _) | (Fate::Stored { .. } | Fate::Sent, true) => true,
            (_, true) => false,
            (_, false) => view.knows(script.lines[turn].id),
        };
        if script.failure.is_some() || script.closed || !(0..script.next).all(settled) {
            return Move::Nothing;
        }
        let unacknowledged = script.lines.iter().any(|line| line.fate == Fate::Sent);
        let Some(turn) = turns.get(script.next) else {
            return if unacknowledged || script.closing { Move::Nothing } else { Move::Over };
        };
        if turn.who != who {
            return Move::Nothing;
        }
        if who == Who::Agent && turn.service.is_some() && turn.service != script.service {
            return match (&turn.service, unacknowledged) {
                (Some(service), false) => Move::Transfer(service.clone()),
                _ => Move::Nothing,
            };
        }
        let due = speed.map(|speed| {
            self.started + Duration::from_secs_f64(turn.at_ms as f64 / 1000.0 / speed)
        });
        match due {
            Some(due) if due > Instant::now() => Move::Wait(due),
            _ => Move::Send(script.next),
        }
    }
}

impl Script {
    /// Notes that a turn goes out now.
    pub fn sending(&mut self, turn: usize) -> Uuid {
        let line = &mut self.lines[turn];
        line.fate = Fate::Sent;
        line.sent_at.get_or_insert_with(Instant::now);
        self.next = turn + 1;
        line.id
    }

    /// The turn that was sent with this id.
    pub fn turn_of(&self, id: Uuid) -> Option<usize> {
        self.by_id.get(&id).copied()
    }

    /// Notes an acknowledgement; returns how long it took, once.
    pub fn acknowledged(
        &mut self,
        id: Uuid,
        fate: Fate,
        position: Option<u64>,
    ) -> Option<Duration> {
        let turn = self.turn_of(id)?;
        let line = &mut self.lines[turn];
        if line.fate != Fate::Sent {
            return None;
        }
        line.fate = fate;
        line.position = position;
        line.sent_at.map(|sent| sent.elapsed())
    }

    /// Takes a message back that the desk did not accept from this agent: whoever has the
    /// conversation next says it, under a new id.
    pub fn take_back(&mut self, id: Uuid) {
        let Some(turn) = self.turn_of(id) else { return };
        self.by_id.remove(&id);
        let fresh = Uuid::new_v4();
        self.lines[turn] = Line { id: fresh, sent_at: None, fate: Fate::Unsent, position: None };
        self.by_id.insert(fresh, turn);
        self.next = self.next.min(turn);
    }

    /// When the latest consumer's message that a commit at `position` can know of was sent.
    pub fn last_asked_before(&self, position: u64, dialogue: &Dialogue) -> Option<Instant> {
        let lines = self.lines.iter().zip(&dialogue.turns).rev();
        lines
            .filter(|(line, turn)| {
                turn.who == Who::Consumer && line.position.is_some_and(|at| at < position)
            })
            .find_map(|(line, _)| line.sent_at)
    }
}

/// What reached one side, one holding of one conversation.
#[derive(Clone, Debug, Default)]
pub struct View {
    known: HashMap<Uuid, Seen>,
    by_socket: HashSet<Uuid>,
    highest: u32,
}

/// A message as it reached somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Its number.
    pub number: u32,
    /// What it said.
    pub text: String,
}

/// How a message came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// New and in order.
    Fresh,
    /// It had come over the socket before.
    Doubled,
    /// A later one had come over the socket before it.
    OutOfOrder,
    /// It was known from the history: no fault, and no news.
    Known,
}

impl View {
    /// Notes a message that came over the socket.
    pub fn came(&mut self, message: &Message) -> Arrival {
        if !self.by_socket.insert(message.id) {
            return Arrival::Doubled;
        }
        let arrival = if message.number <= self.highest {
            Arrival::OutOfOrder
        } else if self.known.contains_key(&message.id) {
            Arrival::Known
        } else {
            Arrival::Fresh
        };
        self.highest = self.highest.max(message.number);
        self.note(message);
        arrival
    }

    /// Notes the history as it was fetched.
    pub fn fetched(&mut self, messages: &[Message]) {
        for message in messages.iter().filter(|message| message.is_shared()) {
            self.note(message);
        }
    }

    /// Whether this message has reached it.
    pub fn knows(&self, id: Uuid) -> bool {
        self.known.contains_key(&id)
    }

    /// The message as it was seen.
    pub fn seen(&self, id: Uuid) -> Option<&Seen> {
        self.known.get(&id)
    }

    /// Lowest and highest number seen.
    pub fn span(&self) -> Option<(u32, u32)> {
        let numbers = || self.known.values().map(|seen| seen.number);
        Some((numbers().min()?, numbers().max()?))
    }

    fn note(&mut self, message: &Message) {
        self.known
            .entry(message.id)
            .or_insert_with(|| Seen { number: message.number, text: message.text.clone() });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replay::dialogue;

    fn talk(line: &str) -> Arc<Talk> {
        let dialogue = dialogue::parse(line).expect("reads").remove(0);
        Talk::new(Arc::new(dialogue), Uuid::new_v4(), String::new()).0
    }

    fn message(id: Uuid, number: u32) -> Message {
        Message { id, number, text: "x".into(), ..Message::default() }
    }

    #[test]
    fn a_side_speaks_when_it_has_seen_what_came_before() {
        let talk = talk(
            r#"{"id":"a","turns":[{"who":"consumer","text":"1"},{"who":"agent","text":"2"}]}"#,
        );
        let mut script = talk.script.lock();
        let mut agent = View::default();
        assert_eq!(talk.next_move(&script, Who::Agent, &agent, None), Move::Nothing);
        assert_eq!(talk.next_move(&script, Who::Consumer, &View::default(), None), Move::Send(0));
        let id = script.sending(0);
        assert_eq!(talk.next_move(&script, Who::Agent, &agent, None), Move::Nothing);
        agent.came(&message(id, 1));
        assert_eq!(talk.next_move(&script, Who::Agent, &agent, None), Move::Send(1));
    }

    #[test]
    fn a_refused_line_is_not_waited_for() {
        let talk = talk(
            r#"{"id":"a","turns":[{"who":"consumer","text":"1"},{"who":"agent","text":"2"}]}"#,
        );
        let mut script = talk.script.lock();
        let id = script.sending(0);
        script.acknowledged(id, Fate::Refused, None);
        assert_eq!(talk.next_move(&script, Who::Agent, &View::default(), None), Move::Send(1));
    }

    #[test]
    fn a_change_of_service_is_a_transfer_before_the_answer() {
        let talk = talk(
            r#"{"id":"a","turns":[{"who":"agent","text":"1","service":"A"},{"who":"agent","text":"2","service":"B"}]}"#,
        );
        let mut script = talk.script.lock();
        let view = View::default();
        let id = script.sending(0);
        assert_eq!(
            talk.next_move(&script, Who::Agent, &view, None),
            Move::Nothing,
            "not before the acknowledgement"
        );
        script.acknowledged(id, Fate::Stored { number: 1, rewritten: None }, Some(1));
        assert_eq!(talk.next_move(&script, Who::Agent, &view, None), Move::Transfer("B".into()));
    }

    #[test]
    fn doubled_and_late_messages_are_noticed() {
        let mut view = View::default();
        let (first, second) = (Uuid::new_v4(), Uuid::new_v4());
        assert_eq!(view.came(&message(second, 2)), Arrival::Fresh);
        assert_eq!(view.came(&message(second, 2)), Arrival::Doubled);
        assert_eq!(view.came(&message(first, 1)), Arrival::OutOfOrder);
    }

    #[test]
    fn what_the_desk_would_not_take_is_said_again_under_a_new_id() {
        let talk = talk(r#"{"id":"a","turns":[{"who":"agent","text":"1"}]}"#);
        let mut script = talk.script.lock();
        let id = script.sending(0);
        script.take_back(id);
        assert_eq!(script.turn_of(id), None);
        assert_eq!(talk.next_move(&script, Who::Agent, &View::default(), None), Move::Send(0));
        assert_ne!(script.sending(0), id);
    }
}
