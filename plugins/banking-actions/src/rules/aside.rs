//! The sentences for what is said beside banking; the router names each of these as an intent of our own. None asks the bank for
//! anything. Where a question waits, the host asks it again behind the sentence, and counts that it was not answered.

use super::say::{connecting, human_requested, message};
use crate::bindings::bank::voice::types::{CustomIntent, Outcome, Turn};

/// What comes of an intent of our own; none where it is not one.
pub fn answer(turn: &Turn, wanted: &CustomIntent) -> Option<Outcome> {
    let said = |code, text| Some(Outcome::Said(message(code, text)));
    match wanted.name.as_str() {
        "help" => said(
            "what_can_be_done",
            "I can tell you a balance, read a statement, make a transfer, or connect you to a colleague.",
        ),
        "greeting" => said("greeted", "Hello. How can I help you today?"),
        "stay" if turn.pending.is_none() => said(
            "still_here",
            "All right, I am still here. What can I do for you?",
        ),
        "stay" => said("still_here", "All right, I am still here."),
        "unheard" => said(
            "unheard",
            "Sorry, I could not hear that. Please say it again, or say agent for a colleague.",
        ),
        "unclear-answer" => said("unclear_answer", "Please say yes or no."),
        "one-at-a-time" => said("one_at_a_time", "Let us do one thing after the other."),
        "transfer-later" => said(
            "transfer_later",
            "I can move money only now and only once. I cannot set up standing orders or transfers for another day.",
        ),
        "others-account" => said(
            "others_account",
            "I can only tell you about your own accounts.",
        ),
        "another-caller" if has(wanted, "wish", "human") => {
            Some(Outcome::HandedOff(human_requested(turn)))
        }
        "another-caller" if has(wanted, "answer", "cancel") => said(
            "another_caller",
            "All right, that is dropped. I will need the PIN of this account before I tell or move anything.",
        ),
        "another-caller" => said(
            "another_caller",
            "All right. I will need the PIN of this account before I tell or move anything.",
        ),
        "who-speaks" => said(
            "automated",
            "I am an automated assistant of the bank. Say agent, and I connect you to a colleague.",
        ),
        "thanks" => said(
            "welcome",
            "You are welcome. Is there anything else I can do for you?",
        ),
        "transfer-again" => said(
            "transfer_again",
            "Nothing was moved again. For one more transfer, please say how much, from which account and to which.",
        ),
        _ => with_a_colleague(turn, wanted),
    }
}

// What only a person can do something about.
fn with_a_colleague(turn: &Turn, wanted: &CustomIntent) -> Option<Outcome> {
    let said = |code, text| Some(Outcome::Said(message(code, text)));
    match wanted.name.as_str() {
        "card-help" if waits(turn, wanted) => said(
            "card_help",
            "I am sorry to hear that. Say agent, and a colleague blocks your card at once.",
        ),
        "card-help" => Some(offered(
            turn,
            wanted,
            "card_help_offered",
            "I am sorry. A colleague can block your card or see what is wrong with it. Shall I connect you now?",
        )),
        "fraud-help" if waits(turn, wanted) => said(
            "fraud_help",
            "I am sorry to hear that. Say agent, and a colleague looks into it at once.",
        ),
        "fraud-help" => Some(offered(
            turn,
            wanted,
            "fraud_help_offered",
            "I am sorry. A colleague has to look into that at once. Shall I connect you now?",
        )),
        "forgotten-pin" => Some(offered(
            turn,
            wanted,
            "pin_help_offered",
            "I cannot see or change your PIN. Shall I connect you to a colleague?",
        )),
        "pin-refused" => Some(offered(
            turn,
            wanted,
            "pin_refused",
            "You can also enter your PIN on your phone's keys. Or shall I connect you to a colleague?",
        )),
        "colleague-needed" => Some(offered(
            turn,
            wanted,
            "colleague_needed",
            "That I cannot do here, but a colleague can. Shall I connect you?",
        )),
        "change-details" => Some(offered(
            turn,
            wanted,
            "details_help_offered",
            "I cannot change that here. Shall I connect you to a colleague?",
        )),
        _ => None,
    }
}

// Money waits for its own yes, and another question must not take that yes.
fn waits(turn: &Turn, wanted: &CustomIntent) -> bool {
    !turn.confirmed && not_made(wanted).is_some()
}

fn has(wanted: &CustomIntent, slot: &str, value: &str) -> bool {
    let mut slots = wanted.slots.iter();
    slots.any(|(name, said)| name == slot && said == value)
}

fn not_made(wanted: &CustomIntent) -> Option<&str> {
    let slot = wanted.slots.iter().find(|(name, _)| name == "not_made");
    slot.map(|(_, what)| what.as_str())
}

// A colleague can do it; a yes to the offer connects the caller, who is told what was waiting beneath the offer and is dropped.
fn offered(turn: &Turn, wanted: &CustomIntent, code: &str, text: &str) -> Outcome {
    if !turn.confirmed {
        return Outcome::Confirmation(message(code, text));
    }
    Outcome::HandedOff(connecting(not_made(wanted)))
}
