//! Starting and stopping: keys and folders are opened, the sockets bound, and all of it ends in order.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum_server::Handle;
use axum_server::accept::NoDelayAcceptor;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use dialogo_desk::Desk;
use tokio::task::JoinHandle;

use crate::attachments::{Attachments, FilesFault};
use crate::auth::{ConsumerTokens, KeyError, PasswordFault, Passwords, Sessions};
use crate::config::ServerConfig;
use crate::limits::Limits;
use crate::metrics::Metrics;
use crate::router::router;
use crate::state::{App, AppState, visitor_limits};
use crate::tls::{self, TlsError};
use crate::{adapt, control};

/// How long requests may take to end once the server stops.
const DRAIN_WITHIN: Duration = Duration::from_secs(10);
/// How often old pots, sessions and files are swept, and the limits made to follow the rules at the latest.
const SWEEP_EVERY: Duration = Duration::from_secs(600);
/// How often files are looked at that the rules no longer keep.
const EXPIRE_EVERY: Duration = Duration::from_secs(3_600);
/// How often the limits follow the rules.
const FOLLOW_EVERY: Duration = Duration::from_millis(250);

/// The server cannot be started.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}")]
    Listen {
        /// Which.
        address: SocketAddr,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// The control socket cannot be opened.
    #[error("cannot open the control socket {}", path.display())]
    Control {
        /// Where.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// The key of the consumers' tokens.
    #[error("the key of the consumers' tokens cannot be used")]
    Key(#[from] KeyError),
    /// The folder of files.
    #[error("the folder of attachments cannot be used")]
    Attachments(#[from] FilesFault),
    /// Hashing passwords.
    #[error("passwords cannot be hashed")]
    Passwords(#[from] PasswordFault),
    /// TLS.
    #[error("TLS cannot be set up")]
    Tls(#[from] TlsError),
}

/// A running server.
pub struct Running {
    /// Where it listens.
    pub addr: SocketAddr,
    app: App,
    handle: Handle<SocketAddr>,
    tasks: Vec<JoinHandle<()>>,
}

/// Builds the server's state over a desk.
pub fn build(config: ServerConfig, desk: Desk) -> Result<App, ServeError> {
    let consumer_tokens = ConsumerTokens::open(&config.data.join("keys").join("consumer"))?;
    let attachments = Attachments::open(&config.data.join("attachments"))?;
    let sessions = Sessions::new(Arc::new(adapt::SessionsInViews(Arc::clone(desk.views()))));
    let limits = Limits::new(visitor_limits(&desk));
    Ok(App::new(AppState {
        started_at: desk.now(),
        sessions,
        consumer_tokens,
        passwords: Passwords::new()?,
        limits,
        attachments,
        metrics: Metrics::default(),
        stopping: tokio::sync::watch::Sender::new(false),
        failed: parking_lot::Mutex::new(None),
        desk,
        config,
    }))
}

/// Starts serving.
pub async fn serve(config: ServerConfig, desk: Desk) -> Result<Running, ServeError> {
    let tls = config.tls.as_ref().map(tls::settings).transpose()?;
    let app = build(config, desk)?;
    let listen = |source| ServeError::Listen { address: app.config.listen, source };
    let listener = TcpListener::bind(app.config.listen).map_err(listen)?;
    listener.set_nonblocking(true).map_err(listen)?;
    let addr = listener.local_addr().map_err(listen)?;
    let mut tasks = Vec::new();
    if app.config.control {
        let path = app.config.control_socket();
        tasks.push(
            control::open(app.clone()).map_err(|source| ServeError::Control { path, source })?,
        );
    }
    let handle = Handle::new();
    let service = router(app.clone()).into_make_service_with_connect_info::<SocketAddr>();
    let server = axum_server::from_tcp(listener).map_err(listen)?.handle(handle.clone());
    // A frame is small and somebody waits for it: Nagle's algorithm would hold it back.
    let server: JoinHandle<()> = match tls {
        None => tokio::spawn(ended(server.acceptor(NoDelayAcceptor::new()).serve(service))),
        Some(tls) => {
            let acceptor = RustlsAcceptor::new(RustlsConfig::from_config(tls))
                .acceptor(NoDelayAcceptor::new());
            tokio::spawn(ended(server.acceptor(acceptor).serve(service)))
        }
    };
    tasks.push(server);
    tasks.push(tokio::spawn(follow(app.clone())));
    tasks.push(tokio::spawn(sweep(app.clone())));
    tasks.push(tokio::spawn(expire(app.clone())));
    tasks.push(tokio::spawn(watch_desk(app.clone())));
    tracing::info!(%addr, tls = app.config.tls.is_some(), "listening");
    Ok(Running { addr, app, handle, tasks })
}

async fn ended(server: impl Future<Output = io::Result<()>>) {
    if let Err(error) = server.await {
        tracing::error!(%error, "the listener ended");
    }
}

/// Keeps the limits in step with the rules.
async fn follow(app: App) {
    let mut beat = tokio::time::interval(FOLLOW_EVERY);
    loop {
        beat.tick().await;
        app.follow_rules();
    }
}

/// Forgets what is over.
async fn sweep(app: App) {
    let mut beat = tokio::time::interval(SWEEP_EVERY);
    loop {
        beat.tick().await;
        app.limits.sweep();
        let now = app.now();
        if let Err(error) = app.sessions.sweep(now) {
            tracing::warn!(%error, "old sessions could not be removed");
        }
        match app.attachments.sweep(now).await {
            Ok(0) => {}
            Ok(files) => tracing::info!(files, "files that were never sent were removed"),
            Err(error) => tracing::warn!(%error, "old files could not be removed"),
        }
    }
}

/// Removes files that are older than the rules in force say.
async fn expire(app: App) {
    let mut beat = tokio::time::interval(EXPIRE_EVERY);
    loop {
        beat.tick().await;
        let rules = app.desk.rules();
        let Some(keep_ms) = rules.checked.desk.retention.attachments_ms else { continue };
        match app.attachments.expire(app.now(), keep_ms).await {
            Ok(0) => {}
            Ok(files) => tracing::info!(files, "files older than `[retention]` says were removed"),
            Err(error) => tracing::warn!(%error, "old files could not be removed"),
        }
    }
}

/// Notes when the desk can go on no longer.
async fn watch_desk(app: App) {
    let reason = app.desk.failed().await;
    tracing::error!(%reason, "the desk has stopped");
    *app.failed.lock() = Some(reason);
}

impl Running {
    /// The server's state, for tests and the binary.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// Resolves when the server is told to stop through the control socket, or the desk can go on no longer.
    pub async fn wait(&self) -> Option<String> {
        let mut stopping = self.app.stopping.subscribe();
        tokio::select! {
            _ = stopping.wait_for(|stopping| *stopping) => None,
            reason = self.app.desk.failed() => Some(reason),
        }
    }

    /// Takes no more, says goodbye to the sockets, lets requests end, and stops the desk.
    pub async fn stop(mut self) {
        self.app.stopping.send_replace(true);
        self.handle.graceful_shutdown(Some(DRAIN_WITHIN));
        let drained = async {
            while self.handle.connection_count() > 0 {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        if tokio::time::timeout(DRAIN_WITHIN, drained).await.is_err() {
            tracing::warn!("some connections did not end in time");
        }
        self.app.desk.stop().await;
        for task in self.tasks.drain(..) {
            task.abort();
        }
        if self.app.config.control {
            let _ = std::fs::remove_file(self.app.config.control_socket());
        }
        tracing::info!("stopped");
    }
}
