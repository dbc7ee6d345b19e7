//! What a caller is told when a thing did not happen: true, without jargon, with what can be done next.
//! The bank's own reasons and ids are never part of it.

use crate::bindings::bank::voice::types::Failure;

/// The sentence for a failure; one whose question `is_open` already asks none of its own.
pub fn say(failure: &Failure, is_open: bool) -> &'static str {
    match failure {
        Failure::NotFound(what) => match what.as_str() {
            "account" if is_open => "I could not find that account.",
            "account" => "I could not find that account. Which account do you mean?",
            "statement" | "month" => "I have no statement for that month.",
            "application" => "I could not find that application.",
            "user" | "caller" => "I could not find a customer with your number.",
            _ => "I could not find that.",
        },
        Failure::NotAllowed(_) => "I am not able to do that for you in this call.",
        Failure::InsufficientFunds => {
            "There is not enough money in that account, so nothing was moved."
        }
        Failure::Rejected(_) => "The bank did not accept that. A colleague can tell you why.",
        Failure::Unavailable => {
            "I cannot reach the bank right now, and nothing was changed. Please try again in a moment."
        }
        // It may have happened: "failed" would be a guess, and a second try could pay twice.
        Failure::Uncertain => {
            "That is being processed. I will confirm it as soon as the bank answers."
        }
        Failure::Unsupported => "I cannot do that here. Is there anything else I can do for you?",
    }
}
