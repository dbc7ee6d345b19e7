//! A call under its lock: opened by whatever comes first, its caller looked up, its state moved event by event, saved.
//!
//! Whoever holds it is the only one to change this call.

use tokio::time::Instant;

use super::Orchestrator;
use super::request::{CallFacts, Error};
use crate::call::session::{Direction, Utterance};
use crate::call::state::{self, Event, Verdict};
use crate::call::{Call, bounds, pin};
use crate::db::{self, Effect};
use crate::live::{Kept, Locked};

/// A locked call.
pub(super) struct Held {
    locked: Locked,
    /// The call as it was when it was last saved; none for one that nobody has heard of.
    saved: Option<Call>,
    /// Stands for one REST request without a call; never kept.
    pub(super) is_passing: bool,
    /// Whether the call has heard more than this turn's request knows of.
    pub(super) is_outdated: bool,
    /// Whether an answer of the caller's was turned away, who has said nothing since: this turn's may be a copy of it.
    pub(super) is_turned_away: bool,
    /// Whether the bank could not say in this turn whose number it is.
    pub(super) is_lookup_failed: bool,
}

impl Held {
    /// The call.
    pub(super) fn call(&mut self) -> &mut Call {
        self.locked
            .entry()
            .as_mut()
            .expect("an entry is filled when it is held")
    }

    /// The call as it was when it was last saved.
    pub(super) fn saved(&self) -> Option<&Call> {
        self.saved.as_ref()
    }

    /// Whether nobody has heard of this call before.
    pub(super) fn is_new(&self) -> bool {
        self.saved.is_none()
    }

    /// Moves the state machine.
    ///
    /// # Errors
    /// [`Error::IllegalState`], nothing changed.
    pub(super) fn step(&mut self, event: Event, command: &'static str) -> Result<(), Error> {
        let call = self.call();
        match state::apply(call.state, event) {
            Verdict::Moved(to) => {
                tracing::debug!(
                    call_id = call.id,
                    from = call.state.as_str(),
                    to = to.as_str(),
                    ?event,
                    "call state"
                );
                call.state = to;
                Ok(())
            }
            Verdict::Unchanged => Ok(()),
            Verdict::Illegal => Err(Error::IllegalState {
                state: call.state.as_str(),
                command,
            }),
        }
    }

    /// Takes back a turn that nobody waits for and that changed nothing: the call stands where it stood before.
    pub(super) fn give_up(&mut self) -> Result<(), Error> {
        match self.saved.clone() {
            Some(before) => {
                *self.call() = before;
                Ok(())
            }
            None => self.step(Event::TurnAbandoned, "turn"),
        }
    }

    /// Takes over what the provider says about the call.
    pub(super) fn learn(&mut self, facts: &CallFacts) {
        let call = self.call();
        if let Some(agent) = &facts.agent {
            call.agent.clone_from(agent);
        }
        if let Some(direction) = facts.direction {
            call.direction = direction;
        }
        if let Some(phone) = facts.phone.as_deref().and_then(e164)
            && !facts.is_unsigned
        {
            call.phone = Some(phone);
        }
        if let Some(line) = facts.line.as_deref().and_then(e164) {
            call.line = Some(line);
        }
        if facts.socket.is_some() {
            call.socket.clone_from(&facts.socket);
        }
        if let Some(metadata) = &facts.metadata {
            let mut metadata = metadata.clone();
            let _ = pin::take_from_arguments(&mut metadata);
            call.metadata = metadata;
        }
        if !facts.transcript.is_empty() {
            call.transcript = newest_without_pins(&facts.transcript);
        }
    }
}

impl Orchestrator {
    /// Locks a call, and looks it up where this process does not know it: in the database first, so that an ended call stays
    /// ended. A call that nobody has heard of is new.
    pub(super) async fn hold(
        &self,
        call_id: &str,
        now_ms: i64,
        until: Instant,
    ) -> Result<Held, Error> {
        let queued = self.queue(call_id, until).await?;
        let locked = self.live.lock_everywhere(queued, until).await?;
        self.look_up(locked, call_id, now_ms).await
    }

    /// Waits for the call's turn in this process. The wait may be given up at any time.
    pub(super) async fn queue(&self, call_id: &str, until: Instant) -> Result<Locked, Error> {
        if bounds::name("call_id", call_id).is_err() {
            return Err(Error::BadCallId);
        }
        Ok(self.live.lock_here(call_id, until).await?)
    }

    /// Looks a call up that is locked everywhere.
    pub(super) async fn look_up(
        &self,
        mut locked: Locked,
        call_id: &str,
        now_ms: i64,
    ) -> Result<Held, Error> {
        if locked.is_shared() {
            self.drop_outrun(&mut locked, call_id).await;
        }
        if let Some(call) = locked.entry() {
            // Nobody else holds the call, so a turn that it seems to be in has died.
            if let Verdict::Moved(to) = state::apply(call.state, Event::TurnAbandoned) {
                tracing::error!(call_id, "a turn ended without an answer");
                call.state = to;
            }
            let saved = locked.entry().clone();
            return Ok(Held {
                locked,
                saved,
                is_passing: false,
                is_outdated: false,
                is_turned_away: false,
                is_lookup_failed: false,
            });
        }
        let stored = match self.db.call(call_id).await {
            Ok(stored) => stored,
            Err(cause) => {
                locked.spoil();
                return Err(cause.into());
            }
        };
        if stored.as_ref().is_some_and(|call| !call.state.is_live()) {
            // Nobody ends it again, which would let go of it.
            locked.spoil();
        }
        let saved = stored.clone();
        *locked.entry() = Some(stored.unwrap_or_else(|| Call::new(call_id, now_ms)));
        Ok(Held {
            locked,
            saved,
            is_passing: false,
            is_outdated: false,
            is_turned_away: false,
            is_lookup_failed: false,
        })
    }

    /// A state at hand that is older than the database's stems from before Redis was cut off, and is let go. A database that
    /// cannot be asked does not stop the turn.
    async fn drop_outrun(&self, locked: &mut Locked, call_id: &str) {
        let Some(version) = locked.entry().as_ref().map(|call| call.version) else {
            return;
        };
        match self.db.call_version(call_id).await {
            Ok(Some(kept)) if kept > version => {
                self.live.forget(locked).await;
                *locked.entry() = None;
            }
            Ok(_) => {}
            Err(cause) => tracing::warn!(call_id, "the state in Redis is taken unchecked: {cause}"),
        }
    }

    /// Lets go of a call that did not come to be, or stood for one request: whoever waits for this lock finds one that was never
    /// looked up.
    pub(super) fn discard(&self, held: &mut Held) {
        if held.is_new() || held.is_passing {
            let call_id = held.call().id.clone();
            self.pipeline.release(&call_id);
            held.locked.spoil();
        }
    }

    /// Puts a call back to where it was last saved, and lets go of one that never was.
    pub(super) fn undo(&self, held: &mut Held) {
        match held.saved.clone() {
            Some(before) => *held.call() = before,
            None => self.discard(held),
        }
    }

    /// Saves what changed. What a later turn depends on is committed before this returns; the rest follows on its own.
    pub(super) async fn save(&self, held: &mut Held, now_ms: i64) -> Result<(), Error> {
        self.save_with(held, now_ms, None).await
    }

    /// Saves what changed, or leaves the call as it was.
    pub(super) async fn save_or_undo(&self, held: &mut Held, now_ms: i64) -> Result<(), Error> {
        let saved = self.save(held, now_ms).await;
        if saved.is_err() {
            self.undo(held);
        }
        saved
    }

    /// Saves a call with what an event does besides changing it, all in one commit.
    pub(super) async fn save_effect(&self, held: &mut Held, effect: Effect) -> Result<(), Error> {
        self.save_with(held, effect.at_ms, Some(effect)).await
    }

    async fn save_with(
        &self,
        held: &mut Held,
        now_ms: i64,
        effect: Option<Effect>,
    ) -> Result<(), Error> {
        if held.is_passing {
            self.discard(held);
            return Ok(());
        }
        let ended = {
            let call = held.call();
            call.updated_at_ms = now_ms;
            call.version += 1;
            !call.state.is_live()
        };
        let call = held.call().clone();
        let saved = self.save_everywhere(held, &call, effect).await;
        if let Err(Error::Overtaken) = &saved {
            tracing::warn!(
                call_id = call.id,
                "overtaken by another host; nothing of this is kept"
            );
            metrics::counter!("live_overtaken_total").increment(1);
            held.locked.spoil();
        }
        saved?;
        if ended {
            self.pipeline.release(&call.id);
            self.live.forget(&mut held.locked).await;
            held.locked.spoil();
        }
        held.saved = Some(call);
        Ok(())
    }

    /// First where every host finds it, which tells whether this one may still write; then where it is durable, which tells it
    /// too.
    async fn save_everywhere(
        &self,
        held: &mut Held,
        call: &Call,
        effect: Option<Effect>,
    ) -> Result<(), Error> {
        let kept = self.live.keep(&mut held.locked, call).await?;
        let durable = effect.is_some()
            || !call.state.is_live()
            || kept == Kept::InDoubt
            || held
                .saved
                .as_ref()
                .is_none_or(|before| matters(before, call));
        if !durable {
            self.db.queue_call(call).await?;
            return Ok(());
        }
        let saved = match effect {
            Some(effect) => self.db.save_effect(call, effect).await,
            None => self.db.save_call(call).await,
        };
        match saved {
            Err(db::Error::Stale) => {
                self.live.forget(&mut held.locked).await;
                Err(Error::Overtaken)
            }
            saved => Ok(saved?),
        }
    }
}

/// Whether a restart must not forget the difference.
fn matters(before: &Call, after: &Call) -> bool {
    (&before.revision, before.activation) != (&after.revision, after.activation)
        || before.pending != after.pending
        || before.trust != after.trust
        || before.user != after.user
        || before.answered != after.answered
        || before.greeted != after.greeted
        || before.promised != after.promised
        || before.has_changed != after.has_changed
        || (before.is_doubted, before.is_pressed) != (after.is_doubted, after.is_pressed)
        || (before.spoken != after.spoken && is_to_be_heard(before) | is_to_be_heard(after))
}

/// Whether something was changed at the bank that the caller may not have heard of.
fn is_to_be_heard(call: &Call) -> bool {
    call.spoken
        .as_ref()
        .is_some_and(|spoken| spoken.must_be_heard)
}

/// The caller's number and the bank's, as seen from the bank.
#[must_use]
pub fn numbers(
    direction: Option<Direction>,
    from: Option<String>,
    to: Option<String>,
) -> (Option<String>, Option<String>) {
    match direction {
        Some(Direction::Outbound) => (to, from),
        Some(Direction::Inbound | Direction::Web) | None => (from, to),
    }
}

/// A number that could be one; anonymous callers and test numbers have none.
pub(super) fn e164(number: &str) -> Option<String> {
    bounds::is_e164(number).then(|| number.to_owned())
}

/// PINs are taken out before the rest is cut off: the question for one may stand in what is cut off.
fn newest_without_pins(said: &[Utterance]) -> Vec<Utterance> {
    let mut listening = pin::Listening::default();
    let mut kept: Vec<Utterance> = said
        .iter()
        .map(|utterance| {
            let (text, _) = listening.hear(utterance.by_agent, &utterance.text);
            let text = text.chars().map(|c| if c.is_control() { ' ' } else { c });
            Utterance {
                by_agent: utterance.by_agent,
                text: text.take(bounds::TEXT_BYTES_MAX / 4).collect(),
            }
        })
        .collect();
    kept.drain(..kept.len().saturating_sub(bounds::TRANSCRIPT_LEN_MAX));
    kept
}

#[cfg(test)]
mod tests;
