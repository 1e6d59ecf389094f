//! Files: what the default rules let through and what not, by content and not by name, and how files come back.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use dialogo_tests::api::{Answer, Person};
use dialogo_tests::data;
use dialogo_tests::desk::Desk;
use dialogo_tests::socket::Socket;
use serde_json::json;
use uuid::Uuid;

/// A file of the collection.
struct Sample {
    path: PathBuf,
    name: String,
    mime: String,
    hostile: bool,
}

/// What the notes and types of the manifest call hostile: nothing of it may be accepted.
const HOSTILE_NAMES: [&str; 17] = [
    "xxe.svg",
    "html-named.jpg",
    "bomb50mb.zip",
    "pdfzip.pdf",
    "pngphp.png",
    "bomb_nested.zip",
    "zipslip.zip",
    "openaction-js.pdf",
    "laughs.xml",
    "fatura.pdf.exe",
    "empty.pdf",
    "gifjs.gif",
    "script.svg",
    "utf16-html.txt",
    "exe-named.pdf",
    "pixelbomb_20000x20000.png",
    "testPDF_jsActionOnPage.pdf",
];

/// Types nobody may send under the default rules, whatever is in them.
const HOSTILE_ENDINGS: [&str; 12] =
    ["exe", "elf", "js", "html", "htm", "svg", "xlsm", "docm", "py", "sh", "php", "jar"];

/// Ordinary ones, all of which must be accepted.
const ORDINARY: [&str; 16] = [
    "jpg.jpg",
    "gif87.gif",
    "gif89.gif",
    "webp.webp",
    "webpl.webp",
    "test.mp3",
    "id3v1.mp3",
    "magika_test.jpg",
    "magika_test.png",
    "magika_test.pdf",
    "magika_test_pptx.pdf",
    "magika_test.xlsx",
    "magika_test.odt",
    "magika_test.pptx",
    "magika_test.ods",
    "complex-sentence.txt",
];

fn samples(root: &Path) -> Result<Vec<Sample>> {
    let manifest = std::fs::read_to_string(root.join("manifest.csv"))?;
    let mut all = Vec::new();
    for line in manifest.lines().skip(1) {
        let mut fields = line.split(',');
        let (Some(path), Some(mime)) = (fields.next(), fields.nth(2)) else { continue };
        let path = root.join(path);
        if !path.is_file() {
            continue;
        }
        let name = path.file_name().context("no name")?.to_string_lossy().into_owned();
        let ending = name.rsplit('.').next().unwrap_or_default().to_lowercase();
        let macros = name.contains("macro");
        let hostile = macros
            || HOSTILE_NAMES.contains(&name.as_str())
            || HOSTILE_ENDINGS.contains(&ending.as_str());
        all.push(Sample { path, name, mime: declared(&ending, mime), hostile });
    }
    ensure!(!all.is_empty(), "no samples in {}", root.display());
    Ok(all)
}

/// What a browser declares: it goes by the ending.
fn declared(ending: &str, otherwise: &str) -> String {
    let known = match ending {
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "svg" => "image/svg+xml",
        "pdf" => "application/pdf",
        "txt" => "text/plain",
        "csv" => "text/csv",
        "html" => "text/html",
        "mp3" => "audio/mpeg",
        "zip" => "application/zip",
        "docx" => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "xlsx" => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "pptx" => "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        "odt" => "application/vnd.oasis.opendocument.text",
        "ods" => "application/vnd.oasis.opendocument.spreadsheet",
        _ if otherwise.contains('/') => otherwise,
        _ => "application/octet-stream",
    };
    known.to_owned()
}

/// One word for what became of an upload.
fn verdict(answer: &Answer) -> Result<(bool, String)> {
    match answer.status {
        201 => {
            let body = answer.json()?;
            let kind = body["verdict"]["kind"].as_str().unwrap_or("allow").to_owned();
            let code = body["verdict"]["code"].as_str().unwrap_or_default().to_owned();
            Ok((true, if code.is_empty() { kind } else { format!("{kind} {code}") }))
        }
        422 => {
            let problem = answer.problem(422, "attachment-refused")?;
            let reason = problem["reason"]
                .as_str()
                .or(problem["verdict"]["code"].as_str())
                .unwrap_or_default();
            Ok((false, format!("refused {reason}")))
        }
        400 => {
            let problem = answer.problem(400, "invalid")?;
            anyhow::ensure!(problem["detail"] == "the file is empty", "refused for: {problem}");
            Ok((false, "refused: empty".to_owned()))
        }
        413 => Ok((false, format!("refused {}", answer.problem(413, "too-large")?["code"]))),
        _ => anyhow::bail!("{} answered {}: {}", answer.call, answer.status, answer.text()),
    }
}

async fn through(root: &Path) -> Result<()> {
    let desk = Desk::begin().await?;
    let ana = desk.api().on_duty("ana").await?;
    let visit = desk.api().begin("suporte").await?;
    desk.state_until(&ana, &visit.id, "active").await?;
    let (mut wrong, mut table) = (Vec::new(), BTreeMap::<String, Vec<String>>::new());
    for sample in samples(root)? {
        for (side, who) in [("consumer", &visit.consumer), ("agent", &ana)] {
            let bytes = std::fs::read(&sample.path)?;
            let answer = who.upload(&visit.id, &sample.name, &sample.mime, bytes).await?;
            let (accepted, word) = verdict(&answer)?;
            let ending = sample.name.rsplit('.').next().unwrap_or_default().to_lowercase();
            table
                .entry(format!("{ending:6} {side:9} {word}"))
                .or_default()
                .push(sample.name.clone());
            if sample.hostile && accepted {
                wrong.push(format!(
                    "hostile and accepted from the {side}: {} ({word})",
                    sample.path.display()
                ));
            }
            if !accepted && ORDINARY.contains(&sample.name.as_str()) {
                wrong.push(format!(
                    "ordinary and refused from the {side}: {} ({word})",
                    sample.path.display()
                ));
            }
        }
    }
    println!("{:<7}{:<10}{:<44} {:>5}  such as", "kind", "from", "verdict", "files");
    for (row, files) in &table {
        println!(
            "{row:<60} {:>5}  {}",
            files.len(),
            files.iter().take(3).cloned().collect::<Vec<_>>().join(", ")
        );
    }
    ensure!(wrong.is_empty(), "{} wrong verdicts:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(desk.metrics().await?.named_like("panics")?, 0.0);
    desk.stop().await
}

#[tokio::test]
async fn the_samples_go_through_the_default_rules() -> Result<()> {
    through(&data::samples().join("attachments")).await
}

#[tokio::test]
async fn the_large_collection_goes_through_the_default_rules() -> Result<()> {
    match data::large()
        .map(|folder| folder.join("attachments"))
        .filter(|folder| folder.join("manifest.csv").is_file())
    {
        Some(folder) => through(&folder).await,
        None => {
            println!("there is no large collection beside the project");
            Ok(())
        }
    }
}

/// The test file of the antivirus makers, put together only here so that no scanner stumbles over the repository.
fn eicar() -> Vec<u8> {
    ["X5O!P%@AP[4\\PZX54(P^)7CC)7}$", "EICAR-STANDARD-ANTIVIRUS-", "TEST-FILE!$H+H*"]
        .concat()
        .into_bytes()
}

#[tokio::test]
async fn what_is_no_document_is_refused_whatever_it_is_called() -> Result<()> {
    let desk = Desk::begin().await?;
    let visit = desk.api().begin("suporte").await?;
    let page = b"<!doctype html><html><script>alert(1)</script></html>".to_vec();
    let program =
        [b"MZ\x90\x00".to_vec(), vec![0; 200], b"PE\x00\x00".to_vec(), vec![0; 400]].concat();
    let cases: [(&str, &str, Vec<u8>); 7] = [
        ("eicar.com", "application/x-msdownload", eicar()),
        ("eicar.txt", "text/plain", eicar()),
        ("foto.jpg", "image/jpeg", page.clone()),
        ("nota.txt", "text/plain", page),
        ("foto.png", "image/png", program),
        ("vazio.pdf", "application/pdf", Vec::new()),
        (
            "atalho.lnk",
            "application/octet-stream",
            b"L\0\0\0\x01\x14\x02\0\0\0\0\0\xc0\0\0\0\0\0\0F".to_vec(),
        ),
    ];
    for (name, mime, bytes) in cases {
        let answer = visit.consumer.upload(&visit.id, name, mime, bytes).await?;
        let (accepted, word) = verdict(&answer)?;
        println!("{name:14} {word}");
        assert!(!accepted, "{name} was accepted: {}", answer.text());
        assert!(word.len() > "refused ".len(), "{name}: no reason code: {}", answer.text());
    }
    let large =
        visit.consumer.upload(&visit.id, "grande.txt", "text/plain", vec![b'a'; 11 << 20]).await?;
    assert!(!verdict(&large)?.0, "11 MB from a consumer");
    let enormous =
        visit.consumer.upload(&visit.id, "enorme.txt", "text/plain", vec![b'a'; 26 << 20]).await?;
    assert!(!verdict(&enormous)?.0, "26 MB");
    desk.stop().await
}

async fn upload_picture(who: &Person, conversation: &str, name: &str) -> Result<(String, Vec<u8>)> {
    let bytes =
        std::fs::read(data::samples().join("attachments/magika/basic/jpeg/magika_test.jpg"))?;
    let body = who.upload(conversation, name, "image/jpeg", bytes.clone()).await?.expect(201)?;
    ensure!(body["mime"] == "image/jpeg" && body["bytes"] == json!(bytes.len()), "{body}");
    Ok((body["id"].as_str().context("no id")?.to_owned(), bytes))
}

#[tokio::test]
async fn files_come_back_whole_with_safe_headers_and_only_to_those_who_may() -> Result<()> {
    let mut desk = Desk::begin().await?;
    let ana = desk.api().on_duty("ana").await?;
    let visit = desk.api().begin("suporte").await?;
    desk.state_until(&ana, &visit.id, "active").await?;
    let mut console = Socket::open(&ana).await?;
    let name = "foto \"de\" verão\u{202e}gpj.jpg";
    let (id, bytes) = upload_picture(&visit.consumer, &visit.id, name).await?;
    let path = format!("/attachments/{id}");

    // Not sent yet: not the agent's to see, and nobody else's to send.
    ana.get(&path).await?.problem(404, "attachment-unknown")?;
    let steal = json!({ "id": Uuid::new_v4(), "text": "minha?", "attachments": [id] });
    ana.post(&format!("/conversations/{}/messages", visit.id), steal)
        .await?
        .problem(404, "attachment-unknown")?;
    let message = json!({ "id": Uuid::new_v4(), "text": "", "attachments": [id] });
    visit
        .consumer
        .post(&format!("/conversations/{}/messages", visit.id), message)
        .await?
        .expect(201)?;
    let heard = console.event("message_sent", &visit.id).await?;
    assert_eq!(heard["message"]["attachments"][0]["id"], json!(id));
    assert_eq!(heard["message"]["attachments"][0]["bytes"], json!(bytes.len()));

    let file = ana.get(&path).await?;
    assert_eq!((file.status, &file.body), (200, &bytes));
    assert_eq!(file.header("content-type"), "image/jpeg");
    assert_eq!(file.header("x-content-type-options"), "nosniff");
    let policy = file.header("content-security-policy");
    assert!(policy.contains("sandbox") || policy.contains("default-src 'none'"), "{policy}");
    let disposition =
        file.headers.get("content-disposition").context("no Content-Disposition")?.as_bytes();
    let disposition = String::from_utf8_lossy(disposition).into_owned();
    assert!(
        disposition.starts_with("inline") || disposition.starts_with("attachment"),
        "{disposition}"
    );
    assert!(
        !disposition.contains('\u{202e}') && !disposition.contains("\"de\""),
        "a name that lies: {disposition}"
    );
    assert!(
        file.header("cache-control").contains("private")
            || file.header("cache-control").contains("no-store"),
        "{:?}",
        file.headers
    );

    let elisa = desk.api().log_in("elisa").await?;
    elisa.get(&path).await?.problem(404, "attachment-unknown")?;
    let stranger = desk.api().begin("suporte").await?;
    stranger.consumer.get(&path).await?.problem(404, "attachment-unknown")?;
    desk.api().nobody().get(&path).await?.problem(401, "unauthorized")?;

    // A document is never shown in place.
    let pdf = std::fs::read(data::samples().join("attachments/magika/basic/pdf/magika_test.pdf"))?;
    let body = ana.upload(&visit.id, "contrato.pdf", "application/pdf", pdf).await?.expect(201)?;
    let sent = json!({ "id": Uuid::new_v4(), "text": "o contrato", "attachments": [body["id"]] });
    ana.post(&format!("/conversations/{}/messages", visit.id), sent).await?.expect(201)?;
    let file = visit
        .consumer
        .get(&format!("/attachments/{}", body["id"].as_str().context("no id")?))
        .await?;
    assert!(file.header("content-disposition").starts_with("attachment"), "{:?}", file.headers);

    // It is there after a crash: the file was safe before the message that names it.
    desk.process.kill().await?;
    desk.process.again().await?;
    let file = visit.consumer.get(&path).await?;
    assert_eq!((file.status, file.body == bytes), (200, true));
    desk.stop().await
}
