//! HTTP: what comes in is checked and turned into a request of the orchestrator's, what comes back into an answer.
//!
//! The first room a request meets. It decides nothing about money or rules; it knows Retell's wire, the predecessor's REST
//! surface, who may ask, and the one mapping from errors to statuses.

mod access;
mod admin;
mod apology;
mod body;
mod bounded;
mod functions;
mod health;
mod inbound;
pub mod llm_websocket;
mod orchestrate;
mod problem;
mod retell;
pub mod server;
pub mod signature;
mod trace;
mod webhook;
mod wire;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::middleware;
use axum::routing::{get, post};
use secrecy::SecretString;
use serde::Deserialize;
use tokio_util::sync::CancellationToken;
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::TimeoutLayer;

use crate::backend::retell::Client as Retell;
use crate::orchestrator::Orchestrator;
use admin::{pipeline as rules, transfers};
use llm_websocket::sockets::Sockets;

pub use llm_websocket::Settings as VoiceSettings;
pub use webhook::kept as kept_event;

/// Longest that any request may take; a turn ends long before.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// Keys of section `[server]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Address to listen on.
    pub host: String,
    /// Port to listen on; 0 takes a free one.
    pub port: u16,
    /// Opens `/orchestrate`.
    pub api_token: Option<SecretString>,
    /// Opens `/admin`, `/metrics` and `/orchestrate`.
    pub admin_token: Option<SecretString>,
    /// Secret of the custom-LLM websocket.
    pub websocket_token: Option<SecretString>,
    /// Largest body of `/webhook`.
    pub webhook_bytes_max: usize,
    /// Largest body elsewhere.
    pub body_bytes_max: usize,
    /// A body that takes longer is given up.
    pub body_timeout_ms: u64,
    /// A header that takes longer is given up, with its connection.
    pub header_timeout_ms: u64,
    /// Most connections at once, websockets among them.
    pub connections_max: usize,
    /// From `/readyz` saying no to the door being closed, so that load balancers have gone elsewhere by then.
    pub drain_ms: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            host: "0.0.0.0".to_owned(),
            port: 8001,
            api_token: None,
            admin_token: None,
            websocket_token: None,
            webhook_bytes_max: 8 * 1024 * 1024,
            body_bytes_max: 256 * 1024,
            body_timeout_ms: 10_000,
            header_timeout_ms: 10_000,
            connections_max: 20_000,
            drain_ms: 2_000,
        }
    }
}

impl Settings {
    /// What types alone cannot tell.
    ///
    /// # Errors
    /// A sentence with the key, the value and what was expected.
    pub fn check(&self) -> Result<(), String> {
        if !(100..=60_000).contains(&self.header_timeout_ms) {
            return Err(format!(
                "setting `server.header_timeout_ms` = {}: expected 100 to 60000",
                self.header_timeout_ms
            ));
        }
        if self.connections_max == 0 {
            return Err("setting `server.connections_max` = 0: expected at least 1".to_owned());
        }
        // The rest of the half minute is for what has begun.
        if self.drain_ms > 8_000 {
            return Err(format!(
                "setting `server.drain_ms` = {}: expected at most 8000",
                self.drain_ms
            ));
        }
        Ok(())
    }

    /// What the door lets in.
    #[must_use]
    pub fn limits(&self) -> server::Limits {
        server::Limits {
            connections_max: self.connections_max,
            header_timeout: Duration::from_millis(self.header_timeout_ms),
        }
    }
}

/// What requests share. Once per process.
#[derive(Debug)]
pub struct Shared {
    /// Takes turns and events.
    pub orchestrator: Arc<Orchestrator>,
    /// Checks Retell's signatures.
    pub retell_key: SecretString,
    /// Retell's API, where it may be asked.
    pub provider: Option<Retell>,
    /// Who may ask, and how much.
    pub settings: Settings,
    /// What is said on a line by the host itself.
    pub voice: VoiceSettings,
    /// The lines that are open.
    pub sockets: Arc<Sockets>,
    /// Without tokens everything is open: a newcomer's host.
    pub is_sandbox: bool,
    /// Where metrics are read from.
    pub metrics: fn() -> String,
    /// Cancelled when the host is told to stop: it still answers, and wants nothing new.
    pub leaving: CancellationToken,
}

/// All routes.
///
/// The layers, from the outside in: a panic becomes a 500 (nothing may end the process); nothing lasts longer than
/// [`REQUEST_TIMEOUT`]; what is asked of the bank belongs to the trace of whoever asks. Signature and tokens come after that, on the routes that need them, and each body has its own time.
pub fn router(shared: Arc<Shared>) -> Router {
    let outside = ServiceBuilder::new()
        .layer(CatchPanicLayer::custom(problem::panicked))
        .layer(TimeoutLayer::with_status_code(
            StatusCode::GATEWAY_TIMEOUT,
            REQUEST_TIMEOUT,
        ))
        .layer(middleware::from_fn(trace::carry));
    Router::new()
        .merge(provider())
        .merge(services(&shared))
        .merge(administration(&shared))
        .merge(open())
        .fallback(problem::no_such_path)
        .method_not_allowed_fallback(problem::no_such_method)
        .layer(outside)
        .with_state(shared)
}

/// What Retell calls; each handler begins with the signature, that of the websocket with its secret.
fn provider() -> Router<Arc<Shared>> {
    Router::new()
        .route("/webhook", post(webhook::receive))
        .route("/webhook/inbound", post(inbound::receive))
        .route("/llm-websocket/{call_id}", get(llm_websocket::connect))
        .route(
            "/functions",
            post(functions::by_body)
                .put(functions::by_body)
                .patch(functions::by_body),
        )
        .route(
            "/functions/{name}",
            post(functions::by_path)
                .put(functions::by_path)
                .patch(functions::by_path),
        )
}

/// What internal services call; guarded by a token.
fn services(shared: &Arc<Shared>) -> Router<Arc<Shared>> {
    orchestrate::routes().layer(middleware::from_fn_with_state(
        Arc::clone(shared),
        access::api,
    ))
}

/// What operators call; guarded by the other token.
fn administration(shared: &Arc<Shared>) -> Router<Arc<Shared>> {
    Router::new()
        .route("/admin/calls", get(admin::calls))
        .route("/admin/call", get(admin::call))
        .route("/admin/decisions", get(admin::decisions))
        .route("/admin/decisions/{id}", get(admin::decision))
        .route("/admin/pipeline", get(rules::status))
        .route("/admin/pipeline/diff", get(rules::diff))
        .route("/admin/pipeline/activate", post(rules::activate))
        .route("/admin/pipeline/rollback", post(rules::roll_back))
        .route("/admin/pipeline/reload", post(rules::reload))
        .route("/admin/pipeline/halt", post(rules::halt))
        .route("/admin/pipeline/resume", post(rules::resume))
        .route("/admin/revisions", get(rules::history))
        .route("/admin/revisions/{id}", get(rules::revision))
        .route("/admin/transfers", get(transfers::list))
        .route("/admin/transfers/{id}", get(transfers::show))
        .route("/admin/transfers/{id}/confirm", post(transfers::confirm))
        .route(
            "/admin/transfers/{id}/write-off",
            post(transfers::write_off),
        )
        .route("/metrics", get(admin::metrics))
        .layer(middleware::from_fn_with_state(
            Arc::clone(shared),
            access::admin,
        ))
}

/// What load balancers call.
fn open() -> Router<Arc<Shared>> {
    Router::new()
        .route("/health", get(health::health))
        .route("/livez", get(health::livez))
        .route("/readyz", get(health::readyz))
}
