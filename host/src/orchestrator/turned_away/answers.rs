//! Answers to a question that were turned away: a yes, a PIN. Its key is the question's, so the call is looked at.
//!
//! What waits gets another key, so that no other delivery of the answer, at whichever host, moves what was told to be undone, and the
//! caller may still say yes.

use std::sync::Arc;
use std::time::Instant as Moment;

use tokio::time::{Instant, timeout_at};

use super::super::Orchestrator;
use super::super::begun::outcome_of;
use super::super::held::Held;
use super::super::repeat::{answer, answered_before};
use super::super::request::{Answer, Error};
use super::super::waiting::mint;
use super::Delivery;
use crate::call::session::Pending;
use crate::db;
use crate::ledger::{Row, written};

impl Orchestrator {
    /// What the same answer got before, or what the ledger says of what it answers; otherwise nothing comes of it any more.
    ///
    /// # Errors
    /// [`Error::Outdated`] where the call has heard more since, otherwise that it cannot be known now.
    pub(super) async fn known_of_answer(
        self: &Arc<Self>,
        delivery: &Delivery,
        until: Instant,
        began: Moment,
    ) -> Result<Option<Answer>, Error> {
        // In a task of its own, so that a wait that ends leaves neither a lock nor a call half changed behind.
        let looking = Arc::clone(self).look_at_call(delivery.clone(), until, began);
        match timeout_at(until, self.tasks.spawn(looking)).await {
            Ok(Ok(Err(cause @ (Error::Outdated | Error::Database(_))))) => Err(cause),
            Ok(Ok(Ok(known))) => Ok(known),
            // Whoever has the call may be doing it.
            Ok(Ok(Err(_)) | Err(_)) | Err(_) => Err(db::Error::TimedOut.into()),
        }
    }

    async fn look_at_call(
        self: Arc<Self>,
        delivery: Delivery,
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
        if is_late(&mut held, &delivery) {
            return Err(Error::Outdated);
        }
        let Some(key) = open_key(&mut held) else {
            return Ok(None);
        };
        let begun = self.turn_away_open(&mut held, &key, &delivery).await?;
        if begun.is_none() {
            self.save_or_undo(&mut held, now_ms).await?;
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
            done.into_iter().for_each(|key| held.call().promise(key));
            return Ok(has_done);
        }
        let Some(key) = open_key(held) else {
            return Ok(false);
        };
        if let Some(row) = self.turn_away_open(held, &key, delivery).await? {
            let call = held.call();
            call.pending = None;
            call.promise(written::unnumbered(&row.key).to_owned());
        }
        Ok(true)
    }

    /// Keeps what waits from being done under the key that it has; the row of what was begun, where the bank may have heard of it.
    /// What waits is only looked up where the same body may be a new answer, or the call has heard more since.
    async fn turn_away_open(
        &self,
        held: &mut Held,
        key: &str,
        delivery: &Delivery,
    ) -> Result<Option<Row>, Error> {
        let is_final = delivery.said.is_some() && !is_late(held, delivery);
        if !is_final {
            let begun = self.begun(Some(key)).await?;
            return Ok(begun.filter(|row| !row.is_turned_away()));
        }
        let begun = self.turn_away(key, &delivery.call_id).await?;
        if begun.is_some() {
            return Ok(begun);
        }
        let call = held.call();
        if let Some(open) = &mut call.pending {
            open.renew_ledger_key(mint()?);
            open.turn_copies_away(delivery.said);
        }
        call.caller_utterances = call.caller_utterances.max(delivery.said.unwrap_or(0));
        Ok(None)
    }
}

/// Whether the call has heard more than the delivery knows of.
fn is_late(held: &mut Held, delivery: &Delivery) -> bool {
    let heard = held.call().caller_utterances;
    delivery.said.is_some_and(|said| said < heard)
}

fn open_key(held: &mut Held) -> Option<String> {
    let open = held.call().pending.as_ref();
    open.and_then(Pending::ledger_key).map(str::to_owned)
}
