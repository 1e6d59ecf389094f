//! `dialogo replay`.

use std::io::BufRead;

use anyhow::{Context, Result};

use crate::cli::{Replay, Speed};
use crate::output::{self, Exit, Failure};
use crate::replay::agent::Account;
use crate::replay::dialogue;
use crate::replay::report::Report;
use crate::replay::trouble::Troubles;
use crate::replay::{self, Options, Stage, Target};

pub(super) async fn run(asked: Replay) -> Result<Exit> {
    let json = asked.json;
    dialogue::read(&asked.file).map_err(|fault| {
        Failure::usage(
            format!("cannot play {fault}"),
            "a recording has one dialogue a line: see `dialogo replay --help`",
        )
    })?;
    let options = options(asked)?;
    let bar = output::progress(0, "preparing");
    let shown = bar.clone();
    let report = Box::pin(replay::run(options, move |stage| {
        let (message, done, total) = match stage {
            Stage::Preparing => ("preparing", 0, 0),
            Stage::Playing(done, total) => ("playing", done, total),
            Stage::Checking(done, total) => ("checking", done, total),
        };
        shown.set_message(message);
        shown.set_length(total as u64);
        shown.set_position(done as u64);
    }))
    .await;
    bar.finish_and_clear();
    let report = report?;
    show(&report, json);
    Ok(if report.is_good() { Exit::Good } else { Exit::Found })
}

fn show(report: &Report, json: bool) {
    if json {
        return output::say_json(report);
    }
    let rows: Vec<Vec<String>> =
        report.rows().into_iter().map(|(name, value)| vec![name.to_owned(), value]).collect();
    output::say(output::table(&rows));
    for fault in &report.faults {
        output::note(format!("  {fault}"));
    }
    output::say(if report.is_good() {
        "\neverything reached everybody, once and in order"
    } else {
        "\nNOT everything is well: see above"
    });
}

fn options(asked: Replay) -> Result<Options> {
    let target = match &asked.server {
        Some(url) => Target::Url { url: url.clone(), logins: logins(&asked)? },
        None => Target::Own {
            binary: std::env::current_exe().context("cannot find this binary")?,
            keep: asked.keep.clone(),
            with_bot: asked.with_bot,
        },
    };
    Ok(Options {
        file: asked.file,
        first: asked.first,
        target,
        agents: asked.agents,
        consumers: asked.consumers,
        speed: match asked.speed {
            Speed::Max => None,
            Speed::Times(times) => Some(times),
        },
        troubles: Troubles {
            edit_rules: asked.edit_rules,
            replace_plugin: asked.replace_plugin,
            break_rules: asked.break_rules,
            kill: asked.kill,
        },
    })
}

fn logins(asked: &Replay) -> Result<Vec<Account>> {
    let passwords = if asked.password_stdin {
        let lines: std::io::Result<Vec<String>> = std::io::stdin().lock().lines().collect();
        lines.context("cannot read the passwords from standard input")?
    } else {
        asked.password.clone()
    };
    if asked.login.is_empty() || asked.login.len() != passwords.len() {
        let what =
            format!("{} logins and {} passwords were given", asked.login.len(), passwords.len());
        return Err(Failure::usage(what, "give --login and --password once for each agent").into());
    }
    let pairs = asked.login.iter().zip(passwords);
    Ok(pairs.map(|(login, password)| Account { login: login.clone(), password }).collect())
}
