//! Recorded dialogues played through a desk by `dialogo replay`, in peace and while rules and plugins change.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Result, ensure};
use dialogo_tests::command::dialogo_with;
use dialogo_tests::{data, desk};
use serde_json::Value;

/// Members every report has to have, so that scripts can rely on them.
const MEMBERS: [&str; 15] = [
    "conversations",
    "messages",
    "lost",
    "duplicated",
    "out_of_order",
    "refused",
    "suggestions",
    "suggestion_hits",
    "transfers",
    "reloads",
    "seconds",
    "messages_per_second",
    "ack_ms",
    "delivery_ms",
    "suggestion_ms",
];

async fn replay(file: &Path, more: &[&str], within: Duration) -> Result<Value> {
    let place = desk::place().await?;
    let file = file.to_string_lossy().into_owned();
    let mut arguments = vec!["replay", &file, "--speed", "max", "--json"];
    arguments.extend(more);
    let ended = dialogo_with(arguments, "", within).await?;
    drop(place);
    let report = ended.json()?;
    for member in MEMBERS {
        ensure!(!report[member].is_null(), "the report has no {member}: {report}");
    }
    for zero in ["lost", "duplicated", "out_of_order", "failed"] {
        ensure!(report[zero] == 0, "{zero} is {}: {report:#}\n{}", report[zero], ended.err);
    }
    ended.expect(0)?;
    Ok(report)
}

fn lines(file: &Path) -> Result<u64> {
    Ok(std::fs::read_to_string(file)?.lines().count() as u64)
}

fn sample(name: &str) -> PathBuf {
    data::samples().join("dialogues").join(name)
}

const PATIENCE: Duration = Duration::from_secs(180);

#[tokio::test]
async fn chats_of_two_people() -> Result<()> {
    let file = sample("star.jsonl");
    let report = replay(&file, &[], PATIENCE).await?;
    assert_eq!(report["conversations"].as_u64(), Some(lines(&file)?));
    assert!(report["suggestions"].as_u64() > Some(0), "{report}");
    assert!(report["messages"].as_u64() > Some(400), "{report}");
    Ok(())
}

#[tokio::test]
async fn chats_in_portuguese() -> Result<()> {
    let file = sample("star_ptbr_mt.jsonl");
    let report = replay(&file, &[], PATIENCE).await?;
    assert_eq!(report["conversations"].as_u64(), Some(lines(&file)?));
    Ok(())
}

#[tokio::test]
async fn chats_that_change_hands() -> Result<()> {
    let file = sample("sgd_multi.jsonl");
    let report = replay(&file, &[], PATIENCE).await?;
    assert_eq!(report["conversations"].as_u64(), Some(lines(&file)?));
    assert!(
        report["transfers"].as_u64() >= Some(lines(&file)?),
        "fewer transfers than dialogues: {report}"
    );
    Ok(())
}

#[tokio::test]
async fn rules_and_plugins_change_meanwhile() -> Result<()> {
    let report = replay(
        &sample("star.jsonl"),
        &["--edit-rules", "3", "--replace-plugin", "1", "--break", "1"],
        PATIENCE,
    )
    .await?;
    ensure!(report["reloads"].as_u64() >= Some(4), "{report}");
    ensure!(report["breaks"] == 1, "{report}");
    println!("in force: {}  new plugin: {}", report["reload_ms"], report["reload_new_plugin_ms"]);
    Ok(())
}

#[tokio::test]
async fn the_server_is_killed_meanwhile() -> Result<()> {
    let report =
        replay(&sample("star.jsonl"), &["--kill", "2", "--consumers", "16"], PATIENCE).await?;
    ensure!(report["kills"] == 2, "{report}");
    Ok(())
}

/// The whole of the large sets, where they lie beside the project.
#[tokio::test]
async fn all_of_the_large_sets() -> Result<()> {
    let Some(large) = data::large() else {
        println!("not run: needs the sets in ../shared/data or DIALOGO_DATA");
        return Ok(());
    };
    let hours = Duration::from_secs(7200);
    for name in ["star.jsonl", "star_ptbr_mt.jsonl", "sgd_multi.jsonl"] {
        let file = large.join(name);
        let report = replay(&file, &[], hours).await?;
        assert_eq!(report["conversations"].as_u64(), Some(lines(&file)?), "{name}");
        println!("{name}: {report:#}");
    }
    let trouble = ["--edit-rules", "10", "--replace-plugin", "3", "--break", "1"];
    let report = replay(&large.join("star.jsonl"), &trouble, hours).await?;
    ensure!(report["reloads"].as_u64() >= Some(13), "{report}");
    println!("with changes: {report:#}");
    Ok(())
}
