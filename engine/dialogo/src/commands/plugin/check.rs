//! `dialogo plugin check`: everything that would keep a desk from taking a package, and what would only surprise.

use std::path::Path;
use std::sync::Arc;

use anyhow::Result;
use dialogo_host::cases::cases_of;
use dialogo_host::{Hook, Package, Signed};
use serde_json::{Value, json};

use super::opened::Opened;
use super::tried::{Problem, Tried, bound, host};
use crate::output::{self, Exit};

/// What was found.
struct Checked {
    package: Package,
    imports: Vec<String>,
    errors: Vec<Problem>,
    warnings: Vec<Problem>,
    cases: usize,
}

pub(super) fn run(path: &Path, json: bool) -> Result<Exit> {
    let opened = Opened::at(path)?;
    let checked = check(opened.package.clone())?;
    if json {
        output::say_json(&checked.as_json());
    } else {
        checked.show();
    }
    Ok(if checked.errors.is_empty() { Exit::Good } else { Exit::Found })
}

fn check(package: Package) -> Result<Checked> {
    let mut checked = Checked {
        errors: schema_problems(&package),
        warnings: Vec::new(),
        imports: Vec::new(),
        cases: 0,
        package,
    };
    if let Signed::Broken(why) = &checked.package.signed {
        let todo = "sign it again with `dialogo plugin sign`, or take out signature.toml";
        checked.errors.push(Problem::new(format!("its signature does not fit: {why}"), todo));
    }
    let host = host()?;
    match bound(&host, Arc::new(checked.package.clone())) {
        Err(problems) => checked.errors.extend(problems),
        Ok(plugin) => {
            let imports: Vec<String> = plugin.imports().iter().map(ToString::to_string).collect();
            checked.warnings.extend(unused(&checked.package, &imports));
            checked.imports = imports;
            drop(plugin);
            checked.cases(Tried::of(&host, checked.package.clone()));
        }
    }
    Ok(checked)
}

impl Checked {
    fn cases(&mut self, tried: Tried) {
        self.cases = tried.cases.len();
        let asked: Vec<&str> = tried.cases.iter().map(|case| case.hook).collect();
        let hooks = self.package.manifest.hooks.iter();
        for hook in hooks.filter(|hook| **hook != Hook::Setup && !asked.contains(&hook.name())) {
            let what = format!("no case asks the hook `{hook}`");
            let todo = format!(
                "write one in cases/{hook}.toml: a desk tries them before it takes the plugin in"
            );
            self.warnings.push(Problem::new(what, todo));
        }
        let reuse = self.package.manifest.instances != dialogo_host::Instances::Fresh;
        for case in &tried.cases {
            if let Some(problem) = &case.problem {
                let what = format!("case {}: {}", case.place(), problem.what);
                self.errors.push(Problem { what, todo: problem.todo.clone() });
            } else if !case.reusable {
                let what = format!(
                    "case {} is answered otherwise in a sandbox that was used before",
                    case.place()
                );
                let todo = "keep nothing between calls that changes answers; the desk will not reuse its sandboxes";
                let problem = Problem::new(what, todo);
                if reuse { self.errors.push(problem) } else { self.warnings.push(problem) }
            }
        }
    }

    fn as_json(&self) -> Value {
        json!({
            "good": self.errors.is_empty(), "id": self.package.manifest.id, "version": self.package.manifest.version,
            "bytes": self.package.component.len(), "digest": &*self.package.digest, "imports": self.imports,
            "cases": self.cases, "errors": self.errors, "warnings": self.warnings,
        })
    }

    fn show(&self) {
        let manifest = &self.package.manifest;
        let hooks: Vec<&str> = manifest.hooks.iter().map(|hook| hook.name()).collect();
        output::say(format!("{} {}", manifest.id, manifest.version));
        output::say(format!("  hooks    {}", hooks.join(", ")));
        let imports =
            if self.imports.is_empty() { "nothing".to_owned() } else { self.imports.join(", ") };
        output::say(format!("  imports  {imports}"));
        output::say(format!("  size     {} KiB", self.package.component.len().div_ceil(1024)));
        output::say(format!("  cases    {}", self.cases));
        for (name, problems) in [("error", &self.errors), ("warning", &self.warnings)] {
            for problem in problems {
                output::say(format!("{name}: {}", problem.what));
                if let Some(todo) = &problem.todo {
                    output::say(format!("  what to do: {todo}"));
                }
            }
        }
        output::say(match (self.errors.len(), self.warnings.len()) {
            (0, 0) => "good: a desk would take it".to_owned(),
            (0, _) => "good: a desk would take it, but see the warnings".to_owned(),
            _ => "a desk would not take it".to_owned(),
        });
    }
}

/// The schema itself, and the settings of the cases against it.
fn schema_problems(package: &Package) -> Vec<Problem> {
    let (Some(name), Some(text)) = (&package.manifest.settings, &package.settings_schema) else {
        return Vec::new();
    };
    let schema: Value = match serde_json::from_str(text) {
        Ok(schema) => schema,
        Err(fault) => {
            let todo = "it must be a JSON Schema; most editors show where JSON is wrong";
            return vec![Problem::new(format!("{name} is no JSON: {fault}"), todo)];
        }
    };
    // Names of nodes and departments are checked in a desk, which knows them.
    let validator = match jsonschema::options().should_validate_formats(true).build(&schema) {
        Ok(validator) => validator,
        Err(fault) => {
            let todo = "the keywords of JSON Schema 2020-12 are listed at json-schema.org";
            return vec![Problem::new(format!("{name} is no JSON Schema: {fault}"), todo)];
        }
    };
    // What is wrong with the files of cases is told by the host.
    let cases = cases_of(package).unwrap_or_default();
    let of_hooks = cases.iter().filter(|case| case.hook != Hook::Setup);
    of_hooks
        .filter_map(|case| {
            let fault = validator.iter_errors(&case.settings).next()?;
            let what = format!(
                "the settings of the case \"{}\" ({}) do not fit {name}: {fault}, at `{}`",
                case.name,
                case.file,
                fault.instance_path()
            );
            let todo = format!("no admin could write them: change the case, or {name}");
            Some(Problem::new(what, todo))
        })
        .collect()
}

/// Permissions that are asked for and not used.
fn unused(package: &Package, imports: &[String]) -> Vec<Problem> {
    let asked = package.manifest.permissions.iter();
    asked
        .filter(|grant| !grant.is_free() && !grant.name().contains('.'))
        .filter(|grant| !imports.iter().any(|import| import == grant.name()))
        .map(|grant| {
            let what = format!("it asks for `{grant}`, which it does not import");
            Problem::new(what, format!("take \"{grant}\" out of `permissions` in plugin.toml: operators grant less gladly than you think"))
        })
        .collect()
}
