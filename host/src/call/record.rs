//! The decision record of one turn: everything that a later replay needs, bit for bit.
//!
//! Inputs, revision and digests, every stage with what it was given and what it answered, every host call with its answer, the
//! decision, the reply and the timings. PINs never enter. `db` stores the facts openly and the payloads sealed.

use serde::{Deserialize, Serialize};

use super::json::Json;
use super::turn::Turn;

/// The reason of a decision that a failed policy led to.
pub const POLICY_FAILED: &str = "policy_failed";

/// One host function that a plugin called. The same read goes to the bank once in a turn, and is recorded once in each stage that asks
/// for it, so that a stage can be replayed alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HostCall {
    /// `accounts.get-balance`.
    pub function: String,
    /// As called.
    pub arguments: Json,
    /// As answered: `{"ok": …}` or `{"error": …}`.
    pub answer: Json,
    /// How long the host took.
    pub micros: u64,
    /// An earlier stage had asked the same, and nobody was asked again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub from_memory: bool,
}

impl HostCall {
    /// Whether it is this that was asked.
    #[must_use]
    pub fn asks(&self, function: &str, arguments: &Json) -> bool {
        self.function == function && self.arguments == *arguments
    }
}

/// One stage that ran.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StageRecord {
    /// `route`, `decide`, `fulfil`, `shape`.
    pub phase: String,
    /// The plugin's name in the pipeline.
    pub plugin: String,
    /// sha-256 of the component's file bytes.
    pub digest: String,
    /// What it was asked besides the turn: the intent, or the outcome with the draft.
    pub input: Json,
    /// What it answered.
    pub output: Json,
    /// Why it failed, if it did.
    pub failure: Option<String>,
    /// All that the host answered it, in order.
    pub host_calls: Vec<HostCall>,
    /// Wall time, waiting included.
    pub micros: u64,
}

/// A call that had to take other rules than those it was pinned to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repinned {
    /// What it was pinned to.
    pub from: String,
    /// Why that did not last.
    pub why: String,
}

/// One turn, complete.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DecisionRecord {
    /// Unique in time order.
    pub id: String,
    /// The turn as every plugin saw it.
    pub turn: Turn,
    /// The revision that decided.
    pub revision: String,
    /// Why it is not the one that the call was pinned to, where it is not.
    #[serde(default)]
    pub repinned: Option<Repinned>,
    /// Name of the intent after resolution against what was pending.
    pub intent: String,
    /// `allow`, `confirm`, `step-up`, `hand-off`, `deny`; none where no policy was asked.
    pub decision: Option<String>,
    /// The reason code of a decision that did not allow.
    pub reason: Option<String>,
    /// The stable code of the outcome.
    pub outcome: String,
    /// The outcome whole.
    pub outcome_value: Json,
    /// What was said.
    pub reply: String,
    /// Stages in the order in which they ran.
    pub stages: Vec<StageRecord>,
    /// The ledger row that this turn wrote, if any.
    pub transfer_id: Option<String>,
    /// The whole turn, request to reply.
    pub total_micros: u64,
    /// Of that, waiting for the backend.
    pub backend_micros: u64,
    /// When it began.
    pub at_ms: i64,
}
