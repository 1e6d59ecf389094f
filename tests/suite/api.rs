//! The whole life of conversations through the API: what consumers, agents, supervisors and admins do and see.

use anyhow::{Context as _, Result, ensure};
use dialogo_tests::api::Body;
use dialogo_tests::deadline::{Look, SOON, until, when};
use dialogo_tests::desk::Desk;
use dialogo_tests::metrics::Metrics;
use dialogo_tests::socket::Socket;
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

#[tokio::test]
async fn the_bot_greets_offers_a_menu_and_hands_over() -> Result<()> {
    let desk = Desk::begin().await?;
    let visit = desk.api().begin_with(json!({ "name": "Maria", "locale": "pt-BR" })).await?;
    assert_eq!(visit.begun["conversation"]["state"], "bot");
    let mut widget = Socket::resume(&visit.consumer, Some(0)).await?;
    let menu = widget
        .until("the menu", |frame| {
            let mut said = dialogo_tests::socket::events(frame)
                .filter(|event| event["type"] == "message_sent");
            said.find(|event| {
                event["message"]["choices"].as_array().is_some_and(|all| all.len() == 4)
            })
            .cloned()
        })
        .await?;
    assert_eq!(menu["message"]["author"]["side"], "bot");
    let titles: Vec<&str> = menu["message"]["choices"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|one| one["title"].as_str())
        .collect();
    assert!(titles.contains(&"Comprar ou mudar de plano"), "{titles:?}");
    let davi = desk.api().on_duty("davi").await?;
    visit.say("3").await?;
    let queued = widget.event("conversation_queued", &visit.id).await?;
    assert_eq!(queued["department"], "vendas");
    let assigned = widget.event("conversation_assigned", &visit.id).await?;
    assert_eq!(assigned["agent"]["name"], "Davi");
    assert!(assigned["agent"].get("id").is_none(), "a consumer sees no login: {assigned}");
    let seen = davi.conversation(&visit.id).await?;
    assert_eq!(
        (&seen["state"], &seen["department"], &seen["agent"]["id"]),
        (&json!("active"), &json!("vendas"), &json!("davi"))
    );
    widget.check_order()?;
    desk.stop().await
}

#[tokio::test]
async fn whoever_was_answered_finds_it_in_the_very_next_page() -> Result<()> {
    let desk = Desk::begin().await?;
    let visit = desk.api().begin("suporte").await?;
    let page = format!("/conversations/{}/messages?limit=1", visit.id);
    for turn in 0..100 {
        let text = format!("mensagem {turn}");
        visit.say(&text).await?;
        let last = visit.consumer.get(&page).await?.expect(200)?;
        assert_eq!(last["messages"][0]["text"], json!(text), "{last}");
    }
    desk.stop().await
}

#[tokio::test]
async fn messages_go_both_ways_and_have_states() -> Result<()> {
    let desk = Desk::begin().await?;
    let ana = desk.api().on_duty("ana").await?;
    let mut console = Socket::open(&ana).await?;
    let visit = desk.api().begin("suporte").await?;
    console.event("conversation_assigned", &visit.id).await?;
    let mut widget = Socket::open(&visit.consumer).await?;

    let ack = widget.send(&visit.id, Uuid::new_v4(), "bom dia").await?;
    assert_eq!((&ack["type"], &ack["state"]), (&json!("ack"), &json!("sent")), "{ack}");
    let number = ack["number"].as_u64().context("no number")?;
    let heard = console.message(&visit.id, "bom dia").await?;
    assert_eq!(heard["message"]["author"]["side"], "consumer");
    assert_eq!(heard["message"]["number"], json!(number));

    console.say(&json!({ "type": "read", "conversation": visit.id, "delivered": number, "read": number })).await?;
    let mark = widget.event("read_marked", &visit.id).await?;
    assert_eq!(
        (&mark["by"], &mark["delivered"], &mark["read"]),
        (&json!("agent"), &json!(number), &json!(number))
    );

    console.say(&json!({ "type": "typing", "conversation": visit.id })).await?;
    let typing = widget.kind("typing").await?;
    assert_eq!(typing["conversation"], json!(visit.id));

    console.send(&visit.id, Uuid::new_v4(), "olá, como posso ajudar?").await?;
    let heard = widget.message(&visit.id, "olá, como posso ajudar?").await?;
    assert_eq!(heard["message"]["author"]["side"], "agent");
    assert_eq!(heard["message"]["author"]["name"], "Ana");
    assert!(heard["message"]["author"].get("agent").is_none(), "a consumer sees no login: {heard}");
    visit
        .consumer
        .post(&format!("/conversations/{}/read", visit.id), json!({ "delivered": 2, "read": 2 }))
        .await?
        .expect(204)?;
    let mark = console.event("read_marked", &visit.id).await?;
    assert_eq!((&mark["by"], &mark["read"]), (&json!("consumer"), &json!(2)));
    let seen = ana.conversation(&visit.id).await?;
    assert_eq!(seen["consumer_read"], json!({ "delivered": 2, "read": 2 }));

    let refused = console.send(&visit.id, Uuid::new_v4(), "🖕").await?;
    assert_eq!(
        (&refused["type"], &refused["state"]),
        (&json!("ack"), &json!("refused")),
        "{refused}"
    );
    assert!(
        refused["verdict"]["detail"].as_str().is_some_and(|detail| !detail.is_empty()),
        "no reason: {refused}"
    );
    let rewritten = console.send(&visit.id, Uuid::new_v4(), "pronto 🙂🖕").await?;
    assert_eq!((&rewritten["state"], &rewritten["text"]), (&json!("sent"), &json!("pronto 🙂")));
    widget.message(&visit.id, "pronto 🙂").await?;
    widget.settle().await?;
    assert!(
        widget.all.iter().all(|frame| !frame.to_string().contains("🖕")),
        "what was taken out reached the consumer"
    );
    desk.stop().await
}

#[tokio::test]
async fn notes_stay_among_colleagues() -> Result<()> {
    let desk = Desk::begin().await?;
    let (ana, sofia) = (desk.api().on_duty("ana").await?, desk.api().log_in("sofia").await?);
    let visit = desk.api().begin("suporte").await?;
    let mut widget = Socket::open(&visit.consumer).await?;
    desk.state_until(&ana, &visit.id, "active").await?;
    let secret = "cliente difícil, cuidado";
    let path = format!("/conversations/{}/notes", visit.id);
    let noted =
        ana.post(&path, json!({ "id": Uuid::new_v4(), "text": secret })).await?.expect(201)?;
    ana.say(&visit.id, "um momento").await?;
    widget.message(&visit.id, "um momento").await?;
    assert!(
        widget.all.iter().all(|frame| !frame.to_string().contains(secret)),
        "the note reached the consumer's socket"
    );
    for path in ["messages", "events", ""] {
        let path = format!("/conversations/{}/{path}", visit.id);
        let seen = visit.consumer.get(path.trim_end_matches('/')).await?;
        assert!(!seen.text_whole().contains(secret), "the consumer sees the note in {path}");
    }
    visit
        .consumer
        .post(&path, json!({ "id": Uuid::new_v4(), "text": "x" }))
        .await?
        .problem(403, "not-allowed")?;
    let seen = sofia.transcript(&visit.id).await?;
    let note = seen
        .iter()
        .find(|message| message["text"] == secret)
        .context("a supervisor does not see the note")?;
    assert_eq!((&note["note"], &note["number"]), (&json!(true), &noted["number"]));
    let theirs = visit.consumer.transcript(&visit.id).await?;
    assert!(
        theirs.iter().all(|message| message["note"] != json!(true) && message["text"] != secret)
    );
    desk.stop().await
}

#[tokio::test]
async fn suggestions_are_made_shown_accepted_and_become_final() -> Result<()> {
    let desk = Desk::begin().await?;
    let ana = desk.api().on_duty("ana").await?;
    let mut console = Socket::open(&ana).await?;
    let visit = desk.api().begin("suporte").await?;
    console.event("conversation_assigned", &visit.id).await?;
    visit.say("oi, preciso da 2ª via do boleto de março").await?;
    let suggested = console.event("classification_suggested", &visit.id).await?;
    let set = suggested["set"].as_u64().context("no set")?;
    let best = &suggested["suggestions"][0];
    assert_eq!(best["node"], "cobranca.boleto.segunda-via", "{suggested}");
    assert!(best["confidence"].as_f64().is_some_and(|sure| (0.5..=1.0).contains(&sure)), "{best}");
    assert!(
        best["evidence"].as_array().is_some_and(|words| !words.is_empty()),
        "no words that led to it: {best}"
    );
    assert_eq!(best["plugins"], json!(["keywords"]));

    ana.act(&format!("/conversations/{}/suggestions/{set}/shown", visit.id)).await?.expect(204)?;
    let path = format!("/conversations/{}/classification", visit.id);
    ana.put(&path, json!({ "node": "elogio", "from_set": set }))
        .await?
        .problem(409, "not-suggested")?;
    ana.put(&path, json!({ "node": "elogio", "from_set": set + 7 }))
        .await?
        .problem(409, "suggestions-outdated")?;
    ana.put(&path, json!({ "node": "nada.disso" })).await?.problem(404, "node-unknown")?;
    ana.put(&path, json!({ "node": best["node"], "from_set": set })).await?.expect(204)?;
    let seen = ana.conversation(&visit.id).await?;
    assert_eq!(seen["classification"]["state"], "draft");
    assert_eq!(seen["classification"]["by"], "ana");
    assert!(
        seen["classification"]["tree"].as_str().is_some_and(|tree| !tree.is_empty()),
        "no version of the tree: {seen}"
    );

    ana.post(&format!("/conversations/{}/close", visit.id), json!({})).await?.expect(204)?;
    let seen = ana.conversation(&visit.id).await?;
    assert_eq!(
        (&seen["state"], &seen["classification"]["state"]),
        (&json!("closed"), &json!("final"))
    );
    assert!(ana.list("scope=to_classify").await?.is_empty(), "it is classified");
    let sofia = desk.api().log_in("sofia").await?;
    let history =
        sofia.get(&format!("/conversations/{}/events", visit.id)).await?.expect(200)?.to_string();
    assert!(history.contains("suggestions_shown"), "{history}");
    assert!(history.contains("\"accepted\""), "{history}");
    let insights = sofia.get("/insights").await?.expect(200)?;
    let counted = &insights["by_classification"][0];
    let node = json!("cobranca.boleto.segunda-via");
    assert_eq!((&counted["node"], &counted["conversations"]), (&node, &json!(1)), "{insights}");
    let total = &insights["total"];
    assert_eq!((&total["contacts"], &total["closed"]), (&json!(1), &json!(1)), "{insights}");
    assert_eq!(total["handling"]["count"], 1, "{insights}");
    let fates = insights["suggestions"].as_array().context("no suggestions")?;
    let accepted =
        fates.iter().find(|fate| fate["node"] == node).context("not the one accepted")?;
    assert_eq!((&accepted["shown"], &accepted["accepted"]), (&json!(1), &json!(1)), "{insights}");
    let consumers =
        visit.consumer.get(&format!("/conversations/{}/events", visit.id)).await?.text_whole();
    assert!(!consumers.contains("segunda-via"), "the consumer sees a classification: {consumers}");
    desk.stop().await
}

#[tokio::test]
async fn what_was_put_off_is_classified_later_and_a_finish_can_be_undone() -> Result<()> {
    let desk = Desk::begin().await?;
    let ana = desk.api().on_duty("ana").await?;
    let visit = desk.api().begin("suporte").await?;
    visit.say("oi").await?;
    desk.state_until(&ana, &visit.id, "active").await?;
    ana.say(&visit.id, "olá").await?;
    let close = format!("/conversations/{}/close", visit.id);
    ana.post(&close, json!({})).await?.expect(204)?;
    assert_eq!(ana.conversation(&visit.id).await?["closed"]["by"], "agent");
    ana.post(&close, json!({})).await?.problem(409, "wrong-state")?;
    assert_eq!(ana.list("scope=to_classify").await?, [visit.id.clone()]);
    assert_eq!(ana.list("scope=closed_today").await?, [visit.id.clone()]);

    ana.act(&format!("/conversations/{}/undo-close", visit.id)).await?.expect(204)?;
    let seen = ana.conversation(&visit.id).await?;
    assert_eq!((&seen["state"], &seen["agent"]["id"]), (&json!("active"), &json!("ana")));
    assert!(ana.list("scope=to_classify").await?.is_empty());

    ana.post(&close, json!({})).await?.expect(204)?;
    let path = format!("/conversations/{}/classification", visit.id);
    ana.put(&path, json!({ "node": "suporte.duvida" })).await?.expect(204)?;
    assert_eq!(ana.conversation(&visit.id).await?["classification"]["state"], "final");
    assert!(ana.list("scope=to_classify").await?.is_empty());

    let rating = format!("/conversations/{}/rating", visit.id);
    visit.consumer.post(&rating, json!({ "stars": 6 })).await?.problem(400, "invalid")?;
    visit.consumer.post(&rating, json!({ "stars": 5, "comment": "ótimo" })).await?.expect(204)?;
    visit.consumer.post(&rating, json!({ "stars": 1 })).await?.problem(409, "cannot-rate")?;
    ana.post(&rating, json!({ "stars": 5 })).await?.problem(403, "not-allowed")?;
    desk.stop().await
}

#[tokio::test]
async fn undo_has_an_end_and_required_means_required() -> Result<()> {
    let desk = Desk::begin_with(|folder| {
        folder.replace("desk.toml", "undo = \"10 s\"", "undo = \"1 ms\"")?;
        folder.replace("desk.toml", "classification = \"remind\"", "classification = \"require\"")
    })
    .await?;
    let ana = desk.api().on_duty("ana").await?;
    let (one, other) = (desk.api().begin("suporte").await?, desk.api().begin("suporte").await?);
    desk.state_until(&ana, &other.id, "active").await?;
    let close = format!("/conversations/{}/close", one.id);
    ana.post(&close, json!({})).await?.problem(409, "classification-required")?;
    // Another closer is not bound: the consumer's own close takes the department's default.
    other
        .consumer
        .post(&format!("/conversations/{}/close", other.id), json!({}))
        .await?
        .expect(204)?;
    let seen = ana.conversation(&other.id).await?;
    assert_eq!(
        (&seen["closed"]["by"], &seen["classification"]["node"]),
        (&json!("consumer"), &json!("outros"))
    );
    ana.post(&close, json!({ "classify": { "node": "elogio" } })).await?.expect(204)?;
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    let late = ana.act(&format!("/conversations/{}/undo-close", one.id)).await?;
    let problem = late.problem(409, "too-late-to-undo")?;
    assert_eq!(problem["window_ms"], json!(1));
    desk.stop().await
}

#[tokio::test]
async fn transfers_go_where_they_may_and_say_why_not() -> Result<()> {
    let desk = Desk::begin_with(|folder| {
        folder.replace("desk.toml", "max_transfers = 5", "max_transfers = 3")?;
        folder.append("desk.toml", "[[calendar]]\nid = \"nunca\"\nhours = [{ days = \"mon\", from = \"09:00\", to = \"10:00\" }]\nclosed = [{ from = \"2020-01-01\", to = \"2090-12-31\", name = \"sempre fechado\" }]")?;
        folder.append("departments.toml", "[[department]]\nid = \"noite\"\nname = \"Noite\"\nmembers = [\"bruno\"]\nhours = \"nunca\"\nmay_transfer_to = \"*\"")
    })
    .await?;
    let (davi, elisa) = (desk.api().on_duty("davi").await?, desk.api().on_duty("elisa").await?);
    let visit = desk.api().begin("vendas").await?;
    visit.say("oi").await?;
    desk.state_until(&davi, &visit.id, "active").await?;
    davi.say(&visit.id, "olá").await?;
    let transfer = format!("/conversations/{}/transfer", visit.id);
    let go = |target: Value| json!({ "target": target, "note": "por favor" });

    let refused = davi.post(&transfer, go(json!({ "department": "vendas" }))).await?;
    refused.problem(409, "transfer-to-itself")?;
    let refused = davi.post(&transfer, go(json!({ "department": "ouvidoria" }))).await?;
    let problem = refused.problem(409, "transfer-not-listed")?;
    assert_eq!((&problem["from"], &problem["to"]), (&json!("vendas"), &json!("ouvidoria")));
    davi.post(&transfer, go(json!({ "department": "noite" })))
        .await?
        .problem(409, "department-closed")?;
    davi.post(&transfer, go(json!({ "department": "marte" })))
        .await?
        .problem(404, "department-unknown")?;
    davi.post(&transfer, go(json!({ "agent": "ninguem" }))).await?.problem(404, "agent-unknown")?;
    davi.post(&transfer, go(json!({ "agent": "davi" })))
        .await?
        .problem(409, "transfer-to-itself")?;
    davi.post(&transfer, go(json!({ "agent": "ana" }))).await?.problem(409, "agent-not-online")?;
    davi.post(&transfer, go(json!({ "department": "suporte", "agent": "ana" })))
        .await?
        .problem(400, "invalid")?;
    davi.post(&transfer, go(json!({}))).await?.problem(400, "invalid")?;
    elisa
        .post(&transfer, go(json!({ "department": "suporte" })))
        .await?
        .problem(404, "conversation-unknown")?;
    assert_eq!(
        davi.conversation(&visit.id).await?["hops"],
        json!(0),
        "refused transfers are no transfers"
    );

    let ana = desk.api().on_duty("ana").await?;
    let mut widget = Socket::open(&visit.consumer).await?;
    let before = davi.conversation(&visit.id).await?;
    davi.post(&transfer, go(json!({ "agent": "ana" }))).await?.expect(204)?;
    let seen = desk.state_until(&ana, &visit.id, "active").await?;
    assert_eq!(
        (&seen["agent"]["id"], &seen["department"], &seen["hops"]),
        (&json!("ana"), &json!("suporte"), &json!(1))
    );
    assert_eq!(seen["opened_at"], before["opened_at"]);
    let line = widget.event("conversation_transferred", &visit.id).await?;
    assert!(
        line.get("note").is_none() && line.get("from_agent").is_none(),
        "too much for a consumer: {line}"
    );
    let notes = ana.get(&format!("/conversations/{}/events", visit.id)).await?.text_whole();
    assert!(notes.contains("por favor"), "the receiver does not see the note: {notes}");

    // From suporte everything is allowed, so ouvidoria is, and first contact leads back to davi.
    ana.post(&transfer, go(json!({ "department": "ouvidoria" }))).await?.expect(204)?;
    let seen = desk.state_until(&elisa, &visit.id, "active").await?;
    assert_eq!((&seen["agent"]["id"], &seen["first_agent"]), (&json!("elisa"), &json!("davi")));
    elisa.post(&transfer, go(json!({ "first_contact": true }))).await?.expect(204)?;
    let seen = desk.state_until(&davi, &visit.id, "active").await?;
    assert_eq!(seen["agent"]["id"], "davi");
    let problem =
        davi.post(&transfer, go(json!({ "agent": "ana" }))).await?.problem(409, "too-many-hops")?;
    assert_eq!((&problem["hops"], &problem["limit"]), (&json!(3), &json!(3)));
    desk.stop().await
}

#[tokio::test]
async fn plugins_may_refuse_a_transfer_and_say_why() -> Result<()> {
    let desk = Desk::begin_with(|folder| {
        folder.append("plugins/transfer.toml", "[[rule]]\nname = \"never to sales\"\nwhen = { to = \"vendas\" }\nthen = { deny = { pt = \"Vendas não recebe transferências.\" } }")
    })
    .await?;
    let ana = desk.api().on_duty("ana").await?;
    let visit = desk.api().begin("suporte").await?;
    desk.state_until(&ana, &visit.id, "active").await?;
    let transfer = format!("/conversations/{}/transfer", visit.id);
    let refused = ana.post(&transfer, json!({ "target": { "department": "vendas" } })).await?;
    assert_eq!(refused.status, 409, "{}", refused.text());
    let problem = refused.well_formed_problem()?;
    assert!(problem.to_string().contains("Vendas não recebe"), "the reason is missing: {problem}");
    let seen = ana.conversation(&visit.id).await?;
    assert_eq!((&seen["department"], &seen["agent"]["id"]), (&json!("suporte"), &json!("ana")));
    let why = desk
        .api()
        .log_in("sofia")
        .await?
        .get(&format!("/conversations/{}/explain", visit.id))
        .await?
        .expect(200)?;
    assert!(why.to_string().contains("transfer_refused"), "{why}");
    assert!(why.to_string().contains("transfer-rules"), "the plugin is not named: {why}");
    desk.stop().await
}

#[tokio::test]
async fn the_fifth_conversation_waits_and_hold_frees_a_place() -> Result<()> {
    let desk = Desk::begin().await?;
    let ana = desk.api().on_duty("ana").await?;
    let mut visits = Vec::new();
    for _ in 0..5 {
        visits.push(desk.api().begin("suporte").await?);
    }
    let (held, last) = (&visits[0], &visits[4]);
    desk.state_until(&ana, &visits[3].id, "active").await?;
    let waiting = desk.state_until(&last.consumer, &last.id, "queued").await?;
    assert_eq!(waiting["place"], json!(1));
    assert_eq!(ana.list("scope=mine").await?.len(), 4);
    let claim = format!("/conversations/{}/claim", last.id);
    let problem = ana.act(&claim).await?.problem(409, "agent-at-limit")?;
    assert_eq!(
        (&problem["load"], &problem["limit"], &problem["binding"]),
        (&json!(4), &json!(4), &json!("desk"))
    );
    let sofia = desk.api().log_in("sofia").await?;
    let why = sofia.get(&format!("/conversations/{}/explain", last.id)).await?.expect(200)?;
    assert!(why.to_string().contains("conversation_queued"), "{why}");

    ana.act(&format!("/conversations/{}/hold", held.id)).await?.expect(204)?;
    desk.state_until(&last.consumer, &last.id, "active").await?;
    assert_eq!(ana.conversation(&held.id).await?["state"], "on_hold");
    ana.act(&format!("/conversations/{}/resume", held.id)).await?.expect(204)?;
    let over = ana.list("scope=mine").await?;
    assert_eq!(over.len(), 5, "who comes back may be over the limit");
    // What is so already is nothing to do; what is waiting cannot be resumed.
    ana.act(&format!("/conversations/{}/resume", held.id)).await?.expect(204)?;
    assert_eq!(ana.list("scope=mine").await?.len(), 5);

    // Fewer by one's own choice: the sixth waits although one is closed.
    ana.put("/agents/ana/limit", json!({ "limit": 2 })).await?.expect(204)?;
    let sixth = desk.api().begin("suporte").await?;
    ana.post(&format!("/conversations/{}/close", held.id), json!({})).await?.expect(204)?;
    assert_eq!(ana.conversation(&sixth.id).await?["state"], "queued");
    ana.put("/agents/ana/limit", json!({ "limit": null })).await?.expect(204)?;
    ana.post(&format!("/conversations/{}/close", last.id), json!({})).await?.expect(204)?;
    desk.state_until(&ana, &sixth.id, "active").await?;
    desk.stop().await
}

#[tokio::test]
async fn a_busy_desk_never_goes_over_a_limit() -> Result<()> {
    let desk = Desk::begin().await?;
    for login in ["ana", "bruno"] {
        desk.api().on_duty(login).await?;
    }
    let api = desk.api().clone();
    let begun = (0..24).map(|_| {
        let api = api.clone();
        tokio::spawn(async move { api.begin("suporte").await })
    });
    for visit in begun.collect::<Vec<_>>() {
        visit.await??;
    }
    let sofia = desk.api().log_in("sofia").await?;
    let agents = sofia.get("/agents").await?.expect(200)?;
    let holds = |login: &str| {
        let mut all = agents["agents"].as_array().into_iter().flatten();
        all.find(|agent| agent["id"] == login).and_then(|agent| agent["holds"].as_u64())
    };
    assert_eq!((holds("ana"), holds("bruno")), (Some(4), Some(4)));
    assert_eq!(sofia.list("scope=queue&department=suporte").await?.len(), 16);
    desk.stop().await
}

#[tokio::test]
async fn a_resend_gets_the_first_answer() -> Result<()> {
    let desk = Desk::begin().await?;
    let ana = desk.api().on_duty("ana").await?;
    let visit = desk.api().begin("suporte").await?;
    desk.state_until(&ana, &visit.id, "active").await?;
    let id = Uuid::new_v4();
    let first = visit.consumer.say_as(&visit.id, id, "uma vez só").await?.expect(201)?;
    let again = visit.consumer.say_as(&visit.id, id, "uma vez só").await?;
    assert_eq!(again.header("idempotent-replay"), "true");
    assert_eq!(again.expect(201)?, first);
    let mut widget = Socket::open(&visit.consumer).await?;
    let ack = widget.send(&visit.id, id, "uma vez só").await?;
    assert_eq!(
        (&ack["type"], &ack["number"], &ack["position"]),
        (&json!("ack"), &first["number"], &first["position"])
    );
    let same = ana.transcript(&visit.id).await?;
    assert_eq!(same.iter().filter(|message| message["id"] == json!(id)).count(), 1, "{same:?}");

    let key = Uuid::new_v4().to_string();
    let headers = [("idempotency-key", key.as_str())];
    let hold = format!("/conversations/{}/hold", visit.id);
    ana.call(Method::POST, &hold, &headers, Body::None).await?.expect(204)?;
    ana.act(&format!("/conversations/{}/resume", visit.id)).await?.expect(204)?;
    let replayed = ana.call(Method::POST, &hold, &headers, Body::None).await?;
    replayed.expect(204)?;
    assert_eq!(replayed.header("idempotent-replay"), "true");
    assert_eq!(
        ana.conversation(&visit.id).await?["state"],
        "active",
        "a resend does nothing again"
    );
    let close = format!("/conversations/{}/close", visit.id);
    let stolen = visit.consumer.call(Method::POST, &close, &headers, Body::None).await?;
    stolen.problem(409, "idempotency-key-reused")?;
    ana.call(Method::POST, &hold, &[("idempotency-key", "not-a-uuid")], Body::None)
        .await?
        .problem(400, "invalid")?;

    // A lost answer to the first call must not make two people of one.
    let key = Uuid::new_v4().to_string();
    let headers = [("idempotency-key", key.as_str())];
    let body = Body::Json(json!({ "department": "suporte" }));
    let one = desk
        .api()
        .nobody()
        .call(Method::POST, "/conversations", &headers, body.clone())
        .await?
        .expect(201)?;
    let two = desk
        .api()
        .nobody()
        .call(Method::POST, "/conversations", &headers, body)
        .await?
        .expect(201)?;
    assert_eq!(
        (&one["consumer"], &one["conversation"]["id"]),
        (&two["consumer"], &two["conversation"]["id"])
    );
    desk.stop().await
}

#[tokio::test]
async fn two_first_messages_make_one_conversation() -> Result<()> {
    let desk = Desk::begin().await?;
    let visit = desk.api().begin("suporte").await?;
    visit
        .consumer
        .post(&format!("/conversations/{}/close", visit.id), json!({}))
        .await?
        .expect(204)?;
    let begin = || visit.consumer.post("/conversations", json!({ "department": "suporte" }));
    let (one, two) = tokio::join!(begin(), begin());
    let (one, two) = (one?.expect(200)?, two?.expect(200)?);
    assert_eq!(one["conversation"]["id"], two["conversation"]["id"]);
    assert_ne!(one["conversation"]["id"], json!(visit.id));
    assert_eq!(
        one["conversation"]["previous"],
        json!(visit.id),
        "the new one is linked to the old"
    );
    desk.stop().await
}

#[tokio::test]
async fn who_comes_back_misses_nothing() -> Result<()> {
    let desk = Desk::begin().await?;
    let ana = desk.api().on_duty("ana").await?;
    let visit = desk.api().begin("suporte").await?;
    desk.state_until(&ana, &visit.id, "active").await?;
    let mut widget = Socket::open(&visit.consumer).await?;
    ana.say(&visit.id, "antes").await?;
    widget.message(&visit.id, "antes").await?;
    let cursor = widget.cut();
    let mut wanted = Vec::new();
    for number in 0..300 {
        let id = Uuid::new_v4();
        ana.say_as(&visit.id, id, &format!("enquanto isso {number}")).await?.expect(201)?;
        wanted.push(id.to_string());
    }
    let mut widget = Socket::resume(&visit.consumer, Some(cursor)).await?;
    widget.message(&visit.id, "enquanto isso 299").await?;
    ana.say(&visit.id, "depois").await?;
    widget.message(&visit.id, "depois").await?;
    let seen = widget.message_ids();
    assert_eq!(seen[..seen.len() - 1], wanted[..], "not exactly what was missed, in order");
    widget.check_order()?;

    // A cursor from the future, as after a restore from a backup, must not leave a silent gap either.
    let mut lost = Socket::connect(desk.api()).await?;
    lost.say(
        &json!({ "type": "hello", "token": visit.consumer.token()?, "cursor": 999_999_999_u64 }),
    )
    .await?;
    let told = lost
        .until("refresh or error", |frame| {
            matches!(frame["type"].as_str(), Some("refresh" | "error")).then(|| frame.clone())
        })
        .await?;
    assert!(told["type"] == "refresh" || told["problem"]["status"] == json!(400), "{told}");
    desk.stop().await
}

#[tokio::test]
async fn two_tabs_agree() -> Result<()> {
    let desk = Desk::begin().await?;
    let ana = desk.api().on_duty("ana").await?;
    let (mut left, mut right) = (Socket::open(&ana).await?, Socket::open(&ana).await?);
    let visit = desk.api().begin("suporte").await?;
    for tab in [&mut left, &mut right] {
        tab.event("conversation_assigned", &visit.id).await?;
    }
    let id = Uuid::new_v4();
    left.send(&visit.id, id, "da aba esquerda").await?;
    let other = right.message(&visit.id, "da aba esquerda").await?;
    assert_eq!(other["message"]["id"], json!(id));
    visit.say("oi").await?;
    for tab in [&mut left, &mut right] {
        tab.message(&visit.id, "oi").await?;
        tab.settle().await?;
        tab.check_order()?;
    }
    let mine = left.message_ids().iter().filter(|seen| **seen == id.to_string()).count();
    assert_eq!(mine, 0, "the tab that sent it has its ack, not the event");
    // Presence belongs to the agent: one tab less changes nothing.
    right.cut();
    left.settle().await?;
    assert_eq!(ana.get("/me").await?.expect(200)?["agent"]["dropped"], json!(false));
    desk.stop().await
}

#[tokio::test]
async fn agents_see_their_own_departments_only_and_roles_have_bounds() -> Result<()> {
    let desk = Desk::begin().await?;
    let (elisa, sofia, admin) = (
        desk.api().on_duty("elisa").await?,
        desk.api().log_in("sofia").await?,
        desk.admin().await?,
    );
    let ana = desk.api().on_duty("ana").await?;
    let mut others = Socket::open(&elisa).await?;
    let visit = desk.api().begin("suporte").await?;
    visit.say("só para o suporte").await?;
    desk.state_until(&ana, &visit.id, "active").await?;
    for path in ["", "/messages", "/events", "/explain"] {
        elisa
            .get(&format!("/conversations/{}{path}", visit.id))
            .await?
            .problem(404, "conversation-unknown")?;
    }
    elisa
        .act(&format!("/conversations/{}/claim", visit.id))
        .await?
        .problem(404, "conversation-unknown")?;
    let unknown = elisa.get(&format!("/conversations/{}", Uuid::new_v4())).await?;
    let foreign = elisa.get(&format!("/conversations/{}", visit.id)).await?;
    assert_eq!(
        unknown.problem(404, "conversation-unknown")?["detail"],
        foreign.problem(404, "conversation-unknown")?["detail"]
    );
    assert!(elisa.list("scope=all").await?.is_empty());
    let stranger = desk.api().begin("ouvidoria").await?;
    stranger
        .consumer
        .get(&format!("/conversations/{}", visit.id))
        .await?
        .problem(404, "conversation-unknown")?;
    others.event("conversation_assigned", &stranger.id).await?;
    assert!(
        others.all.iter().all(|frame| !frame.to_string().contains(&visit.id)),
        "elisa's socket tells of suporte"
    );

    // Watching does not help who may not see; bruno may, and then hears it.
    others.say(&json!({ "type": "watch", "conversation": visit.id })).await?;
    let bruno = desk.api().log_in("bruno").await?;
    let mut colleague = Socket::open(&bruno).await?;
    visit.say("primeira").await?;
    // It is shown just after it is answered: whoever watches at once may still see it.
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    colleague.say(&json!({ "type": "watch", "conversation": visit.id })).await?;
    colleague.settle().await?;
    visit.say("segunda").await?;
    colleague.message(&visit.id, "segunda").await?;
    assert!(
        colleague.seen("message_sent").iter().all(|event| event["message"]["text"] != "primeira"),
        "not watched yet"
    );
    others.settle().await?;
    assert!(
        others.all.iter().all(|frame| !frame.to_string().contains("segunda")),
        "elisa watches what she may not see"
    );

    sofia.conversation(&visit.id).await?;
    for (path, body) in [(
        "/agents",
        json!({ "login": "x", "name": "X", "role": "agent", "password": "0123456789" }),
    )] {
        ana.post(path, body.clone()).await?.problem(403, "not-allowed")?;
        sofia.post(path, body).await?.problem(403, "not-allowed")?;
    }
    for path in ["/rules", "/plugins", "/insights"] {
        ana.get(path).await?.problem(403, "not-allowed")?;
        sofia.get(path).await?.expect(200)?;
    }
    sofia.post("/rules/rollback", json!({})).await?.problem(403, "not-allowed")?;
    ana.post(&format!("/conversations/{}/assign", visit.id), json!({ "agent": "bruno" }))
        .await?
        .problem(403, "not-allowed")?;
    ana.put("/agents/bruno/presence", json!({ "presence": "offline" }))
        .await?
        .problem(403, "not-allowed")?;
    ana.delete("/agents/bruno").await?.problem(403, "not-allowed")?;
    visit.consumer.get("/agents").await?.problem(403, "not-allowed")?;
    admin.delete("/agents/admin").await?.problem(409, "last-admin")?;
    admin
        .post(
            "/agents",
            json!({ "login": "ana", "name": "Ana", "role": "agent", "password": "0123456789" }),
        )
        .await?
        .problem(409, "account-exists")?;
    desk.stop().await
}

#[tokio::test]
async fn passwords_and_sessions_end_when_they_should() -> Result<()> {
    let desk = Desk::begin().await?;
    let (ana, other, admin) =
        (desk.api().log_in("ana").await?, desk.api().log_in("ana").await?, desk.admin().await?);
    let wrong = json!({ "current": "errada", "password": "uma nova bem comprida" });
    ana.put("/agents/ana/password", wrong).await?.problem(400, "invalid")?;
    let right =
        json!({ "current": dialogo_tests::api::PASSWORD, "password": "uma nova bem comprida" });
    ana.put("/agents/ana/password", right).await?.expect(204)?;
    ana.get("/me").await?.expect(200)?;
    other.get("/me").await?.problem(401, "unauthorized")?;
    ana.delete("/sessions/current").await?.expect(204)?;
    ana.get("/me").await?.problem(401, "unauthorized")?;
    let bruno = desk.api().log_in("bruno").await?;
    admin.delete("/agents/bruno").await?.expect(204)?;
    bruno.get("/me").await?.problem(401, "unauthorized")?;
    desk.stop().await
}

#[tokio::test]
async fn outside_the_hours_the_desk_says_so_and_takes_a_callback_where_the_rules_do() -> Result<()>
{
    let desk = Desk::begin_with(|folder| {
        folder.append("desk.toml", "[[calendar]]\nid = \"nunca\"\nhours = [{ days = \"mon\", from = \"09:00\", to = \"10:00\" }]\nclosed = [{ from = \"2020-01-01\", to = \"2090-12-31\", name = \"sempre fechado\" }]")?;
        let said = "closed_message = { pt = \"Não estamos.\", en = \"We are not in.\" }";
        folder.append("departments.toml", &format!("[[department]]\nid = \"noite\"\nname = \"Noite\"\nmembers = [\"bruno\"]\nhours = \"nunca\"\n{said}"))?;
        folder.append("departments.toml", &format!("[[department]]\nid = \"cedo\"\nname = \"Cedo\"\nmembers = [\"bruno\"]\nhours = \"nunca\"\nwhen_closed = \"callback\"\n{said}"))
    })
    .await?;
    let sofia = desk.api().log_in("sofia").await?;
    let said = |messages: &[Value]| -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        messages.iter().map(|it| (text(&it["author"]["side"]), text(&it["text"]))).collect()
    };
    let own = |side: &str, text: &str| (side.to_owned(), text.to_owned());

    let waits = desk.api().begin_with(json!({ "department": "noite", "locale": "en-GB" })).await?;
    until("the desk's word", SOON, || async {
        let said = said(&waits.consumer.transcript(&waits.id).await?);
        let there = said.contains(&own("system", "We are not in."));
        Ok(if there { Look::There(()) } else { Look::NotYet(format!("{said:?}")) })
    })
    .await?;
    assert_eq!(sofia.conversation(&waits.id).await?["state"], "queued");

    let called = desk.api().begin_with(json!({ "department": "cedo", "locale": "pt-BR" })).await?;
    let closed = desk.state_until(&sofia, &called.id, "closed").await?;
    assert_eq!(closed["closed"]["by"], "callback");
    called.say("Liguem depois das dez, por favor").await?;
    let both = [own("consumer", "Liguem depois das dez, por favor"), own("system", "Não estamos.")];
    until("both words", SOON, || async {
        let said = said(&called.consumer.transcript(&called.id).await?);
        let there = both.iter().all(|one| said.contains(one));
        Ok(if there { Look::There(()) } else { Look::NotYet(format!("{said:?}")) })
    })
    .await?;
    assert_eq!(sofia.conversation(&called.id).await?["state"], "closed");
    desk.stop().await
}

#[tokio::test]
async fn a_closed_conversation_reopens_with_its_last_agent() -> Result<()> {
    let desk = Desk::begin().await?;
    let ana = desk.api().on_duty("ana").await?;
    let visit = desk.api().begin("suporte").await?;
    visit.say("oi").await?;
    desk.state_until(&ana, &visit.id, "active").await?;
    ana.say(&visit.id, "olá").await?;
    let close = json!({ "classify": { "node": "suporte.duvida" } });
    ana.post(&format!("/conversations/{}/close", visit.id), close).await?.expect(204)?;
    desk.api().on_duty("bruno").await?;
    let answer = visit.say("mais uma coisa").await?;
    assert_eq!(
        answer["conversation"],
        json!(visit.id),
        "inside the window it is the same conversation"
    );
    let seen = desk.state_until(&ana, &visit.id, "active").await?;
    assert_eq!((&seen["agent"]["id"], &seen["segment"]), (&json!("ana"), &json!(2)), "{seen}");
    assert_eq!(
        (&seen["classification"]["state"], &seen["classification"]["node"]),
        (&json!("final"), &json!("suporte.duvida"))
    );
    desk.stop().await
}

#[tokio::test]
async fn outside_the_window_a_new_conversation_is_linked_to_the_old() -> Result<()> {
    let desk = Desk::begin_with(|folder| {
        folder.replace("desk.toml", "reopen_window = \"24 h\"", "reopen_window = \"1 ms\"")
    })
    .await?;
    let ana = desk.api().on_duty("ana").await?;
    let visit = desk.api().begin("suporte").await?;
    desk.state_until(&ana, &visit.id, "active").await?;
    ana.post(&format!("/conversations/{}/close", visit.id), json!({})).await?.expect(204)?;
    let closed = ana.conversation(&visit.id).await?["closed"]["at"].as_u64().context("no time")?;
    until("a later millisecond", SOON, || async {
        let now =
            std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?.as_millis() as u64;
        Ok(when(now > closed + 5, (), "too early"))
    })
    .await?;
    let answer = visit.say("voltei").await?;
    let new = answer["conversation"].as_str().context("no conversation")?;
    assert_ne!(new, visit.id, "{answer}");
    assert_eq!(visit.consumer.conversation(new).await?["previous"], json!(visit.id));
    assert_eq!(ana.conversation(&visit.id).await?["state"], "closed");
    desk.stop().await
}

#[tokio::test]
async fn every_assignment_can_be_explained() -> Result<()> {
    let desk = Desk::begin().await?;
    let (ana, _bruno) = (desk.api().on_duty("ana").await?, desk.api().on_duty("bruno").await?);
    desk.api()
        .log_in("carla")
        .await?
        .put("/agents/carla/presence", json!({ "presence": "busy", "reason": "almoço" }))
        .await?
        .expect(204)?;
    ana.put("/agents/ana/limit", json!({ "limit": 1 })).await?.expect(204)?;
    let first = desk.api().begin("suporte").await?;
    let second = desk.api().begin("suporte").await?;
    let third = desk.api().begin("suporte").await?;
    let sofia = desk.api().log_in("sofia").await?;
    for visit in [&first, &second, &third] {
        desk.state_until(&sofia, &visit.id, "active").await?;
    }
    let why = sofia.get(&format!("/conversations/{}/explain", third.id)).await?.expect(200)?;
    let assigned = find(&why, &|value| value["type"] == "conversation_assigned")
        .context("no assignment explained")?;
    assert_eq!(assigned["agent"]["id"], "bruno");
    let skipped = |login: &str| {
        let all = assigned["why"]["skipped"].as_array().cloned().unwrap_or_default();
        all.iter().find(|one| one["agent"] == login).map(|one| one["because"].clone())
    };
    assert_eq!(assigned["why"]["because"], "routed", "{assigned}");
    assert!(assigned["why"]["rule"].is_string(), "{assigned}");
    assert_eq!(skipped("ana"), Some(json!("at_limit")), "{assigned}");
    assert_eq!(skipped("carla"), Some(json!("busy")), "{assigned}");
    assert_eq!(skipped("davi"), Some(json!("offline")), "{assigned}");
    let said = desk.dialogo(&["explain", &third.id]).await?.expect(0)?;
    for word in ["bruno", "a limit of 2", "almoço"] {
        assert!(said.out.contains(word), "`dialogo explain` does not say {word}: {}", said.out);
    }
    let status = desk.dialogo(&["status", "--json"]).await?.expect(0)?.json()?;
    assert_eq!((&status["state"], &status["ready"]), (&json!("running"), &json!(true)), "{status}");
    desk.stop().await
}

/// The first object anywhere inside that fits.
fn find<'a>(value: &'a Value, fits: &dyn Fn(&Value) -> bool) -> Option<&'a Value> {
    if value.is_object() && fits(value) {
        return Some(value);
    }
    match value {
        Value::Array(items) => items.iter().find_map(|item| find(item, fits)),
        Value::Object(fields) => fields.values().find_map(|field| find(field, fits)),
        _ => None,
    }
}

#[tokio::test]
async fn an_agent_who_drops_has_time_to_come_back() -> Result<()> {
    let desk = Desk::begin_with(|folder| {
        folder.replace("desk.toml", "grace = \"30 s\"", "grace = \"1 s\"")
    })
    .await?;
    let ana = desk.api().on_duty("ana").await?;
    let mut console = Socket::open(&ana).await?;
    let visit = desk.api().begin("suporte").await?;
    console.event("conversation_assigned", &visit.id).await?;
    let sofia = desk.api().log_in("sofia").await?;
    let mut watcher = Socket::open(&sofia).await?;
    console.cut();
    let dropped = |frame: &Value, kind: &str| {
        dialogo_tests::socket::events(frame).any(|event| event["type"] == kind).then_some(())
    };
    watcher.until("the drop", |frame| dropped(frame, "agent_dropped")).await?;
    let mut console = Socket::open(&ana).await?;
    watcher.until("the return", |frame| dropped(frame, "agent_returned")).await?;
    assert_eq!(
        ana.conversation(&visit.id).await?["agent"]["id"],
        "ana",
        "nothing is lost within the grace period"
    );
    console.settle().await?;
    console.cut();
    // After it what she had not answered goes back to the queue, and its waiting time is kept.
    let seen = desk.state_until(&sofia, &visit.id, "queued").await?;
    assert_eq!(seen["agent"], Value::Null);
    assert!(
        seen["waiting_since"].as_u64() <= seen["opened_at"].as_u64().map(|at| at + 50),
        "{seen}"
    );
    desk.stop().await
}

#[tokio::test]
async fn offers_can_be_accepted_declined_and_time_out() -> Result<()> {
    let desk = Desk::begin_with(|folder| {
        folder.replace(
            "desk.toml",
            "offers = \"immediate\"",
            "offers = { accept_within = \"2 s\" }",
        )
    })
    .await?;
    let ana = desk.api().on_duty("ana").await?;
    let visit = desk.api().begin("suporte").await?;
    desk.state_until(&ana, &visit.id, "offered").await?;
    let bruno = desk.api().on_duty("bruno").await?;
    bruno.act(&format!("/conversations/{}/accept", visit.id)).await?.problem(409, "not-theirs")?;
    ana.act(&format!("/conversations/{}/decline", visit.id)).await?.expect(204)?;
    let to_bruno = |seen: &Value| seen["state"] == "offered" && seen["agent"]["id"] == "bruno";
    desk.conversation_until(&bruno, &visit.id, "the offer to bruno", to_bruno).await?;
    bruno.act(&format!("/conversations/{}/accept", visit.id)).await?.expect(204)?;
    desk.state_until(&bruno, &visit.id, "active").await?;
    // Nobody answers this one: it times out once for each, and waits.
    let second = desk.api().begin("suporte").await?;
    let sofia = desk.api().log_in("sofia").await?;
    until("two offers that timed out", SOON, || async {
        let history = sofia
            .get(&format!("/conversations/{}/events?limit=200", second.id))
            .await?
            .text_whole();
        let passed = history.matches("\"timed_out\":true").count();
        Ok(when(passed >= 2, (), history))
    })
    .await?;
    desk.stop().await
}

#[tokio::test]
async fn what_everybody_may_look_at_is_there() -> Result<()> {
    let desk = Desk::begin().await?;
    let ana = desk.api().on_duty("ana").await?;
    let visit = desk.api().begin("suporte").await?;
    desk.state_until(&ana, &visit.id, "active").await?;
    visit.say("oi").await?;
    let departments = ana.get("/departments").await?.expect(200)?;
    assert_eq!(departments["departments"].as_array().map(Vec::len), Some(4), "{departments}");
    let tree = ana.get("/classifications").await?.expect(200)?;
    let nodes = tree["nodes"].as_array().context("no nodes")?;
    assert!(nodes.iter().any(|node| node["id"] == "cobranca.boleto.segunda-via"), "{tree}");
    let replies = ana.get("/replies").await?.expect(200)?;
    assert!(
        replies["replies"].as_array().is_some_and(|all| all.iter().any(|one| one["id"] == "ola")),
        "{replies}"
    );
    let me = ana.get("/me").await?.expect(200)?;
    assert_eq!((&me["id"], &me["limit"]), (&json!("ana"), &json!(4)));
    let sofia = desk.api().log_in("sofia").await?;
    let rules = sofia.get("/rules").await?.expect(200)?;
    assert!(rules["generation"].as_str().is_some_and(|name| name.len() == 16), "{rules}");
    assert_eq!((&rules["healthy"], &rules["problems"]), (&json!(true), &json!([])));
    let plugins = sofia.get("/plugins").await?.expect(200)?;
    assert_eq!(plugins["plugins"].as_array().map(Vec::len), Some(6), "{plugins}");

    let document = desk.api().page("/api/v1/openapi.json").await?;
    let document = document.expect(200)?;
    assert!(
        document["openapi"].as_str().is_some_and(|version| version.starts_with("3.")),
        "{document}"
    );
    let paths = document["paths"].as_object().context("no paths")?;
    assert!(paths.len() >= 30, "only {} paths", paths.len());

    let metrics = desk.metrics().await?;
    assert_eq!(metrics.named_like("panics")?, 0.0);
    assert!(metrics.names().len() >= 10, "{:?}", metrics.names());
    ensure!(Metrics::parse("x").is_err());
    for path in ["/healthz", "/readyz", "/"] {
        let page = desk.api().page(path).await?;
        assert_eq!(page.status, 200, "{path}: {}", page.text());
    }
    for path in ["/", "/api/v1/openapi.json", "/api/v1/me"] {
        let page = desk.api().page(path).await?;
        assert_eq!(page.header("x-content-type-options"), "nosniff", "{path}: {:?}", page.headers);
        assert!(!page.header("referrer-policy").is_empty(), "{path}: {:?}", page.headers);
        assert!(
            page.header("content-security-policy").contains("default-src"),
            "{path}: {:?}",
            page.headers
        );
    }
    let private = ana.get("/me").await?;
    assert!(private.header("cache-control").contains("no-store"), "{:?}", private.headers);
    desk.stop().await
}

#[tokio::test]
async fn a_supervisor_gives_takes_over_and_everybody_hears_of_it() -> Result<()> {
    let desk = Desk::begin().await?;
    let (ana, bruno, sofia) = (
        desk.api().on_duty("ana").await?,
        desk.api().on_duty("bruno").await?,
        desk.api().log_in("sofia").await?,
    );
    let mut console = Socket::open(&ana).await?;
    let visit = desk.api().begin("suporte").await?;
    let holder = desk.state_until(&sofia, &visit.id, "active").await?["agent"]["id"].clone();
    let (from, to, agent) =
        if holder == "ana" { ("ana", "bruno", &bruno) } else { ("bruno", "ana", &ana) };
    sofia
        .post(&format!("/conversations/{}/assign", visit.id), json!({ "agent": to }))
        .await?
        .expect(204)?;
    assert_eq!(agent.conversation(&visit.id).await?["agent"]["id"], to);
    console
        .until("the new agent", |frame| {
            dialogo_tests::socket::events(frame)
                .any(|event| event["type"] == "conversation_assigned" && event["agent"]["id"] == to)
                .then_some(())
        })
        .await?;
    let old = if from == "ana" { &ana } else { &bruno };
    old.say_as(&visit.id, Uuid::new_v4(), "ainda meu?").await?.problem(409, "not-theirs")?;
    sofia.put("/agents/sofia/presence", json!({ "presence": "online" })).await?.expect(204)?;
    sofia.act(&format!("/conversations/{}/claim", visit.id)).await?.expect(204)?;
    assert_eq!(agent.conversation(&visit.id).await?["agent"]["id"], "sofia");
    desk.stop().await
}

#[tokio::test]
async fn limits_are_each_visitors_own() -> Result<()> {
    let desk = Desk::begin_with(|folder| {
        folder.replace("desk.toml", "messages = 10000 ", "messages = 5 ")
    })
    .await?;
    let (noisy, quiet) = (desk.api().begin("suporte").await?, desk.api().begin("suporte").await?);
    let mut refused = None;
    for number in 0..12 {
        let answer = noisy.consumer.say_as(&noisy.id, Uuid::new_v4(), &format!("{number}")).await?;
        if answer.status == 429 {
            refused = Some(answer);
            break;
        }
    }
    let refused = refused.context("twelve messages at once and nobody minds")?;
    refused.problem(429, "too-many-requests")?;
    let wait: u64 = refused.header("retry-after").parse().context("no Retry-After")?;
    assert!((1..=10).contains(&wait), "Retry-After: {wait}");
    quiet.say("eu não fiz nada").await?;
    let mut widget = Socket::open(&noisy.consumer).await?;
    let told = widget.send(&noisy.id, Uuid::new_v4(), "e pelo soquete?").await?;
    assert_eq!(told["problem"]["status"], json!(429), "the socket has the same limit: {told}");
    desk.stop().await
}

#[tokio::test]
async fn logins_cannot_be_tried_for_ever() -> Result<()> {
    let desk = Desk::begin().await?;
    let body = json!({ "login": "ana", "password": "errada errada" });
    let refused = until("an end of trying", SOON * 2, || async {
        let answer = desk.api().nobody().post("/sessions", body.clone()).await?;
        Ok(match answer.status {
            429 => Look::There(answer),
            _ => {
                answer.problem(401, "unauthorized")?;
                Look::NotYet("401".into())
            }
        })
    })
    .await?;
    assert!(!refused.header("retry-after").is_empty());
    desk.api().log_in("bruno").await?;
    desk.stop().await
}
