//! Live calls: one writer per call, its state at hand while the call is open.
//!
//! A turn holds its call's lock from beginning to end, so commands to one call are serialised and nothing is decided on a stale
//! state. What must survive a restart is in `db`; an entry that is gone is rebuilt from there.

use std::sync::Arc;

use dashmap::DashMap;
use serde::Deserialize;
use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::call::Call;

/// Where live state is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// In this process.
    #[default]
    Memory,
    /// In Redis, for several hosts.
    Redis,
}

/// Keys of section `[live]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Where.
    pub kind: Kind,
    /// Of the Redis server.
    pub redis_url: Option<String>,
}

impl Settings {
    /// What types alone cannot tell.
    ///
    /// # Errors
    /// A sentence with what to do.
    pub fn check(&self) -> Result<(), String> {
        match self.kind {
            Kind::Memory => Ok(()),
            Kind::Redis => Err(
                "CALL_STATE_DB = redis: this version keeps live calls in memory and in the database; set CALL_STATE_DB=memory"
                    .to_owned(),
            ),
        }
    }
}

/// The table and the one who holds the lock.
const HOLDERS_OF_ONE: usize = 2;

/// What a lock protects: the call once it was looked up, nothing before.
pub type Entry = Option<Call>;

/// All live calls of this process.
#[derive(Debug, Default)]
pub struct Live {
    calls: DashMap<String, Arc<Mutex<Entry>>>,
}

impl Live {
    /// Waits for the call's lock; an entry that was never looked up is `None`.
    pub async fn lock(&self, call_id: &str) -> OwnedMutexGuard<Entry> {
        let entry = Arc::clone(&*self.calls.entry(call_id.to_owned()).or_default());
        entry.lock_owned().await
    }

    /// Lets go of a call that has ended, by the one who holds it; the row stays in `db`. Somebody who waits for the same lock keeps
    /// the entry, so that there are never two locks for one call.
    pub fn release(&self, call_id: &str) {
        self.calls.remove_if(call_id, |_, entry| {
            Arc::strong_count(entry) <= HOLDERS_OF_ONE
        });
    }

    /// How many calls are held.
    #[must_use]
    pub fn len(&self) -> usize {
        self.calls.len()
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.calls.is_empty()
    }
}
