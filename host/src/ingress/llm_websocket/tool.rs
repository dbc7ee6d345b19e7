//! What was done, as Retell's transcript shows it: an invocation and its result, after the fact.
//!
//! Names are those of the functions that Retell's own model would call. Long numbers are masked: the transcript is read by others.

use serde_json::{Value, json};

use super::frame::Frame;
use crate::call::{Outcome, mask};
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

/// The two frames, where the turn did something at the bank.
pub fn frames(response_id: i64, answer: &Answer) -> Option<[Frame; 2]> {
    let name = name(&answer.intent)?;
    let (arguments, content, is_done) = match &answer.outcome {
        outcome @ (Outcome::Balances(_) | Outcome::Applied(_)) => {
            (json!({}), wire::outcome(outcome), true)
        }
        outcome @ Outcome::Paid(_) => {
            let paid = wire::outcome(outcome);
            let arguments = json!({
                "from_account": paid["from_account"],
                "to_account": paid["to_account"],
                "amount": paid["amount"],
            });
            (arguments, paid, true)
        }
        // Read, but nobody's business beside the caller's.
        outcome @ (Outcome::Accounts(_) | Outcome::Statement(_) | Outcome::Profile(_)) => {
            (json!({}), json!({ "code": outcome.code() }), true)
        }
        Outcome::Failed(failure) => (json!({}), json!({ "code": failure.code() }), false),
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
    let tool_call_id = format!("tool_{response_id}");
    let invocation = Frame::ToolCallInvocation {
        tool_call_id: tool_call_id.clone(),
        name: name.to_owned(),
        arguments: masked(arguments).to_string(),
    };
    let result = Frame::ToolCallResult {
        tool_call_id,
        content: masked(content).to_string(),
        successful: Some(is_done),
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
