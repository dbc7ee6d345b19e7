//! Live calls: one writer per call, its state at hand while the call is open.
//!
//! A turn holds its call's lock from beginning to end, so commands to one call are serialised and nothing is decided on a stale
//! state. What must survive is in `db`, which refuses an older version of a call whatever the lock says; an entry that is gone is
//! rebuilt from there. With Redis out of reach the lock is this process's alone, and that refusal is what protects a call.

mod lease;
mod redis;
mod settings;
mod shared;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use dashmap::DashMap;
use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio::time::{Instant, timeout_at};

use crate::call::Call;
use lease::Lease;
use redis::Redis;

pub use settings::{Kind, Settings};

/// What a lock protects: the call once it was looked up, nothing before.
pub type Entry = Option<Call>;

/// The table and the one who holds the lock.
const HOLDERS_OF_ONE: usize = 2;

type Table = DashMap<String, Arc<Mutex<Entry>>>;

/// Why live state cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Another command to this call, perhaps on another host, has not ended in time; a repeat is safe.
    #[error("the call is busy with an earlier command")]
    Busy,
    /// The lock went to somebody else meanwhile: this host slept, or was cut off. Nothing was written; a repeat is safe.
    #[error("another host has taken the call over")]
    Overtaken,
    /// The settings name no Redis that could be meant; the operator's fault.
    #[error("{0}")]
    Settings(String),
    /// Redis does not answer; a repeat is safe.
    #[error("Redis does not answer; check that it runs and that REDIS_URL names it")]
    Unreachable,
}

/// Where a state was kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// Where every host that may serve the call finds it; the database may follow.
    AtHand,
    /// Not in Redis, or only since now: the database must have it before anybody relies on it.
    InDoubt,
}

/// All live calls. Once per process.
#[derive(Debug)]
pub struct Live {
    calls: Arc<Table>,
    redis: Option<Redis>,
}

/// A call's lock; let go when dropped.
#[derive(Debug)]
pub struct Locked {
    call_id: String,
    /// None only while it is dropped.
    guard: Option<OwnedMutexGuard<Entry>>,
    /// Of Redis; none in memory mode and while Redis is out of reach.
    lease: Option<Lease>,
    calls: Arc<Table>,
    is_shared: bool,
    is_spoilt: bool,
}

impl Live {
    /// In memory, or in the Redis that the settings name. A Redis that does not answer now is used once it does.
    ///
    /// # Errors
    /// [`Error::Settings`].
    pub async fn connect(settings: &Settings) -> Result<Self, Error> {
        let redis = match settings.kind {
            Kind::Memory => None,
            Kind::Redis => Some(Redis::connect(settings).await?),
        };
        Ok(Self {
            calls: Arc::default(),
            redis,
        })
    }

    /// Whether Redis answers; none in memory mode.
    #[must_use]
    pub fn redis_answers(&self) -> Option<bool> {
        self.redis.as_ref().map(Redis::is_up)
    }

    /// Waits for the call's lock in this process; an entry that is not at hand is `None`. The wait may be given up at any time.
    ///
    /// # Errors
    /// [`Error::Busy`].
    pub async fn lock_here(&self, call_id: &str, until: Instant) -> Result<Locked, Error> {
        let entry = Arc::clone(&*self.calls.entry(call_id.to_owned()).or_default());
        let guard = timeout_at(until, entry.lock_owned()).await;
        Ok(Locked {
            call_id: call_id.to_owned(),
            guard: Some(guard.map_err(|_| Error::Busy)?),
            lease: None,
            calls: Arc::clone(&self.calls),
            is_shared: self.redis.is_some(),
            is_spoilt: false,
        })
    }

    /// Waits for the same lock where other hosts may have it. Who gives this up half-way may leave it taken until it expires.
    ///
    /// # Errors
    /// [`Error::Busy`].
    pub async fn lock_everywhere(
        &self,
        mut locked: Locked,
        until: Instant,
    ) -> Result<Locked, Error> {
        let Some(redis) = &self.redis else {
            return Ok(locked);
        };
        // What another host may have changed meanwhile is not looked at here.
        *locked.entry() = None;
        match redis.lock(&locked.call_id, until).await {
            Ok((lease, state)) => {
                locked.lease = Some(lease);
                *locked.entry() = state;
                Ok(locked)
            }
            Err(Error::Unreachable) => Ok(locked),
            Err(cause) => Err(cause),
        }
    }

    /// Keeps a call's newest state, unless somebody else has taken the call over.
    ///
    /// # Errors
    /// [`Error::Overtaken`].
    pub async fn keep(&self, locked: &mut Locked, call: &Call) -> Result<Kept, Error> {
        let Some(redis) = &self.redis else {
            return Ok(Kept::AtHand);
        };
        let Some(lease) = &mut locked.lease else {
            return Ok(Kept::InDoubt);
        };
        match redis.save(lease, call).await {
            Err(Error::Unreachable) => Ok(Kept::InDoubt),
            kept => kept,
        }
    }

    /// Drops what is at hand of a call that has ended or was overtaken; the row stays in `db`.
    pub async fn forget(&self, locked: &mut Locked) {
        if let (Some(redis), Some(lease)) = (&self.redis, &locked.lease) {
            redis.forget(lease).await;
        }
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

/// By the one who holds it. Somebody who waits for the same lock keeps the entry, so that there are never two locks for one call.
fn release(calls: &Table, call_id: &str, guard: &OwnedMutexGuard<Entry>) {
    let mine = OwnedMutexGuard::mutex(guard);
    calls.remove_if(call_id, |_, entry| {
        Arc::ptr_eq(entry, mine) && Arc::strong_count(entry) <= HOLDERS_OF_ONE
    });
}

impl Locked {
    /// What it protects.
    pub fn entry(&mut self) -> &mut Entry {
        self.guard
            .as_mut()
            .expect("the guard is there until the lock is dropped")
    }

    /// Whether the entry is a copy that another host may have outrun while this one was cut off: the database is asked.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        self.is_shared
    }

    /// What is at hand is not the truth, or not needed any more: whoever comes next asks the database.
    pub fn spoil(&mut self) {
        self.is_spoilt = true;
    }
}

impl Drop for Locked {
    fn drop(&mut self) {
        let Some(mut guard) = self.guard.take() else {
            return;
        };
        if !self.is_shared && !self.is_spoilt {
            return;
        }
        *guard = None;
        let (calls, call_id) = (Arc::clone(&self.calls), std::mem::take(&mut self.call_id));
        let Some(lease) = self.lease.take() else {
            release(&calls, &call_id, &guard);
            return;
        };
        // Whoever waits in this process goes on when Redis knows that the call is free, and not before.
        tokio::spawn(async move {
            lease.release().await;
            release(&calls, &call_id, &guard);
            drop(guard);
        });
    }
}
