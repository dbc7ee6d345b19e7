//! The life of a call around its turns: the provider's events, and a context that a service loads.
//!
//! How events are kept, and that each has its effect once, stands in `inbox`; here is what the effect is.

use serde_json::Value;
use tokio::time::Instant;

use super::Orchestrator;
use super::held::Held;
use super::request::{CallFacts, Error};
use crate::call::Trust;
use crate::call::state::{Event, State};
use crate::db::{Effect, End, Mark, NewEvent};

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

impl CallEvent {
    /// What it does to which call; none for one that is only kept.
    pub(super) fn effect(&self) -> Option<(&CallFacts, Event)> {
        let effect = match self.kind {
            Kind::Other => return None,
            Kind::Started => Event::Opened,
            Kind::Ended | Kind::Reaped => Event::Ended,
            Kind::Analyzed => Event::Analyzed,
            Kind::TransferStarted => Event::TransferStarted,
            Kind::TransferCancelled => Event::TransferCancelled,
        };
        self.facts.as_ref().map(|facts| (facts, effect))
    }

    /// As the inbox keeps it.
    pub(super) fn row(&self, received_at_ms: i64, applied_at_ms: Option<i64>) -> NewEvent {
        NewEvent {
            dedupe_key: self.dedupe_key.clone(),
            call_id: self.facts.as_ref().map(|facts| facts.id.clone()),
            event: self.name.clone(),
            body: self.body.clone(),
            received_at_ms,
            applied_at_ms,
        }
    }
}

impl Orchestrator {
    /// Moves the call and saves it. A second time at once is no other time: the machine stands where it stood.
    pub(super) async fn apply(
        &self,
        held: &mut Held,
        event: &CallEvent,
        facts: &CallFacts,
        (effect, now_ms): (Event, i64),
        until: Instant,
    ) -> Result<(), Error> {
        match event.kind {
            // Whatever is told of its transfer, there is a call.
            Kind::Started | Kind::TransferStarted | Kind::TransferCancelled
                if held.call().state != State::CallEnded =>
            {
                self.open(held, facts, now_ms, until).await?;
            }
            _ => held.learn(facts),
        }
        if effect != Event::Opened {
            // The machine knows no illegal event of the provider's, only late ones.
            let _ = held.step(effect, "event");
        }
        let tells_of_end = matches!(event.kind, Kind::Ended | Kind::Analyzed | Kind::Reaped);
        let had = Effect {
            end: tells_of_end.then(|| End {
                reason: event.disconnection_reason.clone(),
                analysis: event.analysis.clone(),
            }),
            mark: match event.kind {
                Kind::Reaped => Mark::New(event.row(now_ms, Some(now_ms))),
                _ => Mark::Waiting(event.dedupe_key.clone()),
            },
            at_ms: now_ms,
        };
        self.save_effect(held, had).await
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
        // A service that looks a customer up vouches for nobody.
        if !call.is_doubted {
            call.trust = call.trust.max(Trust::Phone);
        }
        Ok(())
    }
}
