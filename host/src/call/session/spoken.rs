//! What the newest spoken turn said and did, until it is known that it was heard.
//!
//! A caller who interrupts, or a line that breaks, takes a reply away: what was only said is taken back with it, what was done is
//! told again.

use serde::{Deserialize, Serialize};

use super::{Outcome, Pending, Reply};

/// What one spoken turn made of what was heard. The provider asks early and again, so until the transcript shows that the reply was
/// heard, the same words may come once more, or more of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spoken {
    /// What the caller had said since the agent's last words, PINs taken out.
    pub words: String,
    /// How often the agent had spoken before that.
    pub agent_utterances: usize,
    /// What was to be said.
    pub reply: Reply,
    /// It says what was changed at the bank in this turn, in an earlier one that was not heard, or since the caller was promised
    /// to be told: until it was heard it is told again, and for the same words nothing is done again. The name on the wire is an
    /// older one: calls survive a restart, and hosts of two versions share them.
    #[serde(rename = "has_changed")]
    pub must_be_heard: bool,
    /// It holds the question of which a yes is awaited.
    #[serde(default)]
    pub asks: bool,
    /// The mark of the PIN that was compared, which counts: never the PIN, and of use to nobody but the host that made it.
    #[serde(default)]
    pub compared: Option<String>,
    /// What was done, for the provider's transcript; told with the reply.
    #[serde(default)]
    pub done: Vec<Done>,
    /// Nobody waited for the reply any more when it was ready.
    pub is_unsaid: bool,
    /// Where the conversation stood before, for when it turns out that the reply was not heard.
    pub before: DialogueState,
}

/// What a turn did at the bank.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// The name of what was wanted.
    pub intent: String,
    /// What came of it.
    pub outcome: Outcome,
}

/// Where a conversation stands between turns.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DialogueState {
    /// What is open.
    pub pending: Option<Pending>,
    /// Turns in a row not understood.
    pub misunderstood: u32,
    /// For `repeat`.
    pub last_reply: Option<String>,
}

impl Spoken {
    /// Whether it tells of something that was changed at the bank.
    #[must_use]
    pub fn tells_of_a_change(&self) -> bool {
        let changed = |done: &Done| matches!(done.outcome, Outcome::Paid(_) | Outcome::Applied(_));
        self.done.iter().any(changed)
    }
}
