//! `/admin/transfers`: the ledger as an operator sees it, and what a person decides where nobody could find out.
//!
//! Transfers and applications alike. Numbers of accounts are masked; who decided and why is kept in the row.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::Shared;
use super::super::bounded::Bounded;
use super::super::problem::Problem;
use super::parameters::Parameters;
use super::{LISTED_MAX, masked};
use crate::call::{bounds, mask};
use crate::ledger::{self, Event, Row, Settled};
use crate::orchestrator::Error;

/// Rows of a list where no number is asked for.
const LISTED: u64 = 100;
/// Longest reason, name or id in a decision.
const WORDS_CHARS_MAX: usize = 500;

/// Which rows.
#[derive(Debug, Deserialize)]
pub struct SomeRows {
    state: Option<String>,
    limit: Option<u64>,
    before: Option<String>,
}

/// `GET /admin/transfers?state=&limit=&before=`, newest first; `older` is the `before` of the next page, where there is one.
pub async fn list(
    State(shared): State<Arc<Shared>>,
    Parameters(which): Parameters<SomeRows>,
) -> Result<Json<Value>, Problem> {
    let state = which.state.as_deref().map(state_of).transpose()?;
    let limit = which.limit.unwrap_or(LISTED).clamp(1, LISTED_MAX);
    let db = shared.orchestrator.db();
    let before = match &which.before {
        Some(id) => Some(found(&shared, id).await?),
        None => None,
    };
    // One more than is shown tells whether there is another page.
    let asked = limit.saturating_add(1);
    let rows = db.transfers(asked, state, before.as_ref()).await;
    let mut rows = rows.map_err(Error::from)?;
    let shown_max = usize::try_from(limit).unwrap_or(usize::MAX);
    let has_older = rows.len() > shown_max;
    rows.truncate(shown_max);
    let older = rows.last().filter(|_| has_older).map(|row| &row.id);
    let open = db.count_unsettled().await.map_err(Error::from)?;
    let open: serde_json::Map<String, Value> = open
        .into_iter()
        .map(|(state, count)| (state.as_str().to_owned(), json!(count)))
        .collect();
    let transfers: Vec<Value> = rows.iter().map(shown).collect();
    Ok(Json(json!({
        "count": transfers.len(),
        "transfers": transfers,
        "older": older,
        "not_settled": open,
    })))
}

/// `GET /admin/transfers/{id}`: one row with its evidence.
pub async fn show(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(whole(&found(&shared, &id).await?)))
}

async fn found(shared: &Shared, id: &str) -> Result<Row, Problem> {
    // Such ids no row has, and not every database takes them.
    if !bounds::is_safe_id(id) {
        return Err(not_found());
    }
    let row = shared.orchestrator.db().transfer(id).await;
    row.map_err(Error::from)?.ok_or_else(not_found)
}

/// Who decides, and why.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    reason: String,
    by: String,
    #[serde(default)]
    bank_payment_id: Option<String>,
}

/// `POST /admin/transfers/{id}/confirm`: the bank did it.
pub async fn confirm(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    Bounded(decision): Bounded<Decision>,
) -> Result<Json<Value>, Problem> {
    let bank_payment_id = decision.bank_payment_id.clone();
    if bank_payment_id
        .as_deref()
        .is_some_and(|id| !bounds::is_safe_id(id))
    {
        let detail = "`bank_payment_id` is no id of the bank's";
        return Err(Problem::field("bank_payment_id_invalid", detail));
    }
    let (by, reason) = decision.words()?;
    let event = Event::Confirm {
        by,
        reason,
        bank_payment_id,
    };
    decide(&shared, &id, &event).await
}

/// `POST /admin/transfers/{id}/write-off`: the bank did not do it.
pub async fn write_off(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    Bounded(decision): Bounded<Decision>,
) -> Result<Json<Value>, Problem> {
    if decision.bank_payment_id.is_some() {
        let detail = "what the bank has a payment of is confirmed, not written off";
        return Err(Problem::field("bank_payment_id_unexpected", detail));
    }
    let (by, reason) = decision.words()?;
    decide(&shared, &id, &Event::WriteOff { by, reason }).await
}

async fn decide(shared: &Shared, id: &str, event: &Event) -> Result<Json<Value>, Problem> {
    let settled = shared.orchestrator.review(id, event).await?;
    match settled.ok_or_else(not_found)? {
        Settled::Moved(row) => {
            let state = row.state.as_str();
            tracing::info!(transfer_id = row.id, state, "transfer decided by a person");
            Ok(Json(whole(&row)))
        }
        Settled::Unchanged(row) | Settled::Illegal(row) => {
            let state = row.state.as_str();
            let detail = format!(
                "this transfer is `{state}`; only one in `needs_review` is decided about, and one that was written off may still be confirmed"
            );
            Err(Problem::new(StatusCode::CONFLICT, "not_in_review", detail))
        }
        Settled::PaymentTaken(other) => {
            let detail = format!(
                "this payment of the bank's settles the transfer {}",
                other.id
            );
            Err(Problem::new(StatusCode::CONFLICT, "payment_taken", detail))
        }
    }
}

impl Decision {
    fn words(&self) -> Result<(String, String), Problem> {
        Ok((
            words("by", "by_missing", &self.by)?,
            words("reason", "reason_missing", &self.reason)?,
        ))
    }
}

/// One line of at most so many characters, numbers masked: it is kept.
fn words(field: &str, code: &str, text: &str) -> Result<String, Problem> {
    let text = text.trim();
    if text.is_empty() {
        let detail =
            format!("`{field}` is empty: expected a few words, which are kept with the transfer");
        return Err(Problem::field(code, detail));
    }
    if text.chars().count() > WORDS_CHARS_MAX {
        let detail = format!("`{field}` has more than {WORDS_CHARS_MAX} characters");
        return Err(Problem::field("text_too_long", detail));
    }
    Ok(mask::log_line(text))
}

fn state_of(name: &str) -> Result<ledger::State, Problem> {
    ledger::State::from_name(name).ok_or_else(|| {
        let names = ledger::State::ALL.map(ledger::State::as_str).join(", ");
        Problem::field("state_unknown", format!("`state` is one of {names}"))
    })
}

fn not_found() -> Problem {
    let detail = "there is no transfer with this id";
    Problem::new(StatusCode::NOT_FOUND, "transfer_not_found", detail)
}

/// A row in a list.
fn shown(row: &Row) -> Value {
    json!({
        "transfer_id": row.id,
        "kind": row.kind,
        "state": row.state.as_str(),
        "user_id": mask::numbers(&row.user_id),
        "from_account": mask::numbers(&row.from_account),
        "to_account": mask::numbers(&row.to_account),
        "amount": row.amount.to_decimal(),
        "currency": row.amount.currency,
        "call_id": row.call_id,
        "turn_id": row.turn_id,
        "revision": row.revision,
        "bank_payment_id": row.bank_payment_id,
        "reason": row.reason.as_deref().map(mask::numbers),
        "created_at_ms": row.created_at_ms,
        "sent_at_ms": row.sent_at_ms,
        "settled_at_ms": row.settled_at_ms,
        "reviewed_by": row.reviewed_by,
        "review_reason": row.review_reason,
    })
}

/// A row with everything that helps to decide about it.
fn whole(row: &Row) -> Value {
    let mut all = shown(row);
    all["memo"] = masked(json!(row.memo));
    all["answer"] = masked(json!(row.answer));
    all["evidence"] = masked(json!(row.evidence));
    all["looks"] = json!(row.search.looks);
    all["next_look_at_ms"] = json!(row.search.next_at_ms);
    all
}
