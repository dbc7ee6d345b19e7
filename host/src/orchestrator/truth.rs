//! What an outcome must say whatever the action made of it. Pure.
//!
//! Stands between an action and the caller: money that moved is said to have moved, a refusal of the ledger is said as one.

use crate::call::intent::Message;
use crate::call::{Failure, Outcome};
use crate::ledger::Written;
use crate::ledger::entry::WRITTEN_OFF;

/// What an action says, held against what was written: a plugin that fails after paying must not make the caller hear a failure,
/// and what the ledger refused is said as a refusal.
pub(super) fn truthful(outcome: Outcome, written: Option<Written>) -> Outcome {
    match (outcome, written) {
        (outcome @ (Outcome::Paid(_) | Outcome::Applied(_)), _) => outcome,
        (_, Some(Written::Paid(payment))) => Outcome::Paid(payment),
        (_, Some(Written::Applied(application))) => Outcome::Applied(application),
        (Outcome::Failed(Failure::NotAllowed(code)), None) => refusal(code),
        (outcome, None) => outcome,
    }
}

fn refusal(code: String) -> Outcome {
    let text = match code.as_str() {
        "over_transfer_max" => "That is more than can be moved by telephone in one go.",
        "over_day_limit" => "That would go over your daily limit for transfers.",
        "over_day_count" => {
            "You have made as many transfers today as can be made by phone within a day."
        }
        "transfer_in_progress" => {
            "That is already on its way, so I have not sent it a second time."
        }
        "idempotency_key_reused" => {
            "That was taken for another request already, so nothing more was done."
        }
        WRITTEN_OFF => "A colleague has checked that with the bank: it was not carried out.",
        _ => return Outcome::Failed(Failure::NotAllowed(code)),
    };
    Outcome::Refused(Message {
        code,
        parameters: Vec::new(),
        text: text.to_owned(),
    })
}
