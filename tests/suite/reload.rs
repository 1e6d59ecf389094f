//! Rules that reload: every way in which files change, seen through what the desk does with a message.
//!
//! The probe is the emoji policy: whether a balloon passes depends on one word in `plugins/emoji.toml`. Figures are
//! printed; what is asserted is that a change takes effect, whole or not at all, and how a broken one is told.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use dialogo_tests::api::{Person, Visit};
use dialogo_tests::deadline::{SOON, until, when};
use dialogo_tests::desk::{Desk, Prepared, Process};
use dialogo_tests::{desk, folder};
use serde_json::Value;

const FILE: &str = "plugins/emoji.toml";
/// In the file as it is shipped, twice: what agents and what consumers may not send.
const DENY: &str = "[consumer]\ndeny = [\"🖕\"]";

/// A desk with somebody who sends balloons.
struct Probe {
    desk: Desk,
    visit: Visit,
    admin: Person,
}

impl Probe {
    async fn new() -> Result<Self> {
        Self::of(Desk::begin().await?).await
    }

    async fn of(desk: Desk) -> Result<Self> {
        let visit = desk.api().begin("suporte").await?;
        let admin = desk.admin().await?;
        Ok(Self { desk, visit, admin })
    }

    /// What becomes of a message with a balloon and a kite.
    async fn sent(&self) -> Result<String> {
        let text = "a🎈b🪁";
        let answer = self.visit.say(text).await?;
        Ok(answer["text"].as_str().unwrap_or(text).to_owned())
    }

    /// Waits until such a message becomes this.
    async fn becomes(&self, wanted: &str, what: &str) -> Result<()> {
        let since = Instant::now();
        until(&format!("{wanted:?} after: {what}"), SOON, || async {
            let sent = self.sent().await?;
            let rules = self.rules().await?;
            Ok(when(sent == wanted, (), format!("{sent:?}, {}", rules["problems"])))
        })
        .await?;
        println!("{what}: in force after {} ms", since.elapsed().as_millis());
        Ok(())
    }

    async fn rules(&self) -> Result<Value> {
        self.admin.get("/rules").await?.expect(200)
    }

    async fn generation(&self) -> Result<String> {
        Ok(self.rules().await?["generation"].as_str().context("no generation")?.to_owned())
    }

    /// Waits until the desk says that what lies on disk is broken; gives what it says.
    async fn broken(&self) -> Result<Value> {
        until("a broken file to be noticed", SOON, || async {
            let rules = self.rules().await?;
            Ok(when(rules["healthy"] == false, rules.clone(), rules.to_string()))
        })
        .await
    }

    fn text(&self, denied: &[&str]) -> Result<String> {
        let text = self.desk.folder().read(FILE)?;
        let rest = text.split_once("[consumer]\ndeny = [").context("no consumer's deny")?;
        let after = rest.1.split_once(']').context("no end of it")?.1;
        let list: Vec<String> = denied.iter().map(|emoji| format!("\"{emoji}\"")).collect();
        Ok(format!("{}[consumer]\ndeny = [{}]{after}", rest.0, list.join(", ")))
    }

    fn path(&self) -> PathBuf {
        self.desk.folder().config().join(FILE)
    }

    async fn end(self) -> Result<()> {
        self.desk.stop().await
    }
}

#[test]
fn the_probe_knows_the_shipped_file() -> Result<()> {
    let shipped = dialogo_tests::command::repository().join("config").join(FILE);
    ensure!(fs::read_to_string(&shipped)?.contains(DENY), "{} has no {DENY:?}", shipped.display());
    Ok(())
}

#[tokio::test]
async fn written_in_place_in_halves_renamed_deleted_and_made_again() -> Result<()> {
    let probe = Probe::new().await?;
    assert_eq!(probe.sent().await?, "a🎈b🪁");
    let path = probe.path();

    fs::write(&path, probe.text(&["🖕", "🎈"])?)?;
    probe.becomes("ab🪁", "written in place").await?;

    let next = probe.text(&["🖕"])?;
    let (one, two) = next.split_at(next.len() / 2);
    fs::write(&path, one)?;
    let mut rest = fs::File::options().append(true).open(&path)?;
    std::io::Write::write_all(&mut rest, two.as_bytes())?;
    drop(rest);
    probe.becomes("a🎈b🪁", "written in two halves").await?;

    let beside = path.with_extension("toml.swp~");
    fs::write(&beside, probe.text(&["🖕", "🎈", "🪁"])?)?;
    fs::rename(&beside, &path)?;
    probe.becomes("ab", "renamed over, as vim does").await?;

    let next = probe.text(&["🖕", "🪁"])?;
    fs::remove_file(&path)?;
    probe.broken().await?;
    assert_eq!(probe.sent().await?, "ab", "without the file the last good rules hold");
    fs::write(&path, next)?;
    probe.becomes("a🎈b", "deleted and made again").await?;
    probe.end().await
}

#[tokio::test]
async fn links_are_followed_wherever_they_lead() -> Result<()> {
    // As Kubernetes mounts a config map: config/FILE → ..data/FILE, ..data → ..2026_1
    let prepared = Prepared::new().await?;
    let home = prepared.folder.path().to_owned();
    let config = prepared.folder.config();
    let first = home.join("maps/..2026_1");
    fs::create_dir_all(home.join("maps"))?;
    fs::rename(&config, &first)?;
    let mounted = home.join("mounted");
    fs::create_dir(&mounted)?;
    fs::rename(&first, mounted.join("..2026_1"))?;
    symlink("..2026_1", mounted.join("..data"))?;
    for entry in fs::read_dir(mounted.join("..2026_1"))? {
        let name = entry?.file_name();
        symlink(Path::new("..data").join(&name), mounted.join(&name))?;
    }
    symlink(&mounted, &config)?;
    let probe = Probe::of(prepared.serve().await?).await?;
    assert_eq!(probe.sent().await?, "a🎈b🪁");

    let new = mounted.join("..2026_2");
    fs::create_dir(&new)?;
    folder::copy(&mounted.join("..2026_1"), &new)?;
    fs::write(new.join(FILE), probe.text(&["🖕", "🎈"])?)?;
    symlink("..2026_2", mounted.join("..data_tmp"))?;
    fs::rename(mounted.join("..data_tmp"), mounted.join("..data"))?;
    fs::remove_dir_all(mounted.join("..2026_1"))?;
    probe.becomes("ab🪁", "the `..data` link swapped").await?;

    // The folder itself becomes another one.
    let other = home.join("elsewhere");
    fs::create_dir(&other)?;
    folder::copy(&new, &other)?;
    fs::write(other.join(FILE), probe.text(&["🖕", "🪁"])?)?;
    symlink(&other, home.join("config.new"))?;
    fs::rename(home.join("config.new"), &config)?;
    probe.becomes("a🎈b", "the link to the folder leads elsewhere").await?;

    // And a change at the far end of it.
    fs::write(other.join(FILE), probe.text(&["🖕", "🎈", "🪁"])?)?;
    probe.becomes("ab", "a file at the far end of a link").await?;
    probe.end().await
}

#[tokio::test]
async fn two_files_at_once_become_one_generation() -> Result<()> {
    let probe = Probe::new().await?;
    let before = probe.generation().await?;
    let known = probe.rules().await?["generations"].as_array().map_or(0, Vec::len);
    let desk_file = probe.desk.folder().read("desk.toml")?;
    fs::write(probe.path(), probe.text(&["🖕", "🎈"])?)?;
    probe.desk.folder().write(
        "desk.toml",
        &desk_file.replace("keep_closed = \"10 min\"", "keep_closed = \"11 min\""),
    )?;
    probe.becomes("ab🪁", "two files at once").await?;
    let rules = until("one new generation", SOON, || async {
        let rules = probe.rules().await?;
        let summary = rules["summary"].as_str().unwrap_or_default();
        Ok(when(
            summary.contains("emoji.toml") && summary.contains("desk.toml"),
            rules.clone(),
            rules["summary"].to_string(),
        ))
    })
    .await?;
    assert_ne!(rules["generation"], before.as_str());
    assert_eq!(rules["generations"].as_array().map_or(0, Vec::len), known + 1, "{rules}");
    probe.end().await
}

#[tokio::test]
async fn a_touch_changes_nothing_and_a_thousand_events_become_one_change() -> Result<()> {
    let probe = Probe::new().await?;
    let before = probe.rules().await?;
    let same = fs::read(probe.path())?;
    for _ in 0..1000 {
        fs::write(probe.path(), &same)?;
    }
    let last = probe.text(&["🖕", "🪁"])?;
    for number in 0..1000 {
        let denied = if number % 2 == 0 { ["🖕", "🎈"] } else { ["🖕", "🪁"] };
        fs::write(probe.path(), probe.text(&denied)?)?;
    }
    fs::write(probe.path(), last)?;
    probe.becomes("a🎈b", "a thousand events").await?;
    let after = probe.rules().await?;
    let generations = |rules: &Value| rules["generations"].as_array().map_or(0, Vec::len);
    let made = generations(&after) - generations(&before);
    assert!((1..=10).contains(&made), "a thousand events became {made} generations");

    // A touch alone: asked to look, it sees that nothing has changed.
    fs::File::options()
        .append(true)
        .open(probe.path())?
        .set_modified(std::time::SystemTime::now())?;
    probe.desk.dialogo(&["rules", "reload"]).await?.expect(0)?;
    let touched = probe.rules().await?;
    assert_eq!(
        (&touched["generation"], generations(&touched)),
        (&after["generation"], generations(&after))
    );
    probe.end().await
}

#[tokio::test]
async fn a_broken_file_leaves_the_last_good_rules_and_says_why() -> Result<()> {
    let probe = Probe::new().await?;
    fs::write(probe.path(), probe.text(&["🖕", "🎈"])?)?;
    probe.becomes("ab🪁", "a good change").await?;
    let (good, generation) = (fs::read_to_string(probe.path())?, probe.generation().await?);
    let line = good
        .lines()
        .position(|line| line.starts_with("max_per_message"))
        .context("no such line")?
        + 1;
    fs::write(probe.path(), good.replacen("max_per_message = 3", "max_per_mesage = 3", 1))?;

    let rules = probe.broken().await?;
    assert_eq!(rules["generation"], generation.as_str());
    let problem = rules["problems"]
        .as_array()
        .and_then(|all| all.iter().find(|one| one["severity"] == "error"))
        .cloned();
    let problem = problem.with_context(|| format!("no error among the problems: {rules}"))?;
    assert_eq!((&problem["file"], &problem["line"]), (&FILE.into(), &line.into()), "{problem}");
    assert!(problem["column"].as_u64() >= Some(1), "{problem}");
    assert!(
        problem.to_string().contains("max_per_message"),
        "no hint what would be right: {problem}"
    );
    let file = rules["files"]
        .as_array()
        .and_then(|all| all.iter().find(|one| one["path"] == FILE))
        .cloned();
    assert_eq!(file.map(|file| file["state"].clone()), Some("broken".into()));
    assert_eq!(probe.sent().await?, "ab🪁", "the last good rules hold");

    let place = format!("{FILE}:{line}");
    let status = probe.desk.dialogo(&["status"]).await?.expect(1)?;
    assert!(status.out.contains(&place), "status does not say where:\n{}", status.out);
    let check = probe.desk.dialogo(&["check"]).await?.expect(1)?;
    assert!(check.out.contains(&place), "check does not say where:\n{}", check.out);
    assert!(
        check.out.contains("max_per_mesage = 3"),
        "check does not show the line:\n{}",
        check.out
    );
    let json = probe.desk.dialogo(&["check", "--json"]).await?.expect(1)?.json()?;
    assert_eq!(json["good"], false, "{json}");
    let log = probe.desk.process.log();
    assert!(
        log.contains(&place),
        "the log does not say where:\n{}",
        probe.desk.process.last_words()
    );
    let metrics = probe.desk.metrics().await?;
    assert_eq!(metrics.sum("dialogo_rules_last_reload_ok"), Some(0.0), "{:?}", metrics.names());
    assert_eq!(metrics.sum("dialogo_rules_problems"), Some(1.0));

    // A failing [[test]] keeps a change out just as a syntax error does.
    fs::write(
        probe.path(),
        format!("{good}\n[[test]]\nname = \"never\"\nconsumer = \"oi\"\nbecomes = \"tchau\"\n"),
    )?;
    until("the failing test to be told", SOON, || async {
        let rules = probe.rules().await?;
        Ok(when(rules["problems"].to_string().contains("never"), (), rules["problems"].to_string()))
    })
    .await?;
    assert_eq!(probe.sent().await?, "ab🪁");

    fs::write(
        probe.path(),
        probe.text(&["🖕", "🪁"])?.split("[[test]]\nname = \"never\"").next().unwrap_or_default(),
    )?;
    probe.becomes("a🎈b", "mended").await?;
    assert_eq!(probe.rules().await?["healthy"], true);
    let metrics = probe.desk.metrics().await?;
    assert_eq!(metrics.sum("dialogo_rules_last_reload_ok"), Some(1.0));
    probe.desk.dialogo(&["status"]).await?.expect(0)?;
    probe.end().await
}

#[tokio::test]
async fn a_broken_file_does_not_stop_a_start() -> Result<()> {
    let probe = Probe::new().await?;
    fs::write(probe.path(), probe.text(&["🖕", "🎈"])?)?;
    probe.becomes("ab🪁", "a good change").await?;
    let generation = probe.generation().await?;
    let good = fs::read_to_string(probe.path())?;
    fs::write(probe.path(), "this is = = no TOML")?;
    probe.broken().await?;
    let Probe { mut desk, visit, .. } = probe;
    desk.process.stop().await?;
    desk.process.again().await?;
    let admin = desk.admin().await?;
    let probe = Probe { desk, visit, admin };
    assert_eq!(probe.sent().await?, "ab🪁", "the last good rules hold over a restart");
    let rules = probe.broken().await?;
    assert_eq!(rules["generation"], generation.as_str());
    fs::write(probe.path(), good.replace("\"🎈\"", "\"🪁\""))?;
    probe.becomes("a🎈b", "mended after the restart").await?;
    probe.end().await
}

#[tokio::test]
async fn a_first_start_with_broken_rules_says_what_is_wrong() -> Result<()> {
    let prepared = Prepared::new().await?;
    fs::remove_dir_all(prepared.folder.data())?;
    prepared.folder.replace("desk.toml", "limit = 4", "limit = \"four\"")?;
    let mut process = Process::spawn(prepared.folder.path(), desk::free_port()?, &[])?;
    let status = process.ended(SOON * 2).await.context("a desk without any good rules serves")?;
    assert!(!status.success());
    let said = process.last_words();
    let line = prepared
        .folder
        .read("desk.toml")?
        .lines()
        .position(|line| line.contains("\"four\""))
        .context("gone")?
        + 1;
    assert!(said.contains(&format!("desk.toml:{line}")), "not said where:\n{said}");
    assert!(said.contains("what to do"), "not said what to do:\n{said}");
    Ok(())
}

#[tokio::test]
async fn unreadable_and_vanished_folders_keep_the_last_good_rules() -> Result<()> {
    let probe = Probe::new().await?;
    let config = probe.desk.folder().config();
    let aside = config.with_extension("aside");
    fs::rename(&config, &aside)?;
    probe.broken().await?;
    assert_eq!(probe.sent().await?, "a🎈b🪁");
    fs::rename(&aside, &config)?;
    until("health again", SOON, || async {
        let rules = probe.rules().await?;
        Ok(when(rules["healthy"] == true, (), rules.to_string()))
    })
    .await?;
    fs::write(probe.path(), probe.text(&["🖕", "🎈"])?)?;
    probe.becomes("ab🪁", "a folder that came back").await?;

    // Root reads everything; for others the file is closed.
    if !dialogo_tests::disk::may_mount() {
        fs::set_permissions(probe.path(), fs::Permissions::from_mode(0o000))?;
        probe.broken().await?;
        fs::set_permissions(probe.path(), fs::Permissions::from_mode(0o644))?;
    }
    // A folder where a file should be cannot be read by root either.
    let good = fs::read(probe.path())?;
    fs::remove_file(probe.path())?;
    fs::create_dir(probe.path())?;
    probe.broken().await?;
    assert_eq!(probe.sent().await?, "ab🪁");
    fs::remove_dir(probe.path())?;
    fs::write(probe.path(), good)?;

    let plugins = probe.desk.folder().plugins();
    let aside = plugins.with_extension("aside");
    fs::rename(&plugins, &aside)?;
    let rules = until("the missing packages to be told", SOON, || async {
        let rules = probe.rules().await?;
        Ok(when(rules["problems"].to_string().contains("plugin"), rules.clone(), rules.to_string()))
    })
    .await?;
    assert_eq!(rules["healthy"], false);
    assert_eq!(probe.sent().await?, "ab🪁", "plugins that are gone from the disk go on in memory");
    fs::rename(&aside, &plugins)?;
    until("health again", SOON, || async {
        let rules = probe.rules().await?;
        Ok(when(rules["healthy"] == true, (), rules.to_string()))
    })
    .await?;
    probe.end().await
}

#[tokio::test]
async fn where_the_file_system_stays_silent_the_poll_sees_it() -> Result<()> {
    let probe = Probe::new().await?;
    // Written through another name of the same file in a folder nobody watches, it makes no event where it is watched.
    let outside = tempfile::tempdir_in(probe.desk.folder().path().parent().context("no parent")?)?;
    let other_name = outside.path().join("same-file");
    fs::hard_link(probe.path(), &other_name)?;
    let next = probe.text(&["🖕", "🎈"])?;
    let since = Instant::now();
    fs::write(&other_name, next)?;
    probe.becomes("ab🪁", "seen by the poll").await?;
    let took = since.elapsed();
    ensure!(took < Duration::from_secs(15), "the poll took {} ms", took.as_millis());
    probe.end().await
}

#[tokio::test]
async fn a_rollback_holds_until_the_files_change() -> Result<()> {
    let probe = Probe::new().await?;
    let first = probe.generation().await?;
    fs::write(probe.path(), probe.text(&["🖕", "🎈"])?)?;
    probe.becomes("ab🪁", "a change").await?;
    let second = probe.generation().await?;
    let diff =
        probe.admin.get(&format!("/rules/diff?from={first}&to={second}")).await?.expect(200)?;
    let text = diff["text"].as_str().unwrap_or_default();
    assert!(text.contains("+deny = [\"🖕\", \"🎈\"]"), "{text}");
    let shown = probe.desk.dialogo(&["rules", "diff"]).await?.expect(0)?;
    assert!(shown.out.contains("🎈"), "{}", shown.out);

    probe.desk.dialogo(&["rules", "rollback"]).await?.expect(0)?;
    assert_eq!(probe.generation().await?, first);
    assert_eq!(probe.sent().await?, "a🎈b🪁");
    // It holds over a restart, as long as the files stay as they are.
    let Probe { mut desk, visit, .. } = probe;
    desk.process.stop().await?;
    desk.process.again().await?;
    let admin = desk.admin().await?;
    let probe = Probe { desk, visit, admin };
    assert_eq!(probe.sent().await?, "a🎈b🪁", "a rollback does not outlive a restart");
    assert_eq!(probe.generation().await?, first);
    let list = probe.desk.dialogo(&["rules", "list", "--json"]).await?.expect(0)?.json()?;
    let known = list["generations"].to_string();
    assert!(known.contains(&first) && known.contains(&second), "{list}");
    probe.admin.post("/rules/rollback", serde_json::json!({ "to": second })).await?.expect(200)?;
    assert_eq!(probe.sent().await?, "ab🪁");
    fs::write(probe.path(), probe.text(&["🖕", "🪁"])?)?;
    probe.becomes("a🎈b", "files that change after a rollback").await?;
    probe.end().await
}

#[tokio::test]
async fn a_plugin_is_replaced_while_it_works() -> Result<()> {
    let probe = Probe::new().await?;
    let generation = probe.generation().await?;
    let wasm = probe.desk.folder().plugins().join("emoji-policy/emoji-policy.wasm");
    let original = fs::read(&wasm)?;
    // A custom section more: other bytes, the same behaviour.
    let mut other = original.clone();
    other.extend([0, 6, 4, b't', b'e', b's', b't', 1]);
    let beside = wasm.with_extension("wasm.part");
    fs::write(&beside, &other)?;
    fs::rename(&beside, &wasm)?;
    until("a new generation", SOON * 2, || async {
        let rules = probe.rules().await?;
        Ok(when(rules["generation"] != generation.as_str(), (), rules["problems"].to_string()))
    })
    .await?;
    assert_eq!(probe.visit.say("a🖕").await?["text"], "a");
    let newer = probe.generation().await?;
    fs::write(&wasm, &original[..original.len() / 2])?;
    let rules = probe.broken().await?;
    assert_eq!(rules["generation"], newer.as_str());
    assert!(rules["problems"].to_string().contains("emoji-policy"), "{rules}");
    assert_eq!(
        probe.visit.say("a🖕").await?["text"],
        "a",
        "half a plugin on disk, the whole one in force"
    );
    fs::write(&wasm, &original)?;
    until("the first generation again", SOON * 2, || async {
        let rules = probe.rules().await?;
        Ok(when(rules["healthy"] == true, (), rules["problems"].to_string()))
    })
    .await?;
    probe.end().await
}
