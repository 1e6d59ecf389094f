//! `dialogo train-replies`: learns what agents answer to similar messages, and makes a package of the plugin `replies` of it.

use std::path::Path;

use anyhow::Result;
use dialogo_desk::backtest::history::{Moment, Past};
use dialogo_domain::message::Author;
use dialogo_learn::answers::{Learned, Talk, learn};
use dialogo_model::Who;
use serde_json::json;

use super::train;
use crate::cli::TrainReplies;
use crate::folder::DeskFolder;
use crate::learning::{lessons, package};
use crate::output::{self, Exit, Failure};

pub(super) async fn run(dir: &Path, asked: &TrainReplies) -> Result<Exit> {
    let talks = match &asked.from {
        Some(file) => lessons::talks(file)?,
        None => {
            let desk = DeskFolder::at(dir);
            desk.need()?;
            train::history(&desk, asked.days).await?.iter().map(of_past).collect()
        }
    };
    let bar = output::progress(0, "learning");
    let learned = tokio::task::block_in_place(|| learn(&talks, asked.least_support));
    bar.finish_and_clear();
    if learned.answers.answers.is_empty() {
        let what = format!(
            "no answer was given in {} of {} conversations",
            asked.least_support,
            talks.len()
        );
        let todo = "take in more days, or lower --least-support; answers that hold names, addresses or numbers do not count";
        return Err(Failure::usage(what, todo).into());
    }
    let bytes = learned.answers.write();
    let version = package::version(&bytes);
    package::write_replies(&asked.out, &bytes, &texts(&learned), &version)?;
    if asked.json {
        output::say_json(&facts(asked, &talks, &learned, &version, bytes.len()));
    } else {
        tell(asked, &talks, &learned, bytes.len());
    }
    Ok(Exit::Good)
}

/// For people: what would be suggested.
fn texts(learned: &Learned) -> String {
    let head = "Suggested to agents where something similar was asked; the number of conversations, and the text.\n";
    let answers = learned.answers.answers.iter();
    let lines =
        answers.map(|it| format!("{:>5}  {}\n", it.support, it.text.replace('\n', "\n       ")));
    [head.to_owned()].into_iter().chain(lines).collect()
}

fn facts(
    asked: &TrainReplies,
    talks: &[Talk],
    learned: &Learned,
    version: &str,
    bytes: usize,
) -> serde_json::Value {
    let answers = learned.answers.answers.iter();
    json!({
        "conversations": talks.len(), "seen": learned.seen, "personal": learned.personal, "version": version,
        "bytes": bytes, "package": asked.out,
        "answers": answers.map(|it| json!({ "text": it.text, "conversations": it.support })).collect::<Vec<_>>(),
    })
}

fn tell(asked: &TrainReplies, talks: &[Talk], learned: &Learned, bytes: usize) {
    let answers = &learned.answers.answers;
    output::say(format!(
        "{} answers from {} conversations ({} answers were looked at, {} left out because they hold something personal), {} KiB",
        answers.len(),
        talks.len(),
        learned.seen,
        learned.personal,
        bytes.div_ceil(1024)
    ));
    for answer in answers.iter().take(asked.show) {
        output::say(format!("  {:>5} × {}", answer.support, answer.text.replace('\n', " ")));
    }
    output::say(format!(
        "\nwrote {}: read what it would suggest in {0}/answers.txt, and put it in with `dialogo plugin install {0}`",
        asked.out.display()
    ));
}

/// Who said what, and the names of those who took part.
fn of_past(past: &Past) -> Talk {
    let mut talk = Talk::default();
    talk.names.extend(past.profile.name.clone());
    for moment in &past.moments {
        let Moment::Said { by, body, .. } = moment else { continue };
        let who = match by {
            Author::Consumer => Who::Consumer,
            Author::Agent(agent) => {
                talk.names.push(agent.as_str().to_owned());
                Who::Agent
            }
            Author::Bot | Author::System => continue,
        };
        talk.turns.push((who, body.text.to_string()));
    }
    talk
}
