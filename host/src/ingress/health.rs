//! Whether the process lives, whether it should get requests, and the predecessor's health answer.
//!
//! Open to everybody, so it says nothing about calls, customers or settings.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::Shared;
use super::problem::Problem;

/// How long the database may take to answer before the host is not ready.
const PING_TIMEOUT: Duration = Duration::from_secs(1);

/// Exactly the predecessor's answer.
pub async fn health() -> Json<Value> {
    Json(json!({ "status": "healthy", "version": env!("CARGO_PKG_VERSION") }))
}

/// The process answers.
pub async fn livez() -> &'static str {
    "ok"
}

/// Rules are loaded and the database answers. The bank is not part of it: without the bank callers still hear a sentence.
pub async fn readyz(State(shared): State<Arc<Shared>>) -> Result<&'static str, Problem> {
    let ping = tokio::time::timeout(PING_TIMEOUT, shared.orchestrator.db().ping()).await;
    match ping {
        Ok(Ok(())) => Ok(match shared.orchestrator.redis_answers() {
            Some(false) => "ok; Redis does not answer, live calls are kept in the database",
            Some(true) | None => "ok",
        }),
        Ok(Err(_)) | Err(_) => {
            let detail = "the database does not answer";
            Err(Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "database_unavailable",
                detail,
            ))
        }
    }
}
