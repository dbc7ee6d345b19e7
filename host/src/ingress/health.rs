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
use crate::db::Silence;

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

/// Rules are loaded, the database answers, and nobody has told the host to stop. The bank is not part of it: without the bank
/// callers still hear a sentence.
pub async fn readyz(State(shared): State<Arc<Shared>>) -> Result<&'static str, Problem> {
    let not_ready = |code: &str, detail: String| {
        Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, code, detail).retry())
    };
    if shared.leaving.is_cancelled() {
        return not_ready("stopping", "this host is stopping".to_owned());
    }
    match tokio::time::timeout(PING_TIMEOUT, shared.orchestrator.db().answers()).await {
        Ok(Ok(())) => Ok(match shared.orchestrator.redis_answers() {
            Some(false) => "ok; Redis does not answer, live calls are kept in the database",
            Some(true) | None => "ok",
        }),
        Ok(Err(silence)) => not_ready("database_unavailable", silence.to_string()),
        Err(_) => not_ready("database_unavailable", Silence::Unanswered.to_string()),
    }
}
