//! The last messages of every open conversation, in the very form that plugins get, so that a call copies nothing.
//!
//! After a start it is filled from the journal's tail; what lies before that is fetched from the views once, when the
//! conversation is next judged (see [`Recent::missing`]).

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use dialogo_domain::message::{Author, Body};
use dialogo_domain::{Commit, ConversationId, Event, MessageId, Millis, Stamp};
use dialogo_host::{AT_HAND, input};

/// The last messages of open conversations.
#[derive(Default)]
pub(crate) struct Recent {
    windows: HashMap<ConversationId, Window>,
}

struct Window {
    messages: VecDeque<Arc<input::Message>>,
    /// Whether messages from before the window's first were never looked for.
    incomplete: bool,
    consumer: Arc<input::Participant>,
}

impl Recent {
    /// Takes in what a commit says.
    pub(crate) fn take_in(&mut self, commit: &Commit, stamp: &Stamp) {
        for event in &commit.events {
            match event {
                Event::ConversationStarted { conversation, .. } => {
                    self.windows.insert(*conversation, Window::new(*conversation, false));
                }
                Event::MessageSent { conversation, message, author, body, .. } => {
                    let window = self
                        .windows
                        .entry(*conversation)
                        .or_insert_with(|| Window::new(*conversation, true));
                    window.push(*message, stamp.at, author, body);
                }
                Event::ConversationWentCold { conversation } => {
                    self.windows.remove(conversation);
                }
                _ => {}
            }
        }
    }

    /// What people said last, oldest first, with whether the consumer said it.
    pub(crate) fn said(
        &self,
        conversation: ConversationId,
    ) -> impl Iterator<Item = (bool, &Arc<str>)> {
        let messages = self.windows.get(&conversation).into_iter().flat_map(|it| &it.messages);
        messages.filter_map(|message| match message.author.side {
            input::Side::Consumer => Some((true, &message.text)),
            input::Side::Agent => Some((false, &message.text)),
            _ => None,
        })
    }

    /// The last message of a person, if it is the consumer's: its id.
    pub(crate) fn unanswered(&self, conversation: ConversationId) -> Option<input::Text> {
        let messages = &self.windows.get(&conversation)?.messages;
        let of_people = |side| matches!(side, input::Side::Consumer | input::Side::Agent);
        let last = messages.iter().rev().find(|message| of_people(message.author.side))?;
        (last.author.side == input::Side::Consumer).then(|| last.id.clone())
    }

    /// The last `count` messages, oldest first.
    pub(crate) fn last(
        &self,
        conversation: ConversationId,
        count: usize,
    ) -> Vec<Arc<input::Message>> {
        let Some(window) = self.windows.get(&conversation) else { return Vec::new() };
        let from = window.messages.len().saturating_sub(count);
        window.messages.range(from..).cloned().collect()
    }

    /// Whether `count` messages were asked for and older ones than are here may exist.
    pub(crate) fn missing(&self, conversation: ConversationId, count: usize) -> bool {
        count > 0
            && self
                .windows
                .get(&conversation)
                .is_none_or(|window| window.incomplete && window.messages.len() < count)
    }

    /// Puts messages read from the views before what is here.
    pub(crate) fn fill(
        &mut self,
        conversation: ConversationId,
        older: Vec<(MessageId, Millis, Author, Body)>,
    ) {
        let window =
            self.windows.entry(conversation).or_insert_with(|| Window::new(conversation, true));
        if !window.incomplete {
            return;
        }
        let live = std::mem::take(&mut window.messages);
        for (message, at, author, body) in older {
            let id: input::Text = message.to_string().into();
            if live.iter().all(|known| known.id != id) {
                window.push(message, at, &author, &body);
            }
        }
        for message in live {
            window.push_ready(message);
        }
        window.incomplete = false;
    }
}

impl Window {
    fn new(conversation: ConversationId, incomplete: bool) -> Self {
        let consumer = input::Participant {
            // The consumer's own id is not the plugins' business; the conversation names the person well enough.
            id: conversation.to_string().into(),
            side: input::Side::Consumer,
            name: None,
            locale: None,
            facts: Vec::new(),
        };
        Self { messages: VecDeque::new(), incomplete, consumer: Arc::new(consumer) }
    }

    fn push(&mut self, id: MessageId, at: Millis, author: &Author, body: &Body) {
        let author = match author {
            Author::Consumer => Arc::clone(&self.consumer),
            other => Arc::new(participant(other)),
        };
        self.push_ready(Arc::new(message(id, at, author, body)));
    }

    fn push_ready(&mut self, message: Arc<input::Message>) {
        if self.messages.len() == AT_HAND {
            self.messages.pop_front();
        }
        self.messages.push_back(message);
    }
}

/// A message in the plugins' form.
pub(crate) fn message(
    id: MessageId,
    at: Millis,
    author: Arc<input::Participant>,
    body: &Body,
) -> input::Message {
    input::Message {
        id: id.to_string().into(),
        author,
        at: at.0,
        text: Arc::clone(&body.text),
        emojis: Vec::new(),
        attachments: body
            .attachments
            .iter()
            .map(|file| input::Attachment {
                id: file.id.to_string().into(),
                name: Arc::clone(&file.name),
                mime: Arc::clone(&file.mime),
                sniffed_mime: Some(Arc::clone(&file.mime)),
                bytes: file.bytes,
                sha256: None,
                facts: Vec::new(),
            })
            .collect(),
        facts: Vec::new(),
    }
}

/// An author other than the consumer in the plugins' form.
pub(crate) fn participant(author: &Author) -> input::Participant {
    let (id, side): (input::Text, _) = match author {
        Author::Consumer => ("consumer".into(), input::Side::Consumer),
        Author::Agent(agent) => (agent.as_str().into(), input::Side::Agent),
        Author::Bot => ("bot".into(), input::Side::Bot),
        Author::System => ("system".into(), input::Side::System),
    };
    input::Participant { id, side, name: None, locale: None, facts: Vec::new() }
}
