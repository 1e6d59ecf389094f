//! Reasons that the tree lacks: a desk whose agents had nothing better than "other" for some conversations is told what these
//! have in common, makes a node of one group, and turns another one down for good.

use std::fs;

use anyhow::{Context as _, Result, ensure};
use dialogo_tests::command::dialogo;
use dialogo_tests::deadline::{SOON, until, when};
use dialogo_tests::desk::Desk;
use serde_json::{Value, json};

use crate::learning::play;

/// What agents made of it, and what people say about it.
const SAID: [(&str, [&str; 4]); 4] = [
    (
        "cobranca.boleto.segunda-via",
        [
            "meu boleto não chegou",
            "preciso da segunda via do boleto",
            "perdi o boleto deste mês",
            "o boleto veio sem código de barras",
        ],
    ),
    (
        "conta.acesso.senha",
        [
            "esqueci minha senha",
            "a senha não funciona mais",
            "quero trocar a senha de acesso",
            "minha senha expirou ontem",
        ],
    ),
    (
        "outros",
        [
            "a assinatura digital do contrato falhou",
            "não consigo assinar o contrato digital",
            "a assinatura do contrato deu erro",
            "como assino o contrato digital",
        ],
    ),
    (
        "outros",
        [
            "o programa de pontos sumiu",
            "meus pontos do programa venceram",
            "quero resgatar os pontos do programa",
            "o programa não somou meus pontos",
        ],
    ),
];

const ENDS: [&str; 4] = ["", ", podem ajudar?", " desde ontem", ", é urgente"];

/// Everything that is said, with every ending, as `dialogo replay` reads it.
fn dialogues() -> String {
    let mut lines = String::new();
    for (number, ending) in ENDS.iter().enumerate() {
        for (at, (node, says)) in SAID.iter().enumerate() {
            for (nth, text) in says.iter().enumerate() {
                let turns = json!([
                    { "who": "consumer", "text": format!("{text}{ending}, protocolo 20260115{at}{nth}") },
                    { "who": "agent", "text": "um momento, por favor" },
                ]);
                let id = format!("{number}-{at}-{nth}");
                lines += &format!(
                    "{}\n",
                    json!({ "id": id, "turns": turns, "labels": { "node": node } })
                );
            }
        }
    }
    lines
}

/// The group whose words these are.
fn group<'g>(found: &'g Value, word: &str) -> Option<&'g Value> {
    let has = |group: &&Value| group["phrases"].to_string().contains(word);
    found["groups"].as_array()?.iter().find(has)
}

#[tokio::test]
async fn what_fits_no_node_becomes_one_or_stays_away() -> Result<()> {
    let desk = Desk::begin().await?;
    let place = tempfile::tempdir()?;
    let file = place.path().join("said.jsonl");
    fs::write(&file, dialogues())?;
    play(&desk, &file, SOON * 6).await?;

    // Found by a supervisor, beside the desk.
    let admin = desk.admin().await?;
    let nobody_yet = admin.get("/reasons").await?.expect(200)?;
    assert_eq!(nobody_yet["found"], Value::Null);
    admin.post("/reasons/search", json!({})).await?.expect(202)?;
    let found = until("what is found", SOON * 3, || async {
        let now = admin.get("/reasons").await?.expect(200)?;
        let over = now["searching"].is_null();
        Ok(when(over, now.clone(), now["searching"].to_string()))
    })
    .await?;
    assert_eq!(found["failed"], Value::Null, "{found:#}");
    let found = &found["found"];
    assert_eq!(
        (&found["conversations"], &found["looked_at"]),
        (&json!(64), &json!(32)),
        "{found:#}"
    );
    let (contract, points) = (group(found, "contrato"), group(found, "pontos"));
    let contract = contract.with_context(|| format!("no group about contracts: {found:#}"))?;
    let points = points.with_context(|| format!("no group about points: {found:#}"))?;
    for group in [contract, points] {
        let size = group["size"].as_u64().context("a group without a size")?;
        ensure!((10..=16).contains(&size), "{found:#}");
    }
    let samples = contract["samples"].to_string();
    ensure!(samples.contains("•••••") && !samples.contains("20260115"), "{samples}");

    // Accepted by the admin on the command line: agents can choose it, and the comments stay.
    let before = desk.folder().read("classifications.toml")?;
    let id = contract["id"].as_str().context("a group without an id")?;
    let accept = [
        "reasons",
        "accept",
        id,
        "--id",
        "conta.assinatura",
        "--parent",
        "conta",
        "--title",
        "Assinatura digital",
        "--json",
    ];
    desk.dialogo(&accept).await?.expect(0)?;
    let after = desk.folder().read("classifications.toml")?;
    let more = "\n  [[node.child]]\n  id = \"conta.assinatura\"\n  name = { pt = \"Assinatura digital\" }\n";
    assert_eq!(after.replace(more, ""), before);
    let tree = admin.get("/classifications").await?.expect(200)?;
    ensure!(tree.to_string().contains("conta.assinatura"), "{tree}");

    // Declined; neither comes back when somebody looks again.
    let id = points["id"].as_str().context("a group without an id")?;
    let refused = desk.dialogo(&["reasons", "decline", "nobody"]).await?.expect(2)?;
    ensure!(refused.err.contains("no open group `nobody`"), "{}", refused.err);
    admin.post(&format!("/reasons/{id}/decline"), json!({})).await?.expect(200)?;
    let listed = desk.dialogo(&["reasons", "list", "--json"]).await?.expect(0)?.json()?;
    assert_eq!(listed["groups"], json!([]));
    let again = desk.dialogo(&["reasons", "find", "--json"]).await?.expect(0)?.json()?;
    assert_eq!(again["groups"], json!([]), "{again:#}");

    // A supervisor sees, an agent does not, and only admins decide.
    let ana = desk.api().log_in("ana").await?;
    ana.get("/reasons").await?.expect(403)?;
    ana.post(&format!("/reasons/{id}/accept"), json!({})).await?.expect(403)?;
    desk.stop().await
}

#[tokio::test]
async fn a_file_is_looked_at_without_a_desk() -> Result<()> {
    let place = tempfile::tempdir()?;
    let file = place.path().join("said.jsonl");
    fs::write(&file, dialogues())?;
    let file = file.to_string_lossy();
    let found = dialogo(["reasons", "find", "--from", &file, "--json"]).await?.expect(0)?.json()?;
    ensure!(group(&found, "contrato").is_some() && group(&found, "pontos").is_some(), "{found:#}");
    let text = dialogo(["reasons", "find", "--from", &file]).await?.expect(0)?;
    ensure!(text.out.contains(" conversations; could be "), "{}", text.out);
    Ok(())
}
