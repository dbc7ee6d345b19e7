//! A bank that answers everything after the same time, so that it is never the bank that is measured.
//!
//! Speaks what a balance or a transfer needs of the backend contract, in the documented dialect, for customers without number:
//! whoever has a telephone number `+1415…` is a customer with two accounts. It keeps no books: balances never change, and every
//! well-formed transfer between two accounts is completed. It counts what it was asked.

mod customers;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use clap::Parser;
use serde::Deserialize;
use serde_json::{Number, Value, json};
use tokio::net::TcpListener;

use crate::customers::Customer;

#[derive(Parser)]
#[command(about = "A bank of fixed latency")]
struct Arguments {
    /// Where it listens.
    #[arg(long)]
    listen: SocketAddr,
    /// Before every answer.
    #[arg(long, default_value_t = 2)]
    latency_ms: u64,
}

struct Bank {
    latency: Duration,
    lookups: AtomicU64,
    listings: AtomicU64,
    transfers: AtomicU64,
}

/// One worker: it takes turns with the load generator on a core of theirs.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let bank = Arc::new(Bank {
        latency: Duration::from_millis(arguments.latency_ms),
        lookups: AtomicU64::new(0),
        listings: AtomicU64::new(0),
        transfers: AtomicU64::new(0),
    });
    let listener = TcpListener::bind(arguments.listen)
        .await
        .with_context(|| format!("{} cannot be listened on", arguments.listen))?;
    let api = Router::new()
        .route("/health", get(health))
        .route("/users/{user_id}", get(customer))
        .route("/users/{user_id}/accounts", get(accounts))
        .route("/payments/transfer", post(transfer));
    let router = Router::new()
        .route("/health", get(health))
        .route("/counts", get(counts))
        .nest("/api/v1", api)
        .with_state(bank);
    axum::serve(listener, router)
        .await
        .context("the bank stopped")
}

impl Bank {
    async fn after_a_while(&self, counter: &AtomicU64) {
        counter.fetch_add(1, Ordering::Relaxed);
        tokio::time::sleep(self.latency).await;
    }
}

async fn health() -> Json<Value> {
    Json(json!({ "status": "healthy", "version": "0.1.0" }))
}

/// What was asked so far, for whoever wants to know how often a turn asks.
async fn counts(State(bank): State<Arc<Bank>>) -> Json<Value> {
    let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
    Json(json!({
        "lookups": read(&bank.lookups),
        "listings": read(&bank.listings),
        "transfers": read(&bank.transfers),
    }))
}

async fn customer(State(bank): State<Arc<Bank>>, Path(id): Path<String>) -> Response {
    bank.after_a_while(&bank.lookups).await;
    match Customer::find(&id) {
        Some(customer) => Json(customer.details()).into_response(),
        None => refuse(StatusCode::NOT_FOUND, "User not found"),
    }
}

async fn accounts(State(bank): State<Arc<Bank>>, Path(id): Path<String>) -> Response {
    bank.after_a_while(&bank.listings).await;
    match Customer::find(&id) {
        Some(customer) => Json(customer.accounts()).into_response(),
        None => refuse(StatusCode::NOT_FOUND, "User not found"),
    }
}

#[derive(Deserialize)]
struct Order {
    from_account: String,
    to_account: String,
    amount: Number,
}

async fn transfer(State(bank): State<Arc<Bank>>, Json(order): Json<Order>) -> Response {
    bank.after_a_while(&bank.transfers).await;
    if !order.amount.as_f64().is_some_and(|amount| amount > 0.0) {
        return refuse(StatusCode::BAD_REQUEST, "Amount must be positive");
    }
    if !customers::is_account(&order.from_account) {
        return refuse(StatusCode::NOT_FOUND, "Source account not found");
    }
    if !customers::is_account(&order.to_account) {
        return refuse(StatusCode::NOT_FOUND, "Destination account not found");
    }
    let number = bank.transfers.load(Ordering::Relaxed);
    Json(json!({
        "id": format!("pay_{number}_{}", order.from_account),
        "from_account": order.from_account,
        "to_account": order.to_account,
        "amount": order.amount,
        "status": "Completed",
    }))
    .into_response()
}

fn refuse(status: StatusCode, detail: &str) -> Response {
    (status, Json(json!({ "detail": detail }))).into_response()
}
