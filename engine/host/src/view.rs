//! What of a conversation one plugin sees: the number of messages its manifest asks for, without the personal fields it has
//! no grant for. Redaction happens here, before the sandbox.

use std::sync::Arc;

use crate::hook::{Grant, Grants};
use crate::input::{Conversation, Message, Participant};

/// The conversation as a plugin with these grants sees it.
pub(crate) fn conversation(whole: &Conversation, recent: usize, grants: Grants) -> Conversation {
    let first = whole.recent.len().saturating_sub(recent);
    Conversation {
        id: whole.id.clone(),
        channel: whole.channel,
        state: whole.state,
        opened_at: whole.opened_at,
        department: whole.department.clone(),
        agent: whole.agent.clone(),
        consumer: participant(&whole.consumer, grants),
        classification: whole.classification.clone(),
        recent: whole.recent[first..].iter().map(|one| message(one, grants)).collect(),
        total_messages: whole.total_messages,
        facts: whole.facts.clone(),
    }
}

/// A message as a plugin with these grants sees it.
pub(crate) fn message(whole: &Arc<Message>, grants: Grants) -> Arc<Message> {
    let author = participant(&whole.author, grants);
    if Arc::ptr_eq(&author, &whole.author) {
        return whole.clone();
    }
    Arc::new(Message { author, ..Message::clone(whole) })
}

fn participant(whole: &Arc<Participant>, grants: Grants) -> Arc<Participant> {
    let hide_name = whole.name.is_some() && !grants.has(Grant::ParticipantName);
    let hide_locale = whole.locale.is_some() && !grants.has(Grant::ParticipantLocale);
    if !hide_name && !hide_locale {
        return whole.clone();
    }
    Arc::new(Participant {
        name: whole.name.clone().filter(|_| !hide_name),
        locale: whole.locale.clone().filter(|_| !hide_locale),
        ..Participant::clone(whole)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::{Channel, Side, State};

    #[test]
    fn only_what_is_granted_is_seen() {
        let consumer = Arc::new(Participant {
            id: "c".into(),
            side: Side::Consumer,
            name: Some("Maria".into()),
            locale: Some("pt-BR".into()),
            facts: Vec::new(),
        });
        let message = |id: &str| {
            Arc::new(Message {
                id: id.into(),
                author: consumer.clone(),
                at: 0,
                text: "oi".into(),
                emojis: Vec::new(),
                attachments: Vec::new(),
                facts: Vec::new(),
            })
        };
        let whole = Conversation {
            id: "1".into(),
            channel: Channel::Web,
            state: State::Active,
            opened_at: 0,
            department: None,
            agent: None,
            consumer: consumer.clone(),
            classification: None,
            recent: vec![message("a"), message("b"), message("c")],
            total_messages: 3,
            facts: Vec::new(),
        };
        let seen = conversation(&whole, 2, [Grant::ParticipantLocale].into_iter().collect());
        assert_eq!(seen.recent.iter().map(|m| &*m.id).collect::<Vec<_>>(), ["b", "c"]);
        assert_eq!(seen.consumer.name, None);
        assert_eq!(seen.recent[0].author.name, None);
        assert_eq!(seen.consumer.locale.as_deref(), Some("pt-BR"));
        let all = conversation(&whole, 5, Grants::all());
        assert!(
            Arc::ptr_eq(&all.recent[0], &whole.recent[0]),
            "nothing is copied when nothing is hidden"
        );
    }
}
