//! A revision: an immutable, compiled pipeline.
//!
//! Its id is a digest of everything that decides: manifest, settings and the components' digests. So two hosts that read the same
//! files agree on the id, and a restart with unchanged files continues the same revision.

use std::sync::Arc;

use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::manifest::{Manifest, Pin, StageSpec};
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
    /// The component itself, for the registry.
    pub bytes: Arc<[u8]>,
    /// For the guest.
    pub settings: Arc<Map<String, Value>>,
    /// What it says of itself.
    pub description: Description,
    /// The linked component.
    pub plugin: Plugin,
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
    pub(super) fn new(manifest: &Manifest, stages: Vec<Stage>) -> Self {
        let content = content(manifest, &stages);
        let digest = hex::encode(Sha256::digest(content.to_string()));
        Self {
            id: format!("r-{}", &digest[..12]),
            pin: manifest.pin,
            stages,
            content,
        }
    }

    /// The stages of one phase, in order.
    pub fn phase(&self, phase: Phase) -> impl Iterator<Item = &Stage> {
        self.stages.iter().filter(move |stage| stage.phase == phase)
    }
}

/// Canonical: `serde_json` keeps object keys sorted.
fn content(manifest: &Manifest, stages: &[Stage]) -> Value {
    let stages: Vec<Value> = manifest
        .stages
        .iter()
        .zip(stages)
        .map(|(spec, stage): (&StageSpec, &Stage)| {
            json!({
                "phase": spec.phase,
                "plugin": spec.plugin,
                "digest": stage.digest,
                "version": stage.description.version,
                "grants": spec.grants,
                "limits": spec.limits,
                "settings": spec.settings,
            })
        })
        .collect();
    json!({ "pin": manifest.pin, "stages": stages })
}
