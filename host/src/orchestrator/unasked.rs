//! What the bank answered after its turn had ended, told without being asked: the caller was promised to be told.
//!
//! It is the same telling as before a later reply (`promise`), and once: what is said here stands in the call as its newest reply,
//! so words that were not heard are told again.

use tokio::time::Instant;

use super::Orchestrator;
use crate::call::session::Spoken;
use crate::call::state::State;
use crate::call::{Call, Reply};

/// What there is to say to a caller who asks for nothing.
#[derive(Debug, PartialEq, Eq)]
pub enum Unasked {
    /// Nothing, and nothing is awaited.
    Nothing,
    /// Nothing yet.
    Later,
    /// This, now.
    Say(Reply),
}

impl Orchestrator {
    /// Looks whether what a call was promised is known by now, where the line is the caller's; what has been given here is taken
    /// for told. Nothing is given to a line that is not the call's any more: it may be half open, and its host not know of the next.
    pub async fn unasked(&self, call_id: &str, socket: &str, until: Instant) -> Unasked {
        let now_ms = self.clock.now().unix_ms;
        // A turn has the call, and tells it itself.
        let Ok(mut held) = self.hold(call_id, now_ms, until).await else {
            return Unasked::Later;
        };
        let call = held.call();
        let is_elsewhere = call
            .socket
            .as_deref()
            .is_some_and(|newest| newest != socket);
        if call.promised.is_empty() || !call.state.is_live() || is_elsewhere {
            self.discard(&mut held);
            return Unasked::Nothing;
        }
        if call.state != State::AwaitingIntent {
            return Unasked::Later;
        }
        if call.spoken.as_ref().is_some_and(Spoken::tells_of_a_change) {
            // Nobody knows here whether that was heard, and it must not be forgotten over this: the next turn knows, and tells both.
            return Unasked::Later;
        }
        let Some(kept) = self.kept_promises(&mut held).await else {
            return Unasked::Later;
        };
        let reply = Reply {
            interruptible: false,
            ..Reply::say(kept)
        };
        let call = held.call();
        call.last_reply = Some(reply.text.clone());
        stand_as_said(call, &reply);
        if let Err(cause) = self.save_or_undo(&mut held, now_ms).await {
            // Nothing is said that a later turn would say again.
            tracing::warn!(call_id, "what is known is told later: {cause}");
            return Unasked::Later;
        }
        Unasked::Say(reply)
    }
}

/// Until it is known that it was heard, the next turn tells it.
fn stand_as_said(call: &mut Call, reply: &Reply) {
    let before = call.dialogue_state();
    let spoken = call.spoken.get_or_insert_with(|| Spoken {
        words: String::new(),
        agent_utterances: 0,
        reply: reply.clone(),
        must_be_heard: true,
        asks: false,
        compared: None,
        done: Vec::new(),
        is_unsaid: false,
        before,
    });
    spoken.reply = reply.clone();
    spoken.must_be_heard = true;
    spoken.asks = false;
    spoken.is_unsaid = false;
    spoken.done.clear();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::outcome::Application;
    use crate::call::session::Done;
    use crate::call::{Failure, Outcome};

    #[test]
    fn what_was_done_is_not_forgotten_over_what_is_told_unasked() {
        let mut call = Call::new("call_1", 0);
        stand_as_said(&mut call, &Reply::say("Done."));
        let tells = |call: &mut Call, outcome: Outcome| {
            let spoken = call.spoken.as_mut().unwrap();
            spoken.done = vec![Done {
                intent: "loan".into(),
                outcome,
            }];
            spoken.tells_of_a_change()
        };
        // The promise itself is done, too: it must not keep its own word back.
        assert!(!tells(&mut call, Outcome::Failed(Failure::Uncertain)));
        let application = Application {
            id: "a".into(),
            status: "received".into(),
            message: String::new(),
        };
        assert!(tells(&mut call, Outcome::Applied(application)));
    }
}
