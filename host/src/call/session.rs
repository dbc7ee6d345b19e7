//! A call as the host knows it between turns: who calls, how far they are trusted, what is pending, which revision decides.
//!
//! Plain data. `live` keeps it while the call is open, `db` keeps it for good, the orchestrator changes it.

mod pending;
mod spoken;

use serde::{Deserialize, Serialize};

pub use pending::{Pending, PendingIntent};
pub use spoken::{DialogueState, Done, Spoken};

use super::outcome::{Outcome, Reply};
use super::state::State;
use super::trust::Trust;

/// Promises that one call keeps; more than anybody makes.
const PROMISES_MAX: usize = 8;

/// The provider's id of a call; opaque.
pub type CallId = String;

/// Who began the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// The customer dialled.
    Inbound,
    /// The bank dialled.
    Outbound,
    /// Over the web, without a number; REST calls too.
    Web,
}

impl Direction {
    /// The name on the wire and in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Inbound => "inbound",
            Self::Outbound => "outbound",
            Self::Web => "web",
        }
    }

    /// The direction of that name; anything else is the web.
    #[must_use]
    pub fn from_name(name: &str) -> Self {
        match name {
            "inbound" => Self::Inbound,
            "outbound" => Self::Outbound,
            _ => Self::Web,
        }
    }
}

/// The customer of this call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// The bank's id.
    pub id: String,
    /// For greeting.
    pub name: Option<String>,
}

/// A call between turns.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// The provider's id.
    pub id: CallId,
    /// Where it stands.
    pub state: State,
    /// The provider's agent.
    pub agent: String,
    /// Who began it.
    pub direction: Direction,
    /// The bank's own number, E.164.
    pub line: Option<String>,
    /// The customer's number, E.164.
    pub phone: Option<String>,
    /// The customer, once found.
    pub user: Option<User>,
    /// Between turns at most `pin`.
    pub trust: Trust,
    /// When the PIN was given.
    pub pin_at_ms: Option<i64>,
    /// The revision that decides this call; set by its first turn.
    pub revision: Option<String>,
    /// The number of the activation that was the newest when the call took that revision: a later one may want it to take another.
    pub activation: i64,
    /// Turns so far.
    pub turns: u32,
    /// Turns in a row not understood.
    pub misunderstood: u32,
    /// What is open.
    pub pending: Option<Pending>,
    /// For `repeat`.
    pub last_reply: Option<String>,
    /// What the newest tool calls that changed something were answered, so that a repeated delivery gets the same answer.
    pub answered: Vec<Answered>,
    /// Whether the caller was greeted, by whichever host.
    pub greeted: bool,
    /// The websocket on which the caller was last heard: only there is anything said unasked.
    #[serde(default)]
    pub socket: Option<String>,
    /// Ledger keys of writes that the bank had not answered when their turns ended: what came of them is still to be told.
    #[serde(default)]
    pub promised: Vec<String>,
    /// Whether something was changed at the bank in this call, and nothing else was cancelled since: what a "cancel" would mean.
    #[serde(default)]
    pub has_changed: bool,
    /// Somebody has said on this line that they are not the customer, and has given no PIN since.
    #[serde(default)]
    pub is_doubted: bool,
    /// The caller seems to have been talked into moving money.
    #[serde(default)]
    pub is_pressed: bool,
    /// How often the caller has spoken, as the newest tool call says: one that knows of less is from before.
    #[serde(default)]
    pub caller_utterances: usize,
    /// The mark of the newest wrong PIN of a tool call: delivered again it does not count again.
    #[serde(default)]
    pub wrong_pin: Option<String>,
    /// What the newest spoken turn said, until it is known that it was heard.
    pub spoken: Option<Spoken>,
    /// The newest utterances, oldest first.
    pub transcript: Vec<Utterance>,
    /// Whatever the provider attached to the call.
    pub metadata: serde_json::Value,
    /// When the host first heard of it.
    pub created_at_ms: i64,
    /// Its last change.
    pub updated_at_ms: i64,
    /// Counts its saves: what is older than what is kept is not kept.
    #[serde(default)]
    pub version: i64,
}

/// The answer to one tool call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answered {
    /// What makes the call this one and no other.
    pub key: String,
    /// An answer to a question, such as a yes or a PIN, which may be given to another one too.
    #[serde(default, alias = "is_undated")]
    pub is_bare: bool,
    /// The ledger key of what it changed, or should have.
    #[serde(default)]
    pub ledger_key: Option<String>,
    /// What came of it.
    pub outcome: Outcome,
    /// What was said.
    pub reply: Reply,
}

/// One thing that was heard on the line, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// The agent's words.
    Agent(String),
    /// The caller's words, PINs still inside.
    Caller(String),
    /// A key that the caller pressed.
    Digit(char),
}

/// Something that was said; PINs taken out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Utterance {
    /// By the agent; otherwise by the caller.
    pub by_agent: bool,
    /// What.
    pub text: String,
}

impl Call {
    /// Keeps in mind that what came of this key is still to be told.
    pub fn promise(&mut self, key: String) {
        if self.promised.len() < PROMISES_MAX && !self.promised.contains(&key) {
            self.promised.push(key);
        }
    }

    /// Where the conversation stands.
    #[must_use]
    pub fn dialogue_state(&self) -> DialogueState {
        DialogueState {
            pending: self.pending.clone(),
            misunderstood: self.misunderstood,
            last_reply: self.last_reply.clone(),
        }
    }

    /// Takes the conversation back to where it stood.
    pub fn restore_dialogue(&mut self, at: DialogueState) {
        self.pending = at.pending;
        self.misunderstood = at.misunderstood;
        self.last_reply = at.last_reply;
        if self.is_doubted {
            self.prove_first();
        }
    }

    /// Nothing of what was said or asked before is said again until a PIN is given.
    pub fn prove_first(&mut self) {
        self.last_reply = None;
        self.pending = self.pending.take().and_then(Pending::proved_first);
    }

    /// Makes the call this customer's. Of one before nothing may reach them: neither money nor words.
    ///
    /// Invariant: what was one customer's is never another's (`nothing_of_a_customer_is_left_to_the_next`).
    pub fn belongs_to(&mut self, user: User) {
        if self
            .user
            .as_ref()
            .is_some_and(|before| before.id != user.id)
        {
            self.forget_customer();
        }
        self.user = Some(user);
    }

    /// Every field is named, so that whoever adds one has to say whose it is.
    fn forget_customer(&mut self) {
        let Self {
            user,
            trust,
            pin_at_ms,
            misunderstood,
            pending,
            last_reply,
            answered,
            promised,
            has_changed,
            is_doubted,
            is_pressed,
            wrong_pin,
            spoken,
            transcript,
            metadata,
            // The line's and the host's.
            id: _,
            state: _,
            agent: _,
            direction: _,
            line: _,
            phone: _,
            revision: _,
            activation: _,
            turns: _,
            greeted: _,
            socket: _,
            caller_utterances: _,
            created_at_ms: _,
            updated_at_ms: _,
            version: _,
        } = self;
        *user = None;
        *trust = Trust::Unknown;
        *pin_at_ms = None;
        *misunderstood = 0;
        *pending = None;
        *last_reply = None;
        answered.clear();
        promised.clear();
        *has_changed = false;
        *is_doubted = false;
        *is_pressed = false;
        *wrong_pin = None;
        *spoken = None;
        transcript.clear();
        *metadata = serde_json::Value::Object(serde_json::Map::new());
    }

    /// A call that nothing is known of yet.
    #[must_use]
    pub fn new(id: impl Into<CallId>, now_ms: i64) -> Self {
        Self {
            id: id.into(),
            state: State::AwaitingCall,
            agent: String::new(),
            direction: Direction::Web,
            line: None,
            phone: None,
            user: None,
            trust: Trust::Unknown,
            pin_at_ms: None,
            revision: None,
            activation: 0,
            turns: 0,
            misunderstood: 0,
            pending: None,
            last_reply: None,
            answered: Vec::new(),
            greeted: false,
            socket: None,
            promised: Vec::new(),
            has_changed: false,
            is_doubted: false,
            is_pressed: false,
            caller_utterances: 0,
            wrong_pin: None,
            spoken: None,
            transcript: Vec::new(),
            metadata: serde_json::Value::Object(serde_json::Map::new()),
            created_at_ms: now_ms,
            updated_at_ms: now_ms,
            version: 0,
        }
    }
}

#[cfg(test)]
mod tests;
