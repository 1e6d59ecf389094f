//! Recorded calls: a desk records while people talk; the calls are put to plugins again without it, and exactly those
//! verdicts differ that should. What should is reckoned here, from the lines of the recording.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use dialogo_tests::command::{dialogo, plugins};
use dialogo_tests::deadline::{SOON, until, when};
use dialogo_tests::desk::Desk;
use dialogo_tests::folder;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::partner::{partner, project};

/// All calls in a plugin's recordings.
fn lines(desk: &Desk, plugin: &str) -> Result<Vec<Value>> {
    let Ok(entries) = std::fs::read_dir(recordings(desk, plugin)) else { return Ok(Vec::new()) };
    let mut calls = Vec::new();
    for entry in entries {
        let text = std::fs::read_to_string(entry?.path())?;
        let whole = text.split_inclusive('\n').filter(|line| line.ends_with('\n')).skip(1);
        for line in whole {
            calls.push(serde_json::from_str(line).with_context(|| line.to_owned())?);
        }
    }
    Ok(calls)
}

fn recordings(desk: &Desk, plugin: &str) -> PathBuf {
    desk.folder().data().join("recordings").join(plugin)
}

fn text<'v>(value: &'v Value, pointer: &str) -> &'v str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// The ids of calls that a test thinks of.
fn ids<'v>(calls: impl IntoIterator<Item = &'v Value>) -> BTreeSet<&'v str> {
    calls.into_iter().map(|call| text(call, "/call")).collect()
}

fn shown(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// Whether a conversation is among the recorded half, reckoned here.
fn in_half(conversation: &str) -> bool {
    Sha256::digest(format!("keywordsrecorded\0{conversation}"))[0] < 0x80
}

#[tokio::test]
async fn a_desk_records_whole_conversations_and_other_settings_show_what_they_change() -> Result<()>
{
    let mut desk = Desk::begin_with(|folder| {
        let place = "settings = \"plugins/keywords.toml\"";
        folder.replace("plugins.toml", place, &format!("{place}\nrecord = {{ share = 0.5 }}"))
    })
    .await?;
    // As many as it takes to have both kinds inside and somebody outside.
    let (mut zebras, mut others, mut outside) = (BTreeSet::new(), BTreeSet::new(), 0);
    while zebras.len() < 2 || others.len() < 2 || outside == 0 {
        let visit = desk.api().begin("suporte").await?;
        let zebra = zebras.len() < 2;
        let animal = if zebra { "a zebra" } else { "o gato" };
        visit.say(&format!("{animal} perdeu o boleto de maria@exemplo.com")).await?;
        match (in_half(&visit.id), zebra) {
            (false, _) => outside += 1,
            (true, true) => drop(zebras.insert(visit.id.clone())),
            (true, false) => drop(others.insert(visit.id.clone())),
        }
    }
    let recorded: BTreeSet<String> = zebras.union(&others).cloned().collect();
    let calls = until("the calls to be recorded", SOON, || async {
        let calls = lines(&desk, "keywords")?;
        let seen: BTreeSet<String> =
            calls.iter().map(|call| text(call, "/input/conversation/id").to_owned()).collect();
        Ok(when(seen == recorded, calls, format!("{seen:?} instead of {recorded:?}")))
    })
    .await?;
    let all = serde_json::to_string(&calls)?;
    ensure!(!all.contains("maria@") && all.contains("xxxxx@xxxxxxx.xxx"), "not masked: {all}");
    let metrics = desk.metrics().await?;
    let counted = metrics.sum("dialogo_plugin_calls_recorded_total");
    ensure!(counted >= Some(calls.len() as f64), "{counted:?} recorded, {} lines", calls.len());
    ensure!(metrics.sum("dialogo_plugin_recordings_dropped_total") == Some(0.0));
    let listed = desk.dialogo(&["plugin", "recordings", "--json"]).await?.expect(0)?.json()?;
    ensure!(text(&listed, "/recordings/0/plugin") == "keywords", "{listed:#}");

    // Elsewhere, without the desk.
    let (dir, kept) = (shown(desk.folder().path()), tempfile::tempdir()?);
    folder::copy(&recordings(&desk, "keywords"), &kept.path().join("recorded"))?;
    let settings = desk.folder().read("plugins/keywords.toml")?;
    desk.process.stop().await?;
    let recording = shown(&kept.path().join("recorded"));
    let package = shown(&plugins()?.join("keywords"));
    let replay = ["--dir", &dir, "plugin", "replay", &recording, "--json", "--exit-code"];
    let same =
        dialogo([&replay[..], &["--against", &package]].concat()).await?.expect(0)?.json()?;
    assert_eq!((&same["differ"], &same["failed"]), (&0.into(), &0.into()), "{same:#}");
    ensure!(same["calls"].as_u64() >= Some(calls.len() as u64), "{same:#}");

    let file = kept.path().join("zebra.toml");
    let rule = "\n[[rule]]\nnode = \"elogio\"\nany = ['\\bzebra\\b']\nweight = 0.95\n";
    std::fs::write(&file, format!("{settings}{rule}"))?;
    let (file, cases) = (shown(&file), shown(&kept.path().join("cases")));
    let changed = [&replay[..], &["--settings", &file, "--cases", &cases]].concat();
    let changed = dialogo(changed).await?.expect(1)?.json()?;
    // Whoever was still writing when the lines were read is in the recording as well.
    let names_it =
        |call: &&Value| call["input"]["conversation"]["recent"].to_string().contains("zebra");
    let expected = ids(calls.iter().filter(names_it));
    let told = ids(changed["differences"].as_array().into_iter().flatten());
    ensure!(expected.is_subset(&told) && !expected.is_empty(), "{told:?} instead of {expected:?}");
    for difference in changed["differences"].as_array().into_iter().flatten() {
        ensure!(zebras.contains(text(difference, "/conversation")), "{difference:#}");
        ensure!(text(difference, "/now/suggestions/0/node") == "elogio", "{difference:#}");
    }

    // The cases that were made of them hold.
    let copy = kept.path().join("keywords");
    folder::copy(Path::new(&package), &copy)?;
    for case in std::fs::read_dir(&cases)? {
        let case = case?;
        std::fs::copy(case.path(), copy.join("cases").join(case.file_name()))?;
    }
    let before = dialogo(["plugin", "test", &package, "--json"]).await?.expect(0)?.json()?;
    let tested = dialogo(["plugin", "test", &shown(&copy), "--json"]).await?.expect(0)?.json()?;
    let count = |tested: &Value| tested["packages"][0]["cases"].as_u64().unwrap_or_default();
    ensure!(count(&tested) == count(&before) + told.len() as u64, "{tested:#}");
    Ok(())
}

#[tokio::test]
async fn a_changed_plugin_differs_at_exactly_the_calls_that_its_change_is_about() -> Result<()> {
    let home = tempfile::tempdir()?;
    let project = project(home.path(), "polite", "rust").await?;
    partner(&project, &["plugin", "pack", "--out", ".."]).await?.expect(0)?;
    let before = shown(&home.path().join("polite-0.1.0.dialogo"));
    let mut desk = Desk::begin().await?;
    let dir = shown(desk.folder().path());
    partner(&project, &["--dir", &dir, "plugin", "install", &before]).await?.expect(0)?;
    desk.folder().write("plugins/polite.toml", "denied_words = [\"bobo\"]\ntopics = []\n")?;
    let binding = "[[plugin]]\nid = \"polite\"\nfile = \"polite.wasm\"\nhooks = [\"message-policy\"]\nmode = \"enforce\"\nsettings = \"plugins/polite.toml\"\nrecord = { share = 1, redact = false }";
    desk.folder().append("plugins.toml", binding)?;
    desk.dialogo(&["rules", "reload"]).await?.expect(0)?;
    let visit = desk.api().begin("suporte").await?;
    for said in ["bom dia", "seu bobo", "que bobagem", "bobo !", "bobos todos"] {
        visit.say(said).await?;
    }
    let calls = until("five calls to be recorded", SOON, || async {
        let calls = lines(&desk, "polite")?;
        Ok(when(calls.len() == 5, calls.clone(), format!("{calls:?}")))
    })
    .await?;
    desk.process.stop().await?;

    // From now on only whole words are denied.
    let source = project.join("src/message_policy.rs");
    let code = std::fs::read_to_string(&source)?;
    let changed = code.replace(
        "text.contains(&word.to_lowercase())",
        "text.split(' ').any(|spoken| spoken == word.to_lowercase())",
    );
    ensure!(changed != code, "the template is another one: {code}");
    std::fs::write(&source, changed)?;
    let recording = shown(&home.path().join("desk-recording"));
    folder::copy(&Path::new(&dir).join("data/recordings/polite"), Path::new(&recording))?;
    let replay = ["plugin", "replay", &recording, "--plugin", &before, "--against", ".", "--json"];
    let told = partner(&project, &replay).await?.expect(0)?.json()?;
    let about = |call: &&Value| {
        let said = text(call, "/input/message/text");
        said.contains("bobo") && !said.split(' ').any(|word| word == "bobo")
    };
    let expected = ids(calls.iter().filter(about));
    assert_eq!(expected.len(), 1, "only “bobos todos” has the word within another: {calls:?}");
    assert_eq!(ids(told["differences"].as_array().into_iter().flatten()), expected, "{told:#}");
    assert_eq!((&told["calls"], &told["same"], &told["failed"]), (&5.into(), &4.into(), &0.into()));

    // A desk that has another build by now is no help, and says so.
    partner(&project, &["--dir", &dir, "plugin", "install", "."]).await?.expect(0)?;
    let lost = ["--dir", &dir, "plugin", "replay", &recording, "--against", "."];
    let said = partner(&project, &lost).await?.expect(2)?;
    ensure!(
        said.err.contains("built otherwise") && said.err.contains("--plugin"),
        "{}",
        said.all()
    );
    Ok(())
}
