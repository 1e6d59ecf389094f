//! Nothing acknowledged is ever lost: kill -9 under load, damaged and missing views, damaged logs, a disk that is full.

use std::fs::{self, File};
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use dialogo_tests::api::Api;
use dialogo_tests::command::dialogo;
use dialogo_tests::deadline::{Look, SOON, until};
use dialogo_tests::desk::{Desk, Prepared, Process};
use dialogo_tests::disk::{Mounted, may_mount};
use dialogo_tests::folder::{self, fill_with_garbage, used_bytes};
use dialogo_tests::load::{Crowd, Load, Recorder, check};
use dialogo_tests::random::Random;
use dialogo_tests::socket::Socket;
use dialogo_tests::{data, desk};
use serde_json::json;
use uuid::Uuid;

#[tokio::test]
async fn kill_9_under_load_loses_nothing() -> Result<()> {
    let seed = Random::seed_of_this_run();
    println!("seed {seed}");
    let mut random = Random::new(seed);
    let sentences = Arc::new(data::sentences()?);
    let mut desk = Desk::begin().await?;
    for round in 0..3 {
        let recorder = Arc::new(Recorder::default());
        let crowd = Crowd { consumers: 8, ahead: 4 };
        let load = Load::start(desk.api(), crowd, &recorder, &sentences).await?;
        let enough = random.within(100, 800) as usize;
        until("some messages", SOON * 3, || {
            let count = recorder.count();
            async move {
                Ok(if count >= enough {
                    Look::There(())
                } else {
                    Look::NotYet(format!("{count} of {enough}"))
                })
            }
        })
        .await?;
        desk.process.kill().await?;
        load.end().await?;
        match round {
            1 => fs::remove_dir_all(desk.folder().data().join("views"))?,
            2 => fill_with_garbage(&desk.folder().data().join("views"))?,
            _ => {}
        }
        desk.process.again().await?;
        let found = check(desk.api(), &recorder).await?;
        println!("round {round}: {found:?}");
        ensure!(
            found.is_good() && found.checked >= enough,
            "seed {seed}, round {round}: {found:?}"
        );
    }
    let prepared = desk.stop_and_keep().await?;
    prepared.dialogo(&["verify"]).await?.expect(0)?;
    Ok(())
}

/// A desk with some history, stopped; the conversation with its transcript as a supervisor sees it.
async fn with_history() -> Result<(Prepared, String, Vec<serde_json::Value>)> {
    let desk = Desk::begin().await?;
    let ana = desk.api().on_duty("ana").await?;
    let visit = desk.api().begin("suporte").await?;
    desk.state_until(&ana, &visit.id, "active").await?;
    for number in 0..50 {
        visit.say(&format!("pergunta {number}")).await?;
        ana.say(&visit.id, &format!("resposta {number}")).await?;
    }
    let transcript = desk.api().log_in("sofia").await?.transcript(&visit.id).await?;
    ensure!(transcript.len() == 100, "{} messages instead of 100", transcript.len());
    Ok((desk.stop_and_keep().await?, visit.id, transcript))
}

/// Serves the folder and looks whether everything is still there.
async fn still_there(
    prepared: Prepared,
    id: &str,
    transcript: &[serde_json::Value],
) -> Result<Desk> {
    let desk = prepared.serve().await?;
    let seen = desk.api().log_in("sofia").await?.transcript(id).await?;
    ensure!(
        seen == transcript,
        "another transcript than before: {} messages of {}",
        seen.len(),
        transcript.len()
    );
    Ok(desk)
}

#[tokio::test]
async fn views_that_are_gone_or_garbage_come_back_by_themselves() -> Result<()> {
    let (prepared, id, transcript) = with_history().await?;
    fs::remove_dir_all(prepared.folder.data().join("views"))?;
    let desk = still_there(prepared, &id, &transcript).await?;
    let prepared = desk.stop_and_keep().await?;
    fill_with_garbage(&prepared.folder.data().join("views"))?;
    let desk = still_there(prepared, &id, &transcript).await?;
    let log = desk.process.log();
    let warned = log.lines().any(|line| {
        line.contains("WARN") && (line.contains("set aside") || line.contains("rebuil"))
    });
    assert!(warned, "nothing was said about the damaged views:\n{}", desk.process.last_words());
    let prepared = desk.stop_and_keep().await?;
    for disposable in ["views", "snapshots", "cache"] {
        let folder = prepared.folder.data().join(disposable);
        if folder.exists() {
            fs::remove_dir_all(folder)?;
        }
    }
    let desk = still_there(prepared, &id, &transcript).await?;
    let prepared = desk.stop_and_keep().await?;
    let rebuilt = prepared.dialogo(&["rebuild", "--json"]).await?.expect(0)?;
    assert!(rebuilt.json()?.is_object(), "{}", rebuilt.all());
    still_there(prepared, &id, &transcript).await?.stop().await
}

#[tokio::test]
async fn a_torn_tail_is_cut_and_reported() -> Result<()> {
    let (prepared, id, transcript) = with_history().await?;
    let last = prepared.folder.segments()?.pop().context("no segment")?;
    let end = used_bytes(&last)?;
    let half_a_frame = [vec![0x40, 0x01, 0, 0], Random::new(5).bytes(90)].concat();
    File::options().write(true).open(&last)?.write_all_at(&half_a_frame, end as u64 + 1)?;
    let desk = still_there(prepared, &id, &transcript).await?;
    let log = desk.process.log();
    let reported = log
        .lines()
        .any(|line| line.contains("WARN") && (line.contains("torn") || line.contains("cut")));
    assert!(reported, "the torn tail was not reported:\n{}", desk.process.last_words());
    // And writing goes on behind it.
    let visit = desk.api().begin("suporte").await?;
    visit.say("depois do corte").await?;
    let prepared = desk.stop_and_keep().await?;
    prepared.dialogo(&["verify"]).await?.expect(0)?;
    still_there(prepared, &id, &transcript).await?.stop().await
}

#[tokio::test]
async fn a_flipped_byte_in_the_middle_refuses_to_open_and_says_what_to_do() -> Result<()> {
    let (prepared, id, transcript) = with_history().await?;
    let segment = prepared.folder.segments()?.into_iter().next().context("no segment")?;
    let middle = used_bytes(&segment)? / 2;
    flip(&segment, middle)?;
    let verified = prepared.dialogo(&["verify"]).await?;
    assert_ne!(verified.code, Some(0), "verify passes over a flipped byte: {}", verified.all());
    let shown = segment.file_name().context("no name")?.to_string_lossy().into_owned();
    assert!(verified.all().contains(&shown), "verify does not say where: {}", verified.all());

    let mut process = Process::spawn(prepared.folder.path(), desk::free_port()?, &[])?;
    let status = process.ended(SOON * 3).await.context("the desk serves a damaged log")?;
    assert!(!status.success());
    let said = process.last_words();
    assert!(said.contains("what to do"), "not said what to do:\n{said}");
    assert!(said.contains(&shown), "not said where:\n{said}");
    assert!(!said.contains("panicked"), "{said}");
    flip(&segment, middle)?;
    still_there(prepared, &id, &transcript).await?.stop().await
}

fn flip(file: &Path, at: usize) -> Result<()> {
    let open = File::options().read(true).write(true).open(file)?;
    let mut byte = [0];
    open.read_exact_at(&mut byte, at as u64)?;
    open.write_all_at(&[byte[0] ^ 0x10], at as u64)?;
    Ok(())
}

#[tokio::test]
async fn a_backup_of_a_running_desk_can_be_served() -> Result<()> {
    let desk = Desk::begin().await?;
    let visit = desk.api().begin("suporte").await?;
    visit.say("antes da cópia").await?;
    let picture = fs::read(data::samples().join("attachments/magika/basic/jpeg/magika_test.jpg"))?;
    let uploaded = visit
        .consumer
        .upload(&visit.id, "foto.jpg", "image/jpeg", picture.clone())
        .await?
        .expect(201)?;
    let message = json!({ "id": Uuid::new_v4(), "text": "", "attachments": [uploaded["id"]] });
    visit
        .consumer
        .post(&format!("/conversations/{}/messages", visit.id), message)
        .await?
        .expect(201)?;
    let to = desk.folder().path().with_extension("backup");
    let target = to.to_string_lossy().into_owned();
    desk.dialogo(&["backup", &target, "--json"]).await?.expect(0)?;
    visit.say("depois da cópia").await?;
    let again = desk.dialogo(&["backup", &target]).await?;
    assert_ne!(again.code, Some(0), "a backup over a backup");
    let mut copy = Process::start(&to, &[]).await?;
    let seen = copy.api().log_in("sofia").await?.transcript(&visit.id).await?;
    let texts: Vec<_> = seen.iter().map(|message| message["text"].clone()).collect();
    assert_eq!(texts, [json!("antes da cópia"), json!("")]);
    // The consumer's token is as good there as here.
    let consumer = copy.api().with_token(visit.consumer.token()?);
    consumer.conversation(&visit.id).await?;
    let path = format!("/attachments/{}", uploaded["id"].as_str().context("no id")?);
    let file = consumer.get(&path).await?;
    ensure!(
        file.status == 200 && file.body == picture,
        "the file is not in the copy: {}",
        file.text()
    );
    copy.stop().await?;
    dialogo(["--dir", &target, "verify"]).await?.expect(0)?;
    desk.stop().await
}

#[tokio::test]
async fn a_second_desk_on_the_same_folder_is_refused() -> Result<()> {
    let desk = Desk::begin().await?;
    let mut second = Process::spawn(desk.folder().path(), desk::free_port()?, &[])?;
    let status = second.ended(SOON * 2).await.context("two desks on one folder")?;
    assert_eq!(status.code(), Some(3));
    for verb in ["rebuild", "verify"] {
        let ended = desk.dialogo(&[verb]).await?;
        assert!(
            verb == "verify" || ended.code != Some(0),
            "`{verb}` beside a running desk: {}",
            ended.all()
        );
        assert!(!ended.all().contains("panicked"), "{}", ended.all());
    }
    let visit = desk.api().begin("suporte").await?;
    visit.say("continuo aqui").await?;
    desk.stop().await
}

#[tokio::test]
async fn a_full_disk_ends_the_desk_with_a_clear_error_and_loses_nothing() -> Result<()> {
    let prepared = Prepared::new().await?;
    let data = prepared.folder.data();
    // With root a small disk; without, a limit on the size of any file, which the log meets first.
    let mounted = if may_mount() {
        let aside = data.with_extension("aside");
        fs::rename(&data, &aside)?;
        let mounted = Mounted::in_memory(&data, 256)?;
        folder::copy(&aside, &data)?;
        Some(mounted)
    } else {
        None
    };
    // 512-byte blocks; a shell's limit is inherited, and so is the ignored signal, so that the write fails instead.
    let wrapper = ["sh", "-c", "trap '' XFSZ; ulimit -f 4096; exec \"$@\"", "sh"];
    let mut process =
        Process::start(prepared.folder.path(), if mounted.is_some() { &[] } else { &wrapper })
            .await?;
    let ballast = data.join("ballast");
    if mounted.is_some() {
        fill(&ballast, 6 << 20)?;
    }
    let (acknowledged, conversation) =
        write_until_it_ends(process.api(), process_end(&process)).await?;
    let status =
        process.ended(SOON * 2).await.context("the disk is full and the desk still runs")?;
    assert!(!status.success(), "ended with {status} as if nothing were wrong");
    let said = process.last_words();
    let clear = ["No space left", "no space left", "disk is full", "File too large", "full"];
    assert!(clear.iter().any(|words| said.contains(words)), "the reason is not said:\n{said}");
    assert!(!said.contains("panicked at"), "{said}");

    if mounted.is_some() {
        fs::remove_file(&ballast)?;
    }
    let mut process = Process::start(prepared.folder.path(), &[]).await?;
    let seen = process.api().log_in("sofia").await?.transcript(&conversation).await?;
    let ids: Vec<&str> = seen.iter().filter_map(|message| message["id"].as_str()).collect();
    for id in &acknowledged {
        let times = ids.iter().filter(|seen| **seen == id.to_string()).count();
        ensure!(
            times == 1,
            "an acknowledged message is there {times} times ({} were acknowledged)",
            acknowledged.len()
        );
    }
    println!("{} messages were acknowledged before the disk was full", acknowledged.len());
    process.stop().await?;
    prepared.dialogo(&["verify"]).await?.expect(0)?;
    drop(mounted);
    Ok(())
}

/// Whether the process has ended, asked without waiting.
fn process_end(process: &Process) -> impl Fn() -> bool + use<> {
    let pid = process.pid().ok();
    move || pid.is_none_or(|pid| rustix::process::test_kill_process(pid).is_err() || is_dead(pid))
}

fn is_dead(pid: rustix::process::Pid) -> bool {
    let stat =
        fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).unwrap_or_default();
    stat.rsplit(')').next().is_none_or(|rest| rest.trim_start().starts_with('Z'))
}

async fn write_until_it_ends(api: &Api, ended: impl Fn() -> bool) -> Result<(Vec<Uuid>, String)> {
    let visit = api.begin("suporte").await?;
    let mut socket = Socket::open(&visit.consumer).await?;
    let mut acknowledged = Vec::new();
    let mut random = Random::new(3);
    let end = tokio::time::Instant::now() + Duration::from_secs(120);
    while tokio::time::Instant::now() < end {
        let id = Uuid::new_v4();
        // Text that does not compress, so that the disk really fills.
        let text: String =
            random.bytes(16_000).iter().map(|byte| char::from(b'a' + byte % 26)).collect();
        match socket.send(&visit.id, id, &text).await {
            Ok(answer) if answer["type"] == "ack" => acknowledged.push(id),
            Ok(answer) => {
                ensure!(answer["problem"]["status"] == json!(503), "a full disk answers {answer}")
            }
            Err(_) => break,
        }
        socket.all.clear();
        if ended() {
            break;
        }
    }
    Ok((acknowledged, visit.id))
}

/// Fills the file system but for so many bytes.
fn fill(file: &Path, leave: u64) -> Result<()> {
    let stat = rustix::fs::statvfs(file.parent().context("no folder")?)?;
    let free = stat.f_bavail * stat.f_frsize;
    let open = File::create(file)?;
    rustix::fs::fallocate(
        &open,
        rustix::fs::FallocateFlags::empty(),
        0,
        free.saturating_sub(leave),
    )?;
    Ok(())
}
