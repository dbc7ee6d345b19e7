//! Client of the bank's Python service: every question that the host asks it, in both dialects of the contract.
//!
//! Called while a turn is fulfilled, by the capabilities and by the ledger, always with the turn's deadline. Reads are repeated
//! inside that deadline; a write goes out once, unless the bank is known to understand `Idempotency-Key`. Nothing here decides
//! whether money may move or remembers that it did.

mod assistant;
mod attempts;
mod breaker;
mod error;
mod reads;
mod refusal;
mod request;
pub mod retell;
mod settings;
mod transport;
mod types;
mod wire;
mod writes;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

pub use error::{Error, Fault};
pub use settings::Settings;
pub use types::{
    AccountSeen, Agent, Customer, Dialect, Health, Missing, MonthStatement, OpenQuestion,
    PaymentSeen, PaymentState, Receipt, TransferOrder,
};
pub use wire::Garbage;

use breaker::Breaker;
use transport::Transport;

/// The bank, as the host reaches it. Cheap to clone; all clones share connections and the breaker.
#[derive(Clone)]
pub struct Backend {
    inner: Arc<Inner>,
}

struct Inner {
    settings: Settings,
    transport: Transport,
    breaker: Breaker,
    /// In dialect `auto`: an answer had a shape that only the published dialect has.
    published_seen: AtomicBool,
}

impl Backend {
    /// A client for these settings; dials nothing yet.
    ///
    /// # Errors
    /// [`Error::Setting`] names what cannot be used.
    pub fn new(settings: Settings) -> Result<Self, Error> {
        crate::call::money::decimals_of(&settings.currency).map_err(|cause| Error::Setting {
            key: "currency",
            reason: cause.to_string(),
        })?;
        let transport = Transport::new(&settings)?;
        let breaker = Breaker::new(settings.breaker_failures, settings.breaker_probe_ms);
        let inner = Inner {
            settings,
            transport,
            breaker,
            published_seen: AtomicBool::new(false),
        };
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// The dialect in use; in `auto`, what the answers so far have shown.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        match self.inner.settings.dialect {
            Dialect::Auto if self.inner.published_seen.load(Ordering::Relaxed) => {
                Dialect::Published
            }
            configured => configured,
        }
    }

    /// Whether a write may be sent again with the same key.
    #[must_use]
    pub fn is_idempotent(&self) -> bool {
        self.inner.settings.idempotent
    }

    /// Whether the bank answered last time it was asked: false while it is given a rest.
    #[must_use]
    pub fn is_up(&self) -> bool {
        !self.inner.breaker.is_open()
    }
}

#[cfg(test)]
mod tests;
