//! Everything wrong a client can send gets an answer that says what, where and what to do; nothing ends in a 500.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use dialogo_tests::api::{Api, Body, Person, Visit};
use dialogo_tests::desk::Desk;
use dialogo_tests::random::Random;
use dialogo_tests::socket::{Came, Socket};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use uuid::Uuid;

/// Who sends a wrong thing.
#[derive(Clone, Copy, Debug)]
enum By {
    Nobody,
    Consumer,
    Agent,
    Supervisor,
    Admin,
    Forged,
}

/// A wrong thing, and the answer it must get.
struct Wrong {
    by: By,
    method: Method,
    path: String,
    body: Body,
    headers: Vec<(&'static str, String)>,
    status: u16,
    code: &'static str,
    field: Option<&'static str>,
}

fn wrong(
    by: By,
    method: &str,
    path: impl Into<String>,
    body: Value,
    status: u16,
    code: &'static str,
) -> Wrong {
    let body = if body.is_null() { Body::None } else { Body::Json(body) };
    let method = Method::from_bytes(method.as_bytes()).unwrap_or(Method::GET);
    Wrong { by, method, path: path.into(), body, headers: Vec::new(), status, code, field: None }
}

impl Wrong {
    fn at(mut self, field: &'static str) -> Self {
        self.field = Some(field);
        self
    }

    fn raw(mut self, kind: &'static str, bytes: impl Into<Vec<u8>>) -> Self {
        self.body = Body::Raw(kind, bytes.into());
        self
    }

    fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }
}

struct People {
    api: Api,
    consumer: Person,
    agent: Person,
    supervisor: Person,
    admin: Person,
}

impl People {
    fn who(&self, by: By) -> Person {
        match by {
            By::Nobody => self.api.nobody(),
            By::Consumer => self.consumer.clone(),
            By::Agent => self.agent.clone(),
            By::Supervisor => self.supervisor.clone(),
            By::Admin => self.admin.clone(),
            By::Forged => {
                self.api.with_token(forged(self.consumer.token.as_deref().unwrap_or_default()))
            }
        }
    }
}

/// A consumer's token with the last digit of its signature changed.
fn forged(token: &str) -> String {
    let (rest, last) = token.split_at(token.len() - 1);
    format!("{rest}{}", if last == "0" { "1" } else { "0" })
}

#[tokio::test]
async fn every_wrong_thing_has_its_answer() -> Result<()> {
    let desk = Desk::begin().await?;
    let agent = desk.api().on_duty("ana").await?;
    let visit = desk.api().begin("suporte").await?;
    desk.state_until(&agent, &visit.id, "active").await?;
    let people = People {
        api: desk.api().clone(),
        consumer: visit.consumer.clone(),
        supervisor: desk.api().log_in("sofia").await?,
        admin: desk.admin().await?,
        agent,
    };
    let mut faults = Vec::new();
    for one in table(&visit) {
        if let Err(fault) = check(&people, &one).await {
            faults.push(format!("{:?} {fault:#}", one.by));
        }
    }
    ensure!(
        faults.is_empty(),
        "{} wrong answers to wrong things:\n{}",
        faults.len(),
        faults.join("\n")
    );
    assert_eq!(desk.metrics().await?.named_like("panics")?, 0.0);
    desk.stop().await
}

async fn check(people: &People, one: &Wrong) -> Result<()> {
    let headers: Vec<(&str, &str)> =
        one.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let answer =
        people.who(one.by).call(one.method.clone(), &one.path, &headers, one.body.clone()).await?;
    let problem = answer.problem(one.status, one.code)?;
    if let Some(field) = one.field {
        ensure!(
            problem["field"] == field,
            "the field is {} and should be {field}: {problem}",
            problem["field"]
        );
    }
    if one.status == 401 {
        ensure!(
            answer.header("www-authenticate").starts_with("Bearer"),
            "no WWW-Authenticate: {:?}",
            answer.headers
        );
    }
    Ok(())
}

fn table(visit: &Visit) -> Vec<Wrong> {
    use By::{Admin, Agent, Consumer, Forged, Nobody, Supervisor};
    let (none, id) = (Value::Null, Uuid::new_v4());
    let here = |rest: &str| format!("/conversations/{}{rest}", visit.id);
    let message = |text: &str| json!({ "id": Uuid::new_v4(), "text": text });
    let mut all = vec![
        // No token, a wrong one, somebody else's.
        wrong(Nobody, "GET", "/me", none.clone(), 401, "unauthorized"),
        wrong(Nobody, "POST", here("/messages"), message("oi"), 401, "unauthorized"),
        wrong(Forged, "GET", here(""), none.clone(), 401, "unauthorized"),
        wrong(Forged, "POST", "/conversations", json!({}), 401, "unauthorized"),
        wrong(Nobody, "GET", "/me", none.clone(), 401, "unauthorized").header("authorization", "Bearer "),
        wrong(Nobody, "GET", "/me", none.clone(), 401, "unauthorized").header("authorization", "Basic YTpi"),
        wrong(Nobody, "GET", "/me", none.clone(), 401, "unauthorized").header("authorization", "Bearer c1.a.b.c"),
        wrong(Nobody, "POST", "/sessions", json!({ "login": "ana", "password": "errada" }), 401, "unauthorized"),
        wrong(Nobody, "POST", "/sessions", json!({ "login": "nobody", "password": "errada" }), 401, "unauthorized"),
        // Unknown things, and places that are none.
        wrong(Agent, "GET", format!("/conversations/{id}"), none.clone(), 404, "conversation-unknown"),
        wrong(Agent, "GET", "/conversations/not-a-uuid", none.clone(), 400, "invalid").at("path"),
        wrong(Agent, "GET", format!("/attachments/{id}"), none.clone(), 404, "attachment-unknown"),
        wrong(Consumer, "GET", format!("/attachments/{id}"), none.clone(), 404, "attachment-unknown"),
        wrong(Agent, "GET", "/nothing/here", none.clone(), 404, "route-unknown"),
        wrong(Agent, "PATCH", "/me", none.clone(), 405, "method-not-allowed"),
        wrong(Agent, "DELETE", here(""), none.clone(), 405, "method-not-allowed"),
        wrong(Admin, "DELETE", "/agents/nobody", none.clone(), 404, "agent-unknown"),
        wrong(Admin, "PUT", "/agents/nobody/presence", json!({ "presence": "online" }), 404, "agent-unknown"),
        wrong(Nobody, "POST", "/conversations", json!({ "department": "marte" }), 404, "department-unknown"),
        // Bodies that are none.
        wrong(Consumer, "POST", here("/messages"), none.clone(), 400, "invalid").raw("application/json", "{"),
        wrong(Consumer, "POST", here("/messages"), none.clone(), 400, "invalid").raw("application/json", ""),
        wrong(Consumer, "POST", here("/messages"), none.clone(), 400, "invalid").raw("application/json", "[]"),
        wrong(Consumer, "POST", here("/messages"), none.clone(), 400, "invalid").raw("application/json", "null"),
        wrong(Consumer, "POST", here("/messages"), none.clone(), 400, "invalid").raw("application/json", b"{\"id\":\"\xff\xfe\"}".to_vec()).at("body"),
        wrong(Consumer, "POST", here("/messages"), none.clone(), 400, "invalid").raw("application/json", "[".repeat(20_000)),
        wrong(Consumer, "POST", here("/messages"), none.clone(), 415, "unsupported-media-type").raw("text/plain", "oi"),
        wrong(Consumer, "POST", here("/messages"), none.clone(), 415, "unsupported-media-type").raw("application/xml", "<a/>"),
        wrong(Consumer, "POST", here("/messages"), none.clone(), 413, "too-large").raw("application/json", vec![b' '; 3 << 20]),
        // Fields that are wrong.
        wrong(Consumer, "POST", here("/messages"), json!({ "text": "oi" }), 400, "invalid").at("id"),
        wrong(Consumer, "POST", here("/messages"), json!({ "id": "x", "text": "oi" }), 400, "invalid"),
        wrong(Consumer, "POST", here("/messages"), json!({ "id": id, "text": 7 }), 400, "invalid"),
        wrong(Consumer, "POST", here("/messages"), json!({ "id": id, "text": "oi", "txet": 1 }), 400, "invalid").at("txet"),
        wrong(Consumer, "POST", here("/messages"), message(""), 400, "invalid").at("text"),
        wrong(Consumer, "POST", here("/messages"), message(" \u{a0}\n"), 400, "invalid").at("text"),
        wrong(Consumer, "POST", here("/messages"), message(&"a".repeat(16 * 1024 + 1)), 400, "invalid").at("text"),
        wrong(Consumer, "POST", here("/messages"), json!({ "id": id, "text": "oi", "attachments": [id] }), 404, "attachment-unknown"),
        wrong(Consumer, "POST", here("/messages"), json!({ "id": id, "text": "oi", "attachments": vec![id; 11] }), 400, "invalid").at("attachments"),
        wrong(Agent, "POST", here("/notes"), message(""), 400, "invalid").at("text"),
        wrong(Consumer, "POST", here("/read"), json!({ "read": -1 }), 400, "invalid"),
        wrong(Consumer, "POST", here("/read"), json!({ "read": 1e30 }), 400, "invalid"),
        wrong(Consumer, "POST", here("/rating"), json!({ "stars": 300 }), 400, "invalid"),
        wrong(Consumer, "POST", here("/messages"), message("oi"), 400, "invalid").header("idempotency-key", "seven").at("Idempotency-Key"),
        wrong(Nobody, "POST", "/conversations", json!({ "channel": "fax" }), 400, "invalid").at("channel"),
        wrong(Nobody, "POST", "/conversations", json!({ "name": "a\nb" }), 400, "invalid").at("name"),
        wrong(Nobody, "POST", "/conversations", json!({ "name": "a".repeat(5000) }), 400, "invalid").at("name"),
        wrong(Nobody, "POST", "/conversations", json!({ "facts": { "": "x" } }), 400, "invalid"),
        wrong(Nobody, "POST", "/conversations", json!({ "facts": (0..100).map(|at| (at.to_string(), json!("x"))).collect::<serde_json::Map<_, _>>() }), 400, "invalid").at("facts"),
        wrong(Agent, "GET", "/conversations?scope=everything", none.clone(), 400, "invalid").at("scope"),
        wrong(Agent, "GET", "/conversations?limit=many", none.clone(), 400, "invalid").at("limit"),
        wrong(Agent, "GET", "/conversations?colour=blue", none.clone(), 400, "invalid"),
        wrong(Agent, "GET", here("/messages?after=-1"), none.clone(), 400, "invalid").at("after"),
        wrong(Agent, "GET", here("/events?after=99999999999999999999999"), none.clone(), 400, "invalid").at("after"),
        wrong(Supervisor, "GET", "/insights?from=2026-11-23&to=2026-11-22", none.clone(), 400, "invalid").at("from"),
        wrong(Supervisor, "GET", "/insights?to=yesterday", none.clone(), 400, "invalid").at("to"),
        wrong(Supervisor, "GET", "/rules/file?path=desk.toml", none.clone(), 403, "not-allowed"),
        wrong(Admin, "GET", "/rules/file?path=../../etc/passwd", none.clone(), 404, "file-unknown").at("path"),
        wrong(Supervisor, "GET", "/rules/diff?from=zzzz", none.clone(), 400, "invalid").at("from"),
        wrong(Supervisor, "GET", "/rules/diff?from=0123456789abcdef", none.clone(), 404, "generation-unknown"),
        wrong(Admin, "POST", "/rules/rollback", json!({ "to": "0123456789abcdef" }), 404, "generation-unknown"),
        wrong(Admin, "POST", "/rules/rollback", json!({ "to": "yesterday" }), 400, "invalid").at("to"),
        wrong(Agent, "PUT", "/agents/ana/presence", json!({ "presence": "asleep" }), 400, "invalid"),
        wrong(Agent, "PUT", "/agents/ana/limit", json!({ "limit": -3 }), 400, "invalid"),
        wrong(Admin, "POST", "/agents", json!({ "login": "a b", "name": "A", "role": "agent", "password": "0123456789" }), 400, "invalid").at("login"),
        wrong(Admin, "POST", "/agents", json!({ "login": "ab", "name": "A", "role": "king", "password": "0123456789" }), 400, "invalid").at("role"),
        wrong(Admin, "POST", "/agents", json!({ "login": "ab", "name": "A", "role": "agent", "password": "short" }), 400, "invalid").at("password"),
        wrong(Admin, "POST", "/agents", json!({ "login": "ab", "name": "", "role": "agent", "password": "0123456789" }), 400, "invalid").at("name"),
        // Wrong states and rights.
        wrong(Agent, "POST", here("/decline"), none.clone(), 409, "wrong-state"),
        wrong(Agent, "POST", here("/accept"), none.clone(), 409, "wrong-state"),
        wrong(Agent, "POST", here("/undo-close"), none.clone(), 409, "wrong-state"),
        wrong(Consumer, "POST", here("/rating"), json!({ "stars": 5 }), 409, "cannot-rate"),
        wrong(Agent, "POST", here("/suggestions/99/shown"), none.clone(), 409, "suggestions-outdated"),
        wrong(Agent, "PUT", here("/classification"), json!({ "node": "" }), 404, "node-unknown"),
        wrong(Agent, "DELETE", here("/classification"), none.clone(), 403, "not-allowed"),
        wrong(Consumer, "POST", here("/transfer"), json!({ "target": { "department": "vendas" } }), 403, "not-allowed"),
        wrong(Consumer, "POST", here("/hold"), none.clone(), 403, "not-allowed"),
        wrong(Consumer, "GET", "/rules", none.clone(), 403, "not-allowed"),
        wrong(Agent, "GET", "/rules", none.clone(), 403, "not-allowed"),
        wrong(Agent, "POST", "/conversations", json!({}), 403, "not-allowed"),
        wrong(Supervisor, "POST", "/rules/rollback", json!({}), 403, "not-allowed"),
        wrong(Supervisor, "POST", "/agents", json!({ "login": "ab", "name": "A", "role": "agent", "password": "0123456789" }), 403, "not-allowed"),
        // Files.
        wrong(Consumer, "POST", here("/attachments"), none.clone(), 400, "invalid").raw("multipart/form-data; boundary=x", "--x\r\nnonsense"),
        wrong(Consumer, "POST", here("/attachments"), none.clone(), 400, "invalid").raw("multipart/form-data", "no boundary"),
        wrong(Agent, "POST", format!("/conversations/{id}/attachments"), none.clone(), 404, "conversation-unknown").raw("image/png", vec![0_u8; 10]).header("x-file-name", "a.png"),
    ];
    for (path, kind) in
        [("%00", "NUL"), ("%ff%fe", "invalid UTF-8"), ("..%2f..%2fetc%2fpasswd", "a way out")]
    {
        let mut one =
            wrong(Agent, "GET", format!("/attachments/{path}"), none.clone(), 400, "invalid");
        one.headers.push(("x-why", kind.to_owned()));
        all.push(one);
    }
    all
}

#[tokio::test]
async fn wrong_frames_get_an_answer_and_the_right_ones_after_them_still_work() -> Result<()> {
    let desk = Desk::begin().await?;
    let agent = desk.api().on_duty("ana").await?;
    let visit = desk.api().begin("suporte").await?;
    desk.state_until(&agent, &visit.id, "active").await?;

    // Before the hello: anything else ends it, with a reason.
    for first in [
        json!({ "type": "send", "conversation": visit.id, "id": Uuid::new_v4(), "text": "oi" })
            .to_string(),
        json!({ "type": "hello" }).to_string(),
        json!({ "type": "hello", "token": "wrong" }).to_string(),
        json!({ "type": "hello", "token": forged(visit.consumer.token()?) }).to_string(),
        "{".to_owned(),
        "[]".to_owned(),
        String::new(),
    ] {
        let mut socket = Socket::connect(desk.api()).await?;
        socket.say_raw(Message::text(first.clone())).await?;
        let mut told = false;
        loop {
            match socket
                .next(Duration::from_secs(15))
                .await?
                .with_context(|| format!("neither answered nor closed: {first}"))?
            {
                Came::Frame(frame) => {
                    assert_ne!(frame["type"], "welcome", "{first}");
                    told |= frame["type"] == "error" && frame["problem"]["detail"].is_string();
                }
                Came::Closed(_) => break,
            }
        }
        assert!(told, "closed without a reason after {first}");
    }

    let mut widget = Socket::open(&visit.consumer).await?;
    let id = Uuid::new_v4();
    let wrong = [
        ("{".to_owned(), 400),
        ("null".to_owned(), 400),
        ("{}".to_owned(), 400),
        (json!({ "type": "dance" }).to_string(), 400),
        (json!({ "type": "hello", "token": "again" }).to_string(), 400),
        (json!({ "type": "send" }).to_string(), 400),
        (json!({ "type": "send", "conversation": visit.id, "id": "x", "text": "oi" }).to_string(), 400),
        (json!({ "type": "send", "conversation": visit.id, "id": id, "text": "" }).to_string(), 400),
        (json!({ "type": "send", "conversation": visit.id, "id": id, "text": "a".repeat(16 * 1024 + 1) }).to_string(), 400),
        (json!({ "type": "send", "conversation": visit.id, "id": id, "text": "oi", "attachments": [Uuid::new_v4()] }).to_string(), 404),
        (json!({ "type": "send", "conversation": Uuid::new_v4(), "id": id, "text": "oi" }).to_string(), 404),
        (json!({ "type": "read", "conversation": Uuid::new_v4(), "delivered": 1, "read": 1 }).to_string(), 404),
        (json!({ "type": "read", "conversation": visit.id, "delivered": -1, "read": "x" }).to_string(), 400),
    ];
    for (frame, status) in wrong {
        widget.say_raw(Message::text(frame.clone())).await?;
        let shown: String = frame.chars().take(120).collect();
        let told = widget.kind("error").await.with_context(|| format!("after {shown}"))?;
        assert_eq!(told["problem"]["status"], json!(status), "{shown} → {told}");
        assert!(
            told["problem"]["detail"].as_str().is_some_and(|detail| !detail.is_empty()),
            "{told}"
        );
        if frame.contains(&id.to_string()) {
            assert_eq!(told["id"], json!(id), "the answer does not name the message: {told}");
        }
    }
    let ack = widget.send(&visit.id, id, "agora sim").await?;
    assert_eq!(ack["type"], "ack", "{ack}");
    assert_eq!(desk.metrics().await?.named_like("panics")?, 0.0);
    desk.stop().await
}

#[tokio::test]
async fn frames_that_are_too_large_binary_or_no_text_end_that_connection_only() -> Result<()> {
    let desk = Desk::begin().await?;
    let visit = desk.api().begin("suporte").await?;
    let mut witness = Socket::open(&visit.consumer).await?;
    let large = json!({ "type": "send", "conversation": visit.id, "id": Uuid::new_v4(), "text": "a".repeat(70 * 1024) });
    for message in [
        Message::text(large.to_string()),
        Message::binary(vec![0_u8; 64]),
        Message::text("x".repeat(2 << 20)),
    ] {
        let mut socket = Socket::open(&visit.consumer).await?;
        // The desk may hang up while the rest is still being sent.
        let _ = socket.say_raw(message).await;
        loop {
            match socket
                .next(Duration::from_secs(15))
                .await?
                .context("neither answered nor closed")?
            {
                Came::Frame(frame) if frame["type"] == "error" => break,
                Came::Frame(_) => {}
                Came::Closed(_) => break,
            }
        }
    }
    assert_eq!(witness.send(&visit.id, Uuid::new_v4(), "ainda aqui").await?["type"], "ack");
    desk.stop().await
}

/// Sends bytes as they are and reads what comes back, at most for some seconds.
async fn raw(api: &Api, bytes: &[u8]) -> Result<String> {
    let mut stream = TcpStream::connect(api.authority()).await?;
    // The desk may hang up before everything is sent.
    let _ = stream.write_all(bytes).await;
    let _ = stream.shutdown().await;
    let mut answer = Vec::new();
    let mut part = [0; 4096];
    while let Ok(Ok(read)) =
        tokio::time::timeout(Duration::from_secs(5), stream.read(&mut part)).await
    {
        if read == 0 || answer.len() > 1 << 20 {
            break;
        }
        answer.extend_from_slice(&part[..read]);
    }
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

#[tokio::test]
async fn bytes_that_are_no_http_harm_nobody() -> Result<()> {
    let desk = Desk::begin().await?;
    let host = desk.api().authority().to_owned();
    let seed = Random::seed_of_this_run();
    let mut random = Random::new(seed);
    let mut attempts: Vec<Vec<u8>> = vec![
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".to_vec(),
        b"GET / HTTP/9.9\r\n\r\n".to_vec(),
        b"GET /api/v1/me HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \xff\xfe\r\n\r\n".to_vec(),
        format!("POST /api/v1/sessions HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: -1\r\n\r\n").into_bytes(),
        format!("POST /api/v1/sessions HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{{").into_bytes(),
        format!("POST /api/v1/sessions HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n").into_bytes(),
        format!("GET /{} HTTP/1.1\r\nHost: {host}\r\n\r\n", "a".repeat(200_000)).into_bytes(),
        format!("GET / HTTP/1.1\r\nHost: {host}\r\nX: {}\r\n\r\n", "b".repeat(500_000)).into_bytes(),
        format!("GET /api/v1/socket HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n").into_bytes(),
    ];
    attempts.extend((0..30).map(|_| {
        let length = random.below(300);
        random.bytes(length)
    }));
    for (at, bytes) in attempts.iter().enumerate() {
        let answer = raw(desk.api(), bytes).await?;
        let status = answer.split_whitespace().nth(1).unwrap_or("none");
        assert!(!status.starts_with('5'), "attempt {at} (seed {seed}): {answer}");
    }
    desk.api().begin("suporte").await?;
    assert_eq!(desk.metrics().await?.named_like("panics")?, 0.0);
    desk.stop().await
}

/// Any JSON, now and then with something that is nearly right in it.
fn any_json(random: &mut Random, depth: usize, words: &[&str]) -> Value {
    match random.below(if depth == 0 { 7 } else { 9 }) {
        0 => Value::Null,
        1 => json!(random.below(2) == 0),
        2 => json!(random.next() as i64),
        3 => json!(f64::from_bits(random.next() & 0x7fef_ffff_ffff_ffff)),
        4 => json!(*random.pick(words)),
        5 => json!(String::from_utf8_lossy(&random.bytes(20)).into_owned()),
        6 => json!(Uuid::from_u128(u128::from(random.next()))),
        7 => (0..random.below(4)).map(|_| any_json(random, depth - 1, words)).collect(),
        _ => {
            let members = (0..random.below(5))
                .map(|_| ((*random.pick(words)).to_owned(), any_json(random, depth - 1, words)));
            Value::Object(members.collect())
        }
    }
}

#[tokio::test]
async fn random_requests_and_frames_never_end_in_a_500() -> Result<()> {
    const WORDS: [&str; 26] = [
        "id",
        "text",
        "attachments",
        "type",
        "send",
        "hello",
        "token",
        "conversation",
        "node",
        "target",
        "department",
        "agent",
        "first_contact",
        "note",
        "stars",
        "presence",
        "online",
        "limit",
        "facts",
        "channel",
        "read",
        "delivered",
        "suporte",
        "ana",
        "from_set",
        "👩‍👩‍👧‍👦\u{202e}",
    ];
    const PATHS: [&str; 24] = [
        "/me",
        "/sessions",
        "/agents",
        "/agents/ana",
        "/agents/ana/presence",
        "/agents/ana/limit",
        "/agents/ana/password",
        "/conversations",
        "/conversations/{id}",
        "/conversations/{id}/messages",
        "/conversations/{id}/notes",
        "/conversations/{id}/read",
        "/conversations/{id}/classification",
        "/conversations/{id}/transfer",
        "/conversations/{id}/close",
        "/conversations/{id}/rating",
        "/conversations/{id}/assign",
        "/conversations/{id}/attachments",
        "/conversations/{id}/suggestions/1/shown",
        "/conversations/{id}/events",
        "/rules",
        "/rules/diff",
        "/attachments/{id}",
        "/plugins",
    ];
    let desk = Desk::begin().await?;
    let seed = Random::seed_of_this_run();
    println!("seed {seed}");
    let mut random = Random::new(seed);
    let agent = desk.api().on_duty("ana").await?;
    let visit = desk.api().begin("suporte").await?;
    let people = [
        agent.clone(),
        visit.consumer.clone(),
        desk.api().log_in("sofia").await?,
        desk.api().nobody(),
    ];
    for round in 0..600 {
        let path = random.pick(&PATHS).replace("{id}", &visit.id);
        let query = match random.below(4) {
            0 => format!("?{}={}", random.pick(&WORDS[..20]), random.next() as i64),
            _ => String::new(),
        };
        let method = random
            .pick(&[Method::GET, Method::POST, Method::POST, Method::PUT, Method::DELETE])
            .clone();
        let body = match random.below(6) {
            0 => Body::None,
            1 => Body::Raw("application/json", random.bytes(40)),
            2 => Body::Raw("application/octet-stream", random.bytes(200)),
            _ => Body::Json(any_json(&mut random, 3, &WORDS)),
        };
        let who = random.pick(&people).clone();
        let shown = format!("round {round}, seed {seed}: {method} {path}{query} {body:?}");
        let answer = who
            .call(method, &format!("{path}{query}"), &[], body)
            .await
            .with_context(|| shown.clone())?;
        ensure!(answer.status < 500, "{shown} answered {}: {}", answer.status, answer.text());
        if answer.status >= 400 {
            answer.well_formed_problem().with_context(|| shown)?;
        }
    }
    let mut socket = Socket::open(&visit.consumer).await?;
    for round in 0..300 {
        let frame = match random.below(4) {
            0 => String::from_utf8_lossy(&random.bytes(60)).into_owned(),
            _ => any_json(&mut random, 3, &WORDS).to_string(),
        };
        let sent = socket.say_raw(Message::text(frame.clone())).await;
        let closed = matches!(socket.next(Duration::from_millis(1)).await?, Some(Came::Closed(_)));
        if sent.is_err() || closed {
            socket = Socket::open(&visit.consumer)
                .await
                .with_context(|| format!("round {round}, seed {seed}: {frame}"))?;
        }
    }
    let problems = socket.all.iter().filter(|frame| frame["type"] == "error");
    for told in problems {
        ensure!(
            told["problem"]["status"].as_u64().is_some_and(|status| status < 500),
            "seed {seed}: {told}"
        );
    }
    // After all that it is still a desk.
    let after = desk.api().begin("suporte").await?;
    after.say("tudo bem?").await?;
    assert_eq!(desk.metrics().await?.named_like("panics")?, 0.0);
    desk.stop().await
}
