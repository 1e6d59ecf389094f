//! `dialogo eval`: how good any classifier is, asked through the desk's own plugin host.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use dialogo_host::{Catalogue, Node, Package};
use serde_json::{Value, json};

use super::{check, train};
use crate::cli::Eval;
use crate::folder::DeskFolder;
use crate::learning::asked::Classifier;
use crate::learning::lessons::Lessons;
use crate::learning::teach::afters;
use crate::learning::{page, report};
use crate::output::{self, Exit, Failure};

/// Failures that are told.
const TOLD: usize = 3;

pub(super) async fn run(dir: &Path, asked: &Eval) -> Result<Exit> {
    let desk = DeskFolder::at(dir);
    let lessons = match &asked.data {
        Some(file) => Lessons::of_file(file)?,
        None => {
            desk.need()?;
            Lessons::of_pasts(&train::history(&desk, asked.days).await?)
        }
    };
    if lessons.lessons.is_empty() {
        let todo = "classify conversations first, or name a file with --data";
        return Err(
            Failure::usage("there is no classified conversation to measure on", todo).into()
        );
    }
    let found = find(&desk, asked, &lessons)?;
    let name = format!("{} {}", found.package.manifest.id, found.package.manifest.version);
    let classifier = Classifier::of(found.package, found.settings, found.tree)?;
    let total: usize = lessons.lessons.iter().map(|lesson| lesson.shown().len()).sum();
    let bar = output::progress(total as u64, "asking");
    let (after, failures) = classifier.ask_all(|ask| {
        afters(&lessons.lessons, |turns| {
            bar.inc(1);
            ask(turns)
        })
    });
    bar.finish_and_clear();
    let what =
        format!("measured on {} conversations, through the plugin host", lessons.lessons.len());
    if let Some(file) = &asked.html {
        fs::write(file, page::page(&name, &what, &after))
            .with_context(|| format!("cannot write {}", file.display()))?;
        output::note(format!("wrote {}", file.display()));
    }
    if asked.json {
        output::say_json(&json!({
            "classifier": name, "conversations": lessons.lessons.len(), "failures": failures.len(),
            "after": report::after_json(&after),
        }));
    } else {
        output::say(format!("{name}, {what}"));
        output::say(report::text(&after, asked.show));
    }
    for failure in failures.iter().take(TOLD) {
        output::note(format!("it failed: {failure}"));
    }
    if failures.len() > TOLD {
        output::note(format!("… and {} times more", failures.len() - TOLD));
    }
    Ok(if failures.is_empty() { Exit::Good } else { Exit::Found })
}

/// What is to be measured.
struct Found {
    package: Package,
    settings: Value,
    tree: Catalogue,
}

/// A package in a folder, with the settings given and the labels as its tree; or a plugin of the desk, as it is bound there.
fn find(desk: &DeskFolder, asked: &Eval, lessons: &Lessons) -> Result<Found> {
    let given = PathBuf::from(&asked.classifier);
    let settings = asked.settings.as_deref().map(settings).transpose()?;
    if given.is_dir() || given.extension().is_some_and(|ending| ending == "wasm") {
        let labels: BTreeSet<&str> =
            lessons.lessons.iter().filter_map(|lesson| lesson.node.as_deref()).collect();
        let node = |id: &str| Node {
            id: id.into(),
            parent: None,
            title: id.to_owned(),
            active: true,
            synonyms: Vec::new(),
        };
        let tree = Catalogue::new(1, labels.into_iter().map(node).collect());
        return Ok(Found {
            package: Package::read(&given)?,
            settings: settings.unwrap_or(json!({})),
            tree,
        });
    }
    desk.need()?;
    let looked = check::look(&check::folders(&desk.root)?, &mut |_, _| ())?;
    let Some(rules) = &looked.loaded.rules else {
        looked.say(false);
        let what = format!("the rules in {} are wrong", desk.config.display());
        return Err(Failure::usage(what, "mend them first: `dialogo check` tells the same").into());
    };
    let named = rules.checked.plugins.iter().find(|plugin| plugin.id.as_str() == asked.classifier);
    let Some(named) = named else {
        let known: Vec<&str> =
            rules.checked.plugins.iter().map(|plugin| plugin.id.as_str()).collect();
        let what = format!("plugins.toml has no plugin `{}`", asked.classifier);
        let todo = format!("name one of {}, or the folder of a package", known.join(", "));
        return Err(Failure::usage(what, todo).into());
    };
    let stem = named.file.strip_suffix(".wasm").unwrap_or(&named.file);
    let bound = named.settings.as_ref().map(|settings| settings.json().as_ref().clone());
    Ok(Found {
        package: Package::read(&desk.plugins.join(stem))?,
        settings: settings.or(bound).unwrap_or(json!({})),
        tree: catalogue(&rules.checked.domain.tree),
    })
}

fn catalogue(tree: &dialogo_domain::tree::Tree) -> Catalogue {
    let nodes = tree.nodes.iter().map(|(id, node)| Node {
        id: id.as_str().into(),
        parent: node.parent.as_ref().map(|parent| parent.as_str().into()),
        title: node.name.values().next().cloned().unwrap_or_default(),
        active: node.active,
        synonyms: node.synonyms.clone(),
    });
    Catalogue::new(1, nodes.collect())
}

fn settings(file: &Path) -> Result<Value> {
    let text =
        fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let mut settings: Value = toml_edit::de::from_str(&text)
        .with_context(|| format!("cannot understand {}", file.display()))?;
    // The file's own tests are no settings.
    if let Some(table) = settings.as_object_mut() {
        table.remove("test");
    }
    Ok(settings)
}
