//! What a client can ask a desk instead of guessing: its settings, where a transfer may go, what was said long ago, and
//! how long somebody will wait.

use anyhow::{Context as _, Result, ensure};
use dialogo_tests::api::Person;
use dialogo_tests::deadline::{SOON, until, when};
use dialogo_tests::desk::Desk;
use dialogo_tests::socket::Socket;
use serde_json::{Value, json};
use uuid::Uuid;

#[tokio::test]
async fn a_desk_says_what_holds_and_what_changes() -> Result<()> {
    let desk = Desk::begin().await?;
    let ana = desk.api().log_in("ana").await?;
    let visit = desk.api().begin("suporte").await?;
    let said = ana.get("/desk").await?.expect(200)?;
    assert_eq!(said["finish"], json!({ "classification": "remind", "undo_ms": 10_000 }));
    assert_eq!(said["attachments"]["max_bytes"], json!(25_000_000));
    assert_eq!(said["attachments"]["max_per_message"], json!(10));
    assert_eq!(said["pause_reasons"][0]["en"], "Lunch");
    assert_eq!(said["offers"], json!({ "manual": false }));
    let accepts = |said: &Value, kind: &str| {
        said["attachments"]["accept"].as_array().is_some_and(|all| all.contains(&json!(kind)))
    };
    ensure!(accepts(&said, "video/*"), "agents may send films: {said}");
    let theirs = visit.consumer.get("/desk").await?.expect(200)?;
    assert_eq!(theirs["message"]["max_bytes"], said["message"]["max_bytes"]);
    ensure!(!accepts(&theirs, "video/*") && accepts(&theirs, "image/*"), "{theirs}");
    for inside in ["finish", "limit", "pause_reasons", "timezone"] {
        ensure!(
            theirs.get(inside).is_none(),
            "a consumer has nothing to do with {inside}: {theirs}"
        );
    }
    desk.api().nobody().get("/desk").await?.problem(401, "unauthorized")?;

    let folder = desk.process.folder();
    folder.replace("desk.toml", "classification = \"remind\"", "classification = \"require\"")?;
    folder.replace("desk.toml", "undo = \"10 s\"", "undo = \"3 s\"")?;
    folder.replace(
        "desk.toml",
        "offers = \"immediate\"",
        "offers = { accept_within = \"20 s\" }",
    )?;
    until("the new rules", SOON, || async {
        let said = ana.get("/desk").await?.expect(200)?;
        let new = said["finish"] == json!({ "classification": "require", "undo_ms": 3_000 })
            && said["offers"] == json!({ "manual": true, "accept_within_ms": 20_000 });
        Ok(when(new, (), said.to_string()))
    })
    .await?;
    desk.stop().await
}

#[tokio::test]
async fn an_acknowledgement_tells_the_time_and_a_snapshot_its_place_in_the_feed() -> Result<()> {
    let desk = Desk::begin().await?;
    let ana = desk.api().on_duty("ana").await?;
    let visit = desk.api().begin("suporte").await?;
    let mut widget = Socket::open(&visit.consumer).await?;
    let ack = widget.send(&visit.id, Uuid::new_v4(), "bom dia").await?;
    let stored = visit.consumer.transcript(&visit.id).await?;
    let message = stored.iter().find(|one| one["text"] == "bom dia").context("no message")?;
    assert_eq!((&ack["at"], ack["at"].is_u64()), (&message["at"], true));

    let position = ack["position"].as_u64().context("no position")?;
    let as_of = |answer: &Value| answer["position"].as_u64().unwrap_or_default();
    let mine = ana.get("/conversations?scope=mine").await?.expect(200)?;
    let agents = ana.get("/agents").await?.expect(200)?;
    let messages = ana.get(&format!("/conversations/{}/messages", visit.id)).await?.expect(200)?;
    for (what, answer) in [("conversations", &mine), ("agents", &agents), ("messages", &messages)] {
        ensure!(as_of(answer) >= position, "{what}: {answer}");
    }
    assert_eq!(mine["conversations"][0]["position"], mine["position"]);

    // Whoever follows from there gets exactly what came later.
    let mut console = Socket::resume(&ana, Some(as_of(&mine))).await?;
    widget.send(&visit.id, Uuid::new_v4(), "tem alguém aí?").await?;
    console.message(&visit.id, "tem alguém aí?").await?;
    ensure!(
        console.all.iter().all(|frame| !frame.to_string().contains("bom dia")),
        "what the snapshot held came again"
    );
    desk.stop().await
}

#[tokio::test]
async fn a_queue_shows_what_those_who_wait_have_written() -> Result<()> {
    let desk = Desk::begin().await?;
    let (ana, davi) = (desk.api().log_in("ana").await?, desk.api().log_in("davi").await?);
    let elisa = desk.api().log_in("elisa").await?;
    let visit = desk.api().begin("vendas").await?;
    let mut sales = Socket::open(&davi).await?;
    let mut billing = Socket::open(&elisa).await?;
    visit.say("queria mudar\nde plano").await?;
    let wrote = sales.event("consumer_wrote", &visit.id).await?;
    assert_eq!(wrote["excerpt"], "queria mudar de plano");
    visit.say(&"muito ".repeat(200)).await?;
    sales.event("consumer_wrote", &visit.id).await?;
    let listed = davi.get("/conversations?scope=queue").await?.expect(200)?;
    let excerpt = &listed["conversations"][0]["excerpt"];
    assert_eq!(excerpt["first"], "queria mudar de plano");
    let last = excerpt["last"].as_str().context("no last words")?;
    ensure!(last.chars().count() <= 161 && last.ends_with('…'), "{last}");
    billing.settle().await?;
    ensure!(
        billing.all.iter().all(|frame| !frame.to_string().contains("mudar")),
        "billing has nothing to do with it"
    );
    assert_eq!(ana.list("scope=queue").await?, [""; 0], "nor has support");
    let theirs = visit.consumer.conversation(&visit.id).await?;
    ensure!(theirs.get("excerpt").is_none(), "{theirs}");
    desk.stop().await
}

/// A target by its id.
fn target<'v>(list: &'v Value, kind: &str, id: &str) -> Result<&'v Value> {
    let all = list[kind].as_array().with_context(|| format!("no {kind} in {list}"))?;
    all.iter().find(|one| one["id"] == id).with_context(|| format!("no {id} in {list}"))
}

#[tokio::test]
async fn targets_say_what_the_transfer_would_say() -> Result<()> {
    let desk = Desk::begin().await?;
    let (ana, davi) = (desk.api().on_duty("ana").await?, desk.api().on_duty("davi").await?);
    let visit = desk.api().begin("vendas").await?;
    desk.state_until(&davi, &visit.id, "active").await?;
    let path = format!("/conversations/{}/targets", visit.id);
    let list = davi.get(&path).await?.expect(200)?;
    let support = target(&list, "departments", "suporte")?;
    assert_eq!((&support["possible"], &support["free"]), (&json!(true), &json!(7)), "{list}");
    let ombudsman = target(&list, "departments", "ouvidoria")?;
    assert_eq!(ombudsman["problem"]["code"], "transfer-not-listed");
    let away = target(&list, "agents", "bruno")?;
    assert_eq!(
        (&away["possible"], &away["problem"]["code"]),
        (&json!(false), &json!("agent-not-online"))
    );
    let free = target(&list, "agents", "ana")?;
    assert_eq!((&free["possible"], &free["to_department"]), (&json!(true), &json!("suporte")));
    assert_eq!(list["first_contact"]["problem"]["code"], "transfer-to-itself", "{list}");
    assert_eq!(list["transfers_left"], 5);
    // What is said to be impossible is refused with the same problem, and what is possible works.
    let transfer = path.replace("targets", "transfer");
    let refused = davi.post(&transfer, json!({ "target": { "agent": "bruno" } })).await?;
    refused.problem(409, "agent-not-online")?;
    davi.post(&transfer, json!({ "target": { "agent": "ana" } })).await?.expect(204)?;
    let back = ana.get(&path).await?.expect(200)?;
    assert_eq!(
        (&back["first_contact"]["id"], &back["first_contact"]["possible"]),
        (&json!("davi"), &json!(true))
    );
    // Only its agent and supervisors may pass it on now.
    let list = davi.get(&path).await?.expect(200)?;
    assert_eq!(target(&list, "departments", "vendas")?["problem"]["code"], "not-theirs");
    visit.consumer.get(&path).await?.problem(403, "not-allowed")?;
    desk.stop().await
}

/// A conversation that `agent` has had and finished.
async fn finished(
    desk: &Desk,
    agent: &Person,
    body: Value,
    says: &str,
    node: &str,
) -> Result<(String, String)> {
    let visit = desk.api().begin_with(body).await?;
    visit.say(says).await?;
    desk.state_until(agent, &visit.id, "active").await?;
    let seen = agent.conversation(&visit.id).await?;
    let close = json!({ "classify": { "node": node } });
    agent.post(&format!("/conversations/{}/close", visit.id), close).await?.expect(204)?;
    let consumer = seen["consumer"].as_str().context("no consumer")?.to_owned();
    Ok((visit.id, consumer))
}

#[tokio::test]
async fn a_search_finds_ones_own_by_words_name_and_classification() -> Result<()> {
    let desk = Desk::begin().await?;
    let davi = desk.api().on_duty("davi").await?;
    let sofia = desk.api().log_in("sofia").await?;
    let ana = desk.api().log_in("ana").await?;
    let at = |name: &str| json!({ "department": "vendas", "name": name, "locale": "pt-BR" });
    let (plan, consumer) =
        finished(&desk, &davi, at("Conceição Alves"), "Quero trocar a CONEXÃO da loja", "vendas")
            .await?;
    let (other, _) = finished(&desk, &davi, at("Pedro"), "minha conexao caiu", "elogio").await?;
    let visit = desk.api().begin_with(at("Rita")).await?;
    visit.say("a conexão está lenta").await?;
    desk.state_until(&davi, &visit.id, "active").await?;

    let find = |query: &'static str| {
        let davi = davi.clone();
        async move { davi.list(&format!("search={query}")).await }
    };
    assert_eq!(find("cone%C3%A7ao").await?, [""; 0], "another word");
    assert_eq!(find("CONEXAO").await?, [visit.id.clone(), other.clone(), plan.clone()]);
    assert_eq!(find("conceicao").await?, [plan.clone()], "by the name");
    assert_eq!(find("conex%C3%A3o+loj").await?, [plan.clone()], "every word counts");
    assert_eq!(find("elogio+conexao").await?, [other.clone()], "by the classification and a word");
    assert_eq!(ana.list("search=conexao").await?, [""; 0], "others' are not found");
    assert_eq!(sofia.list("search=loja").await?, [plan.clone()], "a supervisor finds all");
    assert_eq!(davi.list(&format!("consumer={consumer}")).await?, [plan.clone()]);
    assert_eq!(ana.list(&format!("consumer={consumer}")).await?, [""; 0], "not hers to see");

    let found = davi.get("/conversations?search=conexao+loja").await?.expect(200)?;
    let pieces = found["conversations"][0]["hit"]["pieces"].as_array().context("no hit")?;
    let marked: Vec<&str> = pieces
        .iter()
        .filter(|one| one["hit"] == true)
        .filter_map(|one| one["text"].as_str())
        .collect();
    assert_eq!(marked, ["CONEXÃO", "loja"]);
    let page = davi.get("/conversations?search=conexao&limit=2").await?.expect(200)?;
    let back_to = &page["searched"]["back_to"];
    ensure!(back_to.is_u64() && page["next"] == *back_to, "{page}");
    let rest = davi.list(&format!("search=conexao&limit=2&before={back_to}")).await?;
    assert_eq!(rest, [plan]);
    davi.get("/conversations?search=%21").await?.problem(400, "invalid")?;
    visit.consumer.get("/conversations?search=conexao").await?.problem(403, "not-allowed")?;
    desk.stop().await
}

#[tokio::test]
async fn who_waits_is_told_of_the_place_and_of_the_wait_once_there_is_a_basis() -> Result<()> {
    let desk = Desk::begin().await?;
    let davi = desk.api().on_duty("davi").await?;
    davi.put("/agents/davi/limit", json!({ "limit": 1 })).await?.expect(204)?;
    let mut visits = Vec::new();
    for _ in 0..6 {
        visits.push(desk.api().begin("vendas").await?);
    }
    let last = visits.last().context("nobody")?;
    let mut widget = Socket::open(&last.consumer).await?;
    let mut console = Socket::open(&davi).await?;
    assert_eq!(last.consumer.conversation(&last.id).await?["place"], 5);
    for turn in 0..4 {
        tokio::time::sleep(std::time::Duration::from_millis(1_500)).await;
        let path = format!("/conversations/{}/close", visits[turn].id);
        davi.post(&path, json!({})).await?.expect(204)?;
        let place = json!(4 - turn);
        let frame = widget
            .until("the place", |frame| {
                (frame["type"] == "place" && frame["place"] == place).then(|| frame.clone())
            })
            .await?;
        assert_eq!(frame["conversation"], json!(last.id));
        if turn == 0 {
            ensure!(frame.get("expected_wait_ms").is_none(), "a guess without a basis: {frame}");
        }
    }
    // Four turns of one or two seconds: about a minute is the least that is said.
    let seen = last.consumer.conversation(&last.id).await?;
    assert_eq!((&seen["place"], &seen["expected_wait_ms"]), (&json!(1), &json!(60_000)), "{seen}");
    let frame = console.kind("queue").await?;
    assert_eq!(
        (&frame["department"], &frame["expected_wait_ms"]),
        (&json!("vendas"), &json!(60_000))
    );
    desk.stop().await
}
