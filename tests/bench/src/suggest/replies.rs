//! Suggested replies: learned from what some agents answered, counted on what others really did. A suggestion is right where it
//! is what the agent then wrote, word for word or nearly so; beside it the three replies that were given most often.
//!
//! What fits as well and was not written counts as wrong, so these shares are low ones.

use dialogo_learn::Lesson;
use dialogo_learn::answers::{Talk, are_alike, exchanges, learn};
use dialogo_model::Turn;
use dialogo_model::answers::Answer;

use crate::figure::Figure;

/// As `dialogo train-replies` has it by default: conversations in which an answer was given.
const SUPPORT: usize = 3;

/// As the plugin has it by default: how like the question must be.
const LEAST: f32 = 0.5;

/// Replies that are suggested.
const SHOWN: usize = 3;

pub(crate) fn measure(name: &str, train: &[Lesson], test: &[Lesson]) -> Vec<Figure> {
    let talk = |lesson: &Lesson| Talk { turns: lesson.turns.clone(), names: Vec::new() };
    let learned = learn(&train.iter().map(talk).collect::<Vec<_>>(), SUPPORT).answers;
    let frequent: Vec<&Answer> = learned.answers.iter().take(SHOWN).collect();
    let (mut of, mut suggested, mut right, mut frequent_right, mut known) = (0, 0, 0, 0, 0);
    for talk in test.iter().map(talk) {
        for (question, answer) in exchanges(&talk) {
            let turns: Vec<Turn<'_>> =
                question.iter().map(|(who, text)| Turn { who: *who, text }).collect();
            let near = learned.nearest(&turns, SHOWN);
            let shown: Vec<&Answer> =
                near.iter().filter(|near| near.likeness >= LEAST).map(|near| near.answer).collect();
            let among = |some: &[&Answer]| some.iter().any(|one| are_alike(&one.text, answer));
            of += 1;
            suggested += usize::from(!shown.is_empty());
            right += usize::from(among(&shown));
            frequent_right += usize::from(among(&frequent));
            known += usize::from(learned.answers.iter().any(|one| are_alike(&one.text, answer)));
        }
    }
    let figure = |metric: &str, count: usize, of: usize| {
        Figure::new(name, metric, count as f64 / of.max(1) as f64)
    };
    vec![
        Figure::new(name, "replies_asked", f64::from(of as u32)),
        figure("replies_suggested", suggested, of),
        figure("replies_right", right, of),
        figure("replies_right_where_suggested", right, suggested),
        figure("replies_right_of_frequent", frequent_right, of),
        figure("replies_known", known, of),
    ]
}
