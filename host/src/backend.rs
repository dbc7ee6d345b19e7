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
pub mod trace;
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
    PaymentList, PaymentSeen, PaymentState, Receipt, TransferOrder,
};
pub use wire::Garbage;

use breaker::Breaker;
use transport::Transport;

/// The bank, as the host reaches it. Cheap to clone; all clones share connections and the breaker.
#[derive(Clone)]
pub struct Backend {
    inner: Arc<Inner>,
    breaker: Arc<Breaker>,
}

struct Inner {
    settings: Settings,
    transport: Transport,
    /// In dialect `auto`: an answer had a shape that only the published dialect has.
    published_seen: AtomicBool,
    /// A list of payments by reference was refused: this bank lists them whole.
    lists_whole: AtomicBool,
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
        let breaker = breaker(&settings, "calls");
        let inner = Inner {
            settings,
            transport,
            published_seen: AtomicBool::new(false),
            lists_whole: AtomicBool::new(false),
        };
        Ok(Self {
            inner: Arc::new(inner),
            breaker,
        })
    }

    /// The same bank with a breaker of its own, for questions that may fail without the callers being told that the bank cannot be
    /// reached, and that are asked while those are told so.
    #[must_use]
    pub fn apart(&self) -> Self {
        Self {
            inner: Arc::clone(&self.inner),
            breaker: breaker(&self.inner.settings, "search"),
        }
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

    /// How long a bank that does not answer is asked what became of a write, in milliseconds.
    #[must_use]
    pub fn silence_ms_max(&self) -> i64 {
        i64::from(self.inner.settings.silence_ms_max)
    }

    /// The currency of amounts for which the bank gives none.
    #[must_use]
    pub fn currency(&self) -> &str {
        &self.inner.settings.currency
    }

    /// Whether the bank answered last time it was asked: false while it is given a rest.
    #[must_use]
    pub fn is_up(&self) -> bool {
        !self.breaker.is_open()
    }
}

fn breaker(settings: &Settings, of: &'static str) -> Arc<Breaker> {
    Arc::new(Breaker::new(
        settings.breaker_failures,
        settings.breaker_probe_ms,
        of,
    ))
}

#[cfg(test)]
mod tests;
