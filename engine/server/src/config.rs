//! What an operator sets for the server at its start. What admins change while it runs is in the rule files.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use ipnet::IpNet;

use crate::reasons::Search;

/// Everything the server needs to know at its start.
#[derive(Clone, Debug)]
pub struct ServerConfig {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The data folder: keys, attachments and the control socket live in it.
    pub data: PathBuf,
    /// Certificate and key; `None`: plain HTTP.
    pub tls: Option<TlsFiles>,
    /// Networks whose `Forwarded` and `X-Forwarded-For` headers are believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Largest file that is taken, in bytes; the rules may only be stricter.
    pub max_upload_bytes: u64,
    /// Whether the control socket is opened.
    pub control: bool,
    /// Looks for new reasons; `None`: nobody can.
    pub search: Option<Arc<dyn Search>>,
}

/// PEM files.
#[derive(Clone, Debug)]
pub struct TlsFiles {
    /// Certificate chain.
    pub certificate: PathBuf,
    /// Private key.
    pub key: PathBuf,
}

impl ServerConfig {
    /// Largest file by default: 50 MiB.
    pub const MAX_UPLOAD_BYTES: u64 = 50 * 1024 * 1024;

    /// Plain HTTP on `listen`, over `data`.
    pub fn new(listen: SocketAddr, data: impl Into<PathBuf>) -> Self {
        Self {
            listen,
            data: data.into(),
            tls: None,
            trusted_proxies: Vec::new(),
            max_upload_bytes: Self::MAX_UPLOAD_BYTES,
            control: true,
            search: None,
        }
    }

    /// Path of the control socket.
    pub fn control_socket(&self) -> PathBuf {
        self.data.join("control.sock")
    }
}
