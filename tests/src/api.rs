//! The REST side of a desk, as its clients see it: people with tokens, answers with what was expected of them.
//!
//! Every call that succeeds is looked up in the OpenAPI document that the desk itself serves: a path that is missing
//! there is an error, so the document cannot fall behind.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use reqwest::header::HeaderMap;
use reqwest::{Client, Method};
use serde_json::{Value, json};
use uuid::Uuid;

/// The password of all accounts of a test's desk.
pub const PASSWORD: &str = "uma senha bem comprida";

/// A desk's address and a client for it.
#[derive(Clone, Debug)]
pub struct Api {
    base: String,
    http: Client,
    described: Arc<OnceLock<Vec<(String, Vec<String>)>>>,
}

/// Somebody who may call: an account, a consumer, or nobody.
#[derive(Clone, Debug)]
pub struct Person {
    api: Api,
    /// The token, if there is one.
    pub token: Option<String>,
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// What was asked, for messages.
    pub call: String,
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

/// What is sent with a call.
#[derive(Clone, Debug)]
pub enum Body {
    /// Nothing.
    None,
    /// JSON.
    Json(Value),
    /// Bytes of some type.
    Raw(&'static str, Vec<u8>),
}

impl Answer {
    /// Must have this status; gives the body as JSON (null where there is none).
    pub fn expect(&self, status: u16) -> Result<Value> {
        ensure!(
            self.status == status,
            "{} answered {} instead of {status}: {}",
            self.call,
            self.status,
            self.text()
        );
        self.json()
    }

    /// Must be a problem (RFC 9457) with this status and code, complete and well formed.
    pub fn problem(&self, status: u16, code: &str) -> Result<Value> {
        let problem = self.well_formed_problem()?;
        let is = (self.status, problem["code"].as_str().unwrap_or_default());
        ensure!(
            is == (status, code),
            "{} answered {is:?} instead of {:?}: {}",
            self.call,
            (status, code),
            self.text()
        );
        Ok(problem)
    }

    /// Must be a problem that says what, where and what to do.
    pub fn well_formed_problem(&self) -> Result<Value> {
        ensure!(
            self.status >= 400,
            "{} answered {} and should not have: {}",
            self.call,
            self.status,
            self.text()
        );
        let kind = self.header("content-type");
        ensure!(
            kind.starts_with("application/problem+json"),
            "{}: {} as {kind:?}: {}",
            self.call,
            self.status,
            self.text()
        );
        let problem = self.json()?;
        for member in ["type", "title", "detail", "code"] {
            let there = problem[member].as_str().is_some_and(|text| !text.is_empty());
            ensure!(there, "{}: a problem without {member}: {problem}", self.call);
        }
        ensure!(
            problem["status"] == json!(self.status),
            "{}: another status inside: {problem}",
            self.call
        );
        Ok(problem)
    }

    /// The body as JSON; null where there is none.
    pub fn json(&self) -> Result<Value> {
        if self.body.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&self.body)
            .with_context(|| format!("{}: not JSON: {}", self.call, self.text()))
    }

    /// The beginning of the body as text, for messages.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).chars().take(2000).collect()
    }

    /// The whole body as text.
    pub fn text_whole(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// A header; empty where there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

impl Api {
    /// The desk at `base`, for example `http://127.0.0.1:7070`.
    pub fn new(base: impl Into<String>) -> Result<Self> {
        // The client wants a provider even for plain HTTP; an error only says that one is installed already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = Client::builder()
            .timeout(Duration::from_secs(30))
            .connect_timeout(Duration::from_secs(5))
            .tcp_nodelay(true)
            .no_proxy()
            .build()
            .context("cannot make a client")?;
        Ok(Self { base: base.into(), http, described: Arc::default() })
    }

    /// The address.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Host and port.
    pub fn authority(&self) -> &str {
        self.base.trim_start_matches("http://")
    }

    /// Somebody without a token.
    pub fn nobody(&self) -> Person {
        Person { api: self.clone(), token: None }
    }

    /// Somebody with this token.
    pub fn with_token(&self, token: impl Into<String>) -> Person {
        Person { api: self.clone(), token: Some(token.into()) }
    }

    /// A page outside `/api`.
    pub async fn page(&self, path: &str) -> Result<Answer> {
        self.send(Method::GET, path, None, &[], Body::None).await
    }

    /// Logs an account in.
    pub async fn log_in(&self, login: &str) -> Result<Person> {
        let answer = self
            .nobody()
            .post("/sessions", json!({ "login": login, "password": PASSWORD }))
            .await?;
        let token = answer.expect(201)?["token"].as_str().context("no token")?.to_owned();
        Ok(self.with_token(token))
    }

    /// Logs an account in and connects it.
    pub async fn on_duty(&self, login: &str) -> Result<Person> {
        let agent = self.log_in(login).await?;
        agent
            .put(&format!("/agents/{login}/presence"), json!({ "presence": "online" }))
            .await?
            .expect(204)?;
        Ok(agent)
    }

    /// Begins a conversation as a new consumer in a department, past the bot.
    pub async fn begin(&self, department: &str) -> Result<Visit> {
        self.begin_with(json!({ "department": department, "name": "Maria", "locale": "pt-BR" }))
            .await
    }

    /// Begins a conversation as a new consumer.
    pub async fn begin_with(&self, body: Value) -> Result<Visit> {
        let begun = self.nobody().post("/conversations", body).await?.expect(201)?;
        let token = begun["token"].as_str().context("no token")?;
        let id = begun["conversation"]["id"].as_str().context("no conversation")?.to_owned();
        let cursor = begun["cursor"].as_u64().context("no cursor")?;
        Ok(Visit { consumer: self.with_token(token), id, cursor, begun })
    }

    /// Checks that the served description names this call.
    async fn described(&self, method: &Method, path: &str) -> Result<()> {
        let Some(path) = path.strip_prefix("/api/v1") else { return Ok(()) };
        if self.described.get().is_none() {
            let answer = self.http.get(format!("{}/api/v1/openapi.json", self.base)).send().await?;
            let document: Value =
                answer.error_for_status().context("the OpenAPI document")?.json().await?;
            // Two calls at once may both have read it: the same text.
            let _ = self.described.set(templates(&document)?);
        }
        let path = path.split('?').next().unwrap_or_default();
        let method = method.as_str().to_ascii_lowercase();
        let known = self.described.get().into_iter().flatten();
        let mut fitting = known.filter(|(template, _)| fits(template, path));
        ensure!(
            fitting.any(|(_, methods)| methods.contains(&method)),
            "{method} {path} works and is not in /api/v1/openapi.json"
        );
        Ok(())
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        token: Option<&str>,
        headers: &[(&str, &str)],
        body: Body,
    ) -> Result<Answer> {
        let call = format!("{method} {path}");
        let mut request = self.http.request(method.clone(), format!("{}{path}", self.base));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request = match body {
            Body::None => request,
            Body::Json(value) => request.json(&value),
            Body::Raw(kind, bytes) => request.header("content-type", kind).body(bytes),
        };
        let answer = request.send().await.with_context(|| call.clone())?;
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let body = answer.bytes().await.with_context(|| call.clone())?.to_vec();
        let answer = Answer { call, status, headers, body };
        if (200..300).contains(&status) && path != "/api/v1/openapi.json" {
            self.described(&method, path).await?;
        }
        Ok(answer)
    }
}

/// Path templates and their methods, without the `/api/v1` in front.
fn templates(document: &Value) -> Result<Vec<(String, Vec<String>)>> {
    let base = document["servers"][0]["url"].as_str().unwrap_or_default();
    let paths = document["paths"].as_object().context("no paths in the OpenAPI document")?;
    let all = paths.iter().map(|(path, item)| {
        let full = if path.starts_with("/api/v1") { path.clone() } else { format!("{base}{path}") };
        let methods =
            item.as_object().map(|item| item.keys().cloned().collect()).unwrap_or_default();
        (full.trim_start_matches("/api/v1").to_owned(), methods)
    });
    Ok(all.collect())
}

fn fits(template: &str, path: &str) -> bool {
    let (mut wanted, mut given) = (template.split('/'), path.split('/'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some(wanted), Some(given)) if wanted == given || wanted.starts_with('{') => {}
            _ => return false,
        }
    }
}

impl Person {
    /// The desk.
    pub fn api(&self) -> &Api {
        &self.api
    }

    /// The token; an error for nobody.
    pub fn token(&self) -> Result<&str> {
        self.token.as_deref().context("nobody has no token")
    }

    /// Any call below `/api/v1`.
    pub async fn call(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Body,
    ) -> Result<Answer> {
        let path = format!("/api/v1{path}");
        self.api.send(method, &path, self.token.as_deref(), headers, body).await
    }

    /// Reads.
    pub async fn get(&self, path: &str) -> Result<Answer> {
        self.call(Method::GET, path, &[], Body::None).await
    }

    /// Does.
    pub async fn post(&self, path: &str, body: Value) -> Result<Answer> {
        self.call(Method::POST, path, &[], Body::Json(body)).await
    }

    /// Does something that needs no words.
    pub async fn act(&self, path: &str) -> Result<Answer> {
        self.call(Method::POST, path, &[], Body::None).await
    }

    /// Sets.
    pub async fn put(&self, path: &str, body: Value) -> Result<Answer> {
        self.call(Method::PUT, path, &[], Body::Json(body)).await
    }

    /// Takes away.
    pub async fn delete(&self, path: &str) -> Result<Answer> {
        self.call(Method::DELETE, path, &[], Body::None).await
    }

    /// Writes in a conversation; must be taken, whether sent or refused by a policy.
    pub async fn say(&self, conversation: &str, text: &str) -> Result<Value> {
        self.say_as(conversation, Uuid::new_v4(), text).await?.expect(201)
    }

    /// Writes with an id of one's own.
    pub async fn say_as(&self, conversation: &str, id: Uuid, text: &str) -> Result<Answer> {
        self.post(
            &format!("/conversations/{conversation}/messages"),
            json!({ "id": id, "text": text }),
        )
        .await
    }

    /// A conversation as this person sees it.
    pub async fn conversation(&self, id: &str) -> Result<Value> {
        self.get(&format!("/conversations/{id}")).await?.expect(200)
    }

    /// All messages of a conversation as this person sees them, oldest first.
    pub async fn transcript(&self, id: &str) -> Result<Vec<Value>> {
        let (mut all, mut after) = (Vec::new(), 0);
        loop {
            let page = self
                .get(&format!("/conversations/{id}/messages?after={after}&limit=200"))
                .await?
                .expect(200)?;
            let messages =
                page["messages"].as_array().cloned().context("no messages in the answer")?;
            let Some(last) = messages.iter().filter_map(|message| message["number"].as_u64()).max()
            else {
                return Ok(all);
            };
            all.extend(messages);
            if page["more"] != json!(true) {
                return Ok(all);
            }
            ensure!(last > after, "the same page again: {page}");
            after = last;
        }
    }

    /// Ids of the conversations in a list.
    pub async fn list(&self, query: &str) -> Result<Vec<String>> {
        let list = self.get(&format!("/conversations?{query}")).await?.expect(200)?;
        let Some(all) = list["conversations"].as_array() else {
            bail!("no conversations in {list}")
        };
        Ok(all.iter().filter_map(|one| one["id"].as_str().map(str::to_owned)).collect())
    }

    /// Sends a file as the raw body.
    pub async fn upload(
        &self,
        conversation: &str,
        name: &str,
        mime: &str,
        bytes: Vec<u8>,
    ) -> Result<Answer> {
        let part =
            reqwest::multipart::Part::bytes(bytes).file_name(name.to_owned()).mime_str(mime)?;
        let form = reqwest::multipart::Form::new().part("file", part);
        let path = format!("/api/v1/conversations/{conversation}/attachments");
        let url = format!("{}{path}", self.api.base);
        let mut request = self.api.http.post(url).multipart(form);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        let answer = request.send().await.with_context(|| format!("uploading {name}"))?;
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let body = answer.bytes().await?.to_vec();
        Ok(Answer { call: format!("POST {path} ({name})"), status, headers, body })
    }
}

/// A consumer in a conversation.
#[derive(Clone, Debug)]
pub struct Visit {
    /// Who.
    pub consumer: Person,
    /// The conversation.
    pub id: String,
    /// Where to follow the feed from.
    pub cursor: u64,
    /// The whole answer.
    pub begun: Value,
}

impl Visit {
    /// Writes as the consumer.
    pub async fn say(&self, text: &str) -> Result<Value> {
        self.consumer.say(&self.id, text).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_matched_to_templates() {
        assert!(fits("/conversations/{id}/messages", "/conversations/1/messages"));
        assert!(!fits("/conversations/{id}", "/conversations/1/messages"));
        assert!(!fits("/conversations/{id}/notes", "/conversations/1/messages"));
        let document =
            json!({ "paths": { "/api/v1/me": { "get": {} }, "/agents/{id}": { "delete": {} } } });
        let all = templates(&document).expect("paths");
        assert!(all.contains(&("/me".to_owned(), vec!["get".to_owned()])));
        assert!(all.contains(&("/agents/{id}".to_owned(), vec!["delete".to_owned()])));
    }
}
