//! Outcomes as JSON: amounts as exact number tokens, `5000.50`, never through a float.
//!
//! Shared by tool calls and the REST surface; problems are written in `problem`.

use serde_json::{Map, Value, json};

use crate::call::outcome::{Application, Balance, Payment, PaymentStatus, Statement};
use crate::call::{Money, Outcome};

/// An amount as a JSON number with all its decimals.
pub fn amount(money: &Money) -> Value {
    money
        .to_decimal()
        .parse::<serde_json::Number>()
        .map_or(Value::Null, Value::Number)
}

/// What a tool call's answer carries beside the sentence.
pub fn outcome(outcome: &Outcome) -> Value {
    match outcome {
        Outcome::Balances(all) => match all.as_slice() {
            [one] => balance(one),
            many => json!({ "accounts": many.iter().map(balance).collect::<Vec<_>>() }),
        },
        Outcome::Accounts(all) => {
            let all: Vec<Value> = all
                .iter()
                .map(|account| json!({ "account_id": account.id, "type": account.kind }))
                .collect();
            json!({ "accounts": all })
        }
        Outcome::Statement(found) => json!({
            "account_id": found.account.id,
            "month": found.month,
            "lines": lines(found),
        }),
        Outcome::Profile(found) => json!({
            "name": found.name,
            "email": found.email,
            "address": found.address,
        }),
        Outcome::Paid(paid) => payment(paid),
        Outcome::Applied(applied) => application(applied),
        Outcome::Asked(question) => json!({ "slot": question.slot }),
        Outcome::Confirmation(message)
        | Outcome::StepUp(message)
        | Outcome::Refused(message)
        | Outcome::HandedOff(message)
        | Outcome::Said(message) => {
            let named = message
                .parameters
                .iter()
                .cloned()
                .map(|(k, v)| (k, Value::from(v)));
            Value::Object(named.collect::<Map<_, _>>())
        }
        Outcome::Failed(_) | Outcome::Cancelled | Outcome::Repeated | Outcome::Ended => json!({}),
    }
}

fn balance(balance: &Balance) -> Value {
    json!({
        "account_id": balance.account.id,
        "type": balance.account.kind,
        "balance": amount(&balance.available),
        "currency": balance.available.currency,
    })
}

/// The predecessor's answer to a transfer.
pub fn payment(payment: &Payment) -> Value {
    json!({
        "id": payment.id,
        "from_account": payment.transfer.from_account,
        "to_account": payment.transfer.to_account,
        "amount": amount(&payment.transfer.amount),
        "status": match payment.status {
            PaymentStatus::Completed => "Completed",
            PaymentStatus::Pending => "Pending",
        },
    })
}

/// The predecessor's answer to an application.
pub fn application(application: &Application) -> Value {
    json!({
        "application_id": application.id,
        "status": application.status,
        "message": application.message,
    })
}

/// A statement's lines; a bank that gives only a text has one line without an amount.
pub fn lines(statement: &Statement) -> Value {
    statement
        .lines
        .iter()
        .map(|line| {
            let mut fields = json!({ "date": line.date, "description": line.description });
            if let Some(money) = &line.amount {
                fields["amount"] = amount(money);
            }
            fields
        })
        .collect()
}

/// A month as the bank gave it: lines, or its text.
pub fn month(statement: &Statement) -> Value {
    match statement.lines.as_slice() {
        [line] if line.amount.is_none() && line.date.is_empty() => {
            Value::from(line.description.clone())
        }
        _ => lines(statement),
    }
}
