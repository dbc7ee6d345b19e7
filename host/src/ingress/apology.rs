//! What a caller hears where the rules gave no answer: the one mapping from a turn's error to a sentence.
//!
//! Both ways in on which somebody listens say the same.

use crate::orchestrator::Error;
use crate::reply;

/// The sentence; promises nothing that may not hold.
pub fn sentence(cause: &Error) -> &'static str {
    match cause {
        Error::IllegalState { .. } => reply::LINE_CLOSED,
        Error::BackendUnavailable(_) => reply::OUT_OF_REACH,
        Error::Database(_) => reply::BOOKS_CLOSED,
        Error::Busy | Error::Overtaken => reply::ONE_MOMENT,
        Error::Lost => reply::UNSURE,
        Error::Superseded
        | Error::UnknownCall
        | Error::UnknownUser
        | Error::OtherUser
        | Error::BadCallId => reply::APOLOGY,
    }
}
