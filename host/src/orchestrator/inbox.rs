//! The inbox of the provider's events: each is durable first, under a key that makes it one, and has its effect once.
//!
//! The effect usually comes before the delivery is answered. What keeps it from that, a call that is busy or a host that dies, does
//! not lose it: whoever finds an event that waits lets it have its effect, in whatever order, which the call's machine bears.
//!
//! Invariant: a duplicate event has no second effect (`a_duplicate_event_has_no_second_effect`).

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt as _, stream};

use super::Orchestrator;
use super::lifecycle::{CallEvent, Kind};
use super::request::{CallFacts, Error};
use crate::call::state::{Event, State};
use crate::db::{Inserted, NewEvent};

/// How often an event is tried at once that another host's turn of the same call overtakes.
const TRIES: usize = 4;
/// Between two looks for events that wait.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// So long a delivery is at work on its event itself.
const OWN_MS: i64 = 6_000;
/// Longest that an event is tried: no call lasts longer, and the reaper ends what is left open.
const TRIED_MS: i64 = 24 * 3_600_000;
/// Events of one look.
const EVENTS_MAX: usize = 256;
/// Calls whose events are taken at the same time.
const AT_ONCE: usize = 16;
/// Longest pause between two tries of the same event.
const PAUSE_MS_MAX: i64 = 60_000;

/// Deliveries by whether they were the first of their event.
fn counted(inserted: Inserted) {
    let effect = match inserted {
        Inserted::Inserted => "first",
        Inserted::Duplicate => "duplicate",
    };
    metrics::counter!("call_events_total", "effect" => effect).increment(1);
}

impl Orchestrator {
    /// Keeps an event and lets it have its effect, once. Kept, it is taken, also where the effect has to wait.
    ///
    /// # Errors
    /// The database's, with nothing kept; the provider will deliver again.
    pub async fn take_event(&self, event: CallEvent) -> Result<(), Error> {
        let now_ms = self.clock.now().unix_ms;
        let has_effect = event.effect().is_some();
        let row = event.row(now_ms, (!has_effect).then_some(now_ms));
        let call_id = row.call_id.clone();
        counted(self.db.insert_event(row).await?);
        if let Err(cause) = self.have_effect(&event).await {
            tracing::warn!(
                call_id,
                event.name,
                "an event waits for its effect: {cause}"
            );
        }
        Ok(())
    }

    /// Lets an event change its call, unless that has happened or there is nothing for it to change.
    ///
    /// # Errors
    /// What kept it from that; a repeat is safe.
    pub(super) async fn have_effect(&self, event: &CallEvent) -> Result<(), Error> {
        let Some((facts, effect)) = event.effect() else {
            return Ok(());
        };
        for _ in 1..TRIES {
            match self.try_effect(event, facts, effect).await {
                Err(Error::Overtaken) => {}
                tried => return tried,
            }
        }
        self.try_effect(event, facts, effect).await
    }

    async fn try_effect(
        &self,
        event: &CallEvent,
        facts: &CallFacts,
        effect: Event,
    ) -> Result<(), Error> {
        let (now_ms, until) = (self.clock.now().unix_ms, self.clock.deadlines().work);
        let mut held = self.hold(&facts.id, now_ms, until).await?;
        let is_due = if event.kind == Kind::Reaped {
            // It was told meanwhile, and what Retell says is more than what was guessed.
            Ok(held.call().state != State::CallEnded)
        } else {
            self.db.is_event_waiting(&event.dedupe_key).await
        };
        let applied = match is_due {
            Ok(true) => {
                self.apply(&mut held, event, facts, (effect, now_ms), until)
                    .await
            }
            Ok(false) => {
                self.discard(&mut held);
                return Ok(());
            }
            Err(cause) => Err(cause.into()),
        };
        if applied.is_ok() {
            metrics::counter!("call_event_effects_total").increment(1);
        } else {
            // It is tried again, on a call that stands where the database has it: one that seemed to have ended here, and not
            // there, would never end.
            self.undo(&mut held);
        }
        applied
    }
}

/// Finds events that wait for their effect: of a host that died, of a call that was busy.
pub struct Inbox {
    orchestrator: Arc<Orchestrator>,
    /// How the provider's body is read, which is the ingress's affair.
    read: fn(&NewEvent) -> Option<CallEvent>,
    /// Events that could not have their effect, with the moment of their next try and the pause after it.
    put_off: HashMap<String, (i64, i64)>,
}

impl Inbox {
    /// `read` makes an event of what is kept of it; none where there is no effect in it.
    #[must_use]
    pub fn new(orchestrator: Arc<Orchestrator>, read: fn(&NewEvent) -> Option<CallEvent>) -> Self {
        Self {
            orchestrator,
            read,
            put_off: HashMap::new(),
        }
    }

    /// Never ends.
    pub async fn run(mut self) {
        let mut looks = tokio::time::interval(LOOK_EVERY);
        looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            looks.tick().await;
            if let Err(cause) = self.look().await {
                tracing::warn!("events that wait cannot be looked for: {cause}");
            }
        }
    }

    async fn look(&mut self) -> Result<(), Error> {
        let now_ms = self.orchestrator.clock.now().unix_ms;
        let within = now_ms.saturating_sub(TRIED_MS)..=now_ms.saturating_sub(OWN_MS);
        let db = &self.orchestrator.db;
        let waiting = db.waiting_events(within).await?;
        metrics::gauge!("call_events_waiting")
            .set(f64::from(u32::try_from(waiting.len()).unwrap_or(u32::MAX)));
        let known: HashSet<&String> = waiting.iter().collect();
        self.put_off.retain(|key, _| known.contains(key));
        let is_due = |key: &String| {
            let put_off = self.put_off.get(key);
            put_off.is_none_or(|(at_ms, _)| *at_ms <= now_ms)
        };
        let due: Vec<String> = waiting
            .into_iter()
            .filter(is_due)
            .take(EVENTS_MAX)
            .collect();
        // Of one call in their order, and no call waits for another's.
        let mut of_calls: BTreeMap<String, Vec<NewEvent>> = BTreeMap::new();
        for kept in db.events_by_key(due).await? {
            let call_id = kept.call_id.clone().unwrap_or_default();
            of_calls.entry(call_id).or_default().push(kept);
        }
        let this = &*self;
        let failed: Vec<String> = stream::iter(of_calls.into_values())
            .map(|events| this.take_all(events))
            .buffer_unordered(AT_ONCE)
            .concat()
            .await;
        for key in failed {
            let (_, pause_ms) = self.put_off.get(&key).copied().unwrap_or((now_ms, 1_000));
            let next = (now_ms + pause_ms, (pause_ms * 2).min(PAUSE_MS_MAX));
            self.put_off.insert(key, next);
        }
        Ok(())
    }

    /// The keys of those that still wait.
    async fn take_all(&self, events: Vec<NewEvent>) -> Vec<String> {
        let mut failed = Vec::new();
        for kept in events {
            if let Err(cause) = self.take(&kept).await {
                let call_id = kept.call_id.as_deref();
                tracing::warn!(call_id, kept.event, "an event still waits: {cause}");
                failed.push(kept.dedupe_key);
            }
        }
        failed
    }

    async fn take(&self, kept: &NewEvent) -> Result<(), Error> {
        let event = (self.read)(kept);
        match event.filter(|event| event.effect().is_some()) {
            Some(event) => self.orchestrator.have_effect(&event).await,
            None => {
                // Erased with its call, or not to be read: waiting would not help it.
                let (call_id, event) = (kept.call_id.as_deref(), &kept.event);
                tracing::warn!(call_id, event, "an event is left without its effect");
                let now_ms = self.orchestrator.clock.now().unix_ms;
                let key = &kept.dedupe_key;
                Ok(self.orchestrator.db.mark_event_applied(key, now_ms).await?)
            }
        }
    }
}
