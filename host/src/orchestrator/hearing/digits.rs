//! Digits without a word where nobody asked for any: mostly a PIN that comes too soon, and sometimes an amount.
//!
//! They are neither: the question is asked again, and what they were stands nowhere.

use crate::call::intent::Question;
use crate::call::session::{Pending, PendingIntent};
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
    if call.is_doubted() {
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
