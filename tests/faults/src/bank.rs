//! A bank of many customers that outlives every host: it runs in the driver's process and its books can be read there.
//!
//! Speaks the backend's contract in three kinds: one that honours keys, one that keeps references and lists them, and the published
//! one, which gives no proof of anything. Its misbehaviour is `mischief`, which stands in front of the books.

pub mod books;
mod cents;
pub mod mischief;
mod routes;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::Result;
use tokio::net::TcpListener;

pub use books::{Books, Payment};
pub use cents::{number, shown};
pub use mischief::{Aim, Mischief};

use crate::proxy::{Proxy, Way};

/// What a bank understands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The same `Idempotency-Key` happens once and is answered alike.
    Idempotent,
    /// `reference` is kept and listed in `GET /payments/`.
    Reference,
    /// The published dialect: neither.
    Unproven,
}

impl Kind {
    /// All three.
    pub const ALL: [Self; 3] = [Self::Idempotent, Self::Reference, Self::Unproven];

    /// In reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Idempotent => "idempotent",
            Self::Reference => "reference",
            Self::Unproven => "unproven",
        }
    }

    /// For `BACKEND_DIALECT`.
    #[must_use]
    pub fn dialect(self) -> &'static str {
        match self {
            Self::Idempotent | Self::Reference => "documented",
            Self::Unproven => "published",
        }
    }
}

/// A running bank behind its proxy; both end when it is dropped.
pub struct Bank {
    desk: Desk,
    proxy: Arc<Proxy>,
    task: tokio::task::JoinHandle<()>,
}

/// What every request to the bank reaches.
#[derive(Clone)]
struct Desk {
    kind: Kind,
    books: Arc<Mutex<Books>>,
    played: Arc<Mutex<Option<(Mischief, Aim)>>>,
    proxy: Arc<std::sync::OnceLock<Arc<Proxy>>>,
}

impl Bank {
    /// A bank without customers; the proxy's chance comes from the seed.
    ///
    /// # Errors
    /// No port can be had.
    pub async fn start(kind: Kind, seed: u64) -> Result<Self> {
        let desk = Desk {
            kind,
            books: Arc::default(),
            played: Arc::default(),
            proxy: Arc::default(),
        };
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let proxy = Arc::new(Proxy::start(listener.local_addr()?, seed).await?);
        let _ = desk.proxy.set(Arc::clone(&proxy));
        let router = routes::router(desk.clone());
        let task = tokio::spawn(async move {
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { desk, proxy, task })
    }

    /// Where hosts reach it: the proxy in front.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.proxy.address()
    }

    /// The proxy in front.
    #[must_use]
    pub fn proxy(&self) -> &Proxy {
        &self.proxy
    }

    /// What it understands.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.desk.kind
    }

    /// The books, while nobody else has them.
    pub fn books(&self) -> MutexGuard<'_, Books> {
        self.desk.books()
    }

    /// Misbehaves from now on, or not any more.
    pub fn play(&self, mischief: Option<(Mischief, Aim)>) {
        self.proxy.heal();
        *self.desk.played() = mischief;
        if let Some((mischief, Aim::All | Aim::Reads)) = mischief {
            self.proxy.set(Way::Down, mischief.toxics_from_the_start());
        }
    }
}

impl Drop for Bank {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Desk {
    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn played(&self) -> MutexGuard<'_, Option<(Mischief, Aim)>> {
        self.played.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Breaks every connection from now on.
    fn reset_connections(&self) {
        if let Some(proxy) = self.proxy.get() {
            let after = std::time::Duration::ZERO;
            proxy.set(Way::Down, &[crate::proxy::Toxic::ResetPeer { after }]);
        }
    }
}
