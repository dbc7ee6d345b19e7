//! Tool calls that come late: the provider sends one up to five times, and a copy may arrive after the caller has said more.
//!
//! How often the caller has spoken stands in the signed body and never becomes less. So a tool call that knows of fewer words than the
//! call has heard since is from before: it changes nothing, and puts, answers or drops no question. And a yes that came before the
//! caller could have heard the question is none.

use super::held::Held;
use super::request::{Ask, Error, Request};

/// Takes note of how much the caller has said by now.
///
/// Invariant: what was asked before does nothing any more (`a_late_copy_of_a_tool_call_does_nothing_to_what_came_after_it`).
///
/// # Errors
/// [`Error::Outdated`] where the call has heard more since.
pub(super) fn note(held: &mut Held, request: &Request) -> Result<(), Error> {
    let Ask::Invocation { .. } = &request.ask else {
        return Ok(());
    };
    // The forms without a transcript do not say.
    let Some(now) = request.call.caller_utterances else {
        return Ok(());
    };
    let call = held.call();
    if now < call.caller_utterances {
        return Err(Error::Outdated);
    }
    call.caller_utterances = now;
    if let Some(open) = &mut call.pending {
        open.is_unheard = open.asked_after.is_some_and(|asked| now <= asked);
    }
    Ok(())
}

/// Dates the question that this turn has put, as the provider counts.
pub(super) fn date(held: &mut Held, request: &Request) {
    let now = match &request.ask {
        Ask::Invocation { .. } => request.call.caller_utterances,
        Ask::Utterance { .. } | Ask::Rest { .. } => None,
    };
    let before = held.saved().and_then(|call| call.pending.as_ref());
    let before = before.map(|open| (open.intent.clone(), open.asked.clone()));
    if let Some(open) = &mut held.call().pending
        && before.is_none_or(|(intent, asked)| open.intent != intent || open.asked != asked)
    {
        open.asked_after = now;
    }
}
