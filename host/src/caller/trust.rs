//! What each level of trust opens: the host's own decision, before any policy's. Pure.
//!
//! Combined with the policies' decisions like one of them, so a rule can only tighten it.

use crate::call::intent::{Intent, Message};
use crate::call::{Decision, Money, Trust, Turn};

/// What the host itself says to an intent in this turn.
///
/// Invariant: a number alone never opens more than the settings say (`a_known_number_opens_what_the_settings_say_and_no_more`).
#[must_use]
pub fn may(
    turn: &Turn,
    intent: &Intent,
    phone_opens: &[String],
    phone_transfer_max: &Money,
    has_pin: bool,
) -> Decision {
    if !intent.needs_customer() {
        return Decision::Allow(Vec::new());
    }
    if !turn.caller.known {
        return Decision::Deny(Message::plain(
            "caller_unknown",
            "I don't recognise the number you're calling from, so I can't open any account.",
        ));
    }
    let is_open = match turn.caller.trust {
        Trust::Pin | Trust::Trusted => true,
        Trust::Phone => {
            phone_opens.iter().any(|name| name == intent.name()) && fits(intent, phone_transfer_max)
        }
        Trust::Unknown => false,
    };
    match (is_open, has_pin) {
        (true, _) => Decision::Allow(Vec::new()),
        (false, true) => Decision::StepUp(pin_needed()),
        (false, false) => Decision::HandOff(pin_not_enrolled()),
    }
}

/// How the host itself asks for the PIN.
#[must_use]
pub fn pin_needed() -> Message {
    Message::plain(
        "pin_needed",
        "For that I need to be sure it's you. Please tell me your PIN.",
    )
}

/// What whoever has no PIN hears instead.
#[must_use]
pub fn pin_not_enrolled() -> Message {
    Message::plain(
        "pin_not_enrolled",
        "For that I need to be sure it's you. I'll connect you to a colleague.",
    )
}

fn fits(intent: &Intent, transfer_max: &Money) -> bool {
    match intent {
        Intent::Transfer(transfer) => {
            transfer.amount.currency == transfer_max.currency
                && transfer.amount.minor <= transfer_max.minor
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::intent::{Payee, Transfer};
    use crate::call::session::Direction;
    use crate::call::turn::{Caller, Channel, Instant};

    fn turn(known: bool, trust: Trust) -> Turn {
        Turn {
            call_id: "call_1".into(),
            agent: String::new(),
            direction: Direction::Inbound,
            line: None,
            age: 0,
            number: 1,
            channel: Channel::Invocation,
            text: String::new(),
            invocation: None,
            caller: Caller {
                known,
                name: None,
                trust,
                pin_age: None,
                language: "en".into(),
            },
            pending: None,
            confirmed: false,
            stepped_up: false,
            misunderstood: 0,
            extra: Vec::new(),
            now: Instant {
                unix_ms: 0,
                utc_offset_minutes: 0,
            },
        }
    }

    fn transfer(minor: i64) -> Intent {
        Intent::Transfer(Transfer {
            from_account: "checking_1".into(),
            to_account: "savings_1".into(),
            payee: Payee::SameOwner,
            amount: Money::new(minor, "USD"),
            memo: None,
        })
    }

    #[test]
    fn a_known_number_opens_what_the_settings_say_and_no_more() {
        let opens = ["balance".to_owned(), "transfer".to_owned()];
        let max = Money::new(25_000, "USD");
        let ask = |known, trust, intent: &Intent, has_pin| {
            may(&turn(known, trust), intent, &opens, &max, has_pin).name()
        };
        let balance = Intent::Balance("checking_1".into());
        assert_eq!(ask(true, Trust::Phone, &balance, true), "allow");
        assert_eq!(ask(true, Trust::Phone, &Intent::Profile, true), "step-up");
        assert_eq!(ask(true, Trust::Phone, &Intent::Profile, false), "hand-off");
        assert_eq!(ask(true, Trust::Phone, &transfer(25_000), true), "allow");
        assert_eq!(ask(true, Trust::Phone, &transfer(25_001), true), "step-up");
        assert_eq!(ask(true, Trust::Pin, &transfer(25_001), true), "allow");
        assert_eq!(ask(false, Trust::Unknown, &balance, false), "deny");
        assert_eq!(ask(true, Trust::Unknown, &balance, true), "step-up");
        assert_eq!(ask(false, Trust::Unknown, &Intent::Unknown, false), "allow");
    }
}
