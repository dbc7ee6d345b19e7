//! What a service may do for a customer: through the rules and the ledger like a caller's own wish.
//!
//! An `Idempotency-Key` header makes a repeat safe: the same key and body is answered as before, another body is a 422.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use super::super::Shared;
use super::super::bounded::Bounded;
use super::super::problem::Problem;
use super::super::wire as json_of;
use super::wire::{self, CreditCard, Loan, Transfer, id, text};
use super::{Whom, ask, unexpected};
use crate::call::intent::Payee;
use crate::call::{Intent, Outcome, intent};
use crate::ledger::key;

type Shown = Result<Json<Value>, Problem>;

/// Moves money.
pub async fn transfer(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    Bounded(body): Bounded<Transfer>,
) -> Shown {
    let wanted = intent::Transfer {
        from_account: id("from_account", body.from_account)?,
        to_account: id("to_account", body.to_account)?,
        payee: Payee::FirstTime,
        amount: wire::amount("amount", &body.amount, shared.orchestrator.currency())?,
        memo: None,
    };
    let whom = Whom::new(body.call_id, body.user_id)?;
    let answer = ask(&shared, &whom, Intent::Transfer(wanted), key_of(&headers)?).await?;
    match &answer.outcome {
        Outcome::Paid(payment) => Ok(Json(json_of::payment(payment))),
        _ => Err(unexpected(&answer)),
    }
}

/// Applies for a loan.
pub async fn apply_loan(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    Bounded(body): Bounded<Loan>,
) -> Shown {
    let amount = wire::amount(
        "loan_amount",
        &body.loan_amount,
        shared.orchestrator.currency(),
    )?;
    if !(1..=100).contains(&body.term_years) {
        return Err(Problem::field(
            "term_years_invalid",
            "`term_years` has to be 1 to 100",
        ));
    }
    let loan = intent::Loan {
        amount: amount.clone(),
        purpose: text("loan_purpose", body.loan_purpose)?,
        years: body.term_years,
    };
    let asked = json!({
        "loan_amount": json_of::amount(&amount),
        "loan_purpose": loan.purpose,
        "term_years": loan.years,
    });
    let whom = Whom::new(body.call_id, Some(body.user_id))?;
    apply(&shared, &whom, Intent::Loan(loan), &headers, asked).await
}

/// Applies for a credit card.
pub async fn apply_credit_card(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    Bounded(body): Bounded<CreditCard>,
) -> Shown {
    let limit = wire::amount(
        "credit_limit",
        &body.credit_limit,
        shared.orchestrator.currency(),
    )?;
    let card = intent::CreditCard {
        kind: text("card_type", body.card_type)?,
        limit,
    };
    let asked = json!({ "card_type": card.kind, "credit_limit": json_of::amount(&card.limit) });
    let whom = Whom::new(body.call_id, Some(body.user_id))?;
    apply(&shared, &whom, Intent::CreditCard(card), &headers, asked).await
}

/// The bank's answer, with what was asked for beside it.
async fn apply(
    shared: &Shared,
    whom: &Whom,
    intent: Intent,
    headers: &HeaderMap,
    mut asked: Value,
) -> Shown {
    let answer = ask(shared, whom, intent, key_of(headers)?).await?;
    let Outcome::Applied(application) = &answer.outcome else {
        return Err(unexpected(&answer));
    };
    let said = json_of::application(application);
    if let (Some(asked), Value::Object(said)) = (asked.as_object_mut(), said) {
        asked.extend(said);
    }
    Ok(Json(asked))
}

/// The ledger key of an `Idempotency-Key` header.
fn key_of(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let mut given = headers.get_all("idempotency-key").iter();
    let Some(header) = given.next() else {
        return Ok(None);
    };
    let key = header.to_str().ok().and_then(key::of_header);
    // Of two, a repeat with the other first would be another request.
    let is_one = given.all(|other| other == header);
    key.filter(|_| is_one).map(Some).ok_or_else(|| {
        let detail = "`Idempotency-Key` has to be one key of 1 to 255 printable ASCII characters";
        Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "idempotency_key_invalid",
            detail,
        )
    })
}
