//! Ends calls whose end nobody told: an event that was lost, a line that broke for good.
//!
//! A call that was silent for long is looked up at Retell, where its API may be asked; one that lasts longer than a call can is
//! ended there and here, whatever is known. The end says why, and a late event of Retell's still brings its own reason.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;
use tokio::sync::Semaphore;

use super::request::{CallFacts, Error};
use super::{CallEvent, EventKind, Orchestrator};
use crate::backend::retell::{self, Standing};
use crate::db::LiveCall;

/// More than a host has lines for; three short columns each.
const CALLS_MAX: u64 = 50_000;
/// Lookups in one round, at once: Retell's API is not flooded, and where it hangs a round ends all the same.
const LOOKUPS_MAX: usize = 10;
/// Calls that are being ended at Retell at once, for the same reason.
const STOPS_MAX: usize = 10;
/// A call's own end may still be on its way for so long.
const GRACE_MS: i64 = 5_000;

/// Looks through live calls until the process ends.
pub struct Reaper {
    orchestrator: Arc<Orchestrator>,
    retell: Option<retell::Client>,
    settings: retell::Settings,
    /// One permit a call that may be ended at Retell at the same time.
    stops: Arc<Semaphore>,
    /// When silent calls were looked up last.
    asked: HashMap<String, i64>,
    /// Whom Retell did not know when it was asked last.
    unknown: HashSet<String>,
}

/// What a call has come to.
#[derive(Debug, PartialEq, Eq)]
enum Due {
    Nothing,
    Lookup,
    End,
}

impl Reaper {
    /// `retell`: the API, where it may be asked.
    #[must_use]
    pub fn new(
        orchestrator: Arc<Orchestrator>,
        retell: Option<retell::Client>,
        settings: retell::Settings,
    ) -> Self {
        Self {
            orchestrator,
            retell,
            settings,
            stops: Arc::new(Semaphore::new(STOPS_MAX)),
            asked: HashMap::new(),
            unknown: HashSet::new(),
        }
    }

    /// Never ends.
    pub async fn run(mut self) {
        let every = Duration::from_millis(self.settings.reap_every_ms);
        let mut rounds = tokio::time::interval(every);
        rounds.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            rounds.tick().await;
            if let Err(cause) = self.round().await {
                tracing::warn!("live calls cannot be looked through: {cause}");
            }
        }
    }

    async fn round(&mut self) -> Result<(), Error> {
        let now_ms = self.orchestrator.clock.now().unix_ms;
        self.orchestrator.gauge_calls_at_hand();
        let calls = self.orchestrator.db.live_calls(CALLS_MAX).await?;
        let live: HashSet<&str> = calls.iter().map(|call| call.id.as_str()).collect();
        self.asked.retain(|id, _| live.contains(id.as_str()));
        self.unknown.retain(|id| live.contains(id.as_str()));
        let mut silent = Vec::new();
        for call in &calls {
            let asked = self.asked.get(&call.id).copied();
            match due(call, asked, now_ms, &self.settings) {
                Due::Nothing => {}
                Due::End => {
                    // Once: a call that cannot be ended here yet is stopped when it can.
                    if self.end(&call.id, "max_duration_reached").await {
                        self.stop(&call.id);
                    }
                }
                Due::Lookup => silent.push((asked, call.id.as_str())),
            }
        }
        // Who was never looked up comes first, then who was longest ago, so that everybody has a turn.
        silent.sort_by_key(|(asked, _)| *asked);
        silent.truncate(LOOKUPS_MAX);
        let asked = silent.iter().map(|(_, id)| ((*id).to_owned(), now_ms));
        self.asked.extend(asked);
        let this = &*self;
        let looks = silent.iter().map(|(_, id)| this.looked_up(id));
        for ((_, id), standing) in silent.iter().zip(join_all(looks).await) {
            if let Some(why) = standing.and_then(|standing| self.over(id, standing)) {
                self.end(id, &why).await;
            }
        }
        Ok(())
    }

    /// How the call stands at Retell, where that can be learned.
    async fn looked_up(&self, call_id: &str) -> Option<Standing> {
        match self.retell.as_ref()?.standing(call_id).await {
            Ok(standing) => Some(standing),
            Err(cause) => {
                tracing::warn!(call_id, "a silent call cannot be looked up: {cause}");
                None
            }
        }
    }

    /// Why the call is over, where it is. One whom Retell does not know yet, or not under this key, is asked for once more.
    fn over(&mut self, call_id: &str, standing: Standing) -> Option<String> {
        match standing {
            Standing::Live => {
                self.unknown.remove(call_id);
                None
            }
            Standing::Over { reason } => Some(reason.unwrap_or_else(|| "ended".to_owned())),
            Standing::Unknown => {
                let is_first = self.unknown.insert(call_id.to_owned());
                (!is_first).then(|| "unknown_to_retell".to_owned())
            }
        }
    }

    /// Ends it at Retell too; the other calls do not wait for that, only their stops.
    fn stop(&self, call_id: &str) {
        let (Some(retell), call_id) = (self.retell.clone(), call_id.to_owned()) else {
            return;
        };
        let stops = Arc::clone(&self.stops);
        tokio::spawn(async move {
            let _place = stops.acquire().await;
            if let Err(cause) = retell.stop(&call_id).await {
                tracing::warn!(call_id, "the call cannot be ended at Retell: {cause}");
            }
        });
    }

    /// Ends it here, and says whether that worked: one that cannot be ended now does not keep the others from it, and is due again
    /// in the next round.
    async fn end(&self, call_id: &str, why: &str) -> bool {
        let reason = format!("reaped: {why}");
        let event = CallEvent {
            kind: EventKind::Reaped,
            name: "call_reaped".to_owned(),
            dedupe_key: format!("call_reaped:{call_id}"),
            facts: Some(CallFacts {
                id: call_id.to_owned(),
                ..CallFacts::default()
            }),
            body: json!({ "event": "call_reaped", "why": why })
                .to_string()
                .into_bytes(),
            disconnection_reason: Some(reason.clone()),
            analysis: None,
        };
        // Nobody delivers this one, and the next round tries again: what it did is kept, not what it wanted to.
        let ended = match self.orchestrator.have_effect(&event).await {
            Err(cause) if cause.is_unreadable() => {
                tracing::error!(call_id, "the call is ended unread: {cause}");
                self.orchestrator.end_unread(call_id, &reason).await
            }
            ended => ended,
        };
        match &ended {
            Ok(()) => {
                metrics::counter!("calls_reaped_total").increment(1);
                tracing::warn!(call_id, why, "ended by the reaper: its end was never told");
            }
            Err(cause) => tracing::warn!(call_id, "the call cannot be ended: {cause}"),
        }
        ended.is_ok()
    }
}

fn due(call: &LiveCall, asked_ms: Option<i64>, now_ms: i64, settings: &retell::Settings) -> Due {
    let most = |ms: u64| i64::try_from(ms).unwrap_or(i64::MAX);
    let age_ms = now_ms.saturating_sub(call.created_at_ms);
    if age_ms > most(settings.call_ms_max).saturating_add(GRACE_MS) {
        return Due::End;
    }
    let heard_ms = asked_ms.map_or(call.updated_at_ms, |asked| asked.max(call.updated_at_ms));
    if now_ms.saturating_sub(heard_ms) > most(settings.silent_ms_max) {
        return Due::Lookup;
    }
    Due::Nothing
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_looked_up_when_silent_and_ended_when_longer_than_a_call_can_be() {
        let settings = retell::Settings::default();
        let (silent, longest) = (120_000, 3_600_000 + GRACE_MS);
        let mut call = LiveCall {
            id: "call_1".to_owned(),
            created_at_ms: 0,
            updated_at_ms: 0,
        };
        for (updated, asked, now, expected) in [
            (0, None, 0, Due::Nothing),
            (0, None, silent, Due::Nothing),
            (0, None, silent + 1, Due::Lookup),
            (0, Some(silent), 2 * silent, Due::Nothing),
            (0, Some(silent), 2 * silent + 1, Due::Lookup),
            (silent, None, silent + 1, Due::Nothing),
            (longest, None, longest, Due::Nothing),
            (longest, None, longest + 1, Due::End),
            // A clock that was set back.
            (0, None, -5, Due::Nothing),
        ] {
            call.updated_at_ms = updated;
            assert_eq!(
                due(&call, asked, now, &settings),
                expected,
                "{updated} {asked:?} {now}"
            );
        }
    }
}
