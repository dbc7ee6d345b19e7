//! What is written through the queue: calls, their ends, events, records and the ledger's later steps, committed in groups.
//!
//! Each operation only makes the work; how it is committed stands in `writer`.

use serde_json::Value;

use super::calls::Ending;
use super::effects::{Effect, Had};
use super::work::Work;
use super::writer::Item;
use super::{Db, Error, Inserted, NewEvent};
use crate::call::Call;
use crate::call::record::DecisionRecord;
use crate::ledger::{Row, State};

impl Db {
    /// Saves a call and waits until it is durable, in one commit with whatever else is queued.
    ///
    /// Invariant: an ended call never lives again (`a_late_save_does_not_revive_an_ended_call`).
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn save_call(&self, call: &Call) -> Result<(), Error> {
        self.writer
            .write(Work::Save(Box::new(call.clone())))
            .await
            .map(drop)
    }

    /// Saves a call with the effect that an event had on it, and waits until all of it is durable.
    ///
    /// Invariant: an event has its effect once (`an_effect_is_kept_with_its_mark_or_not_at_all`).
    ///
    /// # Errors
    /// [`Error::Stale`] where the call is not newer than what is kept: nothing is kept then. [`Error`] of the database.
    pub async fn save_effect(&self, call: &Call, effect: Effect) -> Result<(), Error> {
        let work = Work::Effect(Box::new(Had::new(call, effect)));
        self.writer.write(work).await.map(drop)
    }

    /// Ends a call, or opens an ended one where nothing is known of it. Reason and analysis that are known already are kept
    /// where none is given now; the first moment of ending stays.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn mark_ended(
        &self,
        call_id: &str,
        reason: Option<&str>,
        analysis: Option<&Value>,
        at_ms: i64,
    ) -> Result<(), Error> {
        let ending = Ending {
            call_id: call_id.to_owned(),
            reason: reason.map(str::to_owned),
            analysis: analysis.cloned(),
            at_ms,
        };
        self.writer
            .write(Work::End(Box::new(ending)))
            .await
            .map(drop)
    }

    /// Keeps an event and waits until it is durable, in one commit with whatever else is queued.
    ///
    /// Invariant: a duplicate event has no second effect (`a_thousand_deliveries_of_one_event_make_one_row`).
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn insert_event(&self, event: NewEvent) -> Result<Inserted, Error> {
        let is_new = self.writer.write(Work::Event(Box::new(event))).await?;
        Ok(if is_new {
            Inserted::Inserted
        } else {
            Inserted::Duplicate
        })
    }

    /// Keeps that an event has had its effect, and waits until that is durable.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn mark_event_applied(&self, dedupe_key: &str, at_ms: i64) -> Result<(), Error> {
        let work = Work::Applied(dedupe_key.to_owned(), at_ms);
        self.writer.write(work).await.map(drop)
    }

    /// Takes a row to the bank: `true` for the one process that moved it to `sent`, which alone may send. `is_repeatable` says whether
    /// the bank understands keys, as far as this process was told.
    ///
    /// Invariant: a row is taken once (`of_many_who_want_to_send_a_row_one_may`).
    ///
    /// # Errors
    /// [`Error`] of the database. After one, nobody knows whether the row was moved: it must not be sent, and is settled like
    /// a lost one.
    pub async fn mark_sent(
        &self,
        id: &str,
        is_repeatable: bool,
        now_ms: i64,
    ) -> Result<bool, Error> {
        let work = Work::Sent {
            id: id.to_owned(),
            is_repeatable,
            at_ms: now_ms,
        };
        self.writer.write(work).await
    }

    /// Writes a ledger row that an event has moved from this state, in one commit with whatever else is queued; whether it was still
    /// in it.
    pub(super) async fn write_settled(&self, from: State, row: &Row) -> Result<bool, Error> {
        let work = Work::Settled(from, Box::new(row.clone()));
        self.writer.write(work).await
    }

    /// Keeps a key from ever being opened, in one commit with whatever else is queued; whether nobody had it yet.
    pub(super) async fn write_turned_away(&self, row: Row) -> Result<bool, Error> {
        self.writer.write(Work::TurnedAway(Box::new(row))).await
    }

    /// Queues the record of a turn without waiting for the database; it is durable within about 50 ms. A full queue holds the
    /// turn up for at most a quarter of a second.
    ///
    /// # Errors
    /// [`Error::QueueFull`] when the record found no place and is lost; logged and counted here already.
    pub async fn record_turn(&self, record: DecisionRecord) -> Result<(), Error> {
        let work = Work::Record(Box::new(record));
        self.writer.queue_item(Item { work, answer: None }).await
    }

    /// Queues a call without waiting for the database, for changes that a restart may forget.
    ///
    /// # Errors
    /// [`Error::QueueFull`], logged and counted here already.
    pub async fn queue_call(&self, call: &Call) -> Result<(), Error> {
        let work = Work::Save(Box::new(call.clone()));
        self.writer.queue_item(Item { work, answer: None }).await
    }

    /// Waits until everything queued so far is durable.
    ///
    /// # Errors
    /// [`Error`] of the database; what was queued is then still kept for the next try.
    pub async fn flush(&self) -> Result<(), Error> {
        self.writer.write(Work::Flush).await.map(drop)
    }
}
