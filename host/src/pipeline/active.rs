//! The active revision of this process: what decides new calls, by which activation, and which calls have to take it.
//!
//! One value, exchanged as a whole (`swap`).

use std::sync::Arc;

use super::revision::Revision;
use crate::db::{Activation, By, Repinning};

/// What decides new calls.
#[derive(Debug, Clone)]
pub struct Active {
    /// The rules.
    pub revision: Arc<Revision>,
    /// How they became active.
    pub activation: Activation,
    /// The newest activation that live calls take at their next turn.
    pub repinning: Repinning,
}

impl Active {
    /// The revision that an operator ordered for the next turn of calls which have seen no later activation than this.
    pub(super) fn ordered(&self, seen: i64) -> Option<&String> {
        (seen < self.repinning.number).then_some(&self.repinning.revision)
    }

    /// Why files that make another revision do not decide.
    pub(super) fn instead(&self) -> String {
        let (id, why) = (&self.revision.id, &self.activation.why);
        match self.activation.by {
            By::Rollback => format!("not active: rolled back to {id} ({why})"),
            By::Folder | By::Operator => format!("not active: {id} is active instead ({why})"),
        }
    }
}
