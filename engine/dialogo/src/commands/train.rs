//! `dialogo train`: learns from what agents decided, tells how good it is, and makes a plugin's package of it.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use dialogo_desk::rules::tree as files;
use dialogo_domain::Millis;
use dialogo_domain::id::NodeId;
use dialogo_journal::Progress;
use dialogo_learn::Settings;
use dialogo_model::Model;
use dialogo_rules::Checked;
use serde_json::json;

use super::{check, plugin};
use crate::backtest::past;
use crate::cli::Train;
use crate::folder::DeskFolder;
use crate::learning::lessons::Lessons;
use crate::learning::slots::{self, Place};
use crate::learning::teach::{self, Taught};
use crate::learning::{package, page, report};
use crate::output::{self, Exit, Failure};

const DAY_MS: u64 = 86_400_000;

pub(super) async fn run(dir: &Path, asked: &Train) -> Result<Exit> {
    let desk = DeskFolder::at(dir);
    if asked.from.is_none() || asked.install {
        desk.need()?;
    }
    let lessons = lessons(&desk, asked).await?;
    let test = asked.test.as_deref().map(Lessons::of_file).transpose()?;
    let place = if asked.install { Some(place(&desk)?) } else { None };
    let present = place.map(|place| present(&desk, place)).transpose()?.flatten();
    let taught = learn(&lessons, test.map(|test| test.lessons), asked, present).await?;
    let version = package::version(&taught.model);
    let gate = teach::gate(taught.report.last(), taught.report.present.as_ref());
    if let Some(file) = &asked.html {
        let page = page::page("What was learned", &taught.report.what(), &taught.report.after);
        fs::write(file, page).with_context(|| format!("cannot write {}", file.display()))?;
        output::note(format!("wrote {}", file.display()));
    }
    let mut facts = taught.report.json();
    facts["version"] = json!(version);
    if let Some(out) = &asked.out {
        package::write(out, package::ID, &taught.model, &version, &facts)?;
    }
    let installed = match (&gate, place) {
        (Ok(()), Some(place)) => Some(install(&desk, place, &taught.model, &version, &facts)?),
        _ => None,
    };
    if asked.json {
        facts["gate"] = json!(gate.as_ref().err());
        facts["installed"] = json!(installed.as_ref().and(place).map(|place| place.new));
        output::say_json(&facts);
    } else {
        tell(&taught, asked, installed.as_deref());
    }
    match gate {
        Err(why) if asked.install => {
            output::note(format!("the model in use stays: of the new one, {why}"));
            Ok(Exit::Found)
        }
        _ => Ok(Exit::Good),
    }
}

fn tell(taught: &Taught, asked: &Train, installed: Option<&str>) {
    output::say(taught.report.what());
    output::say(report::text(&taught.report.after, asked.show));
    if let Some(present) = &taught.report.present {
        output::say(format!(
            "\nthe model in use, on the same conversations: {} right",
            report::percent(present.accuracy)
        ));
    }
    if let Some(out) = &asked.out {
        output::say(format!(
            "\nwrote {}: try it with `dialogo eval {0}`, put it in with `dialogo plugin install {0}`",
            out.display()
        ));
    }
    if let Some(installed) = installed {
        output::say(format!("\n{installed}"));
    }
    if asked.out.is_none() && !asked.install {
        output::say(
            "\nnothing was written: --out DIR makes a package of it, --install puts it into the desk",
        );
    }
}

/// What to learn from: a file, or the desk's own history.
async fn lessons(desk: &DeskFolder, asked: &Train) -> Result<Lessons> {
    let mut lessons = match &asked.from {
        Some(file) => Lessons::of_file(file)?,
        None => Lessons::of_pasts(&history(desk, asked.days).await?),
    };
    let from_desk = asked.from.is_none() || asked.install;
    let active = if from_desk { Some(active_nodes(desk)?) } else { None };
    let is_active =
        |node: &str| active.as_ref().is_none_or(|active| active.contains(&NodeId::from(node)));
    let left_out = lessons.keep(asked.least_support, is_active);
    if left_out > 0 {
        output::note(format!(
            "note: {left_out} conversations are left out: their node is not active, or has fewer than {} of them",
            asked.least_support
        ));
    }
    Ok(lessons)
}

/// Everything in a desk's journal that began in the last `days`; the desk may be running.
pub(super) async fn history(
    desk: &DeskFolder,
    days: Option<u32>,
) -> Result<Vec<dialogo_desk::backtest::history::Past>> {
    let since = days
        .map_or(Millis(0), |days| Millis(check::now().0.saturating_sub(u64::from(days) * DAY_MS)));
    let bar = output::progress(0, "reading");
    let (data, shown) = (desk.data.clone(), bar.clone());
    let read = tokio::task::spawn_blocking(move || {
        past::of_journal(&data, since, &mut |progress: Progress| {
            shown.set_length(progress.total);
            shown.set_position(progress.done);
        })
    });
    let pasts = read.await.context("reading the journal panicked")??;
    bar.finish_and_clear();
    Ok(pasts)
}

/// The nodes that agents can choose.
fn active_nodes(desk: &DeskFolder) -> Result<std::collections::BTreeSet<NodeId>> {
    let rules = rules(desk)?;
    let nodes = rules.domain.tree.nodes.iter();
    Ok(nodes.filter(|(_, node)| node.active).map(|(id, _)| id.clone()).collect())
}

/// The rules as the files have them.
pub(super) fn rules(desk: &DeskFolder) -> Result<Arc<Checked>> {
    let looked = check::look(&check::folders(&desk.root)?, &mut |_, _| ())?;
    let Some(rules) = &looked.loaded.rules else {
        looked.say(false);
        let what = format!("the rules in {} are wrong", desk.config.display());
        return Err(Failure::usage(what, "mend them first: `dialogo check` tells the same").into());
    };
    Ok(Arc::clone(&rules.checked))
}

/// The model that counts, if one does.
fn present(desk: &DeskFolder, place: Place) -> Result<Option<Model>> {
    let Some(present) = place.present else { return Ok(None) };
    let file = desk.plugins.join(present).join(package::MODEL);
    let bytes = fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
    match Model::open(bytes) {
        Ok(model) => Ok(Some(model)),
        Err(damaged) => {
            output::note(format!("note: {} is not compared with: {damaged}", file.display()));
            Ok(None)
        }
    }
}

/// Where what is learned goes.
fn place(desk: &DeskFolder) -> Result<Place> {
    let file = desk.config.join("plugins.toml");
    slots::place(&plugins(desk)?).with_context(|| format!("cannot understand {}", file.display()))
}

/// The text of `plugins.toml` as it is now.
fn plugins(desk: &DeskFolder) -> Result<String> {
    let file = desk.config.join("plugins.toml");
    fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))
}

async fn learn(
    lessons: &Lessons,
    test: Option<Vec<dialogo_learn::Lesson>>,
    asked: &Train,
    present: Option<Model>,
) -> Result<Taught> {
    let bar = output::progress(0, "learning");
    let settings = Settings::new(asked.seed);
    // Learning keeps its thread busy for seconds; nothing else runs in this process meanwhile.
    let taught = tokio::task::block_in_place(|| {
        teach::teach(
            lessons,
            test.as_deref(),
            &settings,
            present.as_ref(),
            &mut |done, of, what| {
                bar.set_length(of as u64);
                bar.set_position(done as u64);
                bar.set_message(what);
            },
        )
    });
    bar.finish_and_clear();
    taught.map_err(|too_little| {
        let todo = "classify more conversations, take in more days, or lower --least-support";
        Failure::usage(too_little.to_string(), todo).into()
    })
}

/// Puts the package into the desk, asked in shadow until it is promoted.
fn install(
    desk: &DeskFolder,
    place: Place,
    model: &[u8],
    version: &str,
    facts: &serde_json::Value,
) -> Result<String> {
    let aside = tempfile::tempdir().context("cannot make a folder to work in")?;
    let fresh = aside.path().join(place.new);
    // Learning takes minutes, in which somebody may have promoted what lay in that place.
    if self::place(desk)? != place {
        let what = format!("plugins.toml was changed meanwhile: {} is no longer free", place.new);
        return Err(Failure::refused(what).into());
    }
    package::write(&fresh, place.new, model, version, facts)?;
    let to = desk.plugins.join(place.new);
    plugin::install::place(&fresh, &desk.plugins, &to)
        .with_context(|| format!("cannot put the package into {}", to.display()))?;
    let folders = check::folders(&desk.root)?;
    let put = |path: &str, text: &str| {
        files::write(&folders, path, text).with_context(|| format!("cannot write config/{path}"))
    };
    if !desk.config.join("plugins/learned.toml").exists() {
        put("plugins/learned.toml", SETTINGS)?;
    }
    let file = desk.config.join("plugins.toml");
    loop {
        let rules = plugins(desk)?;
        let bound = slots::bind(&rules, place)
            .with_context(|| format!("cannot understand {}", file.display()))?;
        // What somebody wrote in this moment stays: it is bound in that text then.
        let written = bound == rules
            || files::write_over(&folders, "plugins.toml", &rules, &bound)
                .with_context(|| format!("cannot write {}", file.display()))?;
        if written {
            break;
        }
    }
    Ok(format!(
        "{} {version} is in {}, and asked in shadow: what it says is recorded and shown to nobody until `dialogo promote {}`",
        place.new,
        to.display(),
        place.new
    ))
}

const SETTINGS: &str = r#"# The classifier that learns from what agents decide.
least = 0.05          # nodes below this confidence are not suggested
parent = 0.7          # where no child is likelier than not, but all children of a node together reach this, the node is suggested

[retrain]
at = "03:30"          # learns anew every night at this time; without it, only `dialogo train --install` does
"#;
