//! The command line by itself: a desk from nothing, checks with places, accounts, help that helps.

use std::time::Duration;

use anyhow::{Context as _, Result};
use dialogo_tests::command::{dialogo, dialogo_with, plugins};
use dialogo_tests::desk::{Desk, Prepared, Process, place};
use serde_json::json;

#[tokio::test]
async fn a_desk_from_nothing() -> Result<()> {
    let _place = place().await?;
    let home = tempfile::tempdir()?;
    let path = home.path().join("desk");
    let dir = path.to_string_lossy().into_owned();
    let made = dialogo(["init", &dir, "--json"]).await?.expect(0)?.json()?;
    let password = made["password"].as_str().context("no password was made")?;
    assert!(password.len() >= 12, "a short password was made");
    assert_eq!(made["plugins"].as_array().map(Vec::len), Some(7), "{made}");
    dialogo(["init", &dir]).await?.expect(2)?;
    let checked = dialogo(["check", &dir, "--json"]).await?.expect(0)?.json()?;
    assert_eq!(
        (&checked["good"], &checked["problems"]),
        (&json!(true), &json!([])),
        "the shipped rules have problems"
    );
    assert!(checked["tests"].as_u64() >= Some(25), "{checked}");
    let tested = dialogo(["test", &dir, "--json"]).await?.expect(0)?;
    assert!(tested.json()?.is_object(), "{}", tested.all());
    dialogo(["--dir", &dir, "plugin", "test"]).await?.expect(0)?;
    dialogo(["--dir", &dir, "verify"]).await?.expect(0)?;
    let status = dialogo(["--dir", &dir, "status"]).await?;
    assert_eq!(status.code, Some(3), "no desk runs: {}", status.all());
    let mut process = Process::start(&path, &[]).await?;
    let login = json!({ "login": "admin", "password": password });
    process.api().nobody().post("/sessions", login).await?.expect(201)?;
    process.stop().await
}

#[tokio::test]
async fn accounts_are_made_with_and_without_a_running_desk() -> Result<()> {
    let prepared = Prepared::new().await?;
    let dir = prepared.folder.path().to_string_lossy().into_owned();
    let add = ["--dir", &dir, "agent", "add", "gil", "--name", "Gil Sá", "--password-stdin"];
    dialogo_with(add, "uma senha bem comprida\n", Duration::from_secs(60)).await?.expect(0)?;
    let desk = prepared.serve().await?;
    desk.api().log_in("gil").await?;
    let again = dialogo_with(add, "uma senha bem comprida\n", Duration::from_secs(60)).await?;
    assert_eq!(again.code, Some(4), "the same login twice: {}", again.all());
    let add = ["--dir", &dir, "agent", "add", "hugo", "--role", "supervisor", "--password-stdin"];
    dialogo_with(add, "uma senha bem comprida\n", Duration::from_secs(60)).await?.expect(0)?;
    let hugo = desk.api().log_in("hugo").await?;
    let list = desk.dialogo(&["agent", "list", "--json"]).await?.expect(0)?;
    assert!(list.out.contains("hugo") && list.out.contains("Gil Sá"), "{}", list.out);
    let change = ["--dir", &dir, "agent", "passwd", "hugo", "--password-stdin"];
    dialogo_with(change, "outra senha comprida\n", Duration::from_secs(60)).await?.expect(0)?;
    hugo.get("/me").await?.problem(401, "unauthorized")?;
    let login = json!({ "login": "hugo", "password": "outra senha comprida" });
    desk.api().nobody().post("/sessions", login).await?.expect(201)?;
    desk.dialogo(&["agent", "remove", "gil"]).await?.expect(0)?;
    let login = json!({ "login": "gil", "password": "uma senha bem comprida" });
    desk.api().nobody().post("/sessions", login).await?.problem(401, "unauthorized")?;
    desk.stop().await
}

#[tokio::test]
async fn check_tells_of_every_problem_at_once_with_its_place() -> Result<()> {
    let prepared = Prepared::new().await?;
    let folder = &prepared.folder;
    folder.replace("desk.toml", "limit = 4", "limit = -4")?;
    folder.replace(
        "departments.toml",
        "members = [\"carla\", \"elisa\", \"sofia\"]",
        "memebers = [\"carla\"]",
    )?;
    folder.replace("classifications.toml", "id = \"elogio\"", "id = \"outros\"")?;
    folder.append(
        "plugins/keywords.toml",
        "[[rule]]\nnode = \"cobranca.bolleto\"\nany = ['(']\nweight = 0.5",
    )?;
    folder.append(
        "plugins/transfer.toml",
        "[[rule]]\nname = \"x\"\nwhen = { to = \"financero\" }\nthen = { allow = true }",
    )?;
    let checked = prepared.dialogo(&["check"]).await?.expect(1)?;
    let line = |file: &str, what: &str| -> Result<String> {
        let text = folder.read(file)?;
        let line = text
            .lines()
            .position(|line| line.contains(what))
            .with_context(|| format!("{what} is gone"))?
            + 1;
        Ok(format!("{file}:{line}"))
    };
    for place in [
        line("desk.toml", "limit = -4")?,
        line("departments.toml", "memebers")?,
        line("plugins/keywords.toml", "cobranca.bolleto")?,
        line("plugins/transfer.toml", "financero")?,
    ] {
        assert!(checked.out.contains(&place), "nothing is said of {place}:\n{}", checked.out);
    }
    for right in ["members", "cobranca.boleto", "financeiro"] {
        assert!(checked.out.contains(right), "no hint at {right}:\n{}", checked.out);
    }
    let json = prepared.dialogo(&["check", "--json"]).await?.expect(1)?.json()?;
    let problems = json["problems"].as_array().context("no problems")?;
    assert!(problems.len() >= 5, "{json:#}");
    let sarif = prepared.dialogo(&["check", "--sarif"]).await?.expect(1)?.json()?;
    let results = sarif["runs"][0]["results"].as_array().context("no results")?;
    assert_eq!(results.len(), problems.len());
    for (result, problem) in results.iter().zip(problems) {
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(result["ruleId"], problem["code"]);
        assert_eq!(place["artifactLocation"]["uri"], problem["file"]);
        assert_eq!(place["region"]["startLine"], problem["line"]);
    }
    for problem in problems {
        assert!(problem["line"].as_u64() >= Some(1) && problem["file"].is_string(), "{problem}");
    }
    let schemas = prepared.folder.path().join("schemas");
    prepared.dialogo(&["check", "--schemas", &schemas.to_string_lossy()]).await?;
    let schema = std::fs::read_to_string(schemas.join("desk.schema.json"))
        .context("no schema was written")?;
    let schema: serde_json::Value = serde_json::from_str(&schema)?;
    assert!(schema["$defs"]["desk-toml"]["properties"]["limit"].is_object(), "{schema:#}");
    Ok(())
}

#[tokio::test]
async fn help_and_completion_and_wrong_commands() -> Result<()> {
    let help = dialogo(["--help"]).await?.expect(0)?;
    for verb in [
        "init", "serve", "check", "test", "status", "rules", "replay", "explain", "verify",
        "rebuild", "backup", "agent", "plugin",
    ] {
        assert!(help.out.contains(verb), "{verb} is not in the help");
        dialogo([verb, "--help"]).await?.expect(0)?;
    }
    for shell in ["bash", "zsh", "fish"] {
        let script = dialogo(["completions", shell]).await?.expect(0)?;
        assert!(script.out.contains("replay"), "{shell}");
    }
    dialogo(["dance"]).await?.expect(2)?;
    let nowhere = dialogo(["--dir", "/nonexistent/desk", "serve"]).await?;
    assert_eq!(nowhere.code, Some(2), "{}", nowhere.all());
    assert!(nowhere.err.contains("what to do"), "{}", nowhere.err);
    Ok(())
}

#[tokio::test]
async fn a_log_in_json_is_json() -> Result<()> {
    let prepared = Prepared::new().await?;
    let wrapper = ["sh", "-c", "exec \"$@\" --log json >/dev/null", "sh"];
    let desk: Desk = prepared.serve_within(&wrapper).await?;
    desk.api().begin("suporte").await?;
    for line in desk.process.log().lines() {
        serde_json::from_str::<serde_json::Value>(line)
            .with_context(|| format!("not JSON: {line}"))?;
    }
    desk.stop().await
}

#[tokio::test]
async fn the_cases_of_a_plugin_in_shadow_still_try_it() -> Result<()> {
    let prepared = Prepared::new().await?;
    let folder = &prepared.folder;
    let bound = "hooks = [\"emoji-policy\"]\nmode = \"enforce\"";
    folder.replace("plugins.toml", bound, &bound.replace("enforce", "shadow"))?;
    let checked = prepared.dialogo(&["check", "--json"]).await?.expect(0)?.json()?;
    assert!(checked["tests"].as_u64() >= Some(25), "{checked}");
    folder.replace("plugins/emoji.toml", "becomes = \"ok 🙂\"", "becomes = \"ok 🖕\"")?;
    let failed = prepared.dialogo(&["check"]).await?.expect(1)?;
    assert!(failed.out.contains("test-failed"), "{}", failed.out);
    Ok(())
}

#[tokio::test]
async fn a_package_is_measured_and_installed() -> Result<()> {
    let prepared = Prepared::new().await?;
    let emoji = plugins()?.join("emoji-policy").to_string_lossy().into_owned();
    let measured = prepared
        .dialogo(&["plugin", "bench", &emoji, "--calls", "5", "--json"])
        .await?
        .expect(0)?;
    let cases = measured.json()?["cases"].as_array().map_or(0, Vec::len);
    assert!(cases > 3, "{}", measured.out);
    let before = prepared.folder.path().join("before.json");
    std::fs::write(&before, &measured.out)?;
    let before = before.to_string_lossy().into_owned();
    let again = ["plugin", "bench", &emoji, "--calls", "5", "--baseline", &before];
    let again = prepared.dialogo(&again).await?.expect(0)?;
    assert!(again.out.contains("before") && !again.out.contains("new"), "{}", again.out);

    let place = prepared.folder.plugins().join("emoji-policy");
    std::fs::remove_dir_all(&place)?;
    let installed = prepared.dialogo(&["plugin", "install", &emoji]).await?.expect(0)?;
    assert!(installed.out.contains("plugins.toml names it"), "{}", installed.out);
    prepared.dialogo(&["check"]).await?.expect(0)?;

    let worse = tempfile::tempdir()?;
    let copied = worse.path().join("emoji-policy");
    dialogo_tests::folder::copy(&place, &copied)?;
    let case = copied.join("cases/emoji.toml");
    let text = std::fs::read_to_string(&case)?;
    anyhow::ensure!(text.contains("code = \"too-many\""), "nothing to spoil in:\n{text}");
    std::fs::write(&case, text.replace("code = \"too-many\"", "code = \"too-few\""))?;
    std::fs::write(place.join("mark"), "the one before")?;
    let copied = copied.to_string_lossy().into_owned();
    let refused = prepared.dialogo(&["plugin", "install", &copied]).await?.expect(1)?;
    assert!(refused.all().contains("nothing was installed"), "{}", refused.all());
    assert!(place.join("mark").exists(), "the installed package was touched");
    Ok(())
}
