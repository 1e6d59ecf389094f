//! `dialogo test`: the `[[test]]` cases of the rule files, through the real plugins, without touching any desk.

use std::io::IsTerminal;
use std::path::Path;

use anyhow::{Context, Result};
use dialogo_rules::{Diagnostic, Report};
use serde_json::json;

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
    if asked.json {
        output::say_json(
            &json!({ "good": failed.is_empty(), "tests": ran, "failed": report.located() }),
        );
    } else if failed.is_empty() {
        output::say(format!("{ran} test cases, all good"));
    } else {
        let last = if ran == 0 {
            "No test was run: the files have to be right first.".to_owned()
        } else {
            format!("{ran} test cases were run.")
        };
        output::say(report.text(std::io::stdout().is_terminal(), Some(&last)).trim_end());
    }
    Ok(if failed.is_empty() { Exit::Good } else { Exit::Found })
}
