//! A client that never gives up: whatever has no final answer is sent again, with the same key or the same body.
//!
//! Signed function calls are what Retell sends; REST is what the bank's own services send. Both repeat after a silence.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tests::host::{API_TOKEN, KEY};
use tests::http::{Answer as HttpAnswer, client, signed_now};

use super::Wish;
use crate::bank::books::Order;
use crate::bank::number;
use crate::world::phone;

const PAUSE: Duration = Duration::from_millis(250);

/// The way in.
#[derive(Debug, Clone)]
pub enum Door {
    /// `POST /orchestrate/transfer`.
    Rest {
        /// `Idempotency-Key`.
        key: String,
    },
    /// `POST /functions`, signed.
    Function {
        /// The same at every delivery.
        body: String,
    },
}

impl Door {
    /// A function call whose body never changes.
    #[must_use]
    pub fn function(name: &str, customer: usize, order: &Order) -> Self {
        let said = [json!({"role": "user", "content": "Move some money, please.", "words": []})];
        let body = json!({
            "name": "transfer_funds",
            "args": arguments(order),
            "call": {
                "call_id": format!("call_storm_{name}"), "call_type": "phone_call",
                "agent_id": "agent_1", "agent_version": 1, "call_status": "ongoing",
                "from_number": phone(customer), "to_number": "+14155550100",
                "direction": "inbound", "transcript_object": said,
            },
        });
        Self::Function {
            body: body.to_string(),
        }
    }
}

/// What came of a wish, as the client knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It is done.
    Done,
    /// It was refused, with this code.
    Refused(String),
    /// It is under way; the client must not send it under another key.
    Pending,
    /// None that says anything, until time was up.
    None,
}

fn arguments(order: &Order) -> Value {
    json!({"from_account": order.from, "to_account": order.to, "amount": number(order.cents)})
}

/// Sends until there is an answer; whoever calls bounds the time.
pub(super) async fn insist(wish: Wish, url: Arc<Mutex<String>>) -> Answer {
    loop {
        let url = url.lock().map(|url| url.clone()).unwrap_or_default();
        if let Some(answer) = once(&wish, &url).await {
            return answer;
        }
        tokio::time::sleep(PAUSE).await;
    }
}

async fn once(wish: &Wish, url: &str) -> Option<Answer> {
    let request = match &wish.door {
        Door::Rest { key } => {
            let mut body = arguments(&wish.order);
            body["user_id"] = json!(format!("user_{}", wish.customer));
            client()
                .post(format!("{url}/orchestrate/transfer"))
                .bearer_auth(API_TOKEN)
                .header("idempotency-key", key)
                .body(body.to_string())
        }
        Door::Function { body } => client()
            .post(format!("{url}/functions"))
            .header("x-retell-signature", signed_now(KEY, body.as_bytes()))
            .body(body.clone()),
    };
    let request = request.header("content-type", "application/json");
    let answer = HttpAnswer::of(request).await.ok()?;
    let code = answer.json().ok()?["code"].as_str().map(str::to_owned);
    match (&wish.door, answer.status, code) {
        (Door::Rest { .. }, 200, _) => Some(Answer::Done),
        (Door::Function { .. }, 200, Some(code)) => match code.as_str() {
            "transfer_completed" => Some(Answer::Done),
            "outcome_pending" => Some(Answer::Pending),
            // Nothing was done, and a caller would ask once more.
            "bank_unavailable" | "try_again" | "failed" => None,
            _ => Some(Answer::Refused(code)),
        },
        (Door::Rest { .. }, 504, _) => Some(Answer::Pending),
        (_, 409 | 429 | 500..=599, _) => None,
        (_, status, code) => Some(Answer::Refused(code.unwrap_or_else(|| status.to_string()))),
    }
}
