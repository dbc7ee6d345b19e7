//! The sandbox bank's endpoints: the contract under `/api/v1`, and `/health` at the root as well.
//!
//! Takes a request apart, asks the books under their lock, and answers as FastAPI would, errors included.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Settings;
use super::agent::{self, Manner};
use super::books::{Account, Books, Kept, Order, Refusal, User};
use super::documented::Documented;
use super::published::Published;
use super::requests::Fields;
use super::shapes::{self, Answer, Shapes};
use crate::backend::Dialect;

const PREFIX: &str = "/api/v1";

#[derive(Clone)]
struct Desk {
    books: Arc<Mutex<Books>>,
    shapes: Arc<dyn Shapes>,
    idempotent: bool,
    agent: Manner,
}

type Answered = Result<Answer, Reply>;

/// An answer with its status: a refusal, a 422 with its list, or what was kept for a key.
struct Reply(u16, Value);

pub(super) fn router(settings: &Settings, idempotent: bool) -> Router {
    let agent = settings.agent;
    let shapes: Arc<dyn Shapes> = match settings.dialect {
        Dialect::Published => Arc::new(Published),
        Dialect::Documented | Dialect::Auto => Arc::new(Documented),
    };
    let mut books = Books::sample(shapes.is_published());
    books.numbers_from = settings.numbers_from;
    let books = Arc::new(Mutex::new(books));
    let contract = Router::new()
        .route("/health", get(health))
        .route("/users/", get(users))
        .route("/users/{user_id}", get(user))
        .route("/users/{user_id}/accounts", get(accounts))
        .route("/users/{user_id}/profile", get(profile))
        .route("/accounts/{account_id}", get(account))
        .route("/accounts/{account_id}/balance", get(balance))
        .route("/accounts/{account_id}/statements", get(statements))
        .route("/payments/", get(payments))
        .route("/payments/{payment_id}", get(payment))
        .route("/payments/transfer", post(transfer))
        .route("/applications/loan", post(loan))
        .route("/applications/credit-card", post(credit_card))
        .route("/applications/{application_id}", get(application))
        .route("/agent/reply", post(agent_reply));
    Router::new()
        .nest(PREFIX, contract)
        .route("/health", get(health))
        .fallback(|| async { Reply::from(Refusal(404, "Not Found")) })
        .method_not_allowed_fallback(|| async { Reply::from(Refusal(405, "Method Not Allowed")) })
        .with_state(Desk {
            books,
            shapes,
            idempotent,
            agent,
        })
}

async fn health() -> Answer {
    json!({"status": "healthy", "version": "0.1.0"}).into()
}

async fn users(State(desk): State<Desk>) -> Answer {
    desk.shapes.users(&desk.books()).into()
}

async fn user(State(desk): State<Desk>, Path(user_id): Path<String>) -> Answered {
    Ok(desk
        .shapes
        .user(found_user(&desk.books(), &user_id)?)
        .into())
}

async fn accounts(State(desk): State<Desk>, Path(user_id): Path<String>) -> Answered {
    let books = desk.books();
    Ok(desk.shapes.accounts(found_user(&books, &user_id)?, &books))
}

async fn profile(State(desk): State<Desk>, Path(user_id): Path<String>) -> Answered {
    Ok(shapes::profile(found_user(&desk.books(), &user_id)?).into())
}

async fn account(State(desk): State<Desk>, Path(account_id): Path<String>) -> Answered {
    Ok(desk
        .shapes
        .account(found_account(&desk.books(), &account_id)?))
}

async fn balance(State(desk): State<Desk>, Path(account_id): Path<String>) -> Answered {
    Ok(shapes::balance(found_account(&desk.books(), &account_id)?).into())
}

async fn statements(State(desk): State<Desk>, Path(account_id): Path<String>) -> Answered {
    let books = desk.books();
    Ok(shapes::statements(
        found_account(&books, &account_id)?,
        desk.shapes.as_ref(),
    ))
}

/// Which payments; a bank that drops references has none to filter by, and lists all.
#[derive(Deserialize)]
struct Which {
    reference: Option<String>,
}

async fn payments(State(desk): State<Desk>, Query(which): Query<Which>) -> Answer {
    let reference = which.reference.filter(|_| !desk.shapes.is_published());
    shapes::payments(&desk.books(), desk.shapes.as_ref(), reference.as_deref()).into()
}

async fn payment(State(desk): State<Desk>, Path(payment_id): Path<String>) -> Answered {
    let books = desk.books();
    let payment = books
        .payments
        .get(&payment_id)
        .ok_or(Refusal(404, "Payment not found"))?;
    Ok(json!({"payment_id": payment_id, "details": desk.shapes.payment(payment)}).into())
}

async fn transfer(State(desk): State<Desk>, headers: HeaderMap, body: Bytes) -> Response {
    let mut fields = desk.fields(&body);
    let order = Order {
        from_account: fields.text("from_account"),
        to_account: fields.text("to_account"),
        amount: fields.amount("amount"),
        reference: fields.optional_text("reference"),
    };
    let now = jiff::Timestamp::now()
        .strftime("%Y-%m-%dT%H:%M:%SZ")
        .to_string();
    let shapes = Arc::clone(&desk.shapes);
    desk.once(&headers, "transfer", &body, fields, |books| {
        books
            .transfer(order, &now)
            .map(|payment| shapes.receipt(payment))
    })
}

async fn loan(State(desk): State<Desk>, headers: HeaderMap, body: Bytes) -> Response {
    let mut fields = desk.fields(&body);
    let user_id = fields.text("user_id");
    let amount = fields.amount("loan_amount");
    let purpose = fields.text("loan_purpose");
    let years = fields.whole("term_years");
    desk.once(&headers, "loan", &body, fields, |books| {
        books.apply(&user_id, "loan", amount).map(|application| {
            json!({
                "status": "submitted",
                "application_id": application.id,
                "user_id": user_id,
                "loan_amount": amount.json(),
                "loan_purpose": purpose,
                "term_years": years,
                "message": "Your loan application has been submitted.",
            })
        })
    })
}

async fn credit_card(State(desk): State<Desk>, headers: HeaderMap, body: Bytes) -> Response {
    let mut fields = desk.fields(&body);
    let user_id = fields.text("user_id");
    let card_type = fields.text("card_type");
    let limit = fields.amount("credit_limit");
    desk.once(&headers, "credit-card", &body, fields, |books| {
        books
            .apply(&user_id, "credit card", limit)
            .map(|application| {
                json!({
                    "status": "submitted",
                    "application_id": application.id,
                    "user_id": user_id,
                    "card_type": card_type,
                    "credit_limit": limit.json(),
                    "message": "Your credit card application has been submitted.",
                })
            })
    })
}

async fn application(State(desk): State<Desk>, Path(application_id): Path<String>) -> Answered {
    let books = desk.books();
    let found = books
        .applications
        .get(&application_id)
        .ok_or(Refusal(404, "Application not found"))?;
    Ok(json!({
        "application_id": found.id,
        "status": "pending",
        "message": format!("Your {} application is being reviewed.", found.product),
    })
    .into())
}

async fn agent_reply(State(desk): State<Desk>, headers: HeaderMap, body: Bytes) -> Response {
    let mut fields = desk.fields(&body);
    fields.text("call_id");
    fields.optional_text("user_id");
    let question = fields.text("question");
    if let Err(problems) = fields.finish() {
        return Reply(422, problems).into_response();
    }
    agent::answer(desk.agent, &headers, &question).await
}

impl Desk {
    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fields(&self, body: &[u8]) -> Fields {
        Fields::of(body, self.shapes.is_published())
    }

    /// Does a write, once per key where the bank understands keys: the same key gives the same answer, refusals included.
    fn once(
        &self,
        headers: &HeaderMap,
        path: &str,
        body: &[u8],
        fields: Fields,
        act: impl FnOnce(&mut Books) -> Result<Value, Refusal>,
    ) -> Response {
        if let Err(problems) = fields.finish() {
            return Reply(422, problems).into_response();
        }
        let mut books = self.books();
        let key = headers
            .get("idempotency-key")
            .and_then(|value| value.to_str().ok())
            .filter(|_| self.idempotent);
        let request = format!("{path} {}", String::from_utf8_lossy(body));
        if let Some(kept) = key.and_then(|key| books.kept.get(key)) {
            if kept.request == request {
                return Reply(kept.status, kept.answer.clone()).into_response();
            }
            let reused = "Idempotency-Key was used for another request";
            return Reply::from(Refusal(422, reused)).into_response();
        }
        let (status, answer) = match act(&mut books) {
            Ok(answer) => (200, answer),
            Err(Refusal(status, detail)) => (status, json!({"detail": detail})),
        };
        if let Some(key) = key {
            let kept = Kept {
                request,
                status,
                answer: answer.clone(),
            };
            books.kept.insert(key.to_owned(), kept);
        }
        Reply(status, answer).into_response()
    }
}

fn found_user<'a>(books: &'a Books, user_id: &str) -> Result<&'a User, Refusal> {
    books
        .users
        .get(user_id)
        .ok_or(Refusal(404, "User not found"))
}

fn found_account<'a>(books: &'a Books, account_id: &str) -> Result<&'a Account, Refusal> {
    books
        .accounts
        .get(account_id)
        .ok_or(Refusal(404, "Account not found"))
}

impl From<Refusal> for Reply {
    fn from(Refusal(status, detail): Refusal) -> Self {
        Self(status, json!({"detail": detail}))
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, axum::Json(self.1)).into_response()
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        axum::Json(self).into_response()
    }
}
