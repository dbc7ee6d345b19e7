//! What a turn is asked with, and what it answers: one shape for all three ways in.
//!
//! An ingress makes a [`Request`] from its own wire format and an HTTP answer from an [`Answer`]; it decides nothing.

use serde_json::Value;

use super::listener::Listener;
use crate::call::outcome::Statement;
use crate::call::session::{Direction, Done, Heard, Utterance};
use crate::call::{Intent, Outcome, Reply};

/// What the provider says about the call a request belongs to.
#[derive(Debug, Clone, Default)]
pub struct CallFacts {
    /// The provider's id.
    pub id: String,
    /// The provider's agent.
    pub agent: Option<String>,
    /// Who began it.
    pub direction: Option<Direction>,
    /// The customer's number as the provider gives it.
    pub phone: Option<String>,
    /// The bank's own number.
    pub line: Option<String>,
    /// The websocket that says so; unlike every other, also of the same call.
    pub socket: Option<String>,
    /// Whatever is attached to the call.
    pub metadata: Option<Value>,
    /// The newest utterances, oldest first.
    pub transcript: Vec<Utterance>,
    /// Nobody signed this: a number in it opens nothing.
    pub is_unsigned: bool,
    /// How often the caller has spoken so far; none where the request does not say.
    pub caller_utterances: Option<usize>,
}

/// What is asked.
#[derive(Debug, Clone)]
pub enum Ask {
    /// A tool call of the provider's model.
    Invocation {
        /// The function's name.
        name: String,
        /// Its arguments, PINs still inside.
        arguments: Value,
    },
    /// What was said on the line so far; what is new in it is found out here.
    Utterance {
        /// The whole conversation, oldest first.
        heard: Vec<Heard>,
        /// Where the reply goes.
        listener: Listener,
    },
    /// An internal service's ready intent; it vouches for the caller.
    Rest {
        /// What it wants.
        intent: Intent,
        /// The customer it names itself, where no call does.
        user_id: Option<String>,
        /// Its `Idempotency-Key`.
        idempotency_key: Option<String>,
    },
}

impl Ask {
    /// Whether nobody waits for an answer any more.
    pub(super) fn is_superseded(&self) -> bool {
        match self {
            Self::Utterance { listener, .. } => listener.is_gone(),
            Self::Invocation { .. } | Self::Rest { .. } => false,
        }
    }

    /// Returns once nobody waits for an answer any more.
    pub(super) async fn superseded(&self) {
        match self {
            Self::Utterance { listener, .. } => listener.gone().await,
            Self::Invocation { .. } | Self::Rest { .. } => std::future::pending().await,
        }
    }
}

/// One turn's request.
#[derive(Debug, Clone)]
pub struct Request {
    /// The call.
    pub call: CallFacts,
    /// What is asked.
    pub ask: Ask,
}

/// One turn's answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The name of what was wanted.
    pub intent: String,
    /// What came of it.
    pub outcome: Outcome,
    /// What is said.
    pub reply: Reply,
    /// What earlier turns did that is told only now: for the provider's transcript.
    pub done: Vec<Done>,
    /// All months of an account that was asked about, for a service that wants them all.
    pub months: Vec<Statement>,
    /// The caller was promised to be told what the bank has not said yet.
    pub is_promised: bool,
    /// Whole time in the host.
    pub total_micros: u64,
    /// Of that, waiting for the backend.
    pub backend_micros: u64,
}

/// Why a request has no answer of the rules.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The call cannot take this now; a repeat gets the same answer.
    #[error("the call is in state {state}, in which it takes no {command}")]
    IllegalState {
        /// Where it stands.
        state: &'static str,
        /// What was asked.
        command: &'static str,
    },
    /// No such call, and this command does not open one.
    #[error("there is no call with this id")]
    UnknownCall,
    /// The bank knows no such customer.
    #[error("the bank has no customer with this id")]
    UnknownUser,
    /// The call is another customer's.
    #[error("the call belongs to another customer")]
    OtherUser,
    /// An earlier command to this call has not ended in time; a repeat is safe.
    #[error("the call is busy with an earlier command")]
    Busy,
    /// More is asked for than can be done in time; nothing was changed, and a repeat is safe.
    #[error("too much is asked for at once")]
    Overloaded,
    /// Another host has taken the call over meanwhile, and nothing of this command was kept; a repeat is safe.
    #[error("another host has taken the call over")]
    Overtaken,
    /// The id cannot be meant.
    #[error("the call id is empty, too long or holds characters that no id has")]
    BadCallId,
    /// The bank could not be asked; a repeat is safe.
    #[error("the bank cannot be reached")]
    BackendUnavailable(#[source] crate::backend::Error),
    /// The database could not be asked.
    #[error("the database cannot be used")]
    Database(#[from] crate::db::Error),
    /// The call has heard more since this was asked; it does nothing any more, and a repeat gets the same answer.
    #[error("the caller has said more since this was asked")]
    Outdated,
    /// Nobody waits for the answer any more, and nothing was changed.
    #[error("a newer request took the place of this one")]
    Superseded,
    /// The turn died; a defect of the host's.
    #[error("the turn ended unexpectedly")]
    Lost,
}

impl Error {
    /// Whether what is kept of the call cannot be read, now or ever.
    pub(super) fn is_unreadable(&self) -> bool {
        matches!(self, Self::Database(crate::db::Error::Unreadable(_)))
    }
}

impl From<crate::live::Error> for Error {
    fn from(cause: crate::live::Error) -> Self {
        use crate::live::Error as Live;
        match cause {
            Live::Overtaken => Self::Overtaken,
            // What a lock does not say by itself: without Redis it is the process's own, and settings are read at the start.
            Live::Busy | Live::Unreachable | Live::Settings(_) => Self::Busy,
        }
    }
}
