//! The effect of an event: the call that it changed, what it tells of the call's end, and that it was had, in one commit.
//!
//! A host that dies leaves all of it or nothing, so no event has its effect a second time.

use serde_json::Value;

use super::NewEvent;
use super::calls::Ending;
use crate::call::Call;

/// What an event does besides changing its call.
#[derive(Debug, Clone, PartialEq)]
pub struct Effect {
    /// What it tells of the call's end, where it tells of it.
    pub end: Option<End>,
    /// How it is known to have been had.
    pub mark: Mark,
    /// When it was had.
    pub at_ms: i64,
}

/// What is told of a call's end; what is known already and not told again stays.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct End {
    /// Why.
    pub reason: Option<String>,
    /// What the provider made of the call.
    pub analysis: Option<Value>,
}

/// How an event is known to have had its effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mark {
    /// It waits in the inbox under this key.
    Waiting(String),
    /// It is the host's own, and kept only now.
    New(NewEvent),
}

/// An effect with its call, as the writer takes it.
#[derive(Debug)]
pub(super) struct Had {
    pub(super) call: Call,
    pub(super) ending: Option<Ending>,
    pub(super) mark: Mark,
    pub(super) at_ms: i64,
}

impl Had {
    pub(super) fn new(call: &Call, effect: Effect) -> Self {
        let ending = effect.end.map(|end| Ending {
            call_id: call.id.clone(),
            reason: end.reason,
            analysis: end.analysis,
            at_ms: effect.at_ms,
        });
        Self {
            call: call.clone(),
            ending,
            mark: effect.mark,
            at_ms: effect.at_ms,
        }
    }
}
