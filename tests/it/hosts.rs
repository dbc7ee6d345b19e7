//! Several hosts on one PostgreSQL and one Redis: any of them serves any call, and none of them is missed.
//!
//! Processes are really killed and stopped; what is counted is printed.

mod alone;
mod commands;
mod events;
mod redis_away;
mod takeover;

use anyhow::Result;
use serde_json::json;

use crate::harness::{Conversation, Database, Host, Redis, Setup, Spoken, postgres};

/// Hosts that share everything, and what they share.
struct Bench {
    hosts: Vec<Host>,
    redis: Redis,
    database: Database,
    /// Whose balances are asked; a sandbox that serves nothing else.
    bank: Host,
    bank_url: String,
}

impl Bench {
    /// None where there is no PostgreSQL or no Redis.
    async fn of(count: usize) -> Result<Option<Self>> {
        let (Some(database), Some(redis)) = (postgres()?, Redis::start()?) else {
            return Ok(None);
        };
        let (bank, url) = Setup::bank("documented").await?;
        let mut hosts = Vec::new();
        for _ in 0..count {
            let setup = Setup::sandbox()?
                .set("PYTHON_BACKEND_URL", &url)
                // What a busy machine makes slow is no fault of these hosts.
                .set("ORCHESTRATOR_DATABASE__STATEMENT_TIMEOUT_MS", 15_000)
                .set("ORCHESTRATOR_TURN__DEADLINE_MS", 15_000)
                .set("DATABASE_URL", &database.url)
                .set("CALL_STATE_DB", "redis")
                .set("REDIS_URL", &redis.url);
            hosts.push(setup.start().await?);
        }
        Ok(Some(Self {
            hosts,
            redis,
            database,
            bank,
            bank_url: url,
        }))
    }
}

/// The next function call of this conversation, sent to this host.
async fn asked(
    host: &Host,
    call: &mut Conversation<'_>,
    name: &str,
    arguments: serde_json::Value,
) -> Result<Spoken> {
    let body = call.body(name, arguments);
    Spoken::of(&host.signed("/functions", body).await?)
}

async fn balance(host: &Host, call: &mut Conversation<'_>) -> Result<String> {
    let wanted = json!({"account_id": "checking_1"});
    Ok(asked(host, call, "check_balance", wanted).await?.code)
}
