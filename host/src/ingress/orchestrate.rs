//! `POST /orchestrate/*`: the predecessor's REST surface for internal services.
//!
//! The service vouches for its caller, so a request counts as confirmed and stepped up; what rules or ledger refuse is a problem.
//! Where a `call_id` is given, that call's customer is meant; where only a `user_id` is given, that customer.

mod read;
mod wire;
mod write;

use std::sync::Arc;

use axum::Router;
use axum::routing::post;
use uuid::Uuid;

use super::Shared;
use super::problem::{self, Problem};
use crate::call::{Intent, Outcome, bounds};
use crate::orchestrator::{Answer, Ask, CallFacts, Request as TurnRequest};

/// All of it.
pub fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/orchestrate/load-context", post(read::load_context))
        .route("/orchestrate/get-user", post(read::user))
        .route("/orchestrate/get-user-profile", post(read::user_profile))
        .route("/orchestrate/get-accounts", post(read::accounts))
        .route("/orchestrate/get-balance", post(read::balance))
        .route("/orchestrate/get-statements", post(read::statements))
        .route(
            "/orchestrate/get-application-status",
            post(read::application_status),
        )
        .route("/orchestrate/transfer", post(write::transfer))
        .route("/orchestrate/apply-loan", post(write::apply_loan))
        .route(
            "/orchestrate/apply-credit-card",
            post(write::apply_credit_card),
        )
}

/// Who is meant.
pub struct Whom {
    call_id: Option<String>,
    user_id: Option<String>,
}

impl Whom {
    /// # Errors
    /// Neither is given, or one cannot be an id.
    pub fn new(call_id: Option<String>, user_id: Option<String>) -> Result<Self, Problem> {
        if call_id.is_none() && user_id.is_none() {
            return Err(Problem::field(
                "call_id_missing",
                "`call_id` or `user_id` is expected",
            ));
        }
        if user_id.as_deref().is_some_and(|id| !bounds::is_safe_id(id)) {
            return Err(Problem::field(
                "user_id_invalid",
                "`user_id` cannot be an id",
            ));
        }
        Ok(Self { call_id, user_id })
    }
}

/// One turn for a service; only what was asked for comes back.
async fn ask(
    shared: &Shared,
    whom: &Whom,
    intent: Intent,
    idempotency_key: Option<String>,
) -> Result<Answer, Problem> {
    // Without a call of the service's the request has one of its own, which is not kept.
    let id = whom
        .call_id
        .clone()
        .unwrap_or_else(|| format!("rest_{}", Uuid::now_v7().simple()));
    let request = TurnRequest {
        call: CallFacts {
            id,
            ..CallFacts::default()
        },
        ask: Ask::Rest {
            intent,
            user_id: whom.user_id.clone(),
            idempotency_key,
        },
    };
    let answer = shared.orchestrator.take_turn(request).await?;
    match &answer.outcome {
        Outcome::Failed(failure) => Err(problem::failed(failure)),
        Outcome::Refused(message)
        | Outcome::HandedOff(message)
        | Outcome::StepUp(message)
        | Outcome::Confirmation(message)
        | Outcome::Said(message) => Err(problem::refused(message)),
        Outcome::Balances(_)
        | Outcome::Accounts(_)
        | Outcome::Statement(_)
        | Outcome::Profile(_)
        | Outcome::Paid(_)
        | Outcome::Applied(_)
        | Outcome::Asked(_)
        | Outcome::Cancelled
        | Outcome::Repeated
        | Outcome::Ended => Ok(answer),
    }
}

/// An action answered something else than what its intent is for: a defect of the rules.
fn unexpected(answer: &Answer) -> Problem {
    tracing::error!(
        outcome = answer.outcome.code(),
        "an action answered another question"
    );
    Problem::new(
        axum::http::StatusCode::BAD_GATEWAY,
        "rules_failed",
        "the rules gave no answer to this",
    )
}
