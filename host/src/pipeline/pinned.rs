//! Which rules live calls are pinned to, on all hosts: counted in the database, so that it is the same after a restart and on every
//! host.
//!
//! What a call's next turn is decided by stands in `pin`; here is only said for how many that is which revision.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

use super::active::Active;
use super::manifest::Pin;
use super::{Error, Pipeline};
use crate::db::PinnedCalls;

/// What is queued for the database is waited for so long; a count may be late by that.
const WRITTEN_WITHIN: Duration = Duration::from_millis(500);
/// How often the gauges are set.
const COUNTED_EVERY: Duration = Duration::from_secs(2);

/// Live calls that are pinned to one revision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Pinned {
    /// Its id.
    pub revision: String,
    /// On all hosts.
    pub calls: u64,
    /// Those among them whose next turn is decided by another revision.
    pub moving: u64,
    /// By which.
    pub moving_to: Option<String>,
}

impl Pinned {
    /// Those that keep it until they end.
    pub(super) fn kept(&self) -> u64 {
        self.calls.saturating_sub(self.moving)
    }
}

impl Pipeline {
    /// Live calls by revision, on all hosts, seen from what is active.
    ///
    /// # Errors
    /// The database's.
    pub(super) async fn pinned(&self, active: &Active) -> Result<Vec<Pinned>, Error> {
        let db = &self.shared.db;
        // Where it cannot be written out there still is a count.
        let _ = tokio::time::timeout(WRITTEN_WITHIN, db.flush()).await;
        let rows = db.pinned_calls().await?;
        let mut pins: BTreeMap<String, Pin> = BTreeMap::new();
        for row in &rows {
            if !pins.contains_key(&row.revision) {
                let pin = self.pin_of(&row.revision).await?;
                pins.insert(row.revision.clone(), pin);
            }
        }
        Ok(counted(rows, active, &pins))
    }

    /// How calls keep a revision, which may not be loaded here.
    async fn pin_of(&self, id: &str) -> Result<Pin, Error> {
        if let Some(revision) = self.shared.shelf.get(id) {
            return Ok(revision.pin);
        }
        let stored = self.shared.db.revision(id).await?;
        let pin = stored.map(|stored| serde_json::from_value(stored.manifest["pin"].clone()));
        Ok(pin.and_then(Result::ok).unwrap_or_default())
    }

    /// Sets the gauges of pinned calls; they stay where the database cannot be asked.
    async fn gauge_pinned(&self) {
        let active = self.active();
        let Ok(pinned) = self.pinned(&active).await else {
            return;
        };
        let is_active = |it: &&Pinned| it.revision == active.revision.id;
        let (on_active, on_retired): (Vec<_>, Vec<_>) = pinned.iter().partition(is_active);
        // Not by revision: their number has no bound, and `pipeline status` names each.
        for (rules, pinned) in [("active", on_active), ("retired", on_retired)] {
            let calls: u64 = pinned.iter().map(|it| it.calls).sum();
            #[expect(clippy::cast_precision_loss, reason = "nobody has that many calls")]
            metrics::gauge!("pipeline_calls_pinned", "rules" => rules).set(calls as f64);
        }
    }
}

/// Counts until the database is closed.
pub(super) async fn run(pipeline: Pipeline) {
    let mut rounds = tokio::time::interval(COUNTED_EVERY);
    rounds.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    while !pipeline.shared.db.is_closed() {
        rounds.tick().await;
        pipeline.gauge_pinned().await;
    }
}

/// By revision. The same as a call's next turn does with its pin: rules that say `pin = "turn"` give way to what is active, and an
/// order for live calls to what was ordered; what is active is never left.
fn counted(rows: Vec<PinnedCalls>, active: &Active, pins: &BTreeMap<String, Pin>) -> Vec<Pinned> {
    let mut all: BTreeMap<String, Pinned> = BTreeMap::new();
    for row in rows {
        let is_for_a_turn = pins.get(&row.revision) == Some(&Pin::Turn);
        let to = if row.revision == active.revision.id {
            None
        } else if is_for_a_turn {
            Some(&active.revision.id)
        } else {
            active
                .ordered(&row.revision, row.activation)
                .map(|order| &order.revision)
                .filter(|to| **to != row.revision)
        };
        let pinned = all.entry(row.revision.clone()).or_insert_with(|| Pinned {
            revision: row.revision,
            calls: 0,
            moving: 0,
            moving_to: None,
        });
        pinned.calls += row.calls;
        if let Some(to) = to {
            pinned.moving += row.calls;
            pinned.moving_to = Some(to.clone());
        }
    }
    all.into_values().collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::revision::Revision;
    use super::*;
    use crate::db::{Activation, By, Repinnings};

    fn active(id: &str, ordered: (&str, i64)) -> Active {
        Active {
            revision: Arc::new(Revision {
                id: id.to_owned(),
                pin: Pin::Call,
                stages: Vec::new(),
                content: serde_json::Value::Null,
            }),
            activation: Activation {
                number: 9,
                revision: id.to_owned(),
                by: By::Operator,
                repins: false,
                who: String::new(),
                why: String::new(),
                at_ms: 0,
            },
            repinnings: Repinnings::for_all(ordered.1, ordered.0, ""),
        }
    }

    fn row(revision: &str, activation: i64, calls: u64) -> PinnedCalls {
        PinnedCalls {
            revision: revision.to_owned(),
            activation,
            calls,
        }
    }

    #[test]
    fn calls_that_were_ordered_to_move_are_told_from_those_that_keep_their_rules() {
        let pins = BTreeMap::from([("turns".to_owned(), Pin::Turn)]);
        let rows = vec![
            row("a", 1, 2),
            row("a", 6, 3),
            row("b", 1, 4),
            row("c", 1, 5),
            row("turns", 6, 1),
        ];
        let found = counted(rows, &active("c", ("b", 5)), &pins);
        let of = |id: &str| found.iter().find(|it| it.revision == id).expect(id);
        let a = of("a");
        assert_eq!(
            (a.calls, a.moving, a.moving_to.as_deref()),
            (5, 2, Some("b"))
        );
        assert_eq!(a.kept(), 3);
        assert_eq!((of("b").calls, of("b").moving), (4, 0));
        assert_eq!((of("c").calls, of("c").moving), (5, 0));
        assert_eq!(of("turns").moving_to.as_deref(), Some("c"));
    }
}
