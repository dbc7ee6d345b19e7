//! A revision: an immutable, compiled pipeline.
//!
//! Shared by all calls that it decides; gone when nobody holds it any more.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::manifest::Pin;
use super::recipe::Ingredient;
use crate::plugin::{Description, Phase, Plugin};

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
    pub settings: Arc<Map<String, Value>>,
    /// What it says of itself.
    pub description: Description,
    /// The linked component; revisions that agree about it share it.
    pub plugin: Arc<Plugin>,
    pub(super) made_of: Ingredient,
}

impl Stage {
    /// A sentence about grants that the plugin does not use; none where it uses all.
    #[must_use]
    pub fn note(&self) -> Option<String> {
        let unused = self.plugin.unused_grants();
        let names: Vec<String> = unused
            .iter()
            .map(|grant| format!("`{}`", grant.name()))
            .collect();
        (!names.is_empty()).then(|| {
            format!(
                "plugin `{}` is granted {}, which it does not import; take it out of `grants`",
                self.name,
                names.join(", ")
            )
        })
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
    /// The stages of one phase, in order.
    pub fn phase(&self, phase: Phase) -> impl Iterator<Item = &Stage> {
        self.stages.iter().filter(move |stage| stage.phase == phase)
    }
}
