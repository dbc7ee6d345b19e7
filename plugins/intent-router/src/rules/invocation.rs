//! Tool calls of the voice provider's own model: a function's name and its arguments become an intent with slots.
//! Every argument may be absent; one of the wrong type or without sense is asked for, never guessed. An unknown name is passed on.

use super::account::{self, Target};
use super::amount::{self, Doubt};
use super::application::{self, CardSlots, LoanSlots, years_slot};
use super::question::{Slot, Why, ask};
use super::read::{self, Reading};
use super::transfer::{Slots, amount_slot, destination, not_found, note_of, source};
use super::words::Heard;
use super::{Known, month, plain};
use crate::bindings::bank::voice::types::{Draft, Intent, Invocation, Money, Pending};
use crate::bindings::exports::bank::voice::routing::Routed;
use serde_json::{Map, Value};

/// Routes a tool call; the accounts are only asked for where a function needs them.
pub fn route(
    invocation: &Invocation,
    pending: Option<&Pending>,
    known: impl FnOnce() -> Known,
) -> Routed {
    let arguments = Arguments::new(&invocation.arguments);
    let draft = match pending {
        Some(Pending::Slot(question)) => Some(&question.draft),
        _ => None,
    };
    match invocation.name.as_str() {
        "check_balance" => read_account(Reading::Balance, &arguments, &known()),
        "get_statements" => statements(&arguments, &known()),
        "transfer_funds" => transfer(&arguments, draft, &known()),
        "apply_loan" => loan(&arguments, draft, &known()),
        "apply_credit_card" => credit_card(&arguments, draft, &known()),
        "application_status" => application_status(&arguments, &known()),
        "list_accounts" => plain(Intent::Accounts),
        "get_profile" => plain(Intent::Profile),
        "confirm" | "affirm" => plain(Intent::Affirm),
        "decline" => plain(Intent::Decline),
        "cancel" => plain(Intent::Cancel),
        "repeat" => plain(Intent::Repeat),
        "human" | "transfer_to_human" => plain(Intent::Human),
        "goodbye" | "end_call" => plain(Intent::Goodbye),
        _ => Routed::Pass,
    }
}

/// One argument.
enum Given {
    Absent,
    /// A text, or the very digits of a number.
    Text(String),
    /// A truth value, a list or an object where a text or a number belongs.
    Senseless,
}

struct Arguments(Map<String, Value>);

impl Arguments {
    // Arguments that are no object name nothing: every slot is then asked for.
    fn new(text: &str) -> Self {
        match serde_json::from_str(text) {
            Ok(Value::Object(values)) => Self(values),
            _ => Self(Map::new()),
        }
    }

    fn get(&self, name: &str) -> Given {
        match self.0.get(name) {
            None | Some(Value::Null) => Given::Absent,
            Some(Value::String(text)) if text.trim().is_empty() => Given::Absent,
            Some(Value::String(text)) => Given::Text(text.trim().to_owned()),
            Some(Value::Number(number)) => Given::Text(number.to_string()),
            Some(Value::Bool(_) | Value::Array(_) | Value::Object(_)) => Given::Senseless,
        }
    }

    // None where the argument is absent and an earlier turn's slot stays.
    fn amount(&self, name: &str, known: &Known) -> Option<Slot<Money>> {
        let is_number = matches!(self.0.get(name), Some(Value::Number(_)));
        let reading = match self.get(name) {
            Given::Absent => return None,
            Given::Senseless => Err(Doubt::Invalid),
            // A number alone says nothing of euros.
            Given::Text(_) if !self.is_in_currency(known) => Err(Doubt::Currency),
            Given::Text(token) if is_number => {
                let minor = speech::money::from_decimal(&token, &known.currency);
                minor.ok().filter(|minor| *minor > 0).ok_or(Doubt::Invalid)
            }
            Given::Text(text) => amount::of_text(&text, &known.currency),
        };
        Some(amount_slot(reading, known))
    }

    // By its code, or as it would be said with the amount: "dollars", "$".
    fn is_in_currency(&self, known: &Known) -> bool {
        match self.get("currency") {
            Given::Absent => true,
            Given::Senseless => false,
            Given::Text(named) if named.contains(|c: char| c.is_ascii_digit()) => false,
            Given::Text(named) => {
                named.eq_ignore_ascii_case(&known.currency)
                    || amount::of_text(&format!("1 {named}"), &known.currency).is_ok()
                    || amount::of_text(&format!("{named}1"), &known.currency).is_ok()
            }
        }
    }

    fn text(&self, name: &str) -> Option<Slot<String>> {
        match self.get(name) {
            Given::Absent => None,
            Given::Senseless => Some(Slot::Doubtful(Why::Invalid)),
            Given::Text(text) => note_of(&text).map(Slot::Known),
        }
    }
}

fn transfer(arguments: &Arguments, draft: Option<&Draft>, known: &Known) -> Routed {
    let mut slots = match draft {
        Some(Draft::Transfer(draft)) => Slots::of_draft(draft),
        _ => Slots::default(),
    };
    if let Some(slot) = account_slot(
        arguments.get("from_account"),
        known,
        |target| match target {
            // Nobody could look: the host checks the owner before anything moves.
            Target::Foreign(id) if !known.reachable => Slot::Known(id.clone()),
            target => source(target, known),
        },
    ) {
        slots.from = slot;
    }
    if let Some(slot) = account_slot(arguments.get("to_account"), known, destination) {
        slots.to = slot;
    }
    if let Some(slot) = arguments.amount("amount", known) {
        slots.amount = slot;
    }
    if let Given::Text(memo) = arguments.get("memo") {
        slots.memo = note_of(&memo);
    }
    slots.finish(known)
}

fn account_slot(
    given: Given,
    known: &Known,
    fill: impl Fn(&Target) -> Slot<String>,
) -> Option<Slot<String>> {
    match given {
        Given::Absent => None,
        Given::Senseless => Some(Slot::Doubtful(Why::Invalid)),
        Given::Text(text) => Some(match target(&text, known) {
            Some(target) => fill(&target),
            None => Slot::Doubtful(not_found(known)),
        }),
    }
}

fn target(text: &str, known: &Known) -> Option<Target> {
    let as_given = || is_id(text).then(|| Target::Foreign(text.to_owned()));
    account::of_text(text, known).or_else(as_given)
}

// One word with a digit in it, as the bank's ids are; it is kept as it was given.
fn is_id(text: &str) -> bool {
    let is_plain = text
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
    is_plain && text.bytes().any(|byte| byte.is_ascii_digit()) && text.len() <= 128
}

fn read_account(reading: Reading, arguments: &Arguments, known: &Known) -> Routed {
    match arguments.get("account_id") {
        Given::Absent => read::of_none(reading, known),
        Given::Senseless => ask(reading.draft(), "account_id", &Why::Invalid, known),
        Given::Text(text)
            if reading == Reading::Balance && Heard::new(&text).has_any("all|both") =>
        {
            plain(Intent::Accounts)
        }
        Given::Text(text) => match target(&text, known) {
            Some(target) => read::of_target(reading, &target, known),
            None if text.len() <= 128 && !text.chars().any(char::is_control) => reading.of(text),
            None => ask(reading.draft(), "account_id", &Why::Unknown, known),
        },
    }
}

fn statements(arguments: &Arguments, known: &Known) -> Routed {
    match arguments.get("month") {
        Given::Absent => read_account(Reading::Statements(None), arguments, known),
        Given::Text(text) if !is_number(&text) && text.len() <= 40 => {
            // A month that is no calendar month is the bank's own word for one.
            let month = month::said(&Heard::new(&text), known.today).or_else(|| note_of(&text));
            read_account(Reading::Statements(month), arguments, known)
        }
        Given::Text(_) | Given::Senseless => {
            ask(Draft::Statements(None), "month", &Why::Invalid, known)
        }
    }
}

fn loan(arguments: &Arguments, draft: Option<&Draft>, known: &Known) -> Routed {
    let mut slots = match draft {
        Some(Draft::Loan(draft)) => LoanSlots::of_draft(draft),
        _ => LoanSlots::default(),
    };
    if let Some(slot) = arguments.amount("amount", known) {
        slots.amount = slot;
    }
    if let Some(slot) = arguments.text("purpose") {
        slots.purpose = slot;
    }
    match arguments.get("years") {
        Given::Absent => {}
        Given::Senseless => slots.years = Slot::Doubtful(Why::Invalid),
        Given::Text(text) => slots.years = years(&text),
    }
    slots.finish(known)
}

fn years(text: &str) -> Slot<u32> {
    match text.parse::<u32>() {
        Ok(years) => years_slot(Some(i128::from(years))),
        Err(_) => application::years_of_text(text).unwrap_or(Slot::Doubtful(Why::Invalid)),
    }
}

fn credit_card(arguments: &Arguments, draft: Option<&Draft>, known: &Known) -> Routed {
    let mut slots = match draft {
        Some(Draft::CreditCard(draft)) => CardSlots::of_draft(draft),
        _ => CardSlots::default(),
    };
    if let Some(slot) = arguments.text("card_type") {
        slots.kind = slot;
    }
    if let Some(slot) = arguments.amount("credit_limit", known) {
        slots.limit = slot;
    }
    slots.finish(known)
}

fn application_status(arguments: &Arguments, known: &Known) -> Routed {
    match arguments.get("application_id") {
        Given::Absent => application::ask_status(&Why::Needed, known),
        Given::Text(id) if id.len() <= 128 && !id.chars().any(char::is_control) => {
            plain(Intent::ApplicationStatus(id))
        }
        Given::Text(_) | Given::Senseless => application::ask_status(&Why::Invalid, known),
    }
}

fn is_number(text: &str) -> bool {
    let digits = text.trim_start_matches('-');
    digits
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.')
}
