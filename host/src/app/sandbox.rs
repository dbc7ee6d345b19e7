//! The sandbox bank: the whole backend contract in this process, over real HTTP, with five sample customers.
//!
//! Started by `--sandbox` in place of the Python service, and by tests; the host reaches it through the same client as any bank.
//! Its books live in memory and are gone with it. It asks for no token and knows nothing of calls.

mod agent;
mod books;
mod documented;
mod figure;
mod published;
mod requests;
mod routes;
mod shapes;
mod world;

use std::net::{Ipv4Addr, SocketAddr};

use serde::Deserialize;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::backend::Dialect;
pub use agent::Manner;

/// Section `[sandbox]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Port on 127.0.0.1; 0 takes a free one.
    pub port: u16,
    /// What the bank speaks; `auto` is the documented dialect.
    pub dialect: Dialect,
    /// Whether it understands `Idempotency-Key`; by default the documented dialect does and the published one does not.
    pub idempotent: Option<bool>,
    /// How its agent for open questions behaves.
    pub agent: Manner,
    /// Added to the numbers of payments and applications: books that are new beside a ledger that is kept must give none twice.
    /// No setting: the host sees for itself whether its ledger is kept.
    #[serde(skip)]
    pub numbers_from: u64,
}

/// Why the sandbox bank did not start.
#[derive(Debug, thiserror::Error)]
#[error("the sandbox bank cannot listen on port {port}")]
pub struct Error {
    /// The port that was asked for.
    pub port: u16,
    #[source]
    source: std::io::Error,
}

/// A bank that is open until this is dropped.
#[derive(Debug)]
pub struct Bank {
    /// Where it answers, for `PYTHON_BACKEND_URL`: `http://127.0.0.1:49152`.
    pub url: String,
    /// The same as an address.
    pub address: SocketAddr,
    /// Whether it understands `Idempotency-Key`, for the client's setting of that name.
    pub idempotent: bool,
    /// Dropping it lets the open requests finish and then closes.
    _open: oneshot::Sender<()>,
}

/// Opens a bank with a fresh sample world.
///
/// # Errors
/// [`Error`] when the port is taken.
pub async fn start(settings: Settings) -> Result<Bank, Error> {
    let port = settings.port;
    let failed = |source| Error { port, source };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .await
        .map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let idempotent = settings
        .idempotent
        .unwrap_or(settings.dialect != Dialect::Published);
    let router = routes::router(&settings, idempotent);
    let (open, closed) = oneshot::channel();
    tokio::spawn(async move {
        let serving = axum::serve(listener, router).with_graceful_shutdown(async {
            let _ = closed.await;
        });
        if let Err(cause) = serving.await {
            tracing::error!(%cause, "the sandbox bank stopped");
        }
    });
    Ok(Bank {
        url: format!("http://{address}"),
        address,
        idempotent,
        _open: open,
    })
}

#[cfg(test)]
mod tests;
