//! The active revision of this process: what decides new calls, by which activation, and which calls have to take it.
//!
//! One value, exchanged as a whole (`swap`).

use std::sync::Arc;

use super::revision::Revision;
use crate::db::{Activation, Repinning};

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
