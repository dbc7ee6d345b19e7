//! The shipped rule `transfer-limits`, for transfers, as plain Rust: what the peers of the bench decide, and on what facts.
//!
//! The order of its answers is the plugin's own. Whether both still decide alike is checked by the bench before it measures.

mod facts;
mod limits;

pub use facts::{Account, Answer, Channel, Facts, Kind, Money, Moved, Payee, Transfer};
pub use limits::{Limits, Payees};

/// Decides about one transfer.
#[must_use]
pub fn decide(facts: &Facts, limits: &Limits) -> Answer {
    if let Some(code) = refusal(facts, limits) {
        return Answer::said(Kind::Deny, code);
    }
    let amount = facts.transfer.amount.minor;
    if is_for_a_colleague(amount, limits) {
        return Answer::said(Kind::HandOff, "amount_needs_human");
    }
    let needs_yes = amount
        > match facts.channel {
            Channel::Voice => limits.confirm_voice_above,
            Channel::Invocation => limits.confirm_invocation_above,
        };
    if needs_yes && !facts.confirmed {
        return Answer::said(Kind::Confirm, "confirm_transfer");
    }
    if amount > limits.pin_above && !facts.stepped_up {
        return Answer::said(Kind::StepUp, "pin_needed");
    }
    Answer::allow(limits.day_total_max, limits.day_count_max)
}

fn refusal(facts: &Facts, limits: &Limits) -> Option<&'static str> {
    let transfer = &facts.transfer;
    let amount = transfer.amount.minor;
    if !facts.is_known {
        return Some("caller_unknown");
    }
    if amount <= 0 {
        return Some("amount_invalid");
    }
    if transfer.amount.currency != limits.currency {
        return Some("currency_not_supported");
    }
    let is_own = |account: &Account| account.id == transfer.from_account;
    if !facts.accounts.iter().any(is_own) {
        return Some("not_your_account");
    }
    if transfer.from_account == transfer.to_account {
        return Some("accounts_same");
    }
    if !payee_fits(transfer, limits) {
        return Some("payee_not_allowed");
    }
    if facts.available.currency != transfer.amount.currency {
        return Some("currency_not_supported");
    }
    if facts.available.minor < amount {
        return Some("insufficient_funds");
    }
    if limits.night_max.is_some_and(|max| amount > max) && limits.is_night(facts.hour) {
        return Some("night_limit");
    }
    if is_for_a_colleague(amount, limits) {
        return None;
    }
    if amount > limits.transfer_max {
        return Some("over_transfer_max");
    }
    if facts.moved.count >= limits.day_count_max {
        return Some("over_day_count");
    }
    let sum = facts.moved.sum_minor.saturating_add(amount);
    (sum > limits.day_total_max).then_some("over_day_max")
}

fn is_for_a_colleague(amount: i64, limits: &Limits) -> bool {
    limits.hand_off_above.is_some_and(|above| amount > above)
}

fn payee_fits(transfer: &Transfer, limits: &Limits) -> bool {
    let is_own = transfer.payee == Payee::SameOwner;
    let is_known =
        transfer.payee == Payee::Known || limits.payees_known.contains(&transfer.to_account);
    match limits.payees {
        Payees::Own => is_own,
        Payees::Known => is_own || is_known,
        Payees::Anyone => true,
    }
}
