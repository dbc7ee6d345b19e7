//! What a caller hears where the rules gave no answer: the one mapping from a turn's error to a sentence.
//!
//! Both ways in on which somebody listens say the same, but for what is claimed of money.

use crate::call::outcome::Next;
use crate::call::{Reply, State};
use crate::orchestrator::Error;
use crate::reply;

/// What is said; promises nothing that may not hold.
pub fn reply(cause: &Error) -> Reply {
    match cause {
        Error::IllegalState { state, .. } => Reply {
            // A call that has ended here comes back no other way than as a new one.
            next: if *state == State::CallEnded.as_str() {
                Next::HangUp
            } else {
                Next::Listen
            },
            ..Reply::say(reply::LINE_CLOSED)
        },
        Error::BackendUnavailable(_) => Reply::say(reply::OUT_OF_REACH),
        Error::Database(_) => Reply::say(reply::BOOKS_CLOSED),
        Error::Overloaded => Reply::say(reply::OVERLOADED),
        Error::Busy | Error::Overtaken => Reply::say(reply::ONE_MOMENT),
        Error::Outdated => Reply::say(reply::OUTDATED),
        Error::Lost => reply::unsure(),
        Error::Superseded
        | Error::UnknownCall
        | Error::UnknownUser
        | Error::OtherUser
        | Error::BadCallId => Reply::say(reply::APOLOGY),
    }
}

/// What is said on a line. What a tool call asks for was looked up by then; what is said may have been done at a host that died, so
/// nothing is claimed of it.
pub fn on_the_line(cause: &Error) -> Reply {
    match cause {
        Error::BackendUnavailable(_) => Reply::say(reply::BANK_SILENT),
        Error::Overloaded => Reply::say(reply::CROWDED),
        cause => reply(cause),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turn_that_died_hands_the_caller_to_a_person_and_no_other_does() {
        assert_eq!(reply(&Error::Lost).next, Next::HandOff(None));
        for passing in [Error::Busy, Error::Overloaded] {
            assert_eq!(reply(&passing).next, Next::Listen);
        }
    }
}
