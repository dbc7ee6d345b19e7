//! What was done, as Retell's transcript shows it: an invocation and its result, after the fact.
//!
//! Names are those of the functions that Retell's own model would call. Long numbers are masked: the transcript is read by others.

use serde_json::{Value, json};

use super::frame::Frame;
use crate::call::{Failure, Outcome, mask};
use crate::ingress::wire;
use crate::orchestrator::Answer;

/// Fields that hold an id of the bank's.
const IDS: [&str; 5] = [
    "id",
    "account_id",
    "from_account",
    "to_account",
    "application_id",
];

/// Of what was done before and is told only now, and of what this turn did: two frames each.
pub fn frames(response_id: i64, answer: &Answer) -> Vec<Frame> {
    let before = answer.done.iter();
    let told = before.map(|done| (done.intent.as_str(), &done.outcome));
    told.chain([(answer.intent.as_str(), &answer.outcome)])
        .enumerate()
        .filter_map(|(number, (intent, outcome))| {
            pair(format!("tool_{response_id}_{number}"), intent, outcome)
        })
        .flatten()
        .collect()
}

/// The two frames, where something was done at the bank.
fn pair(tool_call_id: String, intent: &str, outcome: &Outcome) -> Option<[Frame; 2]> {
    let name = name(intent)?;
    let (arguments, content, is_done) = match outcome {
        outcome @ (Outcome::Balances(_) | Outcome::Applied(_)) => {
            (json!({}), wire::outcome(outcome), Some(true))
        }
        outcome @ Outcome::Paid(_) => {
            let paid = wire::outcome(outcome);
            let arguments = json!({
                "from_account": paid["from_account"],
                "to_account": paid["to_account"],
                "amount": paid["amount"],
            });
            (arguments, paid, Some(true))
        }
        // Read, but nobody's business beside the caller's.
        outcome @ (Outcome::Accounts(_) | Outcome::Statement(_) | Outcome::Profile(_)) => {
            (json!({}), json!({ "code": outcome.code() }), Some(true))
        }
        Outcome::Failed(failure) => {
            // Whether that which nobody knows worked is not said.
            let is_done = (*failure != Failure::Uncertain).then_some(false);
            (json!({}), json!({ "code": failure.code() }), is_done)
        }
        Outcome::Asked(_)
        | Outcome::Confirmation(_)
        | Outcome::StepUp(_)
        | Outcome::Refused(_)
        | Outcome::HandedOff(_)
        | Outcome::Said(_)
        | Outcome::Cancelled
        | Outcome::Repeated
        | Outcome::Ended => return None,
    };
    let invocation = Frame::ToolCallInvocation {
        tool_call_id: tool_call_id.clone(),
        name: name.to_owned(),
        arguments: masked(arguments).to_string(),
    };
    let result = Frame::ToolCallResult {
        tool_call_id,
        content: masked(content).to_string(),
        successful: is_done,
    };
    Some([invocation, result])
}

/// The function of that intent; none for what is no business of the bank's.
fn name(intent: &str) -> Option<&'static str> {
    Some(match intent {
        "balance" => "check_balance",
        "accounts" => "list_accounts",
        "statements" => "get_statements",
        "profile" => "get_profile",
        "transfer" => "transfer_funds",
        "loan" => "apply_loan",
        "credit-card" => "apply_credit_card",
        "application-status" => "application_status",
        _ => return None,
    })
}

fn masked(mut value: Value) -> Value {
    mask_ids(&mut value);
    value
}

fn mask_ids(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields.iter_mut() {
                match field {
                    Value::String(id) if IDS.contains(&name.as_str()) => *id = mask::numbers(id),
                    other => mask_ids(other),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(mask_ids),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_knows_is_not_shown_as_failed() {
        let shown = |failure| {
            let outcome = Outcome::Failed(failure);
            match pair("tool_1".into(), "transfer", &outcome) {
                Some([_, Frame::ToolCallResult { successful, .. }]) => successful,
                other => panic!("no result: {other:?}"),
            }
        };
        assert_eq!(shown(Failure::Uncertain), None);
        assert_eq!(shown(Failure::InsufficientFunds), Some(false));
    }
}
