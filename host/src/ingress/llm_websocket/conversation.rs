//! What the tasks of one line share: the process's parts, which call it is, the way out.
//!
//! Once per socket.

use std::sync::Arc;

use super::line::Line;
use crate::call::session::Utterance;
use crate::ingress::Shared;
use crate::orchestrator::CallFacts;

/// What the tasks of one line share.
#[derive(Debug)]
pub struct Conversation {
    /// The process's.
    pub shared: Arc<Shared>,
    /// From the address.
    pub call_id: String,
    /// Unlike that of every other line, on whichever host.
    pub socket: String,
    /// The way out.
    pub line: Line,
}

impl Conversation {
    /// What this line says of its call.
    pub fn facts(&self, transcript: Vec<Utterance>) -> CallFacts {
        CallFacts {
            id: self.call_id.clone(),
            is_unsigned: !self.shared.is_sandbox,
            socket: Some(self.socket.clone()),
            transcript,
            ..CallFacts::default()
        }
    }
}
