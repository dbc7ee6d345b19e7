//! Answers to a question that were turned away: a yes, a PIN. Its key is the question's, so the call is looked at.
//!
//! What waits gets another key, so that no other delivery of the answer, at whichever host, moves what was told to be undone, and the
//! caller may still say yes.

use std::time::Instant as Moment;

use tokio::time::{Instant, timeout_at};

use super::super::held::Held;
use super::super::repeat::{answer, answered_before, outcome_of};
use super::super::request::{Answer, Error};
use super::super::waiting::mint;
use super::super::{Orchestrator, promise};
use super::Delivery;
use crate::call::session::Pending;
use crate::db;
use crate::ledger::{Row, written};

impl Orchestrator {
    /// What the same answer got before, or what the ledger says of what it answers; otherwise nothing comes of it any more.
    pub(super) async fn known_of_answer(
        &self,
        delivery: &Delivery,
        until: Instant,
        began: Moment,
    ) -> Result<Option<Answer>, db::Error> {
        let looking = self.look_at_call(delivery, until, began);
        match timeout_at(until, looking).await {
            Ok(Ok(known)) => Ok(known),
            Ok(Err(Error::Database(cause))) => Err(cause),
            // Whoever has the call may be doing it.
            Ok(Err(_)) | Err(_) => Err(db::Error::TimedOut),
        }
    }

    async fn look_at_call(
        &self,
        delivery: &Delivery,
        until: Instant,
        began: Moment,
    ) -> Result<Option<Answer>, Error> {
        let now_ms = self.clock.now().unix_ms;
        let mut held = self.hold(&delivery.call_id, now_ms, until).await?;
        let before = answered_before(&mut held, Some(&delivery.key));
        if before.is_some() {
            return Ok(self.as_settled(before, began).await);
        }
        if held.is_new() || !held.call().state.is_live() {
            self.discard(&mut held);
            return Ok(None);
        }
        let keys = ledger_keys(&mut held);
        let begun = self.turn_away_open(&mut held, &keys, delivery).await?;
        if begun.is_none() && !keys.is_empty() {
            self.save(&mut held, now_ms).await?;
        }
        Ok(begun.map(|row| answer(outcome_of(&row), began)))
    }

    /// The same where the caller was told that nobody knows; whether the call was changed by it.
    pub(super) async fn catch_up_with_answer(
        &self,
        held: &mut Held,
        delivery: &Delivery,
    ) -> Result<bool, Error> {
        if let Some(before) = answered_before(held, Some(&delivery.key)) {
            let done = before.ledger_key;
            let has_done = done.is_some();
            done.into_iter()
                .for_each(|key| promise::keep(&mut held.call().promised, key));
            return Ok(has_done);
        }
        let keys = ledger_keys(held);
        if let Some(row) = self.turn_away_open(held, &keys, delivery).await? {
            let call = held.call();
            call.pending = None;
            promise::keep(&mut call.promised, written::unnumbered(&row.key).to_owned());
        }
        Ok(!keys.is_empty())
    }

    /// Keeps what waits from being done under the keys that it has; the row of what was begun, where the bank may have heard of it.
    async fn turn_away_open(
        &self,
        held: &mut Held,
        keys: &[String],
        delivery: &Delivery,
    ) -> Result<Option<Row>, Error> {
        for key in keys {
            if let Some(row) = self.turn_away(key, &delivery.call_id).await? {
                return Ok(Some(row));
            }
        }
        let mut open = held.call().pending.as_mut();
        while let Some(waiting) = open {
            if waiting.key.is_some() && waiting.intent.is_write() {
                waiting.key = Some(mint()?);
                waiting.turned_away_after = delivery.said;
            }
            open = waiting.beneath.as_deref_mut();
        }
        Ok(None)
    }
}

fn ledger_keys(held: &mut Held) -> Vec<String> {
    let open = held.call().pending.as_ref();
    open.map_or_else(Vec::new, Pending::ledger_keys)
}
