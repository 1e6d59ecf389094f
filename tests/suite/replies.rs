//! Replies that are suggested to an agent: to nobody else, never sent by the desk, and silent in shadow; and what agents
//! answered before.

use anyhow::{Context as _, Result, ensure};
use dialogo_tests::deadline::{SOON, until, when};
use dialogo_tests::desk::Desk;
use dialogo_tests::socket::Socket;
use serde_json::{Value, json};

/// The canned reply that the default rules lead to from `boleto`.
const SLIP: &str = "boleto-enviado";

/// The next suggestions that come, which must be about this conversation.
async fn suggested(console: &mut Socket, conversation: &str) -> Result<Value> {
    let frame = console.kind("replies").await?;
    ensure!(frame["conversation"] == conversation, "{frame}");
    Ok(frame)
}

fn canned(frame: &Value) -> Vec<&str> {
    let replies = frame["replies"].as_array().into_iter().flatten();
    replies.filter_map(|reply| reply["canned"].as_str()).collect()
}

#[tokio::test]
async fn replies_are_suggested_to_the_agent_alone_and_never_sent() -> Result<()> {
    let desk = Desk::begin().await?;
    let ana = desk.api().on_duty("ana").await?;
    let visit = desk.api().begin("suporte").await?;
    desk.state_until(&ana, &visit.id, "active").await?;
    let mut console = Socket::open(&ana).await?;
    let mut colleague = Socket::open(&desk.api().log_in("bruno").await?).await?;
    let mut supervisor = Socket::open(&desk.api().log_in("sofia").await?).await?;
    supervisor.say(&json!({ "type": "watch", "conversation": visit.id })).await?;
    supervisor.settle().await?;
    let mut widget = Socket::open(&visit.consumer).await?;

    let asked = visit.say("Perdi os boletos, preciso da segunda via").await?;
    let frame = suggested(&mut console, &visit.id).await?;
    assert_eq!(frame["message"], asked["id"]);
    assert_eq!(canned(&frame).first(), Some(&SLIP), "{frame}");
    ensure!(frame["replies"].as_array().is_some_and(|replies| replies.len() <= 3), "{frame}");
    let first = &frame["replies"][0];
    assert_eq!(first["plugin"], "replies");
    ensure!(first["evidence"].to_string().contains("boletos"), "{first}");
    let text = first["text"].as_str().context("no text")?;
    ensure!(text.contains("segunda via do boleto"), "{text}");

    for (who, socket) in
        [("bruno", &mut colleague), ("sofia", &mut supervisor), ("the consumer", &mut widget)]
    {
        socket.settle().await?;
        ensure!(!socket.all.iter().any(|frame| frame["type"] == "replies"), "{who} was told");
    }
    assert_eq!(ana.transcript(&visit.id).await?.len(), 1, "only the consumer has written");

    // What was sent is not suggested again, and an answer asks for nothing.
    ana.say(&visit.id, text).await?;
    visit.say("não achei o boleto").await?;
    let frame = suggested(&mut console, &visit.id).await?;
    ensure!(!canned(&frame).contains(&SLIP), "{frame}");
    visit.say("achei, obrigado!").await?;
    assert_eq!(canned(&suggested(&mut console, &visit.id).await?), ["tchau"]);
    desk.stop().await
}

#[tokio::test]
async fn who_takes_a_conversation_finds_what_could_be_answered() -> Result<()> {
    let desk = Desk::begin().await?;
    let visit = desk.api().begin("suporte").await?;
    visit.say("Preciso da segunda via do boleto").await?;
    let ana = desk.api().log_in("ana").await?;
    let mut console = Socket::open(&ana).await?;
    ana.put("/agents/ana/presence", json!({ "presence": "online" })).await?.expect(204)?;
    assert_eq!(canned(&suggested(&mut console, &visit.id).await?).first(), Some(&SLIP));
    desk.stop().await
}

#[tokio::test]
async fn in_shadow_a_plugin_is_asked_and_nobody_sees_it() -> Result<()> {
    let desk = Desk::begin_with(|folder| {
        let bound = "hooks = [\"replies\"]\nmode = \"enforce\"";
        folder.replace("plugins.toml", bound, "hooks = [\"replies\"]\nmode = \"shadow\"")
    })
    .await?;
    let ana = desk.api().on_duty("ana").await?;
    let visit = desk.api().begin("suporte").await?;
    desk.state_until(&ana, &visit.id, "active").await?;
    let mut console = Socket::open(&ana).await?;
    visit.say("Perdi o boleto").await?;
    let frame = suggested(&mut console, &visit.id).await?;
    assert_eq!(frame["replies"], json!([]));
    let plugins = desk.admin().await?.get("/plugins").await?.expect(200)?;
    let all = plugins["plugins"].as_array().into_iter().flatten();
    let one = all.into_iter().find(|one| one["plugin"] == "replies").context("not bound")?;
    let hook = one["hooks"].as_array().into_iter().flatten().find(|it| it["hook"] == "replies");
    ensure!(hook.is_some_and(|it| it["calls"] == 1 && it["mode"] == "shadow"), "{one}");
    desk.stop().await
}

#[tokio::test]
async fn what_agents_answered_is_suggested_when_something_similar_is_asked() -> Result<()> {
    const ANSWER: &str = "Abrimos de segunda a sexta, das nove às dezoito.";
    let desk = Desk::begin().await?;
    let ana = desk.api().on_duty("ana").await?;
    for question in
        ["que horas vocês abrem hoje?", "a loja abre que horas?", "que horas abre a loja?"]
    {
        let visit = desk.api().begin("suporte").await?;
        desk.state_until(&ana, &visit.id, "active").await?;
        visit.say(question).await?;
        ana.say(&visit.id, ANSWER).await?;
        visit.say("e por e-mail?").await?;
        ana.say(&visit.id, "Escreva para ana.souza@example.com, por favor").await?;
    }
    let home = tempfile::tempdir()?;
    let out = home.path().join("replies");
    let package = out.to_str().context("a path")?;
    let train = ["train-replies", "--json", "--out", package];
    let learned = desk.dialogo(&train).await?.expect(0)?.json()?;
    assert_eq!(learned["answers"], json!([{ "text": ANSWER, "conversations": 3 }]), "{learned}");
    assert_eq!(learned["personal"], 3, "{learned}");
    let again = home.path().join("again");
    let train = ["train-replies", "--json", "--out", again.to_str().context("a path")?];
    desk.dialogo(&train).await?.expect(0)?;
    let bytes = |folder: &std::path::Path| std::fs::read(folder.join("assets/answers.bin"));
    ensure!(bytes(&out)? == bytes(&again)?, "the same conversations give the same bytes");
    ensure!(
        !bytes(&out)?.windows(4).any(|part| part == b"loja"),
        "what consumers wrote is not kept"
    );

    desk.dialogo(&["plugin", "install", package]).await?.expect(0)?;
    let admin = desk.admin().await?;
    until("the desk to take the answers over", SOON * 3, || async {
        let plugins = admin.get("/plugins").await?.expect(200)?;
        let all = plugins["plugins"].as_array().into_iter().flatten();
        let taken = all.into_iter().any(|one| one["version"] == learned["version"]);
        Ok(when(taken, (), plugins.to_string()))
    })
    .await?;
    let mut console = Socket::open(&ana).await?;
    let visit = desk.api().begin("suporte").await?;
    desk.state_until(&ana, &visit.id, "active").await?;
    visit.say("boa tarde, que horas abre a loja?").await?;
    let frame = suggested(&mut console, &visit.id).await?;
    assert_eq!(frame["replies"][0]["text"], ANSWER, "{frame}");
    ensure!(frame["replies"][0]["canned"].is_null(), "{frame}");
    ensure!(frame["replies"][0]["evidence"].to_string().contains("horas"), "{frame}");
    desk.stop().await
}
