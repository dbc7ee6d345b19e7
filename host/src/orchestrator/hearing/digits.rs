//! Digits without a word where nobody asked for any: mostly a PIN that comes too soon, and sometimes an amount.
//!
//! They are neither: the question is asked again, and what they were stands nowhere.

use super::{agents_words, callers_words};
use crate::call::intent::Question;
use crate::call::session::{Heard, Pending, PendingIntent};
use crate::call::{Call, Draft, pin};
use crate::reply;

/// What is said to digits that nobody asked for.
const ONLY_DIGITS: &str = "I heard digits that I had not asked for.";
/// And to those that may have been meant as an amount.
const WITH_UNIT: &str = "For money, please say it with dollars.";
/// What is a sum, which is said: a PIN is what is keyed.
const SUMS: [&str; 2] = ["amount", "credit_limit"];
/// What only words answer, of the drafts that the contract has. A bank's own question may well ask for digits.
const WORD_SLOTS: [&str; 5] = [
    "from_account",
    "to_account",
    "account_id",
    "card_type",
    "purpose",
];

/// What is said to digits without a word where a yes or no is awaited, a name, or nothing, and to keyed ones at a sum, before what is
/// open is asked again: a PIN that nobody has asked for must be no amount and no name, and an amount no try. The word for a PIN is
/// not in it, or the next digits would be one.
pub(super) fn unasked(call: &Call, text: &str, is_keyed: bool) -> Option<String> {
    let open = call.pending.as_ref().map(Pending::question);
    if call.is_doubted {
        // They have heard that nothing is told or moved without it.
        return None;
    }
    let said = match open.map(|open| &open.intent) {
        None => vec![ONLY_DIGITS, WITH_UNIT, reply::HOW_CAN_I_HELP],
        Some(PendingIntent::Confirm(_)) => vec![ONLY_DIGITS, WITH_UNIT],
        Some(PendingIntent::Slot(question)) if is_among(&WORD_SLOTS, question) => vec![ONLY_DIGITS],
        Some(PendingIntent::Slot(question)) if is_keyed && is_among(&SUMS, question) => {
            vec![ONLY_DIGITS, WITH_UNIT]
        }
        Some(PendingIntent::Slot(_) | PendingIntent::StepUp(_)) => return None,
    };
    pin::is_alone(text).then(|| said.join(" "))
}

/// Whether it asks for one of these slots of a draft that the contract has.
fn is_among(slots: &[&str], question: &Question) -> bool {
    !matches!(question.draft, Draft::Custom(_)) && slots.contains(&question.slot.as_str())
}

/// Whether the caller's newest words are nothing but what could be a PIN: behind a doubt it may come at any time, and a year in a
/// sentence must be no try.
pub(super) fn are_only_pin(heard: &[Heard]) -> bool {
    let newest = heard.rsplit(|item| agents_words(item).is_some()).next();
    newest.is_some_and(|newest| pin::is_alone(&callers_words(newest)))
}

/// Whether there is nothing but keys that were pressed.
pub(super) fn are_keyed(heard: &[Heard]) -> bool {
    let is_word = |item: &Heard| matches!(item, Heard::Caller(text) if !text.trim().is_empty());
    heard.iter().any(|item| matches!(item, Heard::Digit(_))) && !heard.iter().any(is_word)
}
