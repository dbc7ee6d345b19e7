//! What an utterance is about, from its words alone: an answer to a question, something for the line, or a request.
//! An answer must be nothing but an answer: "yes" inside a longer sentence confirms nothing. "yeah no" is a no.

use super::words::Heard;
use crate::bindings::bank::voice::types::Intent;

/// What is asked for, before its slots are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {
    /// How much there is.
    Balance,
    /// Which accounts there are.
    Accounts,
    /// What moved.
    Statements,
    /// Who the bank thinks the caller is.
    Profile,
    /// Money is to move.
    Transfer,
    /// Money is to be borrowed.
    Loan,
    /// A card is wanted.
    CreditCard,
    /// How far an application is.
    ApplicationStatus,
    /// A transfer is not wanted: "don't transfer anything".
    NoTransfer,
}

const YES: &[&str] = &[
    "yes",
    "yeah",
    "yep",
    "yup",
    "yea",
    "sure",
    "ok",
    "okay",
    "correct",
    "right",
    "confirm",
    "confirmed",
    "absolutely",
    "definitely",
    "affirmative",
    "certainly",
    "exactly",
    "proceed",
];
const YES_PHRASES: &[&str] = &[
    "go ahead",
    "do it",
    "do that",
    "please do",
    "send it",
    "sounds good",
    "looks good",
    "of course",
    "thats fine",
    "i do",
];
const NO: &[&str] = &[
    "no",
    "nope",
    "nah",
    "dont",
    "not",
    "never",
    "negative",
    "wrong",
    "incorrect",
];
const FILLERS: &[&str] = &[
    "please", "thanks", "thank", "you", "it", "that", "thats", "this", "is", "i", "do", "the", "a",
    "so", "well", "uh", "um", "oh", "hm", "and", "then", "now", "just", "all", "looks", "sounds",
    "good", "fine", "great", "perfect", "go", "ahead", "of", "course", "am", "lets", "sir", "maam",
    "send", "very", "much",
];
// Said along with a yes to a transfer that waits for one; without one they may begin a new transfer.
const PENDING_FILLERS: &[&str] = &[
    "transfer", "payment", "pay", "money", "amount", "to", "want", "would", "like", "id", "make",
    "move", "with", "my",
];

/// An utterance that is nothing but an answer or something for the line.
pub fn answer(heard: &Heard, is_confirm_pending: bool) -> Option<Intent> {
    let is_unsure = heard.has_any(&["not sure", "dont know", "no idea"]);
    for_the_line(heard).or_else(|| yes_or_no(heard, is_confirm_pending).filter(|_| !is_unsure))
}

/// Whether the utterance begins with a yes.
pub fn begins_with_yes(heard: &Heard) -> bool {
    YES.contains(&heard.text(0))
}

/// Whether a no is in the utterance, for a question that waits for one: a doubt must not confirm.
pub fn has_no(heard: &Heard) -> bool {
    heard.has_any(NO) && !heard.has_any(&["not sure", "dont know", "no idea", "no problem"])
}

fn for_the_line(heard: &Heard) -> Option<Intent> {
    let has = |phrases: &[&str]| heard.has_any(phrases);
    let person = has(&[
        "human",
        "representative",
        "real person",
        "a person",
        "operator",
        "live agent",
        "an agent",
        "customer service",
        "advisor",
        "speak to someone",
        "talk to someone",
        "speak with someone",
        "transfer me",
        "put me through",
        "connect me",
        "agent please",
        "speak to an employee",
    ]) || heard.words.len() == 1 && has(&["agent", "person", "someone"]);
    if person {
        return Some(Intent::Human);
    }
    let is_negated = has(&["dont cancel", "not cancel", "dont stop"]);
    let is_other_thing = has(&["card", "account", "check", "appointment", "subscription"]);
    if !is_negated
        && !is_other_thing
        && has(&["cancel", "never mind", "nevermind", "forget it", "abort"])
        || heard.words.len() <= 2 && has(&["stop"]) && !is_negated
    {
        return Some(Intent::Cancel);
    }
    let bye = has(&[
        "bye",
        "goodbye",
        "good bye",
        "hang up",
        "nothing else",
        "end the call",
        "end call",
        "have a nice day",
        "have a good day",
        "that will be all",
        "thatll be all",
        "im done",
        "thats all",
        "that is all",
        "thats it",
    ]);
    if bye && heard.words.len() <= 8 {
        return Some(Intent::Goodbye);
    }
    let again = has(&[
        "say that again",
        "say it again",
        "repeat that",
        "repeat it",
        "come again",
        "pardon",
        "repeat please",
        "please repeat",
        "what did you say",
        "didnt catch",
        "didnt hear",
        "one more time",
        "can you repeat",
        "could you repeat",
    ]) || heard.words.len() == 1 && has(&["repeat", "again", "sorry", "what"]);
    let is_payment = has(&["transfer", "payment", "send", "pay", "move"]);
    (again && !is_payment).then_some(Intent::Repeat)
}

fn yes_or_no(heard: &Heard, is_confirm_pending: bool) -> Option<Intent> {
    let text = |at: usize| heard.text(at);
    let is_idiom = |at: usize| text(at) == "no" && matches!(text(at + 1), "problem" | "worries");
    let is_known = |at: usize| {
        let word = text(at);
        YES.contains(&word)
            || NO.contains(&word)
            || FILLERS.contains(&word)
            || is_confirm_pending && PENDING_FILLERS.contains(&word)
            || matches!(word, "problem" | "worries") && at > 0 && is_idiom(at - 1)
    };
    let places = || 0..heard.words.len();
    // "is that right" asks.
    if heard.words.is_empty() || text(0) == "is" || !places().all(is_known) {
        return None;
    }
    if places().any(|at| NO.contains(&text(at)) && !is_idiom(at)) {
        return Some(Intent::Decline);
    }
    let has_yes = places().any(|at| YES.contains(&text(at)));
    (has_yes || heard.has_any(YES_PHRASES)).then_some(Intent::Affirm)
}

/// What the utterance asks for.
pub fn request(heard: &Heard) -> Option<Request> {
    let has = |phrases: &[&str]| heard.has_any(phrases);
    let is_card = has(&[
        "credit card",
        "new card",
        "a card",
        "gold card",
        "platinum card",
    ]);
    let is_loan = has(&["loan", "loans", "borrow", "mortgage", "borrowing"]);
    let is_application = is_card || is_loan || has(&["application", "applications"]);
    let asks_state = has(&[
        "status",
        "approved",
        "progress",
        "heard back",
        "update on",
        "how is my",
        "hows my",
        "what happened to",
        "decision on",
        "gone through",
    ]);
    if is_application && asks_state || has(&["application status", "status of my application"]) {
        return Some(Request::ApplicationStatus);
    }
    if let Some(transfer) = transfer(heard) {
        return Some(transfer);
    }
    let wants = has(&[
        "apply",
        "want",
        "get",
        "need",
        "new",
        "open",
        "request",
        "like",
        "borrow",
        "take out",
        "order",
        "interested",
        "a loan",
        "car loan",
        "home loan",
    ]);
    if is_card && wants {
        return Some(Request::CreditCard);
    }
    if is_loan && wants {
        return Some(Request::Loan);
    }
    let moved = [
        "statement",
        "statements",
        "transactions",
        "transaction",
        "account activity",
        "recent activity",
        "did i spend",
        "have i spent",
        "account history",
        "transaction history",
    ];
    if has(&moved) {
        return Some(Request::Statements);
    }
    let owned = [
        "balance",
        "balances",
        "how much do i have",
        "how much money",
        "how much is in",
        "how much is left",
        "how much have i",
        "whats in my",
        "what is in my",
        "what do i have",
        "how much i have",
    ];
    if has(&owned) {
        return Some(Request::Balance);
    }
    if has(&[
        "profile",
        "my address",
        "my email",
        "my phone number",
        "my details",
        "my personal",
        "on file",
    ]) {
        return Some(Request::Profile);
    }
    has(&["my accounts", "accounts", "what accounts", "list accounts"]).then_some(Request::Accounts)
}

fn transfer(heard: &Heard) -> Option<Request> {
    const VERBS: &[&str] = &[
        "transfer", "move", "send", "wire", "pay", "put", "shift", "take",
    ];
    const OWNED: &[&str] = &[
        "my", "the", "that", "last", "this", "any", "recent", "your", "pending",
    ];
    const ASKS: &[&str] = &[
        "did", "was", "has", "didnt", "wasnt", "hasnt", "why", "when", "get", "my next",
    ];
    let verb_at = (0..heard.words.len()).find(|at| {
        let is_noun = *at > 0 && OWNED.contains(&heard.text(*at - 1));
        VERBS.contains(&heard.text(*at)) && !is_noun
    });
    let made = [
        "make a payment",
        "make a transfer",
        "transferring",
        "sending money",
    ];
    // A question about a transfer that was, not the wish for one.
    if heard.has_any(ASKS) && !heard.has("to get") {
        return None;
    }
    let at = match verb_at {
        Some(at) if heard.has_any(&["take out", "put in for"]) && is_weak(heard.text(at)) => {
            heard.has_any(&["from my", "out of"]).then_some(at)?
        }
        Some(at) => at,
        None if heard.has_any(&made) => return Some(Request::Transfer),
        None => return None,
    };
    let negated = (at.saturating_sub(4)..at)
        .any(|before| matches!(heard.text(before), "dont" | "not" | "never"));
    if negated {
        return Some(Request::NoTransfer);
    }
    // "put" and "take" are said about many things; about money, an amount or a place goes with them.
    let has_place = heard.has_any(&["from", "into", "in", "to", "out of"]);
    (!is_weak(heard.text(at)) || has_place && heard.words.len() > 3).then_some(Request::Transfer)
}

fn is_weak(verb: &str) -> bool {
    matches!(verb, "put" | "take")
}

#[cfg(test)]
mod tests;
