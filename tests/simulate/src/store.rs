//! The database: what survives every host. Each transaction happens as a whole or not at all, at one moment.
//!
//! Which rows follow from which requests is `orchestrator::ledger`'s word, as it is for the real database; here is only that a
//! transaction may fail before anything is written, or after all is, with nobody told.

use std::collections::BTreeMap;

use orchestrator::call::State as CallState;
use orchestrator::ledger::Row;

use crate::chance::Chance;

/// Transactions of a thousand that fail before anything is written.
const REFUSED_PER_MILLE: u64 = 15;
/// And those that are written with the answer lost.
const UNANSWERED_PER_MILLE: u64 = 10;

/// A transaction failed; whether anything was written is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unavailable;

/// A call as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredCall {
    /// Of its machine.
    pub state: CallState,
    /// Counts its saves.
    pub version: u64,
    /// What the provider made of it.
    pub has_analysis: bool,
    /// When it was heard of last.
    pub touched_ms: i64,
}

/// An event that was taken.
#[derive(Debug, Clone, Copy)]
pub struct Kept {
    /// Which.
    pub event: usize,
    /// When it came.
    pub received_ms: i64,
    /// It had its effect.
    pub is_applied: bool,
}

/// All tables.
#[derive(Debug, Default)]
pub struct Store {
    /// The ledger, by id.
    pub rows: BTreeMap<String, Row>,
    /// By id.
    pub calls: BTreeMap<String, StoredCall>,
    /// The events that were taken, by key.
    pub inbox: BTreeMap<String, Kept>,
    /// Nobody reaches it before.
    pub away_until_ms: i64,
}

impl Store {
    /// One transaction.
    ///
    /// # Errors
    /// [`Unavailable`]: nothing was written, or all was.
    pub fn transact<T>(
        &mut self,
        now_ms: i64,
        chance: &mut Chance,
        work: impl FnOnce(&mut Self) -> T,
    ) -> Result<T, Unavailable> {
        if now_ms < self.away_until_ms || chance.happens(REFUSED_PER_MILLE) {
            return Err(Unavailable);
        }
        let value = work(self);
        if chance.happens(UNANSWERED_PER_MILLE) {
            return Err(Unavailable);
        }
        Ok(value)
    }

    /// The row of a key.
    #[must_use]
    pub fn by_key(&self, key: &str) -> Option<&Row> {
        self.rows.values().find(|row| row.key == key)
    }

    /// The row that holds a payment of the bank's.
    #[must_use]
    pub fn by_payment(&self, payment: &str) -> Option<&Row> {
        let holds = |row: &&Row| row.bank_payment_id.as_deref() == Some(payment);
        self.rows.values().find(holds)
    }

    /// Saves a call that nobody has saved since it was read; an ended one stays ended.
    pub fn save_call(
        &mut self,
        id: &str,
        state: CallState,
        read: Option<u64>,
        now_ms: i64,
    ) -> bool {
        let before = self.calls.get(id);
        if before.map(|call| call.version) != read {
            return false;
        }
        let has_analysis = before.is_some_and(|call| call.has_analysis);
        let is_ended = before.is_some_and(|call| call.state == CallState::CallEnded);
        let call = StoredCall {
            state: if is_ended {
                CallState::CallEnded
            } else {
                state
            },
            version: read.unwrap_or(0) + 1,
            has_analysis,
            touched_ms: now_ms,
        };
        self.calls.insert(id.to_owned(), call);
        true
    }
}
