//! The bank's endpoints: the contract under `/api/v1`, shaped as its dialect has it.
//!
//! Every request is counted before anything else happens to it, so that a check sees also what was never answered.

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Map, Value, json};

use super::books::{ACCOUNTS, Books, Order, Payment, Refusal};
use super::{Desk, Kind, cents, mischief};

type Answered = Result<Json<Value>, Refused>;

/// As FastAPI says no.
struct Refused(Refusal);

pub(super) fn router(desk: Desk) -> Router {
    let contract = Router::new()
        .route("/users/{user_id}", get(user))
        .route("/users/{user_id}/profile", get(profile))
        .route("/users/{user_id}/accounts", get(accounts))
        .route("/accounts/{account_id}", get(account))
        .route("/accounts/{account_id}/balance", get(balance))
        .route("/payments/", get(payments))
        .route("/payments/transfer", post(transfer));
    let health = get(|| async { Json(json!({"status": "healthy", "version": "0.1.0"})) });
    Router::new()
        .nest("/api/v1", contract.route("/health", health.clone()))
        .route("/health", health)
        .fallback(|| async { Refused((404, "Not Found")) })
        .layer(from_fn_with_state(desk.clone(), mischief::play))
        .with_state(desk)
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let Self((status, detail)) = self;
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
        (status, Json(json!({"detail": detail}))).into_response()
    }
}

/// The ids of a customer's accounts.
fn held(books: &Books, user_id: &str) -> Result<Vec<String>, Refused> {
    let number = user_id.trim_start_matches("user_");
    let ids = ACCOUNTS.map(|kind| format!("{kind}_{number}"));
    let ids = ids.into_iter().filter(|id| {
        let account = books.accounts.get(id);
        account.is_some_and(|one| one.owner == user_id)
    });
    let ids: Vec<String> = ids.collect();
    if ids.is_empty() {
        return Err(Refused((404, "User not found")));
    }
    Ok(ids)
}

async fn user(State(desk): State<Desk>, Path(user_id): Path<String>) -> Answered {
    let ids = held(&desk.books(), &user_id)?;
    let name = format!("Customer {}", user_id.trim_start_matches("user_"));
    Ok(Json(match desk.kind {
        Kind::Unproven => json!({"user_id": user_id, "details": {"name": name, "accounts": ids}}),
        Kind::Idempotent | Kind::Reference => {
            json!({"id": user_id, "name": name, "accounts": ids})
        }
    }))
}

async fn profile(State(desk): State<Desk>, Path(user_id): Path<String>) -> Answered {
    held(&desk.books(), &user_id)?;
    let name = format!("Customer {}", user_id.trim_start_matches("user_"));
    Ok(Json(json!({"user_id": user_id, "name": name})))
}

async fn accounts(State(desk): State<Desk>, Path(user_id): Path<String>) -> Answered {
    let books = desk.books();
    let ids = held(&books, &user_id)?;
    let count = ids.len();
    let listed: Map<String, Value> = ids
        .into_iter()
        .map(|id| {
            let shown = details(&books, desk.kind, &id);
            (id, shown)
        })
        .collect();
    let accounts = match desk.kind {
        Kind::Unproven => Value::Object(listed),
        Kind::Idempotent | Kind::Reference => listed.into_values().collect(),
    };
    Ok(Json(
        json!({"user_id": user_id, "account_count": count, "accounts": accounts}),
    ))
}

/// One account inside an answer.
fn details(books: &Books, kind: Kind, id: &str) -> Value {
    let balance = books.accounts.get(id).map_or(0, |one| one.balance_cents);
    let balance = cents::number(balance);
    match kind {
        Kind::Unproven => json!({"balance": balance, "statements": {}}),
        Kind::Idempotent | Kind::Reference => {
            let sort = id.split('_').next();
            json!({"account_id": id, "balance": balance, "type": sort, "currency": "USD"})
        }
    }
}

async fn account(State(desk): State<Desk>, Path(id): Path<String>) -> Answered {
    let books = desk.books();
    if !books.accounts.contains_key(&id) {
        return Err(Refused((404, "Account not found")));
    }
    let shown = details(&books, desk.kind, &id);
    Ok(Json(match desk.kind {
        Kind::Unproven => json!({"account_id": id, "details": shown}),
        Kind::Idempotent | Kind::Reference => shown,
    }))
}

async fn balance(State(desk): State<Desk>, Path(id): Path<String>) -> Answered {
    let books = desk.books();
    let found = books.accounts.get(&id);
    let found = found.ok_or(Refused((404, "Account not found")))?;
    Ok(Json(
        json!({"account_id": id, "balance": cents::number(found.balance_cents)}),
    ))
}

async fn payments(
    State(desk): State<Desk>,
    Query(asked): Query<std::collections::HashMap<String, String>>,
) -> Json<Value> {
    let wanted = asked
        .get("reference")
        .filter(|_| desk.kind != Kind::Unproven);
    let books = desk.books();
    let listed: Map<String, Value> = books
        .payments
        .iter()
        .filter(|one| wanted.is_none_or(|wanted| one.reference.as_ref() == Some(wanted)))
        .map(|one| (one.id.clone(), listed(one, desk.kind)))
        .collect();
    Json(json!({"count": listed.len(), "payments": listed}))
}

fn listed(payment: &Payment, kind: Kind) -> Value {
    let mut shown = json!({
        "from_account": payment.order.from,
        "to_account": payment.order.to,
        "amount": cents::number(payment.order.cents),
        "status": "Completed",
    });
    if kind != Kind::Unproven {
        shown["reference"] = json!(payment.reference);
    }
    shown
}

async fn transfer(State(desk): State<Desk>, headers: HeaderMap, body: Bytes) -> Answered {
    let body: Value = serde_json::from_slice(&body).map_err(|_| Refused((422, "not JSON")))?;
    let text = |name: &str| body[name].as_str().map(str::to_owned);
    let (Some(from), Some(to)) = (text("from_account"), text("to_account")) else {
        return Err(Refused((422, "account missing")));
    };
    let cents = cents::read(&body["amount"]).ok_or(Refused((422, "amount invalid")))?;
    let order = Order { from, to, cents };
    let key = headers
        .get("idempotency-key")
        .and_then(|key| key.to_str().ok());
    let mut books = desk.books();
    let booked = match (desk.kind, key) {
        (Kind::Idempotent, Some(key)) => books.book_once(key, order, text("reference")),
        _ => books.book(order, text("reference")),
    };
    let payment = booked.map_err(Refused)?;
    let order = &payment.order;
    let amount = cents::number(order.cents);
    Ok(Json(match desk.kind {
        Kind::Unproven => json!({
            "status": "success", "payment_id": payment.id, "from_account": order.from,
            "to_account": order.to, "amount": amount,
        }),
        Kind::Idempotent | Kind::Reference => json!({
            "id": payment.id, "from_account": order.from, "to_account": order.to,
            "amount": amount, "status": "Completed",
        }),
    }))
}
