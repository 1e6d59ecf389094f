//! Every wrong thing gets an answer that says what, where and what to do; nothing a client sends ends in a 500.
//!
//! In process through the router, over a real desk on a temporary folder without plugins.

use std::path::Path;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use dialogo_desk::rules::Folders;
use dialogo_desk::{Desk, DeskConfig};
use dialogo_server::{App, ServerConfig, build, router};
use serde_json::{Value, json};
use tower::ServiceExt as _;

struct Rim {
    app: App,
    control: Router,
    router: Router,
    _folder: tempfile::TempDir,
}

fn write(folder: &Path, name: &str, text: &str) {
    std::fs::create_dir_all(folder).unwrap();
    std::fs::write(folder.join(name), text).unwrap();
}

/// What came back.
struct Got {
    status: StatusCode,
    headers: axum::http::HeaderMap,
    body: Value,
}

impl Rim {
    fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (config, plugins, data) = (
            folder.path().join("config"),
            folder.path().join("plugins"),
            folder.path().join("data"),
        );
        write(
            &config,
            "desk.toml",
            "name = \"Desk\"\nvisitor = { messages = 1000, per = \"1 s\" }\n",
        );
        let departments = "[[department]]\nid = \"help\"\nname = \"Help\"\nmembers = [\"ana\", \"bia\"]\n\n\
                           [[department]]\nid = \"sales\"\nname = \"Sales\"\nmembers = [\"carla\"]\n";
        write(&config, "departments.toml", departments);
        std::fs::create_dir_all(&plugins).unwrap();
        let desk = DeskConfig {
            data: data.clone(),
            folders: Folders { config, plugins },
            plugin_threads: Some(1),
            poll: Duration::from_secs(5),
        };
        let desk = Desk::open(desk, &mut |_| {}).unwrap();
        let app = build(ServerConfig::new("127.0.0.1:0".parse().unwrap(), data), desk).unwrap();
        let control = dialogo_server::control::router(app.clone());
        Self { router: router(app.clone()), control, app, _folder: folder }
    }

    async fn send(&self, request: Request<Body>) -> Got {
        answer(&self.router, request).await
    }

    async fn call(
        &self,
        method: &str,
        path: &str,
        token: Option<&str>,
        body: Option<Value>,
    ) -> Got {
        let mut request = Request::builder().method(method).uri(format!("/api/v1{path}"));
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let body = match body {
            Some(body) => {
                request = request.header("content-type", "application/json");
                Body::from(body.to_string())
            }
            None => Body::empty(),
        };
        self.send(request.body(body).unwrap()).await
    }

    async fn account(&self, login: &str, role: &str) -> String {
        let body =
            json!({ "login": login, "name": login, "role": role, "password": "a long password" });
        let request = Request::post("/agents").header("content-type", "application/json");
        let made = answer(&self.control, request.body(Body::from(body.to_string())).unwrap()).await;
        assert_eq!(made.status, 201, "{}", made.body);
        let login = json!({ "login": login, "password": "a long password" });
        let session = self.call("POST", "/sessions", None, Some(login)).await;
        assert_eq!(session.status, 201, "{}", session.body);
        session.body["token"].as_str().unwrap().to_owned()
    }

    async fn consumer(&self) -> (String, String) {
        let begun = self.call("POST", "/conversations", None, Some(json!({ "name": "Zé" }))).await;
        assert_eq!(begun.status, 201, "{}", begun.body);
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        (text(&begun.body["token"]), text(&begun.body["conversation"]["id"]))
    }
}

async fn answer(router: &Router, request: Request<Body>) -> Got {
    let response = router.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, 1 << 22).await.unwrap();
    let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
    Got { status: parts.status, headers: parts.headers, body }
}

fn assert_problem(got: &Got, status: u16, code: &str, what: &str) {
    assert_eq!(got.status.as_u16(), status, "{what}: {}", got.body);
    assert_eq!(got.headers["content-type"], "application/problem+json", "{what}");
    assert_eq!(got.body["code"], code, "{what}: {}", got.body);
    assert!(
        got.body["detail"].as_str().is_some_and(|detail| !detail.is_empty()),
        "{what}: {}",
        got.body
    );
}

const ID: &str = "0190f5e4-7b1c-7000-8000-000000000001";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_things_are_told() {
    let rim = Rim::open();
    let ana = rim.account("ana", "agent").await;
    let (zed, conversation) = rim.consumer().await;
    let (other, _) = rim.consumer().await;
    let messages = format!("/conversations/{conversation}/messages");
    let cases: Vec<(&str, String, Option<&str>, Option<Value>, u16, &str)> = vec![
        ("GET", "/me".into(), None, None, 401, "unauthorized"),
        ("GET", "/me".into(), Some("a1.nonsense"), None, 401, "unauthorized"),
        ("GET", "/me".into(), Some("c1.0.0.00"), None, 401, "unauthorized"),
        ("GET", "/nowhere".into(), Some(&ana), None, 404, "route-unknown"),
        ("PATCH", "/me".into(), Some(&ana), None, 405, "method-not-allowed"),
        ("GET", format!("/conversations/{ID}"), Some(&ana), None, 404, "conversation-unknown"),
        (
            "GET",
            format!("/conversations/{conversation}"),
            Some(&other),
            None,
            404,
            "conversation-unknown",
        ),
        ("GET", "/conversations/not-an-id".into(), Some(&ana), None, 400, "invalid"),
        ("GET", "/conversations/%ff".into(), Some(&ana), None, 400, "invalid"),
        ("GET", "/conversations?scope=nonsense".into(), Some(&ana), None, 400, "invalid"),
        ("GET", "/conversations?limit=minus".into(), Some(&ana), None, 400, "invalid"),
        ("GET", format!("{messages}?after=x"), Some(&zed), None, 400, "invalid"),
        ("GET", "/classifications".into(), Some(&zed), None, 403, "not-allowed"),
        ("GET", "/rules".into(), Some(&ana), None, 403, "not-allowed"),
        ("POST", "/rules/rollback".into(), Some(&ana), None, 403, "not-allowed"),
        ("GET", format!("/attachments/{ID}"), Some(&zed), None, 404, "attachment-unknown"),
        ("POST", messages.clone(), Some(&zed), Some(json!({ "id": ID })), 400, "invalid"),
        (
            "POST",
            messages.clone(),
            Some(&zed),
            Some(json!({ "id": "x", "text": "a" })),
            400,
            "invalid",
        ),
        (
            "POST",
            messages.clone(),
            Some(&zed),
            Some(json!({ "id": ID, "txet": "a" })),
            400,
            "invalid",
        ),
        (
            "POST",
            messages.clone(),
            Some(&zed),
            Some(json!({ "id": ID, "text": "a".repeat(20_000) })),
            400,
            "invalid",
        ),
        (
            "POST",
            messages.clone(),
            Some(&zed),
            Some(json!({ "id": ID, "text": "a".repeat(200_000) })),
            413,
            "too-large",
        ),
        (
            "POST",
            messages.clone(),
            Some(&zed),
            Some(json!({ "id": ID, "text": "a", "attachments": [ID] })),
            404,
            "attachment-unknown",
        ),
        (
            "POST",
            messages.clone(),
            Some(&other),
            Some(json!({ "id": ID, "text": "a" })),
            404,
            "conversation-unknown",
        ),
        ("POST", messages.clone(), Some(&zed), None, 415, "unsupported-media-type"),
        (
            "POST",
            format!("/conversations/{conversation}/rating"),
            Some(&zed),
            Some(json!({ "stars": 9 })),
            400,
            "invalid",
        ),
        (
            "POST",
            "/sessions".into(),
            None,
            Some(json!({ "login": "ana", "password": "wrong" })),
            401,
            "unauthorized",
        ),
        (
            "POST",
            "/sessions".into(),
            None,
            Some(json!({ "login": "nobody", "password": "wrong" })),
            401,
            "unauthorized",
        ),
        ("POST", "/conversations".into(), None, Some(json!({ "channel": "fax" })), 400, "invalid"),
        (
            "POST",
            "/agents".into(),
            Some(&ana),
            Some(
                json!({ "login": "x", "name": "x", "role": "agent", "password": "a long password" }),
            ),
            403,
            "not-allowed",
        ),
        ("GET", "/socket".into(), None, None, 400, "invalid"),
    ];
    for (method, path, token, body, status, code) in cases {
        let what = format!("{method} {path} {body:.120?}");
        let got = rim.call(method, &path, token, body).await;
        assert_problem(&got, status, code, &what);
    }
    rim.app.desk.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bytes_that_are_no_text_are_placed() {
    let rim = Rim::open();
    let (zed, conversation) = rim.consumer().await;
    let request = |body: &'static [u8]| {
        Request::post(format!("/api/v1/conversations/{conversation}/messages"))
            .header("authorization", format!("Bearer {zed}"))
            .header("content-type", "application/json")
            .body(Body::from(body))
            .unwrap()
    };
    let latin = rim.send(request(b"{\"id\":\"\xe9\"}")).await;
    assert_problem(&latin, 400, "invalid", "latin-1");
    let broken = rim.send(request(b"{\"id\":\n,}")).await;
    assert_problem(&broken, 400, "invalid", "broken");
    assert_eq!(broken.body["position"]["line"], 2);
    let key = Request::post(format!("/api/v1/conversations/{conversation}/messages"))
        .header("authorization", format!("Bearer {zed}"))
        .header("content-type", "application/json")
        .header("idempotency-key", "seven")
        .body(Body::from("{}"))
        .unwrap();
    let key = rim.send(key).await;
    assert_problem(&key, 400, "invalid", "key");
    assert_eq!(key.body["field"], "Idempotency-Key");
    rim.app.desk.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_resend_gets_the_first_answer() {
    let rim = Rim::open();
    let (zed, conversation) = rim.consumer().await;
    let path = format!("/conversations/{conversation}/messages");
    let body = json!({ "id": ID, "text": "olá" });
    let first = rim.call("POST", &path, Some(&zed), Some(body.clone())).await;
    assert_eq!(first.status, 201, "{}", first.body);
    assert_eq!(first.body["state"], "sent");
    let again = rim.call("POST", &path, Some(&zed), Some(body)).await;
    assert_eq!(again.status, 201, "{}", again.body);
    assert_eq!(again.body, first.body);
    assert_eq!(again.headers["idempotent-replay"], "true");
    let list = rim.call("GET", &path, Some(&zed), None).await;
    assert_eq!(list.body["messages"].as_array().map(Vec::len), Some(1), "{}", list.body);
    rim.app.desk.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn agents_see_their_own_departments_only() {
    let rim = Rim::open();
    let (ana, carla) = (rim.account("ana", "agent").await, rim.account("carla", "agent").await);
    let begun =
        rim.call("POST", "/conversations", None, Some(json!({ "department": "help" }))).await;
    let conversation = begun.body["conversation"]["id"].as_str().unwrap().to_owned();
    let path = format!("/conversations/{conversation}");
    assert_eq!(rim.call("GET", &path, Some(&ana), None).await.status, 200);
    assert_problem(
        &rim.call("GET", &path, Some(&carla), None).await,
        404,
        "conversation-unknown",
        "carla",
    );
    let zed = begun.body["token"].as_str().unwrap();
    let seen = rim.call("GET", &path, Some(zed), None).await.body;
    for inside in ["profile", "suggestions", "classification", "first_agent", "version"] {
        assert!(seen.get(inside).is_none(), "a consumer sees `{inside}`: {seen}");
    }
    rim.app.desk.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_answer_carries_the_safe_headers() {
    let rim = Rim::open();
    for path in
        ["/", "/healthz", "/readyz", "/metrics", "/api/v1/openapi.json", "/api/v1/me", "/nowhere"]
    {
        let got = rim.send(Request::get(path).body(Body::empty()).unwrap()).await;
        for name in
            ["content-security-policy", "x-content-type-options", "referrer-policy", "x-request-id"]
        {
            assert!(got.headers.contains_key(name), "{path} lacks {name}");
        }
    }
    rim.app.desk.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_preflight_is_answered_for_routes_that_take_other_methods() {
    let rim = Rim::open();
    let ask = |origin: &str| {
        Request::builder()
            .method("OPTIONS")
            .uri("/api/v1/conversations")
            .header("host", "desk.example.org")
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .body(Body::empty())
            .unwrap()
    };
    let got = rim.send(ask("https://desk.example.org")).await;
    assert_eq!(got.status, StatusCode::NO_CONTENT);
    assert_eq!(got.headers["access-control-allow-origin"], "https://desk.example.org");
    assert!(got.headers.contains_key("access-control-allow-methods"));
    let stranger = rim.send(ask("https://evil.example.net")).await;
    assert!(!stranger.headers.contains_key("access-control-allow-origin"));
    rim.app.desk.stop().await;
}
