//! Turns and callers for the tests of the routing rules, and the tables of what people and tool calls say.
//! The caller of the sample world has a checking and a savings account; the day is fixed.

mod answers;
mod asides;
mod at_the_pin;
mod callers;
mod choices;
mod colleague;
mod doubt;
mod doubts;
mod invocations;
mod misheard;
mod never;
mod offers;
mod past;
mod pending;
mod pressure;
mod refused;
mod relative;
mod stops;
mod transfers;
mod utterances;

use super::*;
use crate::bindings::bank::voice::types::{
    Call, Caller, Channel, CustomIntent, Direction, Draft, Invocation, Payee, Pending, Question,
    Transfer, TransferDraft, Trust,
};

pub fn account(id: &str, kind: &str, nickname: Option<&str>) -> Account {
    Account {
        id: id.into(),
        kind: kind.into(),
        nickname: nickname.map(String::from),
        currency: "USD".into(),
    }
}

pub const TODAY: Moment = Moment {
    year: 2026,
    month: 11,
    day: 22,
    hour: 12,
};

pub fn known(accounts: &[Account]) -> Known {
    Known {
        accounts: accounts.to_vec(),
        reachable: true,
        today: TODAY,
        currency: "USD".into(),
        accounts_listed_max: 3,
        caller: Some("Alice Johnson".into()),
    }
}

/// A caller of the sample world.
pub struct Sample {
    pub accounts: Result<Vec<Account>, Failure>,
    pub said_before: Vec<&'static str>,
    pub last_reply: Option<&'static str>,
}

impl Bank for Sample {
    fn accounts(&self) -> Result<Vec<Account>, Failure> {
        self.accounts.clone()
    }
    fn today(&self) -> Moment {
        TODAY
    }
    fn said_before(&self) -> Vec<String> {
        self.said_before
            .iter()
            .map(|said| (*said).to_owned())
            .collect()
    }
    fn last_reply(&self) -> Option<String> {
        self.last_reply.map(String::from)
    }
}

pub fn alice() -> Sample {
    let accounts = vec![
        account("checking_1", "checking", None),
        account("savings_1", "savings", None),
    ];
    Sample {
        accounts: Ok(accounts),
        said_before: Vec::new(),
        last_reply: None,
    }
}

pub fn turn(text: &str, pending: Option<Pending>) -> Turn {
    Turn {
        call: Call {
            id: "call_1".into(),
            agent: "agent_1".into(),
            direction: Direction::Inbound,
            line: None,
            age: 5,
        },
        number: 1,
        channel: Channel::Voice,
        text: text.into(),
        invocation: None,
        caller: Caller {
            known: true,
            name: Some("Alice Johnson".into()),
            trust: Trust::Phone,
            pin_age: None,
            language: "en-US".into(),
        },
        pending,
        confirmed: false,
        stepped_up: false,
        misunderstood: 0,
        extra: Vec::new(),
    }
}

pub fn preferences() -> Preferences {
    Preferences {
        currency: "USD".into(),
        accounts_listed_max: 3,
    }
}

pub fn says(bank: &Sample, text: &str, pending: Option<Pending>) -> Routed {
    route(&turn(text, pending), &preferences(), bank)
}

pub fn hear(text: &str) -> Routed {
    says(&alice(), text, None)
}

pub fn invoke_at(bank: &Sample, name: &str, arguments: &str) -> Routed {
    let invocation = Invocation {
        name: name.into(),
        arguments: arguments.into(),
    };
    let turn = Turn {
        invocation: Some(invocation),
        channel: Channel::Invocation,
        ..turn("", None)
    };
    route(&turn, &preferences(), bank)
}

pub fn invoke(name: &str, arguments: &str) -> Routed {
    invoke_at(&alice(), name, arguments)
}

pub fn usd(minor: i64) -> Money {
    Money {
        minor,
        currency: "USD".into(),
    }
}

pub fn transfer(from: &str, to: &str, minor: i64) -> Transfer {
    let payee = if to.ends_with("_1") {
        Payee::SameOwner
    } else {
        Payee::FirstTime
    };
    Transfer {
        from_account: from.into(),
        to_account: to.into(),
        payee,
        amount: usd(minor),
        memo: None,
    }
}

/// The transfer of a routed intent.
pub fn moved(from: &str, to: &str, minor: i64) -> Routed {
    Routed::Intent(Intent::Transfer(transfer(from, to, minor)))
}

pub fn draft(from: Option<&str>, to: Option<&str>, minor: Option<i64>) -> TransferDraft {
    TransferDraft {
        from_account: from.map(String::from),
        to_account: to.map(String::from),
        amount: minor.map(usd),
        memo: None,
    }
}

/// One of our own intents, without slots.
/// One of the router's own intents, with what it says of the open question.
pub fn own(name: &str) -> Intent {
    let answer = match name {
        "unclear-answer" | "others-account" => Some("none"),
        "stay" | "unheard" => Some("unheard"),
        _ => None,
    };
    let slot = answer.map(|answer| ("answer".to_owned(), answer.to_owned()));
    Intent::Custom(CustomIntent {
        name: name.into(),
        slots: slot.into_iter().collect(),
    })
}

/// What waits for a yes.
pub fn confirms(from: &str, to: &str, minor: i64) -> Option<Pending> {
    Some(Pending::Confirm(Intent::Transfer(transfer(
        from, to, minor,
    ))))
}

/// The code and the draft of a question.
pub fn asked(routed: Routed) -> (String, Draft) {
    match routed {
        Routed::Ask(question) => {
            assert!(question.say.text.ends_with('?'), "{}", question.say.text);
            assert!(
                question.say.text.split_whitespace().count() < 30,
                "{}",
                question.say.text
            );
            assert!(question.say.code.starts_with(&question.slot));
            (question.say.code, question.draft)
        }
        other => panic!("expected a question, got {other:?}"),
    }
}

pub fn asks_for(routed: Routed) -> String {
    asked(routed).0
}

pub fn slot_question(draft: Draft, slot: &str) -> Option<Pending> {
    match question::ask(draft, slot, &question::Why::Needed, &known(&[])) {
        Routed::Ask(Question { draft, slot, say }) => {
            Some(Pending::Slot(Question { draft, slot, say }))
        }
        _ => None,
    }
}

/// What is said where a slot of a transfer was asked for.
pub fn answer(draft: TransferDraft, slot: &str, text: &str) -> Routed {
    says(&alice(), text, slot_question(Draft::Transfer(draft), slot))
}
