//! What a candidate would change is told exactly: counted here by other means than the engine's.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use dialogo_tests::command::plugins;
use dialogo_tests::data::{large, long_runs, samples};
use dialogo_tests::desk::{Desk, Prepared};
use dialogo_tests::folder::{Folder, copy};
use serde_json::Value;
use tempfile::TempDir;

const RULE: &str =
    "[[rule]]\nnode = \"elogio\"\nany = ['\\bweather\\b', '\\bhotels?\\b']\nweight = 0.9\n\n";

/// A copy of a desk's rules with other ones beside it.
struct Candidate {
    place: TempDir,
    folder: Folder,
}

impl Candidate {
    fn of(rules: &Folder) -> Result<Self> {
        let place = tempfile::tempdir()?;
        copy(&rules.config(), &place.path().join("config"))?;
        copy(&plugins()?, &place.path().join("plugins"))?;
        let folder = Folder::at(place.path());
        Ok(Self { place, folder })
    }

    fn path(&self) -> String {
        self.place.path().to_string_lossy().into_owned()
    }
}

/// The dialogues in which the consumer says one of the words.
fn saying(file: &Path, words: &[&str]) -> Result<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    for line in fs::read_to_string(file)?.lines() {
        let dialogue: Value = serde_json::from_str(line)?;
        let turns = dialogue["turns"].as_array().context("no turns")?;
        let says = turns.iter().filter(|turn| turn["who"] == "consumer").any(|turn| {
            let text = turn["text"].as_str().unwrap_or_default().to_lowercase();
            text.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| words.contains(&word))
        });
        if says {
            found.insert(dialogue["id"].as_str().context("no id")?.to_owned());
        }
    }
    Ok(found)
}

#[tokio::test]
async fn a_changed_keyword_file_changes_just_the_conversations_with_the_word() -> Result<()> {
    let prepared = Prepared::new().await?;
    let candidate = Candidate::of(&prepared.folder)?;
    let rules = candidate.folder.read("plugins/keywords.toml")?;
    let at = rules.find("[[rule]]").context("no rule in the keyword file")?;
    let changed = format!("{}{RULE}{}", &rules[..at], &rules[at..]);
    fs::write(candidate.folder.config().join("plugins/keywords.toml"), changed)?;

    let folder = if long_runs() { large() } else { None };
    let folder: PathBuf = folder.unwrap_or_else(|| samples().join("dialogues"));
    for name in ["star.jsonl", "sgd_multi.jsonl"] {
        let file = folder.join(name);
        let expected = saying(&file, &["weather", "hotel", "hotels"])?;
        anyhow::ensure!(!expected.is_empty(), "nobody says any of the words in {name}");
        let (new, file) = (candidate.path(), file.to_string_lossy().into_owned());
        let asked = ["backtest", "--config", &new, "--dialogues", &file, "--json"];
        let report = prepared.dialogo(&asked).await?.expect(0)?.json()?;
        let differing = report["differences"].as_array().context("no differences")?;
        let told: BTreeSet<String> = differing
            .iter()
            .filter_map(|one| one["conversation"].as_str().map(str::to_owned))
            .collect();
        assert_eq!(told, expected, "{name}");
        assert_eq!(report["differing"].as_u64(), Some(expected.len() as u64));
        println!("{name}: {} of {} differ", expected.len(), report["conversations"]);
    }
    Ok(())
}

#[tokio::test]
async fn a_running_desk_s_own_past_is_judged_and_nothing_is_touched() -> Result<()> {
    let desk = Desk::begin().await?;
    let ana = desk.api().on_duty("ana").await?;
    let visit = desk.api().begin("suporte").await?;
    desk.state_until(&ana, &visit.id, "active").await?;
    for text in ["bom dia", "tudo certo 🐙", "até logo"] {
        visit.say(text).await?;
    }
    let candidate = Candidate::of(desk.folder())?;
    candidate.folder.replace(
        "plugins/emoji.toml",
        "[consumer]\ndeny = [\"🖕\"]",
        "[consumer]\ndeny = [\"🖕\", \"🐙\"]",
    )?;
    let before = ana.transcript(&visit.id).await?;
    let page = candidate.place.path().join("report.html");
    let (new, html) = (candidate.path(), page.to_string_lossy().into_owned());
    let asked = ["backtest", "--config", &new, "--json", "--html", &html, "--exit-code"];
    let report = desk.dialogo(&asked).await?.expect(1)?.json()?;
    assert_eq!(report["differing"], 1, "{report:#}");
    let changes = report["differences"][0]["changes"].as_array().context("no changes")?;
    assert_eq!(changes.len(), 1, "{changes:?}");
    assert_eq!(changes[0]["text"], "tudo certo 🐙");
    assert_eq!(changes[0]["old"], "allowed");
    let new = changes[0]["new"].as_str().unwrap_or_default();
    assert!(new.starts_with("rewritten to \"tudo certo"), "{new}");
    assert_eq!((&report["old"]["rewritten"], &report["new"]["rewritten"]), (&0.into(), &1.into()));
    let page = fs::read_to_string(page)?;
    assert!(page.contains("tudo certo 🐙") && !page.contains("<script"), "{page}");
    assert_eq!(ana.transcript(&visit.id).await?, before);
    desk.stop().await
}

#[tokio::test]
async fn a_broken_candidate_is_told_as_check_tells_it() -> Result<()> {
    let prepared = Prepared::new().await?;
    let candidate = Candidate::of(&prepared.folder)?;
    candidate.folder.replace("desk.toml", "limit = 4", "limit = -4")?;
    let (new, file) = (candidate.path(), samples().join("dialogues/star.jsonl"));
    let file = file.to_string_lossy().into_owned();
    let asked = ["backtest", "--config", &new, "--dialogues", &file];
    let ended = prepared.dialogo(&asked).await?.expect(1)?;
    assert!(ended.all().contains("desk.toml:") && ended.all().contains("limit"), "{}", ended.all());
    let empty = prepared.dialogo(&["backtest", "--config", &new, "--days", "1"]).await?;
    assert_eq!(empty.code, Some(1), "{}", empty.all());
    Ok(())
}
