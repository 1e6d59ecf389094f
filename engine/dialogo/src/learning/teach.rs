//! Learns on what came first and measures on what came last; the gate between what was learned and what is in use.

use std::time::Instant;

use dialogo_learn::{Answer, Lesson, Measured, Settings, TooLittle, measure};
use dialogo_model::{Model, Turn, Who};

use super::lessons::Lessons;
use super::report::{After, Report};

/// One lesson in so many is for measuring.
const MEASURED: usize = 5;

/// How much less accurate than the present model a new one may be, measured on the same conversations.
pub const TOLERANCE: f64 = 0.005;

/// Suggestions that are looked at.
const LOOKED_AT: usize = 3;

/// What came out.
#[derive(Debug)]
pub struct Taught {
    /// The model, learned from all lessons.
    pub model: Vec<u8>,
    /// How good one is that has not seen what it is measured on.
    pub report: Report,
}

/// Divides: what is learned from, and what is measured on. By time if they have one, else every fifth.
pub fn divide(lessons: &Lessons) -> (Vec<Lesson>, Vec<Lesson>) {
    let all = &lessons.lessons;
    let border = all.len() - all.len() / MEASURED;
    let is_late =
        |at: usize| if lessons.in_time { at >= border } else { at % MEASURED == MEASURED - 1 };
    let (late, early): (Vec<_>, Vec<_>) =
        all.iter().cloned().enumerate().partition(|(at, _)| is_late(*at));
    let strip = |part: Vec<(usize, Lesson)>| part.into_iter().map(|(_, lesson)| lesson).collect();
    (strip(early), strip(late))
}

/// Learns. With `test`, measures on that and learns from all lessons once; without, divides them.
pub fn teach(
    lessons: &Lessons,
    test: Option<&[Lesson]>,
    settings: &Settings,
    present: Option<&Model>,
    progress: &mut dyn FnMut(usize, usize, &'static str),
) -> Result<Taught, TooLittle> {
    let began = Instant::now();
    let rounds = if test.is_some() { 1 } else { 2 };
    let mut learn = |round: usize, from: &[Lesson]| {
        dialogo_learn::train(from, settings, &mut |step| {
            progress(round * step.of + step.done, rounds * step.of, step.what);
        })
    };
    let (early, late) = match test {
        Some(test) => (lessons.lessons.clone(), test.to_vec()),
        None => divide(lessons),
    };
    let first = learn(0, &early)?;
    let model = Model::open(first.clone()).expect("what was just written can be read");
    let after = answers(&model, &late);
    let present = present.map(|present| measure(&at_end(present, &late)));
    let bytes = if test.is_some() { first } else { learn(1, &lessons.lessons)? };
    let report = Report {
        lessons: lessons.lessons.len(),
        nodes: model.head().classes.len() - usize::from(model.head().none.is_some()),
        learned_from: early.len(),
        measured_on: late.len(),
        by_time: test.is_none() && lessons.in_time,
        seed: settings.seed,
        seconds: began.elapsed().as_secs_f64(),
        bytes: bytes.len(),
        after,
        present,
    };
    Ok(Taught { model: bytes, report })
}

/// What a model answers after each of the consumer's first turns and at the end, in figures.
pub fn answers(model: &Model, lessons: &[Lesson]) -> Vec<After> {
    afters(lessons, |turns| answer(model, turns))
}

/// The figures of any classifier, asked after each of the consumer's first turns and at the end.
pub fn afters(
    lessons: &[Lesson],
    mut ask: impl FnMut(&[Turn<'_>]) -> Vec<(String, f32)>,
) -> Vec<After> {
    let mut found: Vec<After> = Vec::new();
    let talks = lessons.iter().any(|lesson| lesson.shown().len() > 1);
    if talks {
        for turn in 0..3 {
            let answers: Vec<Answer> = lessons
                .iter()
                .filter_map(|lesson| {
                    let end = consumer_turn(lesson, turn)?;
                    Some(Answer {
                        truth: lesson.node.clone(),
                        suggested: ask(&lesson.turns()[..end]),
                    })
                })
                .collect();
            found.push(After { turns: Some(turn + 1), measured: measure(&answers) });
        }
    }
    let answers: Vec<Answer> = lessons
        .iter()
        .map(|lesson| Answer { truth: lesson.node.clone(), suggested: ask(&lesson.turns()) })
        .collect();
    found.push(After { turns: None, measured: measure(&answers) });
    found
}

fn at_end(model: &Model, lessons: &[Lesson]) -> Vec<Answer> {
    let one = |lesson: &Lesson| Answer {
        truth: lesson.node.clone(),
        suggested: answer(model, &lesson.turns()),
    };
    lessons.iter().map(one).collect()
}

/// Where the consumer's turn of this number ends.
fn consumer_turn(lesson: &Lesson, number: usize) -> Option<usize> {
    let turns = lesson.turns.iter().enumerate().filter(|(_, (who, _))| *who == Who::Consumer);
    turns.map(|(at, _)| at + 1).nth(number)
}

/// The surest nodes; none where it doubts that it is about any.
fn answer(model: &Model, turns: &[Turn<'_>]) -> Vec<(String, f32)> {
    let reading = model.read(turns);
    let head = model.head();
    if reading.is_blank() || reading.doubt > head.doubt.threshold {
        return Vec::new();
    }
    let mut order: Vec<usize> =
        (0..head.classes.len()).filter(|at| head.none != Some(*at as u32)).collect();
    let sure = |at: &usize| reading.confidence(*at);
    order.sort_by(|a, b| sure(b).total_cmp(&sure(a)).then(a.cmp(b)));
    order.iter().take(LOOKED_AT).map(|at| (head.classes[*at].name.clone(), sure(at))).collect()
}

/// Whether a new model may take the place of the present one: why not, if not.
pub fn gate(new: &Measured, present: Option<&Measured>) -> Result<(), String> {
    if new.inside == 0 {
        return Err("there is nothing to measure it on".into());
    }
    let Some(present) = present else { return Ok(()) };
    if new.accuracy + TOLERANCE < present.accuracy {
        return Err(format!(
            "it is right in {:.1} % of the latest conversations, and the model in use in {:.1} %",
            new.accuracy * 100.0,
            present.accuracy * 100.0
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_a_time_is_divided_by_it() {
        let lessons = (0..10).map(|at| Lesson::of_text(at.to_string(), Some("a"))).collect();
        let mut all = Lessons { lessons, in_time: true };
        let texts = |part: &[Lesson]| -> Vec<String> {
            part.iter().map(|l| l.turns[0].1.clone()).collect()
        };
        assert_eq!(texts(&divide(&all).1), ["8", "9"]);
        all.in_time = false;
        assert_eq!(texts(&divide(&all).1), ["4", "9"]);
    }

    #[test]
    fn the_gate_holds_back_what_is_worse() {
        let of = |accuracy| Measured { inside: 100, accuracy, ..Measured::default() };
        assert!(gate(&of(0.8), None).is_ok());
        assert!(gate(&of(0.8), Some(&of(0.803))).is_ok());
        let why = gate(&of(0.8), Some(&of(0.9))).expect_err("worse");
        assert!(why.contains("80.0 %") && why.contains("90.0 %"), "{why}");
        assert!(gate(&Measured::default(), None).is_err(), "measured on nothing");
    }
}
