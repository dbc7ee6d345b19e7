//! What is active although a rollback took it back before, a revision or a part of it: allowed, since a person may want it, and said.
//!
//! A folder that shows other good files in between offers it again, and one in which it still stands does at its next change; so does
//! whoever activates it by its name.

use serde::Serialize;

use super::Pipeline;
use super::active::Active;
use super::change::HISTORY_MAX;
use super::history;
use super::revision::Revision;
use crate::db::{Activation, By, Proposal};

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
    /// What of that which a rollback has just taken back comes with this revision, by name; none where nothing does, or the database
    /// cannot be asked.
    pub(super) async fn brought_back(&self, active: &Active, coming: &Revision) -> Option<String> {
        if active.activation.by != By::Rollback {
            return None;
        }
        let db = &self.shared.db;
        let activations = db.activations(HISTORY_MAX).await.ok()?;
        let taken_back = history::taken_back(&activations);
        let here = &active.revision.content;
        let comes = history::differences(here, &coming.content);
        let mut back = Vec::new();
        for revision in taken_back.get(&active.activation.number)? {
            let gone = db.revision(revision).await.ok()??;
            let gone = history::differences(here, &gone.manifest);
            back.extend(gone.into_iter().filter(|it| comes.contains(it)));
        }
        let mut names: Vec<&str> = back.iter().map(|it| it.what.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        (!names.is_empty()).then(|| names.join(", "))
    }

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
