//! A new partner's way, as they would walk it: from an empty folder to a verdict on a real message.
//!
//! Each language walks the same way: `plugin new`, `build`, `test`, `install` into a desk that runs, and then a consumer
//! writes. The wall time of each step is noted, and told at the end of `cargo xtask test`. What cargo compiles is shared with the plugins of this repository.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use dialogo_tests::command::{Ended, binary, plugins, run};
use dialogo_tests::deadline::{until, when};
use dialogo_tests::desk::{self, Desk};
use dialogo_tests::figures;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

/// Tools are fetched and compiled at first, on a machine that is busy with other tests.
const PATIENCE: Duration = Duration::from_secs(900);

/// `dialogo` in a partner's folder.
fn dialogo(folder: &Path, arguments: &[&str]) -> Result<Command> {
    let mut command = Command::new(binary()?);
    let shared = plugins()?.parent().context("packages lie in a folder")?.join("wasm");
    command.args(arguments).current_dir(folder).env("CARGO_TARGET_DIR", shared);
    Ok(command)
}

pub(super) async fn partner(folder: &Path, arguments: &[&str]) -> Result<Ended> {
    run(dialogo(folder, arguments)?, "", PATIENCE).await
}

/// A project of a language, made and built.
pub(super) async fn project(home: &Path, name: &str, lang: &str) -> Result<PathBuf> {
    let hooks = ["--hook", "classifier,message-policy,setup", "--lang", lang];
    partner(home, &[&["plugin", "new", name][..], &hooks].concat()).await?.expect(0)?;
    Ok(home.join(name))
}

/// A component from Python has 19 MB: compiling it once takes a busy machine a while.
const COMPILED: Duration = Duration::from_secs(240);

/// Walks the whole way and notes how long it took.
async fn journey(lang: &str) -> Result<()> {
    let home = tempfile::tempdir()?;
    let name = format!("journey-{lang}");
    let begun = Instant::now();
    let project = project(home.path(), &name, lang).await?;
    let made = begun.elapsed();
    partner(&project, &["plugin", "build"]).await?.expect(0)?;
    let built = begun.elapsed();
    let tested = partner(&project, &["plugin", "test", "--json"]).await?.expect(0)?.json()?;
    ensure!(tested["good"] == true, "{tested}");
    let checked = partner(&project, &["plugin", "check", "--json"]).await?.expect(0)?.json()?;
    ensure!(checked["warnings"] == json!([]), "a new project has warnings: {checked:#}");
    let tried = begun.elapsed();

    let desk = Desk::begin().await?;
    let visit = desk.api().begin("suporte").await?;
    let served = begun.elapsed();
    let dir = desk.folder().path().to_string_lossy().into_owned();
    let said = partner(&project, &["--dir", &dir, "plugin", "install", "."]).await?.expect(0)?;
    ensure!(said.out.contains("add to config/plugins.toml"), "{}", said.all());
    std::fs::write(
        desk.folder().config().join(format!("plugins/{name}.toml")),
        "denied_words = [\"paspalho\"]\n[[topics]]\nword = \"carnê\"\nnode = \"cobranca.boleto\"\n",
    )?;
    let binding = format!(
        "[[plugin]]\nid = \"{name}\"\nfile = \"{name}.wasm\"\nmode = \"enforce\"\nsettings = \"plugins/{name}.toml\""
    );
    desk.folder().append("plugins.toml", &binding)?;
    let refused = until("the new plugin to speak", COMPILED, || async {
        let answer = visit.say("que Paspalho").await?;
        let rules = desk.dialogo(&["status"]).await?;
        Ok(when(answer["state"] == "refused", answer.clone(), format!("{answer} {}", rules.all())))
    })
    .await?;
    ensure!(refused.to_string().contains("denied-word"), "{refused}");
    let answer = visit.say("preciso do boleto").await?;
    ensure!(answer["state"] == "sent", "{answer}");
    let steps = format!(
        "new {:.1} s, build {:.1} s, test and check {:.1} s, install to verdict {:.1} s",
        made.as_secs_f64(),
        (built - made).as_secs_f64(),
        (tried - built).as_secs_f64(),
        (begun.elapsed() - served).as_secs_f64(),
    );
    figures::note(&format!("a plugin from nothing to a verdict, {lang}"), steps)?;
    desk.stop().await
}

#[tokio::test]
async fn from_nothing_to_a_verdict_in_rust() -> Result<()> {
    journey("rust").await
}

#[tokio::test]
async fn from_nothing_to_a_verdict_in_javascript() -> Result<()> {
    journey("js").await
}

#[tokio::test]
async fn from_nothing_to_a_verdict_in_python() -> Result<()> {
    journey("python").await
}

/// What is written for each hook builds and passes its case.
async fn every_hook(lang: &str) -> Result<()> {
    let home = tempfile::tempdir()?;
    let all = "setup,classifier,transfer-rules,message-policy,emoji-policy,attachment-policy,bot,observer,replies";
    partner(home.path(), &["plugin", "new", "all", "--lang", lang, "--hook", all])
        .await?
        .expect(0)?;
    let project = home.path().join("all");
    let tested = partner(&project, &["plugin", "test", "--json"]).await?.expect(0)?.json()?;
    ensure!(tested["good"] == true, "{tested}");
    Ok(())
}

#[tokio::test]
async fn every_hook_of_a_new_project_passes_its_case_in_javascript() -> Result<()> {
    every_hook("js").await
}

#[tokio::test]
async fn every_hook_of_a_new_project_passes_its_case_in_python() -> Result<()> {
    every_hook("python").await
}

#[tokio::test]
async fn from_nothing_to_a_verdict_in_c() -> Result<()> {
    journey("c").await
}

#[tokio::test]
async fn every_hook_of_a_new_project_passes_its_case_in_c() -> Result<()> {
    every_hook("c").await
}

/// `watch`, read line by line.
struct Watch {
    child: Child,
    rounds: Lines<BufReader<ChildStdout>>,
}

impl Watch {
    fn start(project: &Path) -> Result<Self> {
        let mut command = dialogo(project, &["plugin", "watch", "--json"])?;
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true);
        let mut child = command.spawn().context("cannot start the watch")?;
        let out = child.stdout.take().context("no output")?;
        Ok(Self { child, rounds: BufReader::new(out).lines() })
    }

    async fn round(&mut self) -> Result<Value> {
        let line = tokio::time::timeout(PATIENCE, self.rounds.next_line()).await;
        let line = line.context("no verdict came")??.context("the watch ended")?;
        serde_json::from_str(&line).with_context(|| format!("not JSON: {line}"))
    }
}

#[tokio::test]
async fn a_save_in_javascript_is_answered_as_well() -> Result<()> {
    let _place = desk::place().await?;
    let home = tempfile::tempdir()?;
    let project = project(home.path(), "watched-js", "js").await?;
    let mut watch = Watch::start(&project)?;
    let first = watch.round().await?;
    ensure!(first["good"] == true, "{first:#}");
    let file = project.join("src/classifier.ts");
    let text = std::fs::read_to_string(&file)?;
    std::fs::write(&file, text.replace("confidence: 0.75", "confidence: 0.9"))?;
    let second = watch.round().await?;
    ensure!(second["differences"].as_array().map(Vec::len) == Some(1), "{second:#}");
    figures::note(
        "from save to verdict, js",
        format!("{:.1} s", second["seconds"].as_f64().context("no time")?),
    )?;

    std::fs::write(&file, text.replace("confidence: 0.75", "confidence: true"))?;
    let third = watch.round().await?;
    ensure!(third["good"] == false && third["problem"]["what"].is_string(), "{third:#}");
    watch.child.kill().await.context("cannot end the watch")
}

#[tokio::test]
async fn a_save_is_answered_with_the_verdicts_that_differ() -> Result<()> {
    let _place = desk::place().await?;
    let home = tempfile::tempdir()?;
    let project = project(home.path(), "watched", "rust").await?;
    let mut watch = Watch::start(&project)?;
    let first = watch.round().await?;
    ensure!(first["good"] == true && first["differences"] == json!([]), "{first:#}");

    let file = project.join("src/classifier.rs");
    let text = std::fs::read_to_string(&file)?;
    std::fs::write(&file, text.replace("confidence: 0.75", "confidence: 0.9"))?;
    let second = watch.round().await?;
    let differences = second["differences"].as_array().context("no differences")?;
    ensure!(differences.len() == 1, "{second:#}");
    let shown = differences[0].to_string();
    ensure!(shown.contains("(0.75)") && shown.contains("(0.90)"), "{shown}");
    figures::note(
        "from save to verdict, rust",
        format!("{:.1} s", second["seconds"].as_f64().context("no time")?),
    )?;

    std::fs::write(&file, "this is no Rust")?;
    let third = watch.round().await?;
    ensure!(third["good"] == false && third["problem"]["what"].is_string(), "{third:#}");

    // Only now a round follows: none was caused by what the builds wrote.
    std::fs::write(&file, text)?;
    let fourth = watch.round().await?;
    ensure!(
        fourth["good"] == true && fourth["differences"].as_array().map(Vec::len) == Some(1),
        "{fourth:#}"
    );
    watch.child.kill().await.context("cannot end the watch")
}

/// The signature of a packed plugin, from the partner's key to the desk's rules.
#[tokio::test]
async fn a_desk_takes_only_what_is_signed_and_unchanged() -> Result<()> {
    let home = tempfile::tempdir()?;
    let keys =
        partner(home.path(), &["plugin", "keygen", "acme", "--json"]).await?.expect(0)?.json()?;
    let public = keys["public"].as_str().context("no public key")?.to_owned();
    let shipped = plugins()?.join("emoji-policy");
    let shipped = shipped.to_string_lossy();
    partner(home.path(), &["plugin", "pack", &shipped, "--out", "once", "--json"])
        .await?
        .expect(0)?;
    partner(home.path(), &["plugin", "pack", &shipped, "--out", "twice"]).await?.expect(0)?;
    let packed = "emoji-policy-0.1.0.dialogo";
    ensure!(
        std::fs::read(home.path().join("once").join(packed))?
            == std::fs::read(home.path().join("twice").join(packed))?,
        "the same package gave other bytes"
    );

    let desk = Desk::begin().await?;
    let visit = desk.api().begin("suporte").await?;
    let dir = desk.folder().path().to_string_lossy().into_owned();
    desk.folder()
        .write("keyring.toml", &format!("[[key]]\nid = \"acme\"\npublic = \"{public}\"\n"))?;
    let plugins = desk.folder().read("plugins.toml")?;
    let only_signed = plugins.replace("# signed = true ", "signed = true ");
    ensure!(only_signed != plugins, "config/plugins.toml does not show `signed`");
    desk.folder().write("plugins.toml", &only_signed)?;
    let said = desk.dialogo(&["rules", "reload"]).await?.expect(1)?;
    ensure!(
        said.out.contains("error[unsigned]") && said.out.contains("is not signed"),
        "{}",
        said.out
    );
    ensure!(visit.say("oi").await?["state"] == "sent", "the last good rules do not hold");

    let install = ["--dir", &dir, "plugin", "install", "once/emoji-policy-0.1.0.dialogo"];
    let said = partner(home.path(), &install).await?.expect(1)?;
    ensure!(said.err.contains("is not signed"), "{}", said.all());
    let sign = ["plugin", "sign", "once/emoji-policy-0.1.0.dialogo", "--key", "acme.key"];
    partner(home.path(), &sign).await?.expect(0)?;
    let verify = ["--dir", &dir, "plugin", "verify", "once/emoji-policy-0.1.0.dialogo"];
    let said = partner(home.path(), &verify).await?.expect(0)?;
    ensure!(said.out.contains("as `acme` signed it"), "{}", said.all());
    partner(home.path(), &install).await?.expect(0)?;

    // The others are signed where they lie; then the desk takes all of them.
    for name in ["attachment-policy", "greeter", "keywords", "replies", "transfer-rules"] {
        let package = desk.folder().plugins().join(name);
        let package = package.to_string_lossy();
        partner(home.path(), &["plugin", "sign", &package, "--key", "acme.key"])
            .await?
            .expect(0)?;
    }
    desk.dialogo(&["rules", "reload"]).await?.expect(0)?;

    // Whoever changes a package on the disk is found out at the next look.
    let manifest = desk.folder().plugins().join("keywords/plugin.toml");
    let text = std::fs::read_to_string(&manifest)?;
    std::fs::write(&manifest, text.replace("time_ms = 20", "time_ms = 21"))?;
    let said = desk.dialogo(&["rules", "reload"]).await?.expect(1)?;
    ensure!(said.out.contains("it was changed after it was signed"), "{}", said.out);
    ensure!(visit.say("oi").await?["state"] == "sent", "the last good rules do not hold");
    std::fs::write(&manifest, text)?;
    desk.dialogo(&["rules", "reload"]).await?.expect(0)?;
    desk.stop().await
}
