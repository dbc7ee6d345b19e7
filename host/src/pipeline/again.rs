//! A revision that is active although a rollback took it back before: allowed, since a person may want it, and said.
//!
//! A folder that shows other good files in between offers it again; so does whoever activates it by its name.

use serde::Serialize;

use super::Pipeline;
use crate::db::{Activation, Proposal};

/// That a revision was taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TakenBack {
    /// When.
    pub at_ms: i64,
    /// Why.
    pub why: String,
}

impl From<Proposal> for TakenBack {
    fn from(rejection: Proposal) -> Self {
        Self {
            at_ms: rejection.at_ms,
            why: rejection.reason.unwrap_or_default(),
        }
    }
}

impl Pipeline {
    /// When and why a rollback took this revision back last; none where none did, or the database cannot be asked.
    pub(super) async fn taken_back(&self, revision: &str) -> Option<TakenBack> {
        let found = self.shared.db.rejection(revision).await.ok()?;
        found.map(TakenBack::from)
    }

    /// Says so in the log, where that is what was made active.
    pub(super) async fn warn_of_taken_back(&self, activation: &Activation) {
        let Some(before) = self.taken_back(&activation.revision).await else {
            return;
        };
        let at = jiff::Timestamp::from_millisecond(before.at_ms).unwrap_or_default();
        tracing::warn!(
            revision = activation.revision,
            by = activation.by.name(),
            "This revision is active again and was taken back before, at {at:.0}: {}",
            before.why
        );
    }
}
