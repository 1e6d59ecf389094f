//! The REST calls that a measure needs to set the stage. None of them is measured.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use reqwest::{Client, Method};
use serde_json::Value;

/// A desk's REST side.
#[derive(Clone, Debug)]
pub(crate) struct Api {
    address: String,
    http: Client,
}

impl Api {
    /// The desk at `host:port`.
    pub(crate) fn new(address: &str) -> Result<Self> {
        // Reqwest wants a provider of TLS even for calls without it; an error says that there is one already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = Client::builder()
            .timeout(Duration::from_secs(60))
            .no_proxy()
            .build()
            .context("no HTTP client")?;
        Ok(Self { address: address.to_owned(), http })
    }

    /// Whether the desk serves.
    pub(crate) async fn is_ready(&self) -> bool {
        let answer = self.http.get(format!("http://{}/readyz", self.address)).send().await;
        answer.is_ok_and(|answer| answer.status().is_success())
    }

    /// Reads.
    pub(crate) async fn get(&self, path: &str, token: &str) -> Result<Value> {
        self.call(Method::GET, path, Some(token), None).await
    }

    /// Does.
    pub(crate) async fn post(
        &self,
        path: &str,
        token: Option<&str>,
        body: &Value,
    ) -> Result<Value> {
        self.call(Method::POST, path, token, Some(body)).await
    }

    /// Sets.
    pub(crate) async fn put(&self, path: &str, token: &str, body: &Value) -> Result<Value> {
        self.call(Method::PUT, path, Some(token), Some(body)).await
    }

    async fn call(
        &self,
        method: Method,
        path: &str,
        token: Option<&str>,
        body: Option<&Value>,
    ) -> Result<Value> {
        let shown = format!("{method} {path}");
        let mut request =
            self.http.request(method, format!("http://{}/api/v1{path}", self.address));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.send().await.with_context(|| format!("{shown}: no answer"))?;
        let status = answer.status();
        let text = answer.text().await.with_context(|| format!("{shown}: the answer broke off"))?;
        if !status.is_success() {
            bail!("{shown} was answered {status}: {text}");
        }
        if text.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_str(&text)
            .with_context(|| format!("{shown} was not answered in JSON: {text}"))
    }
}
