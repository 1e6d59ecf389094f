//! An admin's tools on a desk: what was decided is explained by file and line, rules without a case are named, the tree goes
//! to a spreadsheet and back.

use std::fs;

use anyhow::{Context as _, Result, ensure};
use dialogo_tests::deadline::{SOON, until, when};
use dialogo_tests::desk::{Desk, Prepared};
use serde_json::json;

/// The line of a file on which a text stands, from 1.
fn line_of(text: &str, what: &str) -> Result<usize> {
    let found = text.lines().position(|line| line.contains(what));
    Ok(found.with_context(|| format!("no line with {what:?}"))? + 1)
}

#[tokio::test]
async fn what_was_decided_is_explained_by_the_lines_of_that_time() -> Result<()> {
    let desk = Desk::begin().await?;
    let ana = desk.api().on_duty("ana").await?;
    let visit = desk.api().begin("suporte").await?;
    desk.state_until(&ana, &visit.id, "active").await?;
    visit.say("oi 🖕").await?;
    visit.say("preciso da 2ª via").await?;
    let sofia = desk.api().log_in("sofia").await?;
    let path = format!("/conversations/{}/explain", visit.id);
    until("a suggestion", SOON, || async {
        let why = sofia.get(&path).await?.expect(200)?.to_string();
        Ok(when(why.contains("classification_suggested"), (), why))
    })
    .await?;
    let attachments = desk.folder().read("plugins/attachments.toml")?;
    let refused = visit
        .consumer
        .upload(
            &visit.id,
            "a.svg",
            "image/svg+xml",
            b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>".to_vec(),
        )
        .await?;
    ensure!(refused.status >= 400, "an SVG was taken: {}", refused.text());

    // The lines are those of the rules in force then, whatever lies in the folder now.
    let emoji = desk.folder().read("plugins/emoji.toml")?;
    let keywords = desk.folder().read("plugins/keywords.toml")?;
    let finger = line_of(&emoji[emoji.find("[consumer]").context("no consumer")?..], "deny")?
        + emoji[..emoji.find("[consumer]").unwrap_or(0)].lines().count();
    let generation = sofia.get("/rules").await?.expect(200)?["generation"].clone();
    desk.folder().write("plugins/emoji.toml", &format!("# one\n# two\n{emoji}"))?;
    until("the moved lines", SOON, || async {
        let now = sofia.get("/rules").await?.expect(200)?["generation"].clone();
        Ok(when(now != generation, (), now.to_string()))
    })
    .await?;

    let said = desk.dialogo(&["explain", &visit.id]).await?.expect(0)?.out;
    let by_emoji = format!("by config/plugins/emoji.toml:{finger}: deny = [\"🖕\"]");
    ensure!(said.contains(&by_emoji), "{by_emoji} is not in\n{said}");
    ensure!(said.contains("it would have gone out as it was"), "{said}");
    let rule = line_of(&keywords, "node = \"cobranca.boleto.segunda-via\"")? - 1;
    let by_keyword =
        format!("by config/plugins/keywords.toml:{rule}: node = \"cobranca.boleto.segunda-via\"");
    ensure!(said.contains(&by_keyword), "{by_keyword} is not in\n{said}");
    ensure!(said.contains("given to ana for suporte: only one"), "{said}");
    let svg = line_of(&attachments, "deny = [\"image/svg+xml\"]")?;
    let active = line_of(&attachments, "deny = [\"active-content\"")?;
    let by_file = [svg, active].map(|line| format!("by config/plugins/attachments.toml:{line}:"));
    ensure!(by_file.iter().any(|by| said.contains(by.as_str())), "{by_file:?} is not in\n{said}");

    let only = desk.dialogo(&["explain", &visit.id, "--only", "suggestion"]).await?.expect(0)?.out;
    ensure!(only.contains("keywords.toml") && !only.contains("emoji.toml"), "{only}");
    let first = desk.dialogo(&["explain", &visit.id, "--message", "1", "--json"]).await?;
    let first = first.expect(0)?.json()?;
    assert_eq!(first["decisions"].as_array().map(Vec::len), Some(1), "{first:#}");
    desk.stop().await
}

#[tokio::test]
async fn rules_that_no_case_would_miss_are_named() -> Result<()> {
    let prepared = Prepared::new().await?;
    // Two rules, of which one has a case; little to take out in the other files.
    prepared.folder.write("plugins/attachments.toml", "[consumer]\nmax_mb = 10\n")?;
    prepared.folder.write("plugins/emoji.toml", "[consumer]\ndeny = [\"🖕\"]\n")?;
    let rules = "[[rule]]\nnode = \"elogio\"\nany = ['\\bzebra\\b']\n\n[[rule]]\nnode = \"outros\"\nany = ['\\byak\\b']\n";
    let case = "\n[[test]]\nname = \"a yak\"\nconsumer = \"um yak\"\nsuggests = \"outros\"\n";
    prepared.folder.write("plugins/keywords.toml", &format!("{rules}{case}"))?;
    let said = prepared.dialogo(&["test", "--require-coverage", "100"]).await?.expect(1)?;
    let first = "config/plugins/keywords.toml: 1 of 2 rules are tried by its 1 cases (50 %)";
    ensure!(said.out.contains(first), "{first} is not in\n{}", said.out);
    let told = "config/plugins/keywords.toml:1: no case would miss  node = \"elogio\"";
    ensure!(said.out.contains(told), "{told} is not in\n{}", said.out);

    let other = case.replace("yak", "zebra").replace("outros", "elogio");
    prepared.folder.append("plugins/keywords.toml", &other)?;
    let report = prepared.dialogo(&["test", "--coverage", "--json"]).await?.expect(0)?.json()?;
    let files = report["coverage"].as_array().context("no coverage")?;
    let keywords = files.iter().find(|one| one["file"] == "plugins/keywords.toml");
    assert_eq!(keywords.map(|one| &one["percent"]), Some(&json!(100.0)), "{report:#}");
    // A rule that only allows speaks in no case; it is taken out like the others, and counted.
    let transfer = files.iter().find(|one| one["file"] == "plugins/transfer.toml");
    ensure!(transfer.is_some_and(|one| one["rules"].as_u64() > Some(3)), "{report:#}");
    Ok(())
}

#[tokio::test]
async fn the_tree_goes_to_a_spreadsheet_and_back() -> Result<()> {
    let prepared = Prepared::new().await?;
    let table = prepared.folder.path().join("tree.csv");
    let path = table.to_string_lossy().into_owned();
    prepared.dialogo(&["tree", "export", &path]).await?.expect(0)?;
    let before = prepared.folder.read("classifications.toml")?;
    let said = prepared.dialogo(&["tree", "import", &path, "--apply"]).await?.expect(0)?;
    ensure!(said.out.contains("nothing differs"), "{}", said.out);
    assert_eq!(prepared.folder.read("classifications.toml")?, before);

    // As a spreadsheet of Windows writes it: another name, a node more, one line less.
    let text = fs::read_to_string(&table)?;
    let kept = text.lines().filter(|line| !line.starts_with("elogio;"));
    let changed = kept.map(|line| line.replace("Segunda via", "Segunda via do boleto"));
    let mut text: String = changed.map(|line| line + "\r\n").collect();
    text.push_str("cobranca.boleto.negociação;cobranca.boleto;sim;;;Negociação\r\n");
    let text = text.replace("boleto.negociação", "boleto.negociacao");
    let latin: Vec<u8> = text
        .trim_start_matches('\u{feff}')
        .chars()
        .map(|c| if (c as u32) < 256 { c as u32 as u8 } else { b'?' })
        .collect();
    fs::write(&table, latin)?;
    let said = prepared.dialogo(&["tree", "import", &path, "--switch-off"]).await?.expect(0)?;
    for line in [
        "~ cobranca.boleto.segunda-via: name.pt \"Segunda via\" → \"Segunda via do boleto\"",
        "+ cobranca.boleto.negociacao",
        "- elogio is not in the table: active = false",
    ] {
        ensure!(said.out.contains(line), "{line} is not in\n{}", said.out);
    }
    assert_eq!(prepared.folder.read("classifications.toml")?, before, "it was only to be shown");
    let done = ["tree", "import", &path, "--switch-off", "--apply", "--json"];
    let told = prepared.dialogo(&done).await?.expect(0)?.json()?;
    assert_eq!(
        (&told["applied"], told["changes"].as_array().map(Vec::len)),
        (&json!(true), Some(3)),
        "{told:#}"
    );
    let after = prepared.folder.read("classifications.toml")?;
    let comments = |text: &str| {
        text.lines()
            .filter(|line| line.trim().starts_with('#'))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(comments(&after), comments(&before));
    prepared.dialogo(&["check"]).await?.expect(0)?;
    let moved = "id;parent\nelogio;cobranca\n";
    fs::write(&table, moved)?;
    let refused = prepared.dialogo(&["tree", "import", &path]).await?.expect(1)?;
    ensure!(refused.all().contains("cannot move"), "{}", refused.all());
    Ok(())
}
