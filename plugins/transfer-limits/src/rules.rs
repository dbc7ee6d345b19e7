//! May it happen? Reads need a known caller, transfers pass every limit in turn, applications need a yes and a PIN.
//! The most restrictive answer comes first: denials, then a colleague, then the questions, then leave with the caps of the day.
//! Pure: what the rules need from the host comes through `Bank`.

mod limits;
mod say;
mod transfer;

pub use limits::Limits;

use crate::bindings::bank::voice::types::{Account, Balance, Failure, Intent, Message, Turn};
use crate::bindings::exports::bank::voice::policy::Decision;

/// What the rules ask the host for.
pub trait Bank {
    /// The caller's accounts.
    fn accounts(&self) -> Result<Vec<Account>, Failure>;
    /// The balance of one of them.
    fn balance(&self, account: &str) -> Result<Balance, Failure>;
    /// How many transfers the caller made in the last 24 hours, and their sum in minor units.
    fn moved_in_a_day(&self) -> (u32, i64);
    /// The hour of the bank's local time.
    fn hour(&self) -> u32;
}

/// Decides about one intent.
pub fn decide(turn: &Turn, intent: &Intent, limits: &Limits, bank: &impl Bank) -> Decision {
    match intent {
        Intent::Balance(_)
        | Intent::Accounts
        | Intent::Statements(_)
        | Intent::Profile
        | Intent::Transfer(_)
        | Intent::Loan(_)
        | Intent::CreditCard(_)
        | Intent::ApplicationStatus(_)
            if !turn.caller.known =>
        {
            Decision::Deny(say::caller_unknown())
        }
        Intent::Transfer(wanted) => transfer::decide(turn, wanted, limits, bank),
        Intent::Loan(loan) => apply(turn, limits, say::confirm_loan(loan)),
        Intent::CreditCard(card) => apply(turn, limits, say::confirm_credit_card(card)),
        Intent::Balance(_)
        | Intent::Accounts
        | Intent::Statements(_)
        | Intent::Profile
        | Intent::ApplicationStatus(_)
        | Intent::Affirm
        | Intent::Decline
        | Intent::Cancel
        | Intent::Repeat
        | Intent::Human
        | Intent::Goodbye
        | Intent::Unknown
        | Intent::Custom(_) => Decision::Allow(Vec::new()),
    }
}

/// The answer when the settings cannot be read: nothing is allowed.
pub fn settings_invalid() -> Decision {
    Decision::Deny(say::settings_invalid())
}

// The yes comes before the PIN: nobody gives a PIN for what they did not want, and nothing is allowed until both are there.
fn apply(turn: &Turn, limits: &Limits, confirmation: Message) -> Decision {
    if limits.applications_confirm && !turn.confirmed {
        Decision::Confirm(confirmation)
    } else if limits.applications_pin && !turn.stepped_up {
        Decision::StepUp(say::pin_needed())
    } else {
        Decision::Allow(Vec::new())
    }
}

#[cfg(test)]
mod tests;
