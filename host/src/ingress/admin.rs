//! `/admin`: what an operator may see of calls and decisions, numbers masked.
//!
//! `/admin/calls` and `/admin/call` answer as the predecessor did and add fields. What a caller said is never shown here; the
//! decision record carries inputs, so it is behind the same token and its numbers are masked.

mod parameters;
pub mod pipeline;
pub mod transfers;

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Shared;
use super::problem::Problem;
use crate::call::mask;
use crate::db::StoredCall;
use crate::orchestrator::Error;
use parameters::Parameters;

/// Calls and decisions that one answer lists.
const LISTED_MAX: u64 = 1_000;

/// `GET /admin/calls`, newest first.
pub async fn calls(State(shared): State<Arc<Shared>>) -> Result<Json<Value>, Problem> {
    let db = shared.orchestrator.db();
    db.flush().await.map_err(Error::from)?;
    let count = db.count_calls().await.map_err(Error::from)?;
    let calls = db.calls(0, LISTED_MAX).await.map_err(Error::from)?;
    let calls: Vec<Value> = calls.iter().map(shown).collect();
    Ok(Json(json!({ "count": count, "calls": calls })))
}

/// Which call.
#[derive(Debug, Deserialize)]
pub struct OneCall {
    call_id: Option<String>,
}

/// `GET /admin/call?call_id=`.
pub async fn call(
    State(shared): State<Arc<Shared>>,
    Parameters(which): Parameters<OneCall>,
) -> Result<Json<Value>, Problem> {
    let Some(call_id) = which.call_id.filter(|id| !id.is_empty()) else {
        let detail = "the query parameter `call_id` is expected";
        return Err(Problem::new(
            StatusCode::BAD_REQUEST,
            "call_id_missing",
            detail,
        ));
    };
    let db = shared.orchestrator.db();
    db.flush().await.map_err(Error::from)?;
    let stored = db.stored_call(&call_id).await.map_err(Error::from)?;
    let stored = stored.ok_or(Error::UnknownCall)?;
    Ok(Json(shown(&stored)))
}

fn shown(stored: &StoredCall) -> Value {
    let call = &stored.call;
    let number = |number: &Option<String>| number.as_deref().map(mask::tail).unwrap_or_default();
    json!({
        "call_id": call.id,
        "user_id": call.user.as_ref().map_or("unknown".to_owned(), |user| mask::numbers(&user.id)),
        "phone_number": number(&call.phone),
        "state": call.state.as_str(),
        "metadata": masked(call.metadata.clone()),
        "created_at": call.created_at_ms / 1_000,
        "updated_at": call.updated_at_ms / 1_000,
        "ended_at": stored.ended_at_ms.map(|at_ms| at_ms / 1_000),
        "direction": call.direction.as_str(),
        "agent_id": call.agent,
        "trust": call.trust.as_str(),
        "turns": call.turns,
        "revision": call.revision,
        "awaits": call.pending.as_ref().map(|pending| awaited(&pending.intent)),
        "disconnection_reason": stored.disconnection_reason,
        "call_analysis": stored.analysis.clone().map(masked),
    })
}

fn awaited(pending: &crate::call::session::PendingIntent) -> &'static str {
    use crate::call::session::PendingIntent as P;
    match pending {
        P::Slot(_) => "slot",
        P::Confirm(_) => "confirmation",
        P::StepUp(_) => "pin",
    }
}

/// Which decisions.
#[derive(Debug, Deserialize)]
pub struct SomeDecisions {
    call_id: Option<String>,
    limit: Option<u64>,
}

/// `GET /admin/decisions?call_id=&limit=`: facts of decisions.
pub async fn decisions(
    State(shared): State<Arc<Shared>>,
    Parameters(which): Parameters<SomeDecisions>,
) -> Result<Json<Value>, Problem> {
    let db = shared.orchestrator.db();
    db.flush().await.map_err(Error::from)?;
    let found = match which.call_id {
        Some(call_id) => db.turns_of(&call_id).await,
        None => {
            db.recent_turns(which.limit.unwrap_or(100).min(LISTED_MAX))
                .await
        }
    };
    let found = found.map_err(Error::from)?;
    let decisions: Vec<Value> = found
        .iter()
        .map(|facts| masked_record(json!(facts)))
        .collect();
    Ok(Json(
        json!({ "count": decisions.len(), "decisions": decisions }),
    ))
}

/// `GET /admin/decisions/{id}`: the whole record.
pub async fn decision(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    let db = shared.orchestrator.db();
    db.flush().await.map_err(Error::from)?;
    match db.turn_payload(&id).await.map_err(Error::from)? {
        Some(record) => Ok(Json(masked_record(json!(record)))),
        None => {
            let detail = "there is no decision with this id, or its call was erased";
            Err(Problem::new(
                StatusCode::NOT_FOUND,
                "decision_not_found",
                detail,
            ))
        }
    }
}

/// `GET /metrics`, in Prometheus' text format.
pub async fn metrics(State(shared): State<Arc<Shared>>) -> String {
    (shared.metrics)()
}

/// Fields that identify our own things or a payment, and hold nothing of a person, at any depth.
const OURS: [&str; 9] = [
    "call_id",
    "digest",
    "digests",
    "other_row",
    "payment_id",
    "reference",
    "revision",
    "transfer_id",
    "turn_id",
];

/// A record with long numbers as stars; its own id stays, ids inside it are the bank's.
fn masked_record(record: Value) -> Value {
    let id = record.get("id").cloned();
    let mut masked = masked(record);
    if let Some(id) = id {
        masked["id"] = id;
    }
    masked
}

/// Whether a text is a day or a moment and nothing else: to tell one payment from another.
fn is_date(field: &Value) -> bool {
    let told = field.as_str();
    told.is_some_and(|it| it.parse::<Date>().is_ok() || it.parse::<Timestamp>().is_ok())
}

/// Long numbers in every text of a value as stars.
fn masked(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(mask::numbers(&text)),
        Value::Array(items) => Value::Array(items.into_iter().map(masked).collect()),
        Value::Object(fields) => {
            let fields = fields.into_iter().map(|(key, field)| {
                let is_ours = OURS.contains(&key.as_str()) || key == "date" && is_date(&field);
                (key, if is_ours { field } else { masked(field) })
            });
            Value::Object(fields.collect())
        }
        other => other,
    }
}
