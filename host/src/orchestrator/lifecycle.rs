//! The life of a call around its turns: the provider's events, and a context that a service loads.
//!
//! Every event is put into the inbox first, under a key that makes it effective once; then it moves the state machine.

use serde_json::Value;
use tokio::time::Instant;

use super::Orchestrator;
use super::held::Held;
use super::request::{CallFacts, Error};
use crate::call::Trust;
use crate::call::state::{Event, State};
use crate::db::{Inserted, NewEvent};

/// How often an event is tried that another host's turn of the same call overtakes.
const EVENT_TRIES: usize = 4;

/// What an event of the provider's means for a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `call_started`.
    Started,
    /// `call_ended`.
    Ended,
    /// `call_analyzed`.
    Analyzed,
    /// `transfer_started`, `transfer_bridged`.
    TransferStarted,
    /// `transfer_cancelled`.
    TransferCancelled,
    /// The host's own: its end was never told.
    Reaped,
    /// Anything else: kept.
    Other,
}

/// An event, checked and freed of PINs.
#[derive(Debug, Clone)]
pub struct CallEvent {
    /// What it means.
    pub kind: Kind,
    /// The provider's name for it.
    pub name: String,
    /// Makes it effective once.
    pub dedupe_key: String,
    /// Which call; none for a chat or a body that could not be read.
    pub facts: Option<CallFacts>,
    /// As it is kept.
    pub body: Vec<u8>,
    /// Why the call ended.
    pub disconnection_reason: Option<String>,
    /// What the provider made of the call.
    pub analysis: Option<Value>,
}

/// What an event does to the call's state; nothing for one that is only kept.
fn effect_of(kind: Kind) -> Option<Event> {
    match kind {
        Kind::Other => None,
        Kind::Started => Some(Event::Opened),
        Kind::Ended | Kind::Reaped => Some(Event::Ended),
        Kind::Analyzed => Some(Event::Analyzed),
        Kind::TransferStarted => Some(Event::TransferStarted),
        Kind::TransferCancelled => Some(Event::TransferCancelled),
    }
}

/// Deliveries by whether they were the first of their event.
fn counted(inserted: Inserted) {
    let effect = match inserted {
        Inserted::Inserted => "first",
        Inserted::Duplicate => "duplicate",
    };
    metrics::counter!("call_events_total", "effect" => effect).increment(1);
}

impl Orchestrator {
    /// Keeps an event and lets it have its effect, once.
    ///
    /// Invariant: a duplicate event has no second effect (`a_duplicate_event_has_no_second_effect`).
    ///
    /// # Errors
    /// The database's; the provider will deliver again.
    pub async fn take_event(&self, event: CallEvent) -> Result<(), Error> {
        for _ in 1..EVENT_TRIES {
            match self.take_event_once(&event).await {
                Err(Error::Overtaken) => {}
                taken => return taken,
            }
        }
        self.take_event_once(&event).await
    }

    async fn take_event_once(&self, event: &CallEvent) -> Result<(), Error> {
        let now_ms = self.clock.now().unix_ms;
        let row = NewEvent {
            dedupe_key: event.dedupe_key.clone(),
            call_id: event.facts.as_ref().map(|facts| facts.id.clone()),
            event: event.name.clone(),
            body: event.body.clone(),
            received_at_ms: now_ms,
        };
        let (Some(facts), Some(effect)) = (&event.facts, effect_of(event.kind)) else {
            counted(self.db.insert_event(row).await?);
            return Ok(());
        };
        let until = self.clock.deadlines().work;
        let mut held = self.hold(&facts.id, now_ms, until).await?;
        if event.kind == Kind::Reaped && held.call().state == State::CallEnded {
            // It was told meanwhile, and what Retell says is more than what was guessed.
            return Ok(());
        }
        let at = (effect, now_ms);
        let taken = self.take_held(&mut held, (&event, facts), row, at, until);
        let taken = taken.await;
        if taken.is_err() {
            // It is delivered again, to a call that stands where the database has it: one that seemed to have ended here, and not
            // there, would never end.
            self.undo(&mut held);
        }
        taken
    }

    async fn take_held(
        &self,
        held: &mut Held,
        (event, facts): (&CallEvent, &CallFacts),
        row: NewEvent,
        (effect, now_ms): (Event, i64),
        until: Instant,
    ) -> Result<(), Error> {
        // The effect comes before the row that makes it the last one: a host that dies in between lets the repeat have it, and a
        // second time at once is no other time, since the machine stands where it stood.
        if self.db.has_event(&event.dedupe_key).await? {
            counted(Inserted::Duplicate);
            return Ok(());
        }
        self.apply(held, event, facts, (effect, now_ms), until)
            .await?;
        // First, so that nobody sees an ended call that does not say why.
        if matches!(event.kind, Kind::Ended | Kind::Analyzed | Kind::Reaped) {
            let reason = event.disconnection_reason.as_deref();
            let analysis = event.analysis.as_ref();
            self.db
                .mark_ended(&facts.id, reason, analysis, now_ms)
                .await?;
        }
        self.save(held, now_ms).await?;
        counted(self.db.insert_event(row).await?);
        Ok(())
    }

    async fn apply(
        &self,
        held: &mut Held,
        event: &CallEvent,
        facts: &CallFacts,
        (effect, now_ms): (Event, i64),
        until: Instant,
    ) -> Result<(), Error> {
        match event.kind {
            Kind::Started | Kind::TransferStarted if held.call().state != State::CallEnded => {
                self.open(held, facts, now_ms, until).await?;
            }
            _ => held.learn(facts),
        }
        if effect != Event::Opened {
            // The machine knows no illegal event of the provider's, only late ones.
            let _ = held.step(effect, "event");
        }
        Ok(())
    }

    /// Ends a call whose row cannot be read, so that nothing could be learnt from it; what the row says stays as it is.
    pub(super) async fn end_unread(&self, call_id: &str, reason: &str) -> Result<(), Error> {
        let now_ms = self.clock.now().unix_ms;
        self.db
            .mark_ended(call_id, Some(reason), None, now_ms)
            .await?;
        self.pipeline.release(call_id);
        Ok(())
    }

    /// Loads a customer into a call for a service that vouches for who it is; opens the call if need be.
    ///
    /// # Errors
    /// [`Error::IllegalState`] for a call that has ended, [`Error::UnknownUser`].
    pub async fn load_context(&self, call_id: &str, user_id: &str) -> Result<(), Error> {
        let now_ms = self.clock.now().unix_ms;
        let until = self.clock.deadlines().work;
        let mut held = self.hold(call_id, now_ms, until).await?;
        let loaded = self.load_into(&mut held, user_id, until).await;
        if loaded.is_err() {
            self.discard(&mut held);
            return loaded;
        }
        self.save(&mut held, now_ms).await
    }

    async fn load_into(&self, held: &mut Held, user_id: &str, until: Instant) -> Result<(), Error> {
        let found = self.callers.by_id(user_id, until).await;
        let user = found
            .map_err(Error::BackendUnavailable)?
            .ok_or(Error::UnknownUser)?;
        held.step(Event::Opened, "load-context")?;
        held.step(Event::ContextLoaded, "load-context")?;
        let call = held.call();
        call.belongs_to(user);
        call.trust = call.trust.max(Trust::Phone);
        Ok(())
    }
}
