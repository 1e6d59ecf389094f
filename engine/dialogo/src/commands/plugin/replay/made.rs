//! Cases made of recorded calls: one file for each recording, with what the second of the two plugins answers now.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context, Result};
use dialogo_host::Plugin;
use dialogo_host::cases::{self, Case, expectation, run_case};
use dialogo_host::recording::{Header, RecordedCall};
use serde_json::{Value, json};

use crate::output::Failure;

/// What stands above the cases of a file.
const HEAD: &str = "# Made of recorded calls by `dialogo plugin replay --cases`. What is expected is what the plugin answered
# when this was made: read each case, and keep those that are right.

";

/// Cases by the file they go to.
#[derive(Debug, Default)]
pub(super) struct Chosen(BTreeMap<String, File>);

/// Settings and tree, and the cases under them.
#[derive(Debug)]
struct File {
    top: Value,
    cases: Vec<Value>,
}

impl Chosen {
    /// Adds a call, expecting what the plugin answers.
    pub(super) fn add(
        &mut self,
        header: &Header,
        plugin: &Plugin,
        call: &RecordedCall,
    ) -> Result<()> {
        let mut case = json!({
            "name": format!("call {} in conversation {}", call.call.call_id, call.conversation()),
            "hook": call.hook, "input": call.input,
        });
        // TOML has no numbers above: half of all seeds are as good as any.
        let seed = call.call.seed & i64::MAX.unsigned_abs();
        case["input"]["seed"] = seed.into();
        let settings: Value = serde_json::from_str(plugin.settings()).unwrap_or_default();
        let top = json!({ "settings": settings, "catalogue": header.nodes() });
        let asked = parsed(&top, &case)?;
        case["expect"] = expectation(&asked.question, &run_case(plugin, &asked).answer);
        let name = format!("replayed-{}-{}.toml", header.plugin, header.begun);
        self.0.entry(name).or_insert_with(|| File { top, cases: Vec::new() }).cases.push(case);
        Ok(())
    }

    /// Writes all files, none over one that is there. Returns the number of cases.
    pub(super) fn write(&self, folder: &Path) -> Result<usize> {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let mut written = 0;
        for (name, file) in &self.0 {
            let path = folder.join(name);
            let text = toml(&file.top, &file.cases)?;
            let made = fs::File::create_new(&path).and_then(|mut file| {
                file.write_all(HEAD.as_bytes())?;
                file.write_all(text.as_bytes())
            });
            made.map_err(|fault| {
                let what = format!("cannot write {}: {fault}", path.display());
                Failure::unavailable(
                    what,
                    "name another folder with --cases, or move the file away",
                )
            })?;
            written += file.cases.len();
        }
        Ok(written)
    }
}

/// The case that would be written, so that what it expects is what it is answered.
fn parsed(top: &Value, case: &Value) -> Result<Case> {
    let mut case = case.clone();
    case["expect"] = json!({ "error": "internal" });
    let cases = cases::parse("recording", &toml(top, &[case])?, &BTreeMap::new());
    let cases = cases.map_err(|problems| {
        let what: Vec<String> = problems.iter().map(ToString::to_string).collect();
        Failure::usage(format!("a call cannot be a case: {}", what.join("; ")), "take it out")
    })?;
    cases.into_iter().next().context("a file with one case has none")
}

fn toml(top: &Value, cases: &[Value]) -> Result<String> {
    let mut file = top.clone();
    file["case"] = cases.into();
    toml_edit::ser::to_string_pretty(&file).context("a call cannot be written as TOML")
}
