//! The active revision of this process: what decides new calls, by which activation, and which calls have to take it.
//!
//! One value, exchanged as a whole (`swap`).

use std::sync::Arc;

use super::revision::Revision;
use crate::db::{Activation, By, Repinning, Repinnings};

/// What decides new calls.
#[derive(Debug, Clone)]
pub struct Active {
    /// The rules.
    pub revision: Arc<Revision>,
    /// How they became active.
    pub activation: Activation,
    /// What live calls were ordered to take at their next turn.
    pub repinnings: Repinnings,
}

impl Active {
    /// What an operator ordered for the next turn of calls that are pinned to this and have seen no later activation.
    pub(super) fn ordered(&self, pinned: &str, seen: i64) -> Option<&Repinning> {
        self.repinnings.ordered(pinned, seen)
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
