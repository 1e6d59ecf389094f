//! A partner's mistakes, each with the sentences that it is answered with: what is wrong, and what to do.
//!
//! The guests come from the host's own collection (feature `testing`); each lies in a package as a partner would have it.
//! `UPDATE_EXPECT=1` writes the sentences anew.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use dialogo_host::testing::{TestGuest, allows, guests};
use dialogo_tests::command::{binary, run};
use dialogo_tests::deadline::SOON;
use expect_test::{Expect, expect};
use tokio::process::Command;

const CASE: &str = "hook = \"message-policy\"\ninput.text = \"oi\"\nexpect.verdict = \"allow\"\n";

fn guest(name: &str) -> Result<TestGuest> {
    guests()
        .into_iter()
        .find(|guest| guest.name == name)
        .with_context(|| format!("no guest {name}"))
}

fn manifest(guest: &TestGuest) -> String {
    format!(
        "id = \"mine\"\nversion = \"1.0.0\"\napi = \"0.1\"\nlicence = \"MIT\"\nhooks = [\"{}\"]\npermissions = [{}]\n",
        guest.hook,
        guest.permissions.iter().map(|grant| format!("\"{grant}\"")).collect::<Vec<_>>().join(", ")
    )
}

/// A package of a guest with one case, changed by whoever makes the mistake, and what `dialogo plugin VERB` says of it.
async fn said(
    guest: &TestGuest,
    verb: &str,
    change: impl FnOnce(&Path) -> Result<()>,
    expected: Expect,
) -> Result<()> {
    let home = tempfile::tempdir()?;
    let package = home.path().join("mine");
    fs::create_dir_all(package.join("cases"))?;
    fs::write(package.join("plugin.toml"), manifest(guest))?;
    fs::write(package.join("mine.wasm"), &guest.bytes)?;
    fs::write(package.join("cases/oi.toml"), CASE)?;
    change(&package)?;
    let mut command = Command::new(binary()?);
    command.args(["plugin", verb, "mine"]).current_dir(home.path());
    let ended = run(command, "", SOON * 3).await?;
    let said = format!("exit code {:?}\n{}{}", ended.code.unwrap_or(-1), ended.out, ended.err);
    expected.assert_eq(&without_figures(&said));
    Ok(())
}

/// How long a call took differs from run to run, and how large a component is says nothing here.
fn without_figures(text: &str) -> String {
    let mut plain = String::new();
    for line in text.lines().filter(|line| !line.starts_with("  size ")) {
        match line
            .split_once("deadline: ")
            .and_then(|(head, rest)| Some((head, rest.split_once(" µs of ")?.1)))
        {
            Some((head, rest)) => plain.push_str(&format!("{head}deadline: … µs of {rest}")),
            None => plain.push_str(line),
        }
        plain.push('\n');
    }
    plain
}

fn as_it_is(_: &Path) -> Result<()> {
    Ok(())
}

/// Replaces a piece of a package's file that must be there.
fn replaced(
    file: &'static str,
    from: &'static str,
    to: &'static str,
) -> impl FnOnce(&Path) -> Result<()> {
    move |package| {
        let path = package.join(file);
        let text = fs::read_to_string(&path)?;
        anyhow::ensure!(text.contains(from), "{file} does not contain {from}");
        Ok(fs::write(path, text.replace(from, to))?)
    }
}

#[tokio::test]
async fn a_hook_that_does_not_exist() -> Result<()> {
    said(
        &allows(),
        "check",
        replaced("plugin.toml", "message-policy", "mesage-policy"),
        expect![[r#"
            exit code 2
            error: mine/plugin.toml is wrong: the manifest cannot be read: TOML parse error at line 5, column 10
              |
            5 | hooks = ["mesage-policy"]
              |          ^^^^^^^^^^^^^^^
            unknown variant `mesage-policy`, expected one of `setup`, `classifier`, `transfer-rules`, `message-policy`, `emoji-policy`, `attachment-policy`, `bot`, `observer`, `replies`

              what to do: docs/guide/plugin-packages.md lists every key of plugin.toml
        "#]],
    )
    .await
}

#[tokio::test]
async fn a_hook_that_is_declared_and_not_exported() -> Result<()> {
    said(
        &allows(),
        "check",
        replaced("plugin.toml", "[\"message-policy\"]", "[\"message-policy\", \"classifier\"]"),
        expect![[r#"
            exit code 1
            mine 1.0.0
              hooks    message-policy, classifier
              imports  nothing
              cases    0
            error: its manifest declares the hook `classifier`, which the component does not export
              what to do: implement it, or take "classifier" out of `hooks` in plugin.toml
            a desk would not take it
        "#]],
    )
    .await
}

#[tokio::test]
async fn a_hook_that_is_exported_and_not_declared() -> Result<()> {
    said(
        &allows(),
        "check",
        replaced("plugin.toml", "message-policy", "classifier"),
        expect![[r#"
        exit code 1
        mine 1.0.0
          hooks    classifier
          imports  nothing
          cases    0
        error: its manifest declares the hook `classifier`, which the component does not export
          what to do: implement it, or take "classifier" out of `hooks` in plugin.toml
        error: the component exports the hook `message-policy`, which its manifest does not declare
          what to do: add "message-policy" to `hooks` in plugin.toml
        a desk would not take it
    "#]],
    )
    .await
}

#[tokio::test]
async fn an_import_that_is_not_declared() -> Result<()> {
    said(&guest("undeclared-import")?, "check", as_it_is, expect![[r#"
        exit code 1
        mine 1.0.0
          hooks    message-policy
          imports  nothing
          cases    0
        error: it imports `catalogue`, which its manifest does not declare
          what to do: add "catalogue" to `permissions` in plugin.toml
        error: it imports `catalogue`, which is not granted
          what to do: to allow it, write `grants = ["catalogue"]` under the plugin `mine` in config/plugins.toml
        a desk would not take it
    "#]]).await
}

#[tokio::test]
async fn an_import_that_no_plugin_gets() -> Result<()> {
    said(&guest("imports-wasi")?, "check", as_it_is, expect![[r#"
        exit code 1
        mine 1.0.0
          hooks    message-policy
          imports  nothing
          cases    0
        error: it imports `wasi:filesystem/types@0.2.0`, which this host never gives
          what to do: build it without WASI (wasm32-unknown-unknown, or with the WASI stubbed out): a plugin has no files, network or clock
        error: its manifest declares the hook `message-policy`, which the component does not export
          what to do: implement it, or take "message-policy" out of `hooks` in plugin.toml
        a desk would not take it
    "#]]).await
}

#[tokio::test]
async fn a_manifest_of_an_older_contract() -> Result<()> {
    said(
        &allows(),
        "check",
        replaced("plugin.toml", "api = \"0.1\"", "api = \"0.0\""),
        expect![[r#"
            exit code 2
            error: mine/plugin.toml is wrong: `api` in the manifest: this host speaks 0.1, the plugin was built against 0.0
              what to do: build it again with the SDK of this version of Dialogo (`dialogo plugin new` writes it into sdk/), and write api = "0.1"
        "#]],
    )
    .await
}

#[tokio::test]
async fn a_component_of_an_older_contract() -> Result<()> {
    let old = TestGuest { bytes: of_contract(&allows().bytes, b"@0.0.9"), ..allows() };
    said(&old, "check", as_it_is, expect![[r#"
        exit code 1
        mine 1.0.0
          hooks    message-policy
          imports  nothing
          cases    0
        error: it was built against contract 0.0.9 (`dialogo:plugin/types@0.0.9`); this host speaks 0.1
          what to do: build it again with the SDK of this version of Dialogo: `dialogo plugin new` writes it into sdk/
        error: it was built against contract 0.0.9 (`dialogo:plugin/message-policy@0.0.9`); this host speaks 0.1
          what to do: build it again with the SDK of this version of Dialogo: `dialogo plugin new` writes it into sdk/
        a desk would not take it
    "#]]).await
}

#[tokio::test]
async fn a_panic() -> Result<()> {
    said(&guest("panics")?, "test", as_it_is, expect![[r#"
        exit code 1
        mine: 1 cases, 1 FAILED
          oi (oi.toml, message-policy): it failed: trap: wasm trap: wasm `unreachable` instruction executed: ouch!, at lib.rs:42
            what to do: the place of the panic stands above; a plugin answers with an error (`internal`, `misconfigured`) instead of panicking
    "#]]).await
}

#[tokio::test]
async fn a_call_that_takes_too_long() -> Result<()> {
    said(&guest("endless")?, "test", as_it_is, expect![[r#"
        exit code 1
        mine: 1 cases, 1 FAILED
          oi (oi.toml, message-policy): it failed: deadline: … µs of 100000 µs of CPU time
            what to do: make the call cheaper (`dialogo plugin bench` measures it), or ask for more with `limits.time_ms` in plugin.toml; the operator's ceiling wins
    "#]]).await
}

#[tokio::test]
async fn too_much_memory() -> Result<()> {
    said(&guest("memory-bomb")?, "test", as_it_is, expect![[r#"
        exit code 1
        mine: 1 cases, 1 FAILED
          oi (oi.toml, message-policy): it failed: memory: more than 16777216 bytes wanted
            what to do: keep less in memory, or ask for more with `limits.memory_mib` in plugin.toml; the operator's ceiling wins
    "#]]).await
}

#[tokio::test]
async fn an_answer_that_is_too_big() -> Result<()> {
    said(&guest("huge-output")?, "test", as_it_is, expect![[r#"
        exit code 1
        mine: 1 cases, 1 FAILED
          oi (oi.toml, message-policy): it failed: output: more than 262144 bytes given
            what to do: answer less, or ask for more with `limits.output_kib` in plugin.toml; the operator's ceiling wins
    "#]]).await
}

#[tokio::test]
async fn settings_that_do_not_fit_the_schema() -> Result<()> {
    let change = |package: &Path| -> Result<()> {
        let text = fs::read_to_string(package.join("plugin.toml"))?;
        fs::write(package.join("plugin.toml"), format!("{text}settings = \"schema.json\"\n"))?;
        let schema = r#"{ "type": "object", "properties": { "words": { "type": "array" } } }"#;
        fs::write(package.join("schema.json"), schema)?;
        Ok(fs::write(
            package.join("cases/oi.toml"),
            format!("settings.words = \"idiota\"\n{CASE}"),
        )?)
    };
    said(&allows(), "check", change, expect![[r#"
        exit code 1
        mine 1.0.0
          hooks    message-policy
          imports  nothing
          cases    1
        error: the settings of the case "oi" (oi.toml) do not fit schema.json: "idiota" is not of type "array", at `/words`
          what to do: no admin could write them: change the case, or schema.json
        a desk would not take it
    "#]]).await
}

#[tokio::test]
async fn a_plain_core_module() -> Result<()> {
    said(&guest("core-module")?, "check", as_it_is, expect![[r#"
        exit code 1
        mine 1.0.0
          hooks    message-policy
          imports  nothing
          cases    0
        error: the component cannot be compiled: attempted to parse a wasm module with a component parser
          what to do: a plugin is a component (`dialogo plugin build` makes one), not a plain core module
        a desk would not take it
    "#]]).await
}

#[tokio::test]
async fn a_case_that_is_answered_otherwise() -> Result<()> {
    said(
        &allows(),
        "test",
        replaced("cases/oi.toml", "allow", "deny"),
        expect![[r#"
        exit code 1
        mine: 1 cases, 1 FAILED
          oi (oi.toml, message-policy): verdict: expected `deny`, got `allow`
    "#]],
    )
    .await
}

#[tokio::test]
async fn a_package_that_was_changed_after_it_was_signed() -> Result<()> {
    let change = |package: &Path| -> Result<()> {
        let run = |arguments: &[&str]| -> Result<()> {
            let mut command = std::process::Command::new(binary()?);
            let status = command
                .args(arguments)
                .current_dir(package)
                .stdout(std::process::Stdio::null())
                .status()?;
            anyhow::ensure!(status.success(), "{arguments:?} ended with {status}");
            Ok(())
        };
        run(&["plugin", "keygen", "acme", "--out", ".."])?;
        run(&["plugin", "sign", ".", "--key", "../acme.key"])?;
        replaced("cases/oi.toml", "oi", "olá")(package)
    };
    said(&allows(), "check", change, expect![[r#"
        exit code 1
        mine 1.0.0
          hooks    message-policy
          imports  nothing
          cases    1
        error: its signature does not fit: it was changed after it was signed, or the signature is of something else
          what to do: sign it again with `dialogo plugin sign`, or take out signature.toml
        a desk would not take it
    "#]]).await
}

/// The same component, with the contract's version in its names changed; both are equally long.
fn of_contract(component: &[u8], version: &[u8; 6]) -> Vec<u8> {
    let mut bytes = component.to_vec();
    let present = b"@0.1.0";
    for at in 0..bytes.len() - present.len() {
        if &bytes[at..at + present.len()] == present {
            bytes[at..at + present.len()].copy_from_slice(version);
        }
    }
    bytes
}
