//! `dialogo plugin watch`: after each change of a project's files it is built, its cases run, and what differs is shown.
//!
//! The files are looked at, not listened to: a project is small, and editors save in too many ways. What counts is
//! content; what builds leave behind (`target`, `dist`) is not looked at, so it cannot go round in circles.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result};
use dialogo_host::{Host, Package};
use dialogo_toolkit::files;
use serde_json::{Value, json};

use super::tried::{Case, Problem, Tried, host};
use crate::output::{self, Exit};
use crate::project::Project;

/// Between two looks.
const LOOK: Duration = Duration::from_millis(100);

pub(super) fn run(folder: &Path, json: bool) -> Result<Exit> {
    let host = host()?;
    let mut look = Look::at(Project::need(folder)?.folder())?;
    let mut last = None;
    if !json {
        output::note("watching; Ctrl-C ends it");
    }
    loop {
        let round = Round::of(&host, look.folder.as_path(), look.saved);
        if json {
            output::say(round.as_json(last.as_ref()).to_string());
        } else {
            round.show(last.as_ref());
        }
        // What a plugin said before it was broken is what the next good build is compared with.
        if round.tried.is_some() {
            last = round.tried;
        }
        look = look.next()?;
    }
}

/// The files at one moment.
struct Look {
    folder: PathBuf,
    digest: String,
    /// When the newest of them was saved.
    saved: SystemTime,
}

impl Look {
    fn at(folder: &Path) -> Result<Self> {
        let mut found = Vec::new();
        files::collect(folder, &mut found)?;
        let digest = files::digest(&found, folder)?;
        let saved = found.iter().filter_map(|file| file.metadata().ok()?.modified().ok()).max();
        Ok(Self { folder: folder.to_owned(), digest, saved: saved.unwrap_or_else(SystemTime::now) })
    }

    /// Waits for other contents that stay for two looks.
    fn next(&self) -> Result<Self> {
        let mut seen = None;
        loop {
            std::thread::sleep(LOOK);
            // A file that an editor is just replacing is missing for a moment: the next look sees it.
            let Ok(look) = Self::at(&self.folder) else { continue };
            if look.digest == self.digest {
                seen = None;
            } else if seen.as_ref() == Some(&look.digest) {
                // A file that is gone, or one put back from elsewhere, has no fresh time.
                let fresh = look.saved > self.saved;
                let saved = if fresh { look.saved } else { SystemTime::now() };
                return Ok(Self { saved, ..look });
            } else {
                seen = Some(look.digest);
            }
        }
    }
}

/// What came of one state of the files.
struct Round {
    tried: Option<Tried>,
    problem: Option<Problem>,
    took: Duration,
}

impl Round {
    fn of(host: &Host, folder: &Path, saved: SystemTime) -> Self {
        let begun = SystemTime::now();
        let tried = build_and_try(host, folder);
        // The first round begins with the command, not with a save of long ago.
        let from = if begun.duration_since(saved).is_ok_and(|ago| ago < Duration::from_secs(2)) {
            saved
        } else {
            begun
        };
        let took = SystemTime::now().duration_since(from).unwrap_or_default();
        match tried {
            Ok(tried) => Self { tried: Some(tried), problem: None, took },
            Err(fault) => {
                let problem = Tried::unreadable(String::new(), &fault).problems.into_iter().next();
                Self { tried: None, problem, took }
            }
        }
    }

    fn as_json(&self, last: Option<&Tried>) -> Value {
        let differences: Vec<Value> = self
            .tried
            .iter()
            .zip(last)
            .flat_map(|(tried, last)| differences(&last.cases, &tried.cases))
            .map(|difference| {
                json!({
                    "case": difference.case, "before": difference.before, "now": difference.now,
                })
            })
            .collect();
        json!({
            "good": self.tried.as_ref().is_some_and(Tried::good), "seconds": self.took.as_secs_f64(),
            "result": self.tried.as_ref().map(Tried::as_json), "problem": self.problem,
            "differences": differences,
        })
    }

    fn show(&self, last: Option<&Tried>) {
        let took = format!("{:.1} s from save to verdict", self.took.as_secs_f64());
        let Some(tried) = &self.tried else {
            if let Some(problem) = &self.problem {
                problem.say();
            }
            output::say(format!("not built; {took}"));
            return;
        };
        tried.show();
        if let Some(last) = last {
            let differences = differences(&last.cases, &tried.cases);
            for difference in &differences {
                output::say(format!("  {}", difference.case));
                difference.before.iter().for_each(|line| output::say(format!("    - {line}")));
                difference.now.iter().for_each(|line| output::say(format!("    + {line}")));
            }
            if differences.is_empty() {
                output::say("  every verdict is as before");
            }
        }
        output::say(took);
    }
}

fn build_and_try(host: &Host, folder: &Path) -> Result<Tried> {
    let project = Project::need(folder)?;
    let built = project.build(&|line| output::note(line))?;
    let package = Package::read(&built.package)
        .with_context(|| format!("{} cannot be read", built.package.display()))?;
    Ok(Tried::of(host, package))
}

/// A case that is answered otherwise than before; no lines where it did not exist.
#[derive(Debug, PartialEq, Eq)]
struct Difference {
    case: String,
    before: Vec<String>,
    now: Vec<String>,
}

fn differences(before: &[Case], now: &[Case]) -> Vec<Difference> {
    let by_place = |cases: &[Case]| -> BTreeMap<String, Vec<String>> {
        cases.iter().map(|case| (case.place(), case.answer.clone())).collect()
    };
    let (before, now) = (by_place(before), by_place(now));
    let mut places: Vec<&String> = before.keys().chain(now.keys()).collect();
    places.sort();
    places.dedup();
    places
        .into_iter()
        .filter(|place| before.get(*place) != now.get(*place))
        .map(|place| Difference {
            case: place.clone(),
            before: before.get(place).cloned().unwrap_or_default(),
            now: now.get(place).cloned().unwrap_or_default(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contents_count_and_what_builds_leave_does_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: &str| {
            files::replace(&folder.path().join(name), text.as_bytes()).expect("written");
        };
        write("src/a.rs", "1");
        let first = Look::at(folder.path()).expect("looked");
        write("dist/a/a.wasm", "1");
        write("target/x", "1");
        write(".git/x", "1");
        assert_eq!(Look::at(folder.path()).expect("looked").digest, first.digest);
        write("src/a.rs", "2");
        assert_ne!(Look::at(folder.path()).expect("looked").digest, first.digest);
    }
}
