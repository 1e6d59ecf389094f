//! `dialogo reasons …`: groups of conversations that fit no node of the tree, found, accepted, declined.

use std::path::Path;

use anyhow::{Context, Result};
use dialogo_desk::rules::tree as files;
use dialogo_domain::Actor;
use dialogo_domain::tree::Tree;
use dialogo_learn::Step;
use dialogo_learn::reasons::{self, Settings};
use dialogo_server::api::{FoundReasons, ProposedNode, ReasonGroup};
use dialogo_server::reasons::{Book, Decision, with_node};
use serde_json::json;

use super::running::Running;
use super::{check, train};
use crate::cli::{Accept, FindReasons, Reasons};
use crate::folder::DeskFolder;
use crate::learning::{proposals, talks};
use crate::output::{self, Exit, Failure};

pub(super) async fn run(dir: &Path, verb: Reasons) -> Result<Exit> {
    let desk = DeskFolder::at(dir);
    match verb {
        Reasons::Find(asked) => find(&desk, &asked).await,
        Reasons::List(json) => {
            desk.need()?;
            let found = book(&desk).open().context("cannot read what was found")?;
            let found = found.ok_or_else(|| {
                Failure::usage(
                    "nobody has looked for new reasons yet",
                    "look: `dialogo reasons find`",
                )
            })?;
            tell(&found, json.json);
            Ok(Exit::Good)
        }
        Reasons::Accept(asked) => accept(dir, &desk, &asked).await,
        Reasons::Decline { group, json } => decline(dir, &desk, &group, json).await,
    }
}

fn book(desk: &DeskFolder) -> Book {
    Book::below(&desk.data)
}

async fn find(desk: &DeskFolder, asked: &FindReasons) -> Result<Exit> {
    let Some(file) = &asked.from else {
        desk.need()?;
        let talks = talks::of_pasts(&train::history(desk, asked.days).await?);
        let decisions = book(desk).decisions().context("cannot read what was decided")?;
        let found = look(talks, &tree(desk)?, &decisions, asked);
        book(desk)
            .keep(&found)
            .with_context(|| format!("cannot keep what was found in {}", desk.data.display()))?;
        if !asked.steps {
            tell(&found, asked.json);
        }
        return Ok(Exit::Good);
    };
    let found = look(talks::of_file(file)?, &Tree::default(), &[], asked);
    tell(&found, asked.json);
    Ok(Exit::Good)
}

/// Looks, with a bar for people or a line of JSON a step for the desk that asked.
fn look(
    mut talks: Vec<talks::Talk>,
    tree: &Tree,
    decisions: &[Decision],
    asked: &FindReasons,
) -> FoundReasons {
    proposals::remember(&mut talks, tree, decisions);
    let settings = Settings { least: asked.least, ..Settings::new(asked.seed) };
    let bar = output::progress(0, "looking");
    let lessons: Vec<_> = talks.iter().map(|talk| talk.lesson.clone()).collect();
    // It keeps its thread busy; nothing else runs in this process meanwhile.
    let found = tokio::task::block_in_place(|| {
        reasons::find(&lessons, &settings, &mut |Step { done, of, what }| {
            if asked.steps {
                output::say(json!({ "done": done, "of": of, "what": what }).to_string());
            }
            bar.set_length(of as u64);
            bar.set_position(done as u64);
            bar.set_message(what);
        })
    });
    bar.finish_and_clear();
    proposals::propose(&talks, &found, tree, decisions, check::now().0)
}

/// The tree as the files have it.
fn tree(desk: &DeskFolder) -> Result<Tree> {
    Ok(train::rules(desk)?.domain.tree.clone())
}

fn tell(found: &FoundReasons, as_json: bool) {
    if as_json {
        return output::say_json(found);
    }
    output::say(format!(
        "{} conversations, {} of them without a classification that fits; {} groups",
        found.conversations,
        found.looked_at,
        found.groups.len()
    ));
    for group in &found.groups {
        output::say(format!("\n{}", in_words(group)));
        group.samples.iter().for_each(|sample| output::say(format!("    “{sample}”")));
    }
    for alike in &found.alike {
        let [one, other] = &alike.nodes;
        output::say(format!(
            "\n{one} and {other} are hardly told apart: {} of {} taken for the other",
            alike.confused, alike.of
        ));
        for (node, samples) in alike.nodes.iter().zip(&alike.samples) {
            samples.iter().for_each(|sample| output::say(format!("    {node}: “{sample}”")));
        }
    }
    if !found.unused.is_empty() {
        output::say(format!("\nnever used: {}", found.unused.join(", ")));
    }
}

/// `cartao-engolido: 31 conversations, 2 4 9 16 in the last weeks; could be conta.cartao-engolido “Cartão engolido”`
fn in_words(group: &ReasonGroup) -> String {
    let weeks: Vec<String> = group.weeks.iter().map(u64::to_string).collect();
    let weeks = match weeks.is_empty() {
        true => String::new(),
        false => format!(", {} in the last weeks", weeks.join(" ")),
    };
    let again = if group.declined_at.is_some() { "; declined before, and grown since" } else { "" };
    let ProposedNode { id, title, .. } = &group.proposed;
    format!("{}: {} conversations{weeks}; could be {id} “{title}”{again}", group.id, group.size)
}

async fn accept(dir: &Path, desk: &DeskFolder, asked: &Accept) -> Result<Exit> {
    desk.need()?;
    let group = open_group(desk, &asked.group)?;
    let node = ProposedNode {
        id: asked.id.clone().unwrap_or_else(|| group.proposed.id.clone()),
        title: asked.title.clone().unwrap_or_else(|| group.proposed.title.clone()),
        parent: asked
            .parent
            .clone()
            .or_else(|| group.proposed.parent.clone())
            .filter(|id| !id.is_empty()),
    };
    if let Some(running) = Running::find(dir).await {
        let body = json!({ "id": node.id, "title": node.title, "parent": node.parent.as_deref().unwrap_or_default() });
        running.call("POST", &format!("/reasons/{}/accept", group.id), Some(&body)).await?;
    } else {
        in_the_file(desk, &node)?;
        remember(desk, &group, Some(&node.id))?;
    }
    if asked.json {
        output::say_json(&node);
    } else {
        output::say(format!("{} “{}” is in the tree: agents can choose it", node.id, node.title));
    }
    Ok(Exit::Good)
}

/// Where no desk runs, the file is all there is; the rules say whether it can be taken.
fn in_the_file(desk: &DeskFolder, node: &ProposedNode) -> Result<()> {
    let path = desk.config.join("classifications.toml");
    let text = std::fs::read_to_string(&path)
        .with_context(|| format!("cannot read {}", path.display()))?;
    let language = train::rules(desk)?.desk.languages.first().cloned().unwrap_or_default();
    let edited = with_node(&text, node, &language).map_err(Failure::refused)?;
    let folders = check::folders(&desk.root)?;
    files::write(&folders, "classifications.toml", &edited)
        .with_context(|| format!("cannot write {}", path.display()))
}

async fn decline(dir: &Path, desk: &DeskFolder, group: &str, as_json: bool) -> Result<Exit> {
    desk.need()?;
    let group = open_group(desk, group)?;
    match Running::find(dir).await {
        Some(running) => {
            let path = format!("/reasons/{}/decline", group.id);
            drop(running.call("POST", &path, None).await?);
        }
        None => remember(desk, &group, None)?,
    }
    if as_json {
        output::say_json(&json!({ "declined": group.id }));
    } else {
        output::say(format!("{} does not come back unless it has grown by half", group.id));
    }
    Ok(Exit::Good)
}

fn open_group(desk: &DeskFolder, id: &str) -> Result<ReasonGroup> {
    let group = book(desk).group(id).context("cannot read what was found")?;
    group.ok_or_else(|| {
        let what = format!("there is no open group `{id}`");
        Failure::usage(
            what,
            "`dialogo reasons list` names them; `dialogo reasons find` looks again",
        )
        .into()
    })
}

fn remember(desk: &DeskFolder, group: &ReasonGroup, node: Option<&str>) -> Result<()> {
    let decision = Decision::about(group, node, &Actor::Operator, check::now().0);
    book(desk)
        .remember(&decision)
        .with_context(|| format!("cannot remember it in {}", desk.data.display()))
}
