//! One turn: what a plugin is asked about.
//!
//! Made once by the orchestrator from the call and what came in, with what a PIN in it came to; read-only for all stages.

use serde::{Deserialize, Serialize};

use super::session::{Direction, PendingIntent};
use super::trust::Trust;

/// How the turn reached the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Channel {
    /// Spoken words.
    Voice,
    /// A tool call by the provider's model.
    Invocation,
    /// An internal service's request.
    Rest,
}

/// The person on the line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caller {
    /// A customer was found.
    pub known: bool,
    /// For greeting.
    pub name: Option<String>,
    /// In this turn.
    pub trust: Trust,
    /// Seconds since the PIN.
    pub pin_age: Option<u32>,
    /// BCP 47.
    pub language: String,
}

/// A tool call; `arguments` is a JSON object, less any PIN.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invocation {
    /// The function's name.
    pub name: String,
    /// A JSON object.
    pub arguments: String,
}

/// An instant with the bank's local offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instant {
    /// Milliseconds since 1970.
    pub unix_ms: i64,
    /// Minutes east of UTC.
    pub utc_offset_minutes: i32,
}

/// In a turn's `extra`: all that the caller said since the agent's last reply, where the text is only what is new of it. Nobody may
/// have answered the words before: who speaks, and under what pressure, is judged by all.
pub const SAID: &str = "said";

/// In a turn's `extra`: the name of the intent that a yes is to, where the bank has offered one beside what waits.
pub const OFFER: &str = "offer";

/// What a plugin is asked about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    /// The call's id.
    pub call_id: String,
    /// The provider's agent, empty for REST.
    pub agent: String,
    /// Who began the call.
    pub direction: Direction,
    /// The bank's own number, E.164.
    pub line: Option<String>,
    /// Seconds since the call began.
    pub age: u32,
    /// From 1 within the call.
    pub number: u32,
    /// How it came.
    pub channel: Channel,
    /// What was said, less any PIN.
    pub text: String,
    /// A tool call.
    pub invocation: Option<Invocation>,
    /// Who speaks.
    pub caller: Caller,
    /// What earlier turns left open: the question beneath an offer, where there is one.
    pub pending: Option<PendingIntent>,
    /// A yes to exactly this intent.
    pub confirmed: bool,
    /// PIN given, or vouched for.
    pub stepped_up: bool,
    /// Turns in a row not understood; one is counted, too, where an open question was not answered.
    pub misunderstood: u32,
    /// Named texts, such as [`OFFER`].
    #[serde(default)]
    pub extra: Vec<(String, String)>,
    /// When.
    pub now: Instant,
}

/// The name and the text in [`Turn::extra`] where the PIN was given for exactly what is decided, and not for something before it.
const PIN_FOR_THIS: (&str, &str) = ("pin", "for-this");

impl Turn {
    /// The PIN was given for what is decided in this turn.
    pub fn note_pin(&mut self) {
        if !self.has_pin() {
            let (name, text) = PIN_FOR_THIS;
            self.extra.push((name.to_owned(), text.to_owned()));
        }
    }

    /// Whether the PIN was given for what is decided in this turn.
    #[must_use]
    pub fn has_pin(&self) -> bool {
        let mut extra = self.extra.iter();
        extra.any(|(name, text)| (name.as_str(), text.as_str()) == PIN_FOR_THIS)
    }

    /// It was not, for all that is known.
    pub fn forget_pin(&mut self) {
        self.extra.retain(|(name, _)| name != PIN_FOR_THIS.0);
    }
}
