//! What becomes of words by which whoever speaks may not be the customer: whatever else they mean, the host opens nothing for them.
//! Stands behind all other rules, so that no other meaning of the same words ("what did you say?") hides who says them.

use super::words::Heard;
use super::{Known, aside, speaker};
use crate::bindings::bank::voice::types::{Intent, Pending, Turn};
use crate::bindings::exports::bank::voice::routing::Routed;

// A yes or a no of so few words says nothing of anybody.
const ANSWER_WORDS: usize = 1;

/// What the words were taken for, or that somebody else than the customer says them.
pub fn unless_another<'k>(
    routed: Routed,
    turn: &Turn,
    known: impl FnOnce() -> &'k Known,
) -> Routed {
    let heard = Heard::since_the_reply(turn);
    if !turn.caller.known || is_beyond_doubt(&routed, &heard) {
        return routed;
    }
    let is_another = |known: &Known| {
        speaker::is_another(&heard, known)
            || is_nothing(&routed) && speaker::is_hinted(&heard, known)
    };
    // What the accounts are called only takes doubts away, and a word for a person must not wait for the bank.
    if !is_another(&Known::by_name(turn)) || !is_another(known()) {
        return routed;
    }
    let waiting = match &turn.pending {
        Some(Pending::Confirm(intent) | Pending::StepUp(intent)) => Some(intent),
        Some(Pending::Slot(_)) | None => None,
    };
    let is_open = turn.pending.is_some();
    Routed::Intent(aside::another_caller(match &routed {
        Routed::Intent(intent @ Intent::Human) => Some(intent.clone()),
        Routed::Intent(Intent::Cancel | Intent::Decline) if is_open => Some(Intent::Cancel),
        _ => aside::of(&heard, waiting),
    }))
}

// Nothing is told to whoever takes leave.
fn is_beyond_doubt(routed: &Routed, heard: &Heard) -> bool {
    let is_answer = heard.words.len() <= ANSWER_WORDS
        && matches!(routed, Routed::Intent(Intent::Affirm | Intent::Decline));
    *routed == Routed::Intent(Intent::Goodbye) || is_answer
}

// Whether nothing was understood, or nothing that wants an answer.
fn is_nothing(routed: &Routed) -> bool {
    match routed {
        Routed::Intent(Intent::Unknown) => true,
        Routed::Intent(Intent::Custom(wanted)) => {
            aside::is_no_answer(wanted) && wanted.name != aside::OTHERS_ACCOUNT
        }
        _ => false,
    }
}
