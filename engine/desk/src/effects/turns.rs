//! Whose turn it is to be asked about.
//!
//! Questions about one conversation are asked one at a time, and a question that is already waiting is not asked twice: a
//! consumer who writes five lines in a row gets one look at all five. What nobody waits for is asked about a few
//! conversations at a time; the others are not looked at before it is their turn, so that a busy desk asks less often, and
//! never about what was said long ago.

use std::collections::{HashMap, HashSet, VecDeque};

use dialogo_domain::ConversationId;

use super::Question;

/// Conversations that may be asked about at the same time where nobody waits: as many as there are threads of plugins
/// on most machines.
const AT_ONCE: usize = 4;

/// A conversation, and whether somebody waits for what is asked about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Place {
    pub(super) conversation: ConversationId,
    pub(super) waited_for: bool,
}

/// Questions that wait, and places that are being asked about.
#[derive(Default)]
pub(super) struct Turns {
    asked: HashMap<Place, Vec<Question>>,
    busy: HashSet<Place>,
    busy_later: usize,
    waited_for: VecDeque<Place>,
    later: VecDeque<Place>,
}

impl Turns {
    /// One more question.
    pub(super) fn add(&mut self, conversation: ConversationId, question: Question) {
        let place = Place { conversation, waited_for: question.is_waited_for() };
        let asked = self.asked.entry(place).or_default();
        if asked.contains(&question) {
            return;
        }
        asked.push(question);
        if asked.len() == 1 && !self.busy.contains(&place) {
            self.line_up(place);
        }
    }

    /// Who is asked about next, and what; [`Turns::finished`] has to hear of it.
    pub(super) fn next(&mut self) -> Option<(Place, Vec<Question>)> {
        let place = match self.waited_for.pop_front() {
            Some(place) => place,
            None if self.busy_later < AT_ONCE => self.later.pop_front()?,
            None => return None,
        };
        self.busy.insert(place);
        self.busy_later += usize::from(!place.waited_for);
        Some((place, self.asked.remove(&place).unwrap_or_default()))
    }

    /// Everything that was asked there has an answer.
    pub(super) fn finished(&mut self, place: Place) {
        if self.busy.remove(&place) {
            self.busy_later -= usize::from(!place.waited_for);
        }
        if self.asked.contains_key(&place) {
            self.line_up(place);
        }
    }

    fn line_up(&mut self, place: Place) {
        if place.waited_for { &mut self.waited_for } else { &mut self.later }.push_back(place);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn conversation(number: u128) -> ConversationId {
        ConversationId(number)
    }

    #[test]
    fn what_is_asked_twice_before_its_turn_is_asked_once() {
        let mut turns = Turns::default();
        turns.add(conversation(1), Question::Classify);
        turns.add(conversation(1), Question::Replies);
        turns.add(conversation(1), Question::Classify);
        let (place, questions) = turns.next().expect("one waits");
        assert_eq!(questions, [Question::Classify, Question::Replies]);

        turns.add(conversation(1), Question::Classify);
        assert_eq!(turns.next(), None, "one at a time");
        turns.finished(place);
        assert_eq!(turns.next(), Some((place, vec![Question::Classify])));
        turns.finished(place);
        assert_eq!(turns.next(), None);
    }

    #[test]
    fn a_few_have_their_turn_at_once_and_what_is_waited_for_does_not_wait_for_them() {
        let mut turns = Turns::default();
        for number in 0..10 {
            turns.add(conversation(number), Question::Classify);
        }
        let first: Vec<Place> =
            std::iter::from_fn(|| turns.next()).map(|(place, _)| place).collect();
        assert_eq!(first.len(), AT_ONCE);

        turns.add(conversation(0), Question::Bot);
        let (bot, questions) = turns.next().expect("a consumer waits");
        assert_eq!((bot.conversation, questions), (conversation(0), vec![Question::Bot]));
        turns.finished(bot);
        assert_eq!(turns.next(), None);

        turns.finished(first[0]);
        let (next, _) = turns.next().expect("room for one");
        assert_eq!(next.conversation, conversation(AT_ONCE as u128), "in their order");
        assert_eq!(turns.next(), None);
    }
}
