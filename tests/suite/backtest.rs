//! What a candidate would change is told exactly: counted here by other means than the engine's.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use dialogo_tests::api::Person;
use dialogo_tests::command::plugins;
use dialogo_tests::data::{large, samples};
use dialogo_tests::desk::{Desk, Prepared};
use dialogo_tests::folder::{Folder, copy};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;
use uuid::Uuid;

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

    let folder: PathBuf = large().unwrap_or_else(|| samples().join("dialogues"));
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
    // Ana really had the one conversation, and has it in both simulations.
    let played = &report["assignments"];
    assert_eq!((&played["contacts"], &played["differing"]), (&1.into(), &0.into()), "{played:#}");
    assert_eq!(played["fit"]["same_agent"], 1, "{played:#}");
    assert_eq!(played["agents"]["ana"]["new"]["conversations"], 1, "{played:#}");
    let page = fs::read_to_string(page)?;
    assert!(page.contains("tudo certo 🐙") && !page.contains("<script"), "{page}");
    assert_eq!(ana.transcript(&visit.id).await?, before);
    desk.stop().await
}

/// A file as somebody sends it.
struct Sent {
    name: &'static str,
    mime: &'static str,
    bytes: Vec<u8>,
}

impl Sent {
    fn sample(name: &'static str, mime: &'static str, path: &str) -> Result<Self> {
        Ok(Self { name, mime, bytes: fs::read(samples().join("attachments").join(path))? })
    }

    /// Uploads it and names it in a message.
    async fn by(&self, who: &Person, conversation: &str) -> Result<()> {
        let stored = who.upload(conversation, self.name, self.mime, self.bytes.clone()).await?;
        let id = &stored.expect(201)?["id"];
        let message = json!({ "id": Uuid::new_v4(), "text": "", "attachments": [id] });
        who.post(&format!("/conversations/{conversation}/messages"), message).await?.expect(201)?;
        Ok(())
    }

    async fn is_refused(&self, who: &Person, conversation: &str) -> Result<()> {
        let answer = who.upload(conversation, self.name, self.mime, self.bytes.clone()).await?;
        answer.problem(422, "attachment-refused")?;
        Ok(())
    }

    fn pdf(name: &'static str, says: &str) -> Self {
        let bytes = format!(
            "%PDF-1.4\n1 0 obj << /Type /Catalog >> endobj % {says}\ntrailer << /Root 1 0 R >>\n%%EOF\n"
        );
        Self { name, mime: "application/pdf", bytes: bytes.into_bytes() }
    }
}

/// An archive with one empty file in it, by hand: local header, directory, end.
fn archive() -> Vec<u8> {
    let name = b"nota.txt";
    let mut bytes = Vec::new();
    bytes.extend(*b"PK\x03\x04\x14\0\0\0\0\0\0\0\x21\0");
    bytes.extend([0; 12]);
    bytes.extend([name.len() as u8, 0, 0, 0]);
    bytes.extend(name);
    let directory = bytes.len() as u8;
    bytes.extend(*b"PK\x01\x02\x14\0\x14\0\0\0\0\0\0\0\x21\0");
    bytes.extend([0; 12]);
    bytes.extend([name.len() as u8, 0]);
    bytes.extend([0; 16]);
    bytes.extend(name);
    let size = bytes.len() as u8 - directory;
    bytes.extend(*b"PK\x05\x06\0\0\0\0\x01\0\x01\0");
    bytes.extend([size, 0, 0, 0, directory, 0, 0, 0, 0, 0]);
    bytes
}

/// Removes the content of a file from a desk's folder, as `[retention]` does in time.
fn lose(desk: &Desk, file: &Sent) -> Result<()> {
    let digest: String =
        Sha256::digest(&file.bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    let mut lost = 0;
    for consumer in fs::read_dir(desk.folder().data().join("attachments/content"))? {
        lost += usize::from(fs::remove_file(consumer?.path().join(&digest)).is_ok());
    }
    anyhow::ensure!(lost == 1, "the content of {} was kept {lost} times", file.name);
    Ok(())
}

#[tokio::test]
async fn just_the_files_that_differ_are_named() -> Result<()> {
    let desk = Desk::begin().await?;
    let ana = desk.api().on_duty("ana").await?;
    let visit = desk.api().begin("suporte").await?;
    desk.state_until(&ana, &visit.id, "active").await?;
    let note = Sent { name: "nota.txt", mime: "text/plain", bytes: b"bom dia\n".to_vec() };
    let (invoice, old) = (Sent::pdf("fatura.pdf", "um"), Sent::pdf("antiga.pdf", "dois"));
    let contract = Sent::pdf("contrato.pdf", "tres");
    for file in [&note, &invoice, &old] {
        file.by(&visit.consumer, &visit.id).await?;
    }
    contract.by(&ana, &visit.id).await?;
    let packed = Sent { name: "fotos.zip", mime: "application/zip", bytes: archive() };
    packed.is_refused(&visit.consumer, &visit.id).await?;
    let hostile = Sent::sample("gif.gif", "image/gif", "generated/gifjs.gif")?;
    hostile.is_refused(&visit.consumer, &visit.id).await?;
    lose(&desk, &old)?;

    // Consumers may send archives and no PDFs any more; agents as before.
    let candidate = Candidate::of(desk.folder())?;
    candidate.folder.without_tests("plugins/attachments.toml")?;
    candidate.folder.replace(
        "plugins/attachments.toml",
        "allow = [\"image/*\", \"application/pdf\", \"office\", \"text/plain\", \"audio/*\"]",
        "allow = [\"image/*\", \"archive\", \"office\", \"text/plain\", \"audio/*\"]",
    )?;
    let asked = ["backtest", "--config", &candidate.path(), "--json"];
    let report = desk.dialogo(&asked).await?.expect(0)?.json()?;
    let changes: Vec<(&str, &str, bool)> = report["differences"]
        .as_array()
        .context("no differences")?
        .iter()
        .flat_map(|one| one["changes"].as_array().into_iter().flatten())
        .map(|change| {
            let text = |key: &str| change[key].as_str().unwrap_or_default();
            (text("kind"), text("text"), text("new").starts_with("refused: "))
        })
        .collect();
    let size = invoice.bytes.len();
    let expected = [
        ("file", format!("fatura.pdf (application/pdf, {size} B)"), true),
        ("file", format!("fotos.zip (application/zip, {} B)", packed.bytes.len()), false),
    ];
    let expected: Vec<_> =
        expected.iter().map(|(kind, text, refused)| (*kind, text.as_str(), *refused)).collect();
    assert_eq!(changes, expected, "{report:#}");
    let files = json!({ "judged": 4, "without_content": 1, "gone": 1, "refused_for_content": 1 });
    assert_eq!(report["files"], files);
    assert_eq!(
        (&report["old"]["files_refused"], &report["new"]["files_refused"]),
        (&1.into(), &1.into())
    );
    desk.stop().await
}

#[tokio::test]
async fn recorded_dialogues_are_played_when_arrivals_are_made_up() -> Result<()> {
    let prepared = Prepared::new().await?;
    let candidate = Candidate::of(&prepared.folder)?;
    candidate.folder.replace("desk.toml", "limit = 4", "limit = 1")?;
    let (new, file) = (candidate.path(), samples().join("dialogues/star.jsonl"));
    let file = file.to_string_lossy().into_owned();
    let page = candidate.place.path().join("report.html");
    let html = page.to_string_lossy().into_owned();
    let quiet = ["backtest", "--config", &new, "--dialogues", &file];
    let left_out = prepared.dialogo(&quiet).await?.expect(0)?;
    assert!(left_out.all().contains("--arrivals 60/h makes that up"), "{}", left_out.all());

    let mut asked =
        [&quiet[..], &["--arrivals", "120/h", "--agents", "1", "--html", &html]].concat();
    let text = prepared.dialogo(&asked).await?.expect(0)?;
    for part in ["Assignments and waiting, simulated", "wait p50", "takes for granted", "made up"] {
        assert!(text.all().contains(part), "no `{part}` in {}", text.all());
    }
    let page = fs::read_to_string(page)?;
    assert!(page.contains("<polyline class=\"new\"") && !page.contains("<script"), "{page}");

    asked.push("--json");
    let report = prepared.dialogo(&asked).await?.expect(0)?.json()?;
    let again = prepared.dialogo(&asked).await?.expect(0)?.json()?;
    assert_eq!(report["assignments"], again["assignments"], "the same again");
    let played = &report["assignments"];
    let dialogues = fs::read_to_string(samples().join("dialogues/star.jsonl"))?.lines().count();
    assert_eq!(played["contacts"].as_u64(), Some(dialogues as u64), "{played:#}");
    let agents = played["agents"].as_object().context("no agents")?;
    let ana = &agents["ana"];
    assert_eq!(
        (agents.len(), ana["old"]["most_at_once"].as_u64(), ana["new"]["most_at_once"].as_u64()),
        (1, Some(4), Some(1))
    );
    let waits = |side: &str| played["departments"]["suporte"][side]["wait_p90_ms"].as_u64();
    assert!(waits("new") > waits("old"), "{played:#}");
    Ok(())
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
