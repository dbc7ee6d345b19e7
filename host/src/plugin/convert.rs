//! Between the contract's generated types and the domain's.
//!
//! To a guest nothing can be wrong; from a guest everything is checked against the contract's bounds, like any input. Whether an
//! account is the caller's is not known here.

mod from_guest;
mod to_guest;

pub(super) use from_guest::{credit_card, decision, loan, outcome, reply, routed, transfer};
pub(super) use to_guest::{
    account as account_to_guest, application as application_to_guest, balance as balance_to_guest,
    failure as failure_to_guest, intent as intent_to_guest, money as money_to_guest,
    outcome as outcome_to_guest, payment as payment_to_guest, profile as profile_to_guest,
    reply as reply_to_guest, statement as statement_to_guest, turn,
};

#[cfg(test)]
mod tests;
