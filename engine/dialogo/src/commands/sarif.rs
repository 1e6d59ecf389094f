//! Problems in the form that code hosts and pipelines read: SARIF 2.1.0 (OASIS), one result for each problem.

use std::collections::BTreeSet;

use dialogo_rules::{Located, Severity};
use serde_json::{Value, json};

/// One run of `dialogo check`.
pub(super) fn sarif(problems: &[Located]) -> Value {
    let codes: BTreeSet<&str> = problems.iter().map(|problem| problem.code.as_str()).collect();
    let rules: Vec<Value> = codes.into_iter().map(|code| json!({ "id": code })).collect();
    let results: Vec<Value> = problems.iter().map(result).collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "dialogo check", "semanticVersion": env!("CARGO_PKG_VERSION"), "rules": rules } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn result(problem: &Located) -> Value {
    let level = match problem.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let mut text = problem.message.clone();
    for line in &problem.help {
        text.push('\n');
        text.push_str(line);
    }
    let region = json!({
        "startLine": problem.line, "startColumn": problem.column,
        "endLine": problem.end_line, "endColumn": problem.end_column,
    });
    let place = located(&problem.file, problem.line, region);
    let related: Vec<Value> = problem
        .related
        .iter()
        .map(|other| {
            let region = json!({ "startLine": other.line, "startColumn": other.column });
            let place = located(&other.file, other.line, region);
            json!({ "message": { "text": other.message }, "physicalLocation": place })
        })
        .collect();
    json!({
        "ruleId": problem.code, "level": level, "message": { "text": text },
        "locations": [{ "physicalLocation": place }], "relatedLocations": related,
    })
}

/// A place in a file; a file as a whole has no region, since lines count from 1.
fn located(file: &str, line: usize, region: Value) -> Value {
    let mut place = json!({ "artifactLocation": { "uri": file } });
    if line > 0 {
        place["region"] = region;
    }
    place
}
