//! The desk over HTTP and WebSocket: who is calling, what they may see, and how answers are written.
//!
//! Nothing is decided here: commands go to `dialogo-desk`, refusals come back typed and become problems in [`problem`].
//! Start with [`serve`]; the routes are in `routes`, their JSON in [`api`], the live connection in `socket`, and what the
//! operator's command line asks for in [`control`].

pub mod api;
pub mod attachments;
pub mod auth;
pub mod config;
pub mod control;
pub mod limits;
pub mod problem;
pub mod reasons;

mod adapt;
mod address;
mod backup;
mod console;
mod extract;
mod insights;
mod metrics;
mod origins;
mod pages;
mod reads;
mod router;
mod routes;
mod serve;
mod sight;
mod socket;
mod state;
mod tls;

pub use config::{ServerConfig, TlsFiles};
pub use router::{openapi, router};
pub use serve::{Running, ServeError, build, serve};
pub use state::App;
