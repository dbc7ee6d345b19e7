//! Tool calls that come late: the provider sends one up to five times, and a copy may arrive after the caller has said more.
//!
//! How often the caller has spoken stands in the signed body and never becomes less. So a tool call that knows of fewer words than the
//! call has heard since is from before: it changes nothing, and puts, answers or drops no question. And a yes that came before the
//! caller could have heard the question is none. Questions to the bank are answered all the same, and whoever wants a person gets one.

use super::held::Held;
use super::request::{Ask, Request};
use crate::call::Intent;

/// Takes note of how much the caller has said by now, or that the call has heard more since.
pub(super) fn note(held: &mut Held, request: &Request) {
    let Ask::Invocation { .. } = &request.ask else {
        return;
    };
    // The forms without a transcript do not say.
    let Some(now) = request.call.caller_utterances else {
        return;
    };
    let call = held.call();
    if now < call.caller_utterances {
        held.is_outdated = true;
        return;
    }
    call.caller_utterances = now;
    let is_turned_away = call
        .pending
        .as_ref()
        .is_some_and(|open| open.was_turned_away(now));
    if let Some(open) = &mut call.pending
        && let Some(asked) = open.asked_after
    {
        open.is_unheard = now <= asked;
    }
    held.is_turned_away = is_turned_away;
}

/// Whether what rules take a late tool call for may be done all the same: it asks, or wants a person, and leaves what is open.
///
/// Invariant: nothing else of what was asked before is done (`a_late_copy_of_a_tool_call_does_nothing_to_what_came_after_it`).
pub(super) fn is_harmless(intent: &Intent) -> bool {
    let is_answer = matches!(
        intent,
        Intent::Affirm | Intent::Decline | Intent::Cancel | Intent::Repeat
    );
    !intent.is_write() && !is_answer && !matches!(intent, Intent::Custom(_))
}

/// Dates the question that this turn has put, as the provider counts, also where it has put one anew that stood before: a copy of the
/// wish for it brings no yes of the caller's.
pub(super) fn date(held: &mut Held, request: &Request) {
    let now = match &request.ask {
        Ask::Invocation { .. } => request.call.caller_utterances,
        Ask::Utterance { .. } | Ask::Rest { .. } => None,
    };
    let before = held.saved().and_then(|call| call.pending.clone());
    if let Some(open) = &mut held.call().pending
        && before.is_none_or(|before| !before.is_left_as(open))
    {
        open.asked_after = now;
    }
}
