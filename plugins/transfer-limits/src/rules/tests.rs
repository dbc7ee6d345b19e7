//! What the policy answers to reads, transfers and applications, limit by limit.
//! The sample caller has two accounts and enough money; each test changes one thing.

mod settings;
mod transfers;

use super::*;
use crate::bindings::bank::voice::types::{
    Call, Caller, Channel, CreditCard, CustomIntent, Direction, Loan, Money, Payee, Transfer, Trust,
};
use ::settings::Reader;

struct Sample {
    accounts: Result<Vec<Account>, Failure>,
    available: Result<i64, Failure>,
    moved: (u32, i64),
    hour: u32,
}

fn account(id: &str, kind: &str) -> Account {
    Account {
        id: id.into(),
        kind: kind.into(),
        nickname: None,
        currency: "USD".into(),
    }
}

impl Bank for Sample {
    fn accounts(&self) -> Result<Vec<Account>, Failure> {
        self.accounts.clone()
    }
    fn balance(&self, id: &str) -> Result<Balance, Failure> {
        self.available.clone().map(|minor| Balance {
            account: account(id, ""),
            available: usd(minor),
        })
    }
    fn moved_in_a_day(&self) -> (u32, i64) {
        self.moved
    }
    fn hour(&self) -> u32 {
        self.hour
    }
}

fn alice() -> Sample {
    Sample {
        accounts: Ok(vec![
            account("checking_1", "checking"),
            account("savings_1", "savings"),
        ]),
        available: Ok(100_000_000),
        moved: (0, 0),
        hour: 12,
    }
}

fn usd(minor: i64) -> Money {
    Money {
        minor,
        currency: "USD".into(),
    }
}

fn turn() -> Turn {
    Turn {
        call: Call {
            id: "call_1".into(),
            agent: String::new(),
            direction: Direction::Inbound,
            line: None,
            age: 1,
        },
        number: 1,
        channel: Channel::Voice,
        text: String::new(),
        invocation: None,
        caller: Caller {
            known: true,
            name: None,
            trust: Trust::Phone,
            pin_age: None,
            language: "en-US".into(),
        },
        pending: None,
        confirmed: false,
        stepped_up: false,
        misunderstood: 0,
        extra: Vec::new(),
    }
}

fn cleared() -> Turn {
    Turn {
        confirmed: true,
        stepped_up: true,
        ..turn()
    }
}

fn wanted(minor: i64) -> Transfer {
    Transfer {
        from_account: "checking_1".into(),
        to_account: "savings_1".into(),
        payee: Payee::SameOwner,
        amount: usd(minor),
        memo: None,
    }
}

fn limits(text: &str) -> Limits {
    let mut reader = Reader::from_object(text, &Limits::KEYS);
    let limits = Limits::read(&mut reader);
    assert_eq!(reader.problems(), []);
    limits
}

fn answer(decision: &Decision) -> String {
    let (kind, say) = match decision {
        Decision::Allow(_) => return "allow".into(),
        Decision::Confirm(say) => ("confirm", say),
        Decision::StepUp(say) => ("step-up", say),
        Decision::HandOff(say) => ("hand-off", say),
        Decision::Deny(say) => ("deny", say),
    };
    assert!(
        say.text.split_whitespace().count() < 30 && say.text.len() <= 600,
        "{}",
        say.text
    );
    format!("{kind} {}", say.code)
}

fn at(turn: &Turn, wanted: Transfer, settings: &str, bank: &Sample) -> String {
    answer(&decide(
        turn,
        &Intent::Transfer(wanted),
        &limits(settings),
        bank,
    ))
}

#[test]
fn an_unknown_caller_reaches_no_account() {
    let mut stranger = cleared();
    stranger.caller.known = false;
    stranger.caller.trust = Trust::Unknown;
    let loan = Loan {
        amount: usd(5),
        purpose: "car".into(),
        years: 1,
    };
    for intent in [
        Intent::Balance("checking_1".into()),
        Intent::Accounts,
        Intent::Profile,
        Intent::Transfer(wanted(100)),
        Intent::Loan(loan),
        Intent::ApplicationStatus("a".into()),
    ] {
        let decision = decide(&stranger, &intent, &limits("{}"), &alice());
        assert_eq!(answer(&decision), "deny caller_unknown", "{intent:?}");
    }
    let custom = Intent::Custom(CustomIntent {
        name: "opening-hours".into(),
        slots: Vec::new(),
    });
    for intent in [Intent::Goodbye, Intent::Human, Intent::Unknown, custom] {
        assert_eq!(
            decide(&stranger, &intent, &limits("{}"), &alice()),
            Decision::Allow(Vec::new())
        );
    }
}

#[test]
fn reads_are_allowed_to_a_known_caller() {
    for intent in [
        Intent::Balance("x".into()),
        Intent::Accounts,
        Intent::Profile,
        Intent::Repeat,
    ] {
        assert_eq!(
            decide(&turn(), &intent, &limits("{}"), &alice()),
            Decision::Allow(Vec::new())
        );
    }
}

#[test]
fn applications_need_a_yes_and_a_pin_as_the_settings_say() {
    let loan = Intent::Loan(Loan {
        amount: usd(500_000),
        purpose: "car".into(),
        years: 5,
    });
    let card = Intent::CreditCard(CreditCard {
        kind: "gold".into(),
        limit: usd(500_000),
    });
    let yes = Turn {
        confirmed: true,
        ..turn()
    };
    for (turn, intent, settings, expected) in [
        (turn(), &loan, "{}", "confirm confirm_loan"),
        (turn(), &card, "{}", "confirm confirm_credit_card"),
        (yes.clone(), &loan, "{}", "step-up pin_needed"),
        (yes, &loan, r#"{"applications_pin": false}"#, "allow"),
        (
            turn(),
            &card,
            r#"{"applications_confirm": false}"#,
            "step-up pin_needed",
        ),
        (cleared(), &card, "{}", "allow"),
    ] {
        let decision = decide(&turn, intent, &limits(settings), &alice());
        assert_eq!(answer(&decision), expected, "{settings}");
    }
}
