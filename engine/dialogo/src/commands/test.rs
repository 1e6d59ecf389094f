//! `dialogo test`: the `[[test]]` cases of the rule files, through the real plugins, without touching any desk.

use std::fmt::Write as _;
use std::io::IsTerminal;
use std::path::Path;

use anyhow::{Context, Result};
use dialogo_desk::rules::coverage::{Coverage, coverage};
use dialogo_rules::{Diagnostic, Report};
use serde_json::{Value, json};

use super::check;
use crate::cli::Test;
use crate::output::{self, Exit};

pub(super) async fn run(dir: &Path, asked: &Test) -> Result<Exit> {
    let folders = check::folders(asked.folder.as_deref().unwrap_or(dir))?;
    let bar = output::progress(0, "testing");
    let shown = bar.clone();
    let looked = tokio::task::spawn_blocking(move || {
        check::look(&folders, &mut |done, total| {
            shown.set_length(total as u64);
            shown.set_position(done as u64);
        })
    });
    let looked = looked.await.context("the tests panicked")??;
    bar.finish_and_clear();
    let problems = &looked.loaded.problems;
    let failed: Vec<Diagnostic> =
        problems.iter().filter(|problem| problem.is_error()).cloned().collect();
    let report = Report::new(&looked.tree.files, &failed);
    let ran = looked.loaded.tests;
    let covered = if asked.coverage || asked.require_coverage.is_some() {
        measure(&looked)
    } else {
        Vec::new()
    };
    let least = f64::from(asked.require_coverage.unwrap_or(0));
    let enough = covered.iter().all(|file| file.percent() >= least);
    if asked.json {
        let files: Vec<Value> = covered.iter().map(as_json).collect();
        output::say_json(&json!({
            "good": failed.is_empty() && enough, "tests": ran, "failed": report.located(), "coverage": files,
        }));
    } else if failed.is_empty() {
        output::say(format!("{ran} test cases, all good"));
        covered
            .iter()
            .for_each(|file| output::say(in_words(&looked.tree.files.shown(&file.file), file)));
        if !enough {
            output::say(format!("less than {least} % of the rules are tried in some file"));
        }
    } else {
        let last = if ran == 0 {
            "No test was run: the files have to be right first.".to_owned()
        } else {
            format!("{ran} test cases were run.")
        };
        output::say(report.text(std::io::stdout().is_terminal(), Some(&last)).trim_end());
    }
    Ok(if failed.is_empty() && enough { Exit::Good } else { Exit::Found })
}

/// How far the cases try the rules; nothing where the rules are wrong.
fn measure(looked: &check::Looked) -> Vec<Coverage> {
    let Some(rules) = &looked.loaded.rules else { return Vec::new() };
    let bar = output::progress(0, "taking out");
    let progress = &mut |done, total| {
        bar.set_length(total as u64);
        bar.set_position(done as u64);
    };
    let covered =
        coverage(&looked.host, &looked.tree, &rules.checked, &rules.chain, check::now(), progress);
    bar.finish_and_clear();
    covered
}

fn in_words(shown: &str, file: &Coverage) -> String {
    let mut text = format!(
        "{shown}: {} of {} rules are tried by its {} cases ({:.0} %)",
        file.rules - file.untried.len(),
        file.rules,
        file.tests,
        file.percent()
    );
    for line in &file.untried {
        let _ =
            write!(text, "\n  {}:{}: no case would miss  {}", line.file, line.number, line.text);
    }
    text
}

fn as_json(file: &Coverage) -> Value {
    let untried = file
        .untried
        .iter()
        .map(|line| json!({ "file": line.file, "line": line.number, "text": line.text }));
    json!({
        "file": file.file, "tests": file.tests, "rules": file.rules, "percent": file.percent(),
        "untried": untried.collect::<Vec<_>>(),
    })
}
