//! Hostile plugins in a running desk: refused or quarantined with a readable reason, while the desk goes on serving.
//!
//! The guests come from the host's own collection (feature `testing`), which says of each what must become of it.

use std::fs;

use anyhow::{Context as _, Result, ensure};
use dialogo_host::testing::{Expectation, TestGuest, guests};
use dialogo_host::{FailureKind, Hook};
use dialogo_tests::api::Visit;
use dialogo_tests::deadline::{SOON, until, when};
use dialogo_tests::desk::Desk;
use dialogo_tests::folder::Folder;
use serde_json::Value;

/// Installs guests as an operator would: a package each, and a binding in plugins.toml.
fn install(folder: &Folder, shipped: &str, guests: &[&TestGuest], policy: &str) -> Result<()> {
    let mut bindings = shipped.to_owned();
    for guest in guests {
        let package = folder.plugins().join(guest.name);
        fs::create_dir_all(&package)?;
        let permissions: Vec<String> =
            guest.permissions.iter().map(|grant| format!("\"{grant}\"")).collect();
        let manifest = format!(
            "id = \"{}\"\nversion = \"1.0.0\"\napi = \"0.1\"\nlicence = \"MIT\"\nhooks = [\"{}\"]\npermissions = [{}]\n",
            guest.name,
            guest.hook,
            permissions.join(", ")
        );
        fs::write(package.join("plugin.toml"), manifest)?;
        fs::write(package.join(format!("{}.wasm", guest.name)), &guest.bytes)?;
        bindings += &format!(
            "\n[[plugin]]\nid = \"{0}\"\nfile = \"{0}.wasm\"\nhooks = [\"{1}\"]\n{policy}\n",
            guest.name, guest.hook
        );
    }
    folder.write("plugins.toml", &bindings)
}

fn remove(folder: &Folder, shipped: &str, guests: &[&TestGuest]) -> Result<()> {
    folder.write("plugins.toml", shipped)?;
    for guest in guests {
        fs::remove_dir_all(folder.plugins().join(guest.name))?;
    }
    Ok(())
}

/// The shipped rules say what they expect; with a hostile plugin beside them it does not come true.
fn without_tests(folder: &Folder) -> Result<()> {
    ["attachments", "emoji", "greeter", "keywords", "transfer"]
        .iter()
        .try_for_each(|name| folder.without_tests(&format!("plugins/{name}.toml")))
}

const ENFORCED_OPEN: &str = "mode = \"enforce\"\non_failure = \"open\"";

async fn still_serves(visit: &Visit) -> Result<()> {
    let answer = visit.say("ainda está aí?").await?;
    ensure!(answer["state"] == "sent", "{answer}");
    Ok(())
}

#[tokio::test]
async fn what_cannot_be_bound_is_refused_with_its_reason() -> Result<()> {
    let desk = Desk::begin().await?;
    let visit = desk.api().begin("suporte").await?;
    let shipped = desk.folder().read("plugins.toml")?;
    let all = guests();
    let rejected: Vec<&TestGuest> =
        all.iter().filter(|guest| matches!(guest.expectation, Expectation::Rejected(_))).collect();
    ensure!(rejected.len() >= 12, "only {} guests to reject", rejected.len());
    let mut wrong = Vec::new();
    for guest in &rejected {
        install(desk.folder(), &shipped, &[guest], ENFORCED_OPEN)?;
        let said = desk.dialogo(&["rules", "reload"]).await?;
        let named = said.out.contains(guest.name);
        if said.code != Some(1) || !named {
            wrong.push(format!("{}: exit {:?}, {}", guest.name, said.code, said.all()));
        }
        println!(
            "{:28} {}",
            guest.name,
            said.out.lines().find(|line| line.contains(guest.name)).unwrap_or("—").trim()
        );
        still_serves(&visit).await.with_context(|| format!("with {} installed", guest.name))?;
        remove(desk.folder(), &shipped, &[guest])?;
    }
    ensure!(wrong.is_empty(), "not refused, or without a reason:\n{}", wrong.join("\n"));

    // All at once: `dialogo check` tells of every one of them.
    install(desk.folder(), &shipped, &rejected, ENFORCED_OPEN)?;
    let check = desk.dialogo(&["check"]).await?.expect(1)?;
    let unnamed: Vec<&str> =
        rejected.iter().map(|guest| guest.name).filter(|name| !check.out.contains(name)).collect();
    ensure!(unnamed.is_empty(), "`dialogo check` does not tell of {unnamed:?}:\n{}", check.out);
    assert!(check.out.contains("plugins.toml:"), "no place:\n{}", check.out);
    let status = until("the status to tell", SOON, || async {
        let status = desk.dialogo(&["status"]).await?;
        Ok(when(
            status.code == Some(1) && status.out.contains("truncated"),
            status.clone(),
            status.all(),
        ))
    })
    .await?;
    assert!(status.out.contains("plugins.toml:"), "{}", status.out);
    still_serves(&visit).await?;
    assert_eq!(desk.metrics().await?.named_like("panics")?, 0.0);
    desk.stop().await
}

#[tokio::test]
async fn imports_without_a_grant_are_refused() -> Result<()> {
    let desk = Desk::begin().await?;
    let visit = desk.api().begin("suporte").await?;
    // A shipped plugin, with its grant taken away by the operator.
    desk.folder().replace(
        "plugins.toml",
        "grants = [\"patterns\", \"catalogue\", \"history\"]",
        "grants = [\"catalogue\", \"history\"]",
    )?;
    let said = desk.dialogo(&["rules", "reload"]).await?;
    assert_eq!(said.code, Some(1), "{}", said.all());
    assert!(said.out.contains("keywords") && said.out.contains("patterns"), "{}", said.out);
    still_serves(&visit).await?;
    desk.stop().await
}

/// The word for a failure that must be readable where plugins are shown.
fn words(kind: FailureKind) -> &'static [&'static str] {
    match kind {
        FailureKind::Deadline => &["deadline", "time"],
        FailureKind::Memory => &["memory"],
        FailureKind::Output => &["output"],
        FailureKind::HostCalls => &["host call", "host-call", "host_call"],
        FailureKind::Invalid => &["invalid", "contract"],
        _ => &["trap", "panic", "unreachable"],
    }
}

/// The bindings of a plugin as `GET /plugins` shows them.
async fn shown(desk: &Desk, name: &str) -> Result<String> {
    let plugins = desk.api().log_in("sofia").await?.get("/plugins").await?.expect(200)?;
    let of_it: Vec<&Value> = plugins["plugins"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|one| one["plugin"] == name)
        .collect();
    ensure!(!of_it.is_empty(), "{name} is not among the plugins: {plugins}");
    Ok(serde_json::to_string(&of_it)?.to_lowercase())
}

#[tokio::test]
async fn what_fails_is_quarantined_and_messages_go_on() -> Result<()> {
    let desk = Desk::begin_with(|folder| {
        without_tests(folder)?;
        folder.append(
            "classifications.toml",
            "[[node]]\nid = \"a\"\nname = \"A\"\n\n[[node]]\nid = \"b\"\nname = \"B\"",
        )
    })
    .await?;
    let ana = desk.api().on_duty("ana").await?;
    let visit = desk.api().begin("suporte").await?;
    desk.state_until(&ana, &visit.id, "active").await?;
    let shipped = desk.folder().read("plugins.toml")?;
    let all = guests();
    let failing: Vec<&TestGuest> =
        all.iter().filter(|guest| matches!(guest.expectation, Expectation::Fails(_))).collect();
    ensure!(failing.len() >= 18, "only {} guests that fail", failing.len());
    install(desk.folder(), &shipped, &failing, ENFORCED_OPEN)?;
    desk.dialogo(&["rules", "reload"]).await?.expect(0)?;
    // Each message is another input, and five failures in a row open a breaker.
    for number in 0..8 {
        let answer = visit.say(&format!("é {number}")).await?;
        ensure!(answer["state"] == "sent", "an open failure policy stands in the way: {answer}");
    }
    let sofia = desk.api().log_in("sofia").await?;
    let mut table = Vec::new();
    for guest in &failing {
        let Expectation::Fails(kind) = guest.expectation else { continue };
        let looked = until(&format!("the quarantine of {}", guest.name), SOON, || async {
            if guest.hook == Hook::Classifier {
                visit.say("é uma pergunta").await?;
            }
            let plugins = sofia.get("/plugins").await?.expect(200)?;
            let one = plugins["plugins"]
                .as_array()
                .into_iter()
                .flatten()
                .find(|one| one["plugin"] == guest.name)
                .cloned();
            let one =
                one.with_context(|| format!("{} is not among the plugins: {plugins}", guest.name))?;
            let text = one.to_string().to_lowercase();
            let mut hooks = one["hooks"].as_array().into_iter().flatten();
            // Half-open is a quarantine, too: it is being tried whether the plugin has recovered.
            let quarantined = hooks
                .find(|hook| hook["breaker"].as_str().is_some_and(|state| state.contains("open")));
            let open = quarantined.is_some();
            let said = quarantined.map(|hook| hook.to_string().to_lowercase()).unwrap_or_default();
            let reason = words(kind).iter().any(|word| said.contains(word));
            Ok(when(open && reason, text.clone(), text))
        })
        .await;
        match looked {
            Ok(_) => println!("{:24} {kind:?}: quarantined", guest.name),
            Err(fault) => table.push(format!("{:24} {kind:?}: {fault:#}", guest.name)),
        }
        if table.len() >= 2 {
            break;
        }
    }
    ensure!(
        table.is_empty(),
        "not quarantined, or without a readable reason:\n{}",
        table.join("\n")
    );
    still_serves(&visit).await?;
    assert!(
        shown(&desk, "panics").await?.contains("ouch"),
        "the panic's message is not shown: {}",
        shown(&desk, "panics").await?
    );
    let list = desk.dialogo(&["plugin", "list"]).await?.expect(0)?;
    let line = list
        .out
        .lines()
        .find(|line| line.contains("endless "))
        .with_context(|| format!("not listed:\n{}", list.out))?;
    assert!(
        line.contains("message-policy") && line.contains("open"),
        "hook and breaker are not listed: {line}"
    );
    assert_eq!(desk.metrics().await?.named_like("panics")?, 0.0);
    desk.stop().await
}

#[tokio::test]
async fn a_closed_failure_policy_refuses_and_says_why_and_a_shadow_decides_nothing() -> Result<()> {
    let desk = Desk::begin_with(without_tests).await?;
    let visit = desk.api().begin("suporte").await?;
    let shipped = desk.folder().read("plugins.toml")?;
    let all = guests();
    let named = |name: &str| {
        all.iter().find(|guest| guest.name == name).with_context(|| format!("no guest {name}"))
    };
    let (endless, denies) = (named("endless")?, named("denies")?);
    install(desk.folder(), &shipped, &[endless], "mode = \"enforce\"\non_failure = \"closed\"")?;
    desk.dialogo(&["rules", "reload"]).await?.expect(0)?;
    // While it fails and once it is quarantined: the same answer.
    for number in 0..7 {
        let answer = visit.say(&format!("oi {number}")).await?;
        assert_eq!(
            (&answer["state"], &answer["verdict"]["kind"]),
            (&"refused".into(), &"deny".into()),
            "{answer}"
        );
        let detail = answer["verdict"].to_string();
        assert!(
            detail.contains("endless")
                || !answer["verdict"]["detail"].as_str().unwrap_or_default().is_empty(),
            "{answer}"
        );
    }
    remove(desk.folder(), &shipped, &[endless])?;
    install(desk.folder(), &shipped, &[denies], "mode = \"shadow\"\non_failure = \"open\"")?;
    desk.dialogo(&["rules", "reload"]).await?.expect(0)?;
    let answer = visit.say("só observado").await?;
    assert_eq!(answer["state"], "sent", "{answer}");
    install(desk.folder(), &shipped, &[denies], ENFORCED_OPEN)?;
    desk.dialogo(&["rules", "reload"]).await?.expect(0)?;
    let answer = visit.say("agora vale").await?;
    assert_eq!(
        (&answer["state"], &answer["verdict"]["code"]),
        (&"refused".into(), &"no".into()),
        "{answer}"
    );
    remove(desk.folder(), &shipped, &[denies])?;
    desk.dialogo(&["rules", "reload"]).await?.expect(0)?;
    still_serves(&visit).await?;
    let why = desk
        .api()
        .log_in("sofia")
        .await?
        .get(&format!("/conversations/{}/explain", visit.id))
        .await?
        .expect(200)?
        .to_string();
    assert!(
        why.contains("denies") && why.contains("endless"),
        "the plugins' parts are not explained: {why}"
    );
    desk.stop().await
}
