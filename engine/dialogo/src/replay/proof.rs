//! The proof at the end: what was acknowledged, what the desk keeps and what each side saw must agree.
//!
//! The transcript is fetched by REST with the consumer's own token. Private notes are not in it, so
//! gaps in the numbers prove nothing; that every message of the transcript was seen does.

use std::collections::HashMap;
use std::sync::Arc;

use futures_util::StreamExt;
use uuid::Uuid;

use super::dialogue::Who;
use super::report::Tally;
use super::talk::{Fate, Script, Talk, View};
use super::world::World;
use crate::client::frames::Message;

/// Transcripts fetched at a time.
const AT_ONCE: usize = 16;

/// Checks every conversation; `checked` is called after each.
pub async fn check(world: &Arc<World>, checked: impl Fn()) {
    let mut results = futures_util::stream::iter(world.talks())
        .map(|talk| async move {
            let transcript = world.api.transcript(talk.conversation, &talk.token).await;
            (talk, transcript)
        })
        .buffer_unordered(AT_ONCE);
    while let Some((talk, transcript)) = results.next().await {
        match transcript {
            Ok(transcript) => compare(&world.tally, &talk, &transcript),
            Err(fault) => world.tally.fail(format!("transcript of {}: {fault}", talk.conversation)),
        }
        checked();
    }
}

/// Compares one conversation with its transcript.
pub fn compare(tally: &Tally, talk: &Talk, transcript: &[Message]) {
    let kept: Vec<&Message> = transcript.iter().filter(|message| message.is_shared()).collect();
    let script = talk.script.lock();
    kept_once_and_in_order(tally, talk, &kept);
    acknowledged_is_kept(tally, talk, &script, &kept);
    // A dialogue that broke off is a failure of its own; what came after it proves nothing.
    if script.failure.is_none() {
        seen_by_the_consumer(tally, talk, &script, &kept);
        seen_by_an_agent(tally, talk, &script, &kept);
    }
}

fn kept_once_and_in_order(tally: &Tally, talk: &Talk, kept: &[&Message]) {
    let mut numbers: HashMap<Uuid, u32> = HashMap::new();
    let mut highest = 0;
    for message in kept {
        if numbers.insert(message.id, message.number).is_some() {
            tally.fault(
                &tally.duplicated,
                format!("{} is kept twice in {}", message.id, talk.conversation),
            );
        }
        if message.number <= highest {
            tally.fault(
                &tally.out_of_order,
                format!("{} is kept out of order in {}", message.id, talk.conversation),
            );
        }
        highest = highest.max(message.number);
    }
}

fn acknowledged_is_kept(tally: &Tally, talk: &Talk, script: &Script, kept: &[&Message]) {
    let by_id: HashMap<Uuid, &Message> =
        kept.iter().map(|message| (message.id, *message)).collect();
    let mut highest = 0;
    for (turn, line) in talk.dialogue.turns.iter().zip(&script.lines) {
        let Fate::Stored { number, rewritten } = &line.fate else { continue };
        let Some(message) = by_id.get(&line.id) else {
            let what = format!(
                "{} was acknowledged as number {number} and is not kept in {}",
                line.id, talk.conversation
            );
            tally.fault(&tally.lost, what);
            continue;
        };
        let text = rewritten.as_deref().unwrap_or(&turn.text);
        if message.number != *number || message.text != text {
            tally.fail(format!(
                "{} is kept otherwise than acknowledged in {}",
                line.id, talk.conversation
            ));
        }
        if *number <= highest {
            tally.fault(
                &tally.out_of_order,
                format!("{} got an earlier number in {}", line.id, talk.conversation),
            );
        }
        highest = highest.max(*number);
    }
}

fn seen_by_the_consumer(tally: &Tally, talk: &Talk, script: &Script, kept: &[&Message]) {
    let Some(view) = &script.consumer_view else {
        return tally.fail(format!("the consumer of {} never came back", talk.conversation));
    };
    for message in kept.iter().filter(|message| message.author.side != "consumer") {
        seen_alike(tally, talk, view, message, "the consumer");
    }
}

fn seen_by_an_agent(tally: &Tally, talk: &Talk, script: &Script, kept: &[&Message]) {
    let asked = |message: &&&Message| {
        script
            .turn_of(message.id)
            .is_some_and(|turn| talk.dialogue.turns[turn].who == Who::Consumer)
    };
    for message in kept.iter().filter(asked) {
        if !script.agent_views.iter().any(|view| view.knows(message.id)) {
            tally.fault(
                &tally.lost,
                format!("{} reached no agent in {}", message.id, talk.conversation),
            );
        }
    }
    for view in &script.agent_views {
        let Some((first, last)) = view.span() else { continue };
        let within = |message: &&&Message| (first..=last).contains(&message.number);
        for message in kept.iter().filter(asked).filter(within) {
            seen_alike(tally, talk, view, message, "its agent");
        }
    }
}

fn seen_alike(tally: &Tally, talk: &Talk, view: &View, message: &Message, who: &str) {
    match view.seen(message.id) {
        None => tally.fault(
            &tally.lost,
            format!("{} never reached {who} in {}", message.id, talk.conversation),
        ),
        Some(seen) if seen.number != message.number || seen.text != message.text => {
            tally.fail(format!(
                "{} reached {who} otherwise than it is kept in {}",
                message.id, talk.conversation
            ));
        }
        Some(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use super::*;
    use crate::client::frames::Author;
    use crate::replay::dialogue;

    const TWO: &str =
        r#"{"id":"a","turns":[{"who":"consumer","text":"1"},{"who":"agent","text":"2"}]}"#;

    /// A dialogue that went well, and its transcript.
    fn played() -> (Arc<Talk>, Vec<Message>) {
        let dialogue = dialogue::parse(TWO).expect("reads").remove(0);
        let talk = Talk::new(Arc::new(dialogue), Uuid::new_v4(), String::new()).0;
        let mut transcript = Vec::new();
        let (mut consumer, mut agent) = (View::default(), View::default());
        let mut script = talk.script.lock();
        for turn in 0..2 {
            let id = script.sending(turn);
            let number = turn as u32 + 1;
            script.acknowledged(
                id,
                Fate::Stored { number, rewritten: None },
                Some(u64::from(number)),
            );
            let side = if turn == 0 { "consumer" } else { "agent" };
            let author = Author { side: side.into() };
            let message = Message {
                id,
                number,
                author,
                text: talk.dialogue.turns[turn].text.clone(),
                ..Message::default()
            };
            if turn == 0 { &mut agent } else { &mut consumer }.came(&message);
            transcript.push(message);
        }
        script.consumer_view = Some(consumer);
        script.agent_views = vec![agent];
        drop(script);
        (talk, transcript)
    }

    fn found(talk: &Talk, transcript: &[Message]) -> (u64, u64, u64, u64) {
        let tally = Tally::default();
        compare(&tally, talk, transcript);
        let count = |counter: &std::sync::atomic::AtomicU64| counter.load(Ordering::Relaxed);
        (
            count(&tally.lost),
            count(&tally.duplicated),
            count(&tally.out_of_order),
            count(&tally.failed),
        )
    }

    #[test]
    fn what_agrees_is_good() {
        let (talk, transcript) = played();
        assert_eq!(found(&talk, &transcript), (0, 0, 0, 0));
    }

    #[test]
    fn a_message_missing_from_the_transcript_is_lost() {
        let (talk, transcript) = played();
        assert_eq!(found(&talk, &transcript[..1]).0, 1);
    }

    #[test]
    fn a_message_kept_twice_is_doubled() {
        let (talk, mut transcript) = played();
        transcript.push(transcript[1].clone());
        assert_eq!(found(&talk, &transcript).1, 1);
    }

    #[test]
    fn another_order_is_noticed() {
        let (talk, mut transcript) = played();
        transcript.swap(0, 1);
        assert_eq!(found(&talk, &transcript).2, 1);
    }

    #[test]
    fn another_text_is_a_failure() {
        let (talk, mut transcript) = played();
        transcript[1].text = "3".into();
        assert!(found(&talk, &transcript).3 > 0);
    }

    #[test]
    fn what_one_side_never_saw_is_lost() {
        let (talk, transcript) = played();
        talk.script.lock().consumer_view = Some(View::default());
        assert_eq!(found(&talk, &transcript).0, 1);
        talk.script.lock().agent_views.clear();
        assert_eq!(found(&talk, &transcript).0, 2);
    }
}
