//! One transfer against every limit, from the most restrictive answer to the least.
//! The payee was set by the host before this is asked; the caps that come with a leave are checked by the ledger.

use super::limits::{Limits, Payees};
use super::{Bank, say};
use crate::bindings::bank::voice::types::{
    Account, Channel, Message, Money, Payee, Transfer, Turn,
};
use crate::bindings::exports::bank::voice::policy::{Cap, CapScope, Decision};

/// Decides about one transfer.
pub fn decide(turn: &Turn, wanted: &Transfer, limits: &Limits, bank: &impl Bank) -> Decision {
    let accounts = match bank.accounts() {
        Ok(accounts) => accounts,
        Err(_) => return Decision::Deny(say::bank_unavailable()),
    };
    match refusal(wanted, &accounts, limits, bank) {
        None => {}
        Some(Refusal::Whole(refusal)) => return Decision::Deny(refusal),
        Some(Refusal::Amount(refusal)) => {
            return Decision::Deny(say::or_another_amount(refusal, turn.channel));
        }
    }
    if is_for_a_colleague(wanted.amount.minor, limits) {
        return Decision::HandOff(say::amount_needs_human(&wanted.amount));
    }
    // The yes comes before the PIN: nobody gives a PIN for what they did not want, and nothing is allowed until both are there.
    if needs_yes(turn.channel, wanted.amount.minor, limits) && !turn.confirmed {
        return Decision::Confirm(say::confirm_transfer(wanted, &accounts));
    }
    if needs_pin(turn, wanted.amount.minor, limits, bank) {
        return Decision::StepUp(say::pin_needed());
    }
    Decision::Allow(vec![Cap {
        scope: CapScope::Caller,
        window_hours: 24,
        total: Some(Money {
            minor: day_total_max(turn, limits),
            currency: limits.currency.clone(),
        }),
        count: Some(limits.day_count_max),
    }])
}

// Of several calls at once each finds that no PIN is needed for its own; the ledger, which sees them all, lets through what needs none.
fn day_total_max(turn: &Turn, limits: &Limits) -> i64 {
    let without_pin = limits.day_pin_above.filter(|_| !turn.stepped_up);
    without_pin.map_or(limits.day_total_max, |above| {
        above.min(limits.day_total_max)
    })
}

enum Refusal {
    // No other amount would change it.
    Whole(Message),
    // A smaller one may be allowed.
    Amount(Message),
}

// Every reason to say no, in the order in which a caller can do something about it.
fn refusal(
    wanted: &Transfer,
    accounts: &[Account],
    limits: &Limits,
    bank: &impl Bank,
) -> Option<Refusal> {
    let amount = wanted.amount.minor;
    let whole = |message| Some(Refusal::Whole(message));
    if amount <= 0 {
        return whole(say::amount_invalid());
    }
    if wanted.amount.currency != limits.currency {
        return whole(say::currency_not_supported(&limits.currency));
    }
    if !accounts
        .iter()
        .any(|account| account.id == wanted.from_account)
    {
        return whole(say::not_your_account());
    }
    if wanted.from_account == wanted.to_account {
        return whole(say::accounts_same());
    }
    if !payee_fits(wanted, limits) {
        return whole(say::payee_not_allowed(limits.payees));
    }
    match bank.balance(&wanted.from_account) {
        Err(_) => whole(say::bank_unavailable()),
        Ok(balance) if balance.available.currency != wanted.amount.currency => {
            whole(say::currency_not_supported(&balance.available.currency))
        }
        Ok(balance) if balance.available.minor < amount => {
            Some(Refusal::Amount(say::insufficient_funds(wanted, accounts)))
        }
        Ok(_) => over_limit(amount, limits, bank),
    }
}

fn over_limit(amount: i64, limits: &Limits, bank: &impl Bank) -> Option<Refusal> {
    if let Some(max) = limits
        .night_max
        .filter(|max| amount > *max && limits.is_night(bank.hour()))
    {
        return Some(Refusal::Amount(say::night_limit(max, &limits.currency)));
    }
    if is_for_a_colleague(amount, limits) {
        return None;
    }
    if amount > limits.transfer_max {
        let refusal = say::over_transfer_max(limits.transfer_max, &limits.currency);
        return Some(Refusal::Amount(refusal));
    }
    // Said before a yes and a PIN are asked for; what holds is the cap that goes to the ledger.
    let (count, sum) = bank.moved_in_a_day();
    if count >= limits.day_count_max {
        return Some(Refusal::Whole(say::over_day_count()));
    }
    match limits.day_total_max.saturating_sub(sum) {
        left if left >= amount => None,
        left if left > 0 => Some(Refusal::Amount(say::over_day_max())),
        _ => Some(Refusal::Whole(say::over_day_max())),
    }
}

// A colleague takes over instead of a refusal, so the limits on amounts are theirs to apply.
fn is_for_a_colleague(amount: i64, limits: &Limits) -> bool {
    limits.hand_off_above.is_some_and(|above| amount > above)
}

fn payee_fits(wanted: &Transfer, limits: &Limits) -> bool {
    let is_own = wanted.payee == Payee::SameOwner;
    let is_known = wanted.payee == Payee::Known || limits.payees_known.contains(&wanted.to_account);
    match limits.payees {
        Payees::Own => is_own,
        Payees::Known => is_own || is_known,
        Payees::Anyone => true,
    }
}

// By the transfer alone; by what was moved in a day, for three times 200 is 600 however it is asked for; and, where it is large,
// although the PIN was given before: the phone may be in other hands by now.
fn needs_pin(turn: &Turn, amount: i64, limits: &Limits, bank: &impl Bank) -> bool {
    let is_large = limits.pin_each_above.is_some_and(|above| amount > above);
    if is_large && turn.channel != Channel::Rest {
        return !has_pin_for_this(turn);
    }
    let of_a_day = || bank.moved_in_a_day().1.saturating_add(amount);
    let is_day_large = || limits.day_pin_above.is_some_and(|above| of_a_day() > above);
    !turn.stepped_up && (amount > limits.pin_above || is_day_large())
}

fn has_pin_for_this(turn: &Turn) -> bool {
    let mut extra = turn.extra.iter();
    extra.any(|(name, value)| name == "pin" && value == "for-this")
}

// A service that asks over REST has confirmed already; the host says so in the turn.
fn needs_yes(channel: Channel, amount: i64, limits: &Limits) -> bool {
    match channel {
        Channel::Voice => amount > limits.confirm_voice_above,
        Channel::Invocation | Channel::Rest => amount > limits.confirm_invocation_above,
    }
}
