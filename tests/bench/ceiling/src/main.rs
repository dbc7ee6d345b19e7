//! The ceiling of what an orchestrator on this stack can do: a bare axum server that checks the signature, asks the bank once and
//! answers.
//!
//! No rules, no state of a call, no record, no bounds, no transfers. Its way to the bank has the settings of the orchestrator's.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use axum::{Json, Router};
use clap::Parser;
use hmac::{Hmac, KeyInit, Mac};
use reqwest::{Client, redirect};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::net::TcpListener;

const WINDOW_MS: u128 = 300_000;

#[derive(Parser)]
#[command(about = "Signature, one question to the bank, an answer")]
struct Arguments {
    /// Where it listens.
    #[arg(long)]
    listen: SocketAddr,
    /// The bank, without /api/v1.
    #[arg(long)]
    bank: String,
    /// What requests are signed with.
    #[arg(long)]
    api_key: String,
}

struct Ceiling {
    client: Client,
    bank: String,
    api_key: String,
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let client = Client::builder()
        .redirect(redirect::Policy::none())
        .no_proxy()
        .referer(false)
        .connect_timeout(Duration::from_millis(500))
        .pool_max_idle_per_host(64)
        .pool_idle_timeout(Duration::from_secs(30))
        .build()
        .context("no HTTP client")?;
    let listener = TcpListener::bind(arguments.listen)
        .await
        .with_context(|| format!("{} cannot be listened on", arguments.listen))?;
    let router = Router::new()
        .route("/health", get(async || "healthy"))
        .route("/functions", post(functions))
        .with_state(Arc::new(Ceiling {
            client,
            bank: arguments.bank,
            api_key: arguments.api_key,
        }));
    axum::serve(listener, router)
        .await
        .context("the server stopped")
}

#[derive(Deserialize)]
struct Invocation {
    args: Asked,
    call: Call,
}

#[derive(Deserialize)]
struct Asked {
    account_id: String,
}

#[derive(Deserialize)]
struct Call {
    from_number: String,
}

async fn functions(
    State(ceiling): State<Arc<Ceiling>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, StatusCode> {
    if !ceiling.is_signed(&headers, &body) {
        return Err(StatusCode::UNAUTHORIZED);
    }
    let asked: Invocation =
        serde_json::from_slice(&body).map_err(|_| StatusCode::UNPROCESSABLE_ENTITY)?;
    let balance = ceiling.balance(&asked).await;
    let balance = balance.ok_or(StatusCode::BAD_GATEWAY)?;
    Ok(Json(
        json!({ "result": format!("Your balance is {balance}."), "code": "balance" }),
    ))
}

impl Ceiling {
    fn is_signed(&self, headers: &HeaderMap, body: &[u8]) -> bool {
        let signed = || {
            let header = headers.get("x-retell-signature")?.to_str().ok()?;
            let (time, digest) = header.strip_prefix("v=")?.split_once(",d=")?;
            let now = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
            if now.as_millis().abs_diff(time.parse().ok()?) > WINDOW_MS {
                return None;
            }
            let mut mac = Hmac::<Sha256>::new_from_slice(self.api_key.as_bytes()).ok()?;
            mac.update(body);
            mac.update(time.as_bytes());
            mac.verify_slice(&hex::decode(digest).ok()?).ok()
        };
        signed().is_some()
    }

    /// The one question.
    async fn balance(&self, asked: &Invocation) -> Option<String> {
        let digits = asked.call.from_number.strip_prefix("+1415")?;
        let address = format!("{}/api/v1/users/user_{digits}/accounts", self.bank);
        let answer = self.client.get(address).send().await.ok()?;
        let body = answer.error_for_status().ok()?.bytes().await.ok()?;
        let listed: Value = serde_json::from_slice(&body).ok()?;
        let accounts = listed["accounts"].as_array()?;
        let account = accounts
            .iter()
            .find(|account| account["account_id"] == asked.args.account_id.as_str())?;
        Some(account["balance"].as_str()?.to_owned())
    }
}
