//! `POST /webhook/inbound`: who is calling, before the call is taken.
//!
//! The caller hears ringing meanwhile, so this answers within 1.5 s with safe defaults whatever the bank and the database do. A
//! blocked number is rejected, with nothing else in the answer: any other field could void it. Dynamic variables are texts, always
//! (Retell, inbound-call-webhook).

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::{Request, State};
use serde_json::{Value, json};

use super::problem::Problem;
use super::{Shared, body};

/// The caller waits.
const ANSWER_WITHIN: Duration = Duration::from_millis(1_400);

/// Names the caller, where their number is known.
pub async fn receive(
    State(shared): State<Arc<Shared>>,
    request: Request,
) -> Result<Json<Value>, Problem> {
    let (_, raw) = body::signed(&shared, request, shared.settings.body_bytes_max).await?;
    let parsed: Value = body::json(&raw)?;
    // A text message is asked about in the same way.
    let kind = ["call_inbound", "chat_inbound"]
        .into_iter()
        .find(|kind| parsed[kind].is_object())
        .unwrap_or("call_inbound");
    let from = parsed[kind]["from_number"].as_str();
    let within = tokio::time::Instant::now() + ANSWER_WITHIN;
    let found = match from {
        Some(number) => {
            let orchestrator = &shared.orchestrator;
            let blocked = tokio::time::timeout_at(within, orchestrator.is_blocked(number)).await;
            if blocked.unwrap_or(false) {
                metrics::counter!("calls_rejected_total").increment(1);
                return Ok(Json(json!({ kind: { "reject": true } })));
            }
            let look = orchestrator.recognise(number, within);
            tokio::time::timeout_at(within, look).await.ok().flatten()
        }
        None => None,
    };
    let variables = match &found {
        Some(user) => json!({
            "customer_name": user.name.clone().unwrap_or_default(),
            "user_id": user.id,
        }),
        None => json!({ "customer_name": "" }),
    };
    let mut answer = json!({ "dynamic_variables": variables });
    if let Some(user) = found {
        answer["metadata"] = json!({ "user_id": user.id });
    }
    Ok(Json(json!({ kind: answer })))
}
