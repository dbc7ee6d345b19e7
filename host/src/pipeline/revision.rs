//! A revision: an immutable, compiled pipeline.
//!
//! Shared by all calls that it decides; gone when nobody holds it any more.

use std::sync::Arc;

use serde_json::Value;

use super::manifest::Pin;
use super::recipe::Ingredient;
use super::tally::Tally;
use crate::plugin::{Description, Phase, Plugin, StageSettings};

/// What the host itself makes something of, where it is an answer to what is pending.
const RESOLVED: [&str; 4] = ["affirm", "decline", "cancel", "repeat"];

/// One plugin of a revision, ready to be invoked.
#[derive(Debug)]
pub struct Stage {
    /// When it is asked.
    pub phase: Phase,
    /// Its name in the pipeline.
    pub name: String,
    /// sha-256 of the file bytes, hex.
    pub digest: String,
    /// For the guest.
    pub settings: Arc<StageSettings>,
    /// What it says of itself.
    pub description: Description,
    /// The linked component; revisions that agree about it share it.
    pub plugin: Arc<Plugin>,
    /// How often it was asked and failed on this host.
    pub(super) tally: Tally,
    pub(super) made_of: Ingredient,
}

impl Stage {
    fn notes(&self, turn_deadline_ms: Option<u64>) -> Vec<String> {
        let name = &self.name;
        let unused = self.plugin.unused_grants().iter();
        let unused: Vec<String> = unused.map(|grant| format!("`{}`", grant.name())).collect();
        let mut notes = Vec::new();
        if !unused.is_empty() {
            let unused = unused.join(", ");
            notes.push(format!(
                "plugin `{name}` is granted {unused}, which it does not import; take it out of `grants`"
            ));
        }
        if let Some((wanted, pool)) = self.plugin.instances_beyond_the_pool() {
            notes.push(format!(
                "plugin `{name}` may have `instances_max` = {wanted}, but the pool has {pool} places \
                 (`plugin.instances_max`); it may have all of them"
            ));
        }
        let own_ms = self.made_of.limits.deadline_ms;
        if let Some(turn_ms) = turn_deadline_ms.filter(|turn_ms| own_ms > *turn_ms) {
            notes.push(format!(
                "plugin `{name}` may compute for `deadline_ms` = {own_ms}, but a turn ends after {turn_ms} ms \
                 (`turn.deadline_ms`), and this stage with it"
            ));
        }
        notes
    }

    /// Whether this is one of its names: the stage's own, or its plugin's.
    pub(super) fn is_called(&self, name: impl Fn(&str) -> bool) -> bool {
        name(&self.name) || name(self.made_of.component())
    }
}

/// Immutable; shared by all calls that it decides.
#[derive(Debug)]
pub struct Revision {
    /// `r-` and twelve hex digits.
    pub id: String,
    /// How long a call keeps it.
    pub pin: Pin,
    /// In order.
    pub stages: Vec<Stage>,
    /// Manifest, settings and digests, as stored.
    pub content: Value,
}

impl Revision {
    /// A sentence about each thing of one of its stages that is no fault and counts for less than it says. `turn_deadline_ms`: when
    /// a turn ends, where that is known.
    #[must_use]
    pub fn notes_on(&self, stage: &Stage, turn_deadline_ms: Option<u64>) -> Vec<String> {
        let mut notes = stage.notes(turn_deadline_ms);
        let unfulfilled = self.unfulfilled(stage);
        if !unfulfilled.is_empty() {
            notes.push(format!(
                "plugin `{}` names {}, which no action fulfils: whoever wants that hears that it cannot be done; add the action's \
                 stage",
                stage.name,
                unfulfilled.join(", ")
            ));
        }
        notes
    }

    /// What a router can name and no action lists.
    fn unfulfilled(&self, stage: &Stage) -> Vec<String> {
        if stage.phase != Phase::Route {
            return Vec::new();
        }
        let is_listed = |intent: &String| {
            self.phase(Phase::Fulfil)
                .any(|it| it.description.intents.contains(intent))
        };
        let named = stage.description.intents.iter();
        let open = named.filter(|it| !RESOLVED.contains(&it.as_str()) && !is_listed(it));
        open.map(|intent| format!("`{intent}`")).collect()
    }

    /// The stages of one phase, in order.
    pub fn phase(&self, phase: Phase) -> impl Iterator<Item = &Stage> {
        self.stages.iter().filter(move |stage| stage.phase == phase)
    }
}
