//! Several hosts on one PostgreSQL and one Redis: any of them serves any call, and none of them is missed.
//!
//! Processes are really killed and stopped; what is counted is printed.

mod alone;
mod commands;
mod events;
mod installations;
mod locks;
mod mixed;
mod partition;
mod redis_away;
mod takeover;
mod terms;
mod two_lines;

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context as _, Result};
use futures_util::stream::{StreamExt as _, iter};
use serde_json::json;

use crate::harness::{Conversation, Database, Host, Redis, Setup, Spoken, postgres, slack, until};

/// How many callers ask at the same time where many calls are live: what two hosts of a development build bear on a small machine.
const ASKERS: usize = 32;

/// Hosts that share everything, and what they share.
struct Bench {
    hosts: Vec<Host>,
    /// How they are started.
    setup: Setup,
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
        let mut setup = Setup::sandbox()?;
        // What a busy machine makes slow is no fault of these hosts, unless they are built for speed.
        if !slack(Duration::from_secs(1)).is_zero() {
            setup = setup
                .set("ORCHESTRATOR_DATABASE__STATEMENT_TIMEOUT_MS", 15_000)
                .set("ORCHESTRATOR_TURN__DEADLINE_MS", 15_000);
        }
        let setup = setup
            .set("PYTHON_BACKEND_URL", &url)
            .set("DATABASE_URL", &database.url)
            .set("CALL_STATE_DB", "redis")
            .set("REDIS_URL", &redis.url);
        let mut bench = Self {
            hosts: Vec::new(),
            setup,
            redis,
            database,
            bank,
            bank_url: url,
        };
        for _ in 0..count {
            let host = bench.another(|setup| setup).await?;
            bench.hosts.push(host);
        }
        Ok(Some(bench))
    }

    /// Another host, which differs in what `change` does.
    async fn another(&self, change: impl FnOnce(Setup) -> Setup) -> Result<Host> {
        change(self.setup.clone()).start().await
    }
}

/// Runs all, [`ASKERS`] at the same time; what came of each, in their order.
async fn by_askers<F: Future>(all: impl IntoIterator<Item = F>) -> Vec<F::Output> {
    iter(all).buffered(ASKERS).collect().await
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

/// Every call asks once, on one host or the other; how many were answered.
async fn all_ask(hosts: &[Host], calls: &mut [Conversation<'_>], turn: usize) -> Result<usize> {
    let asking = calls
        .iter_mut()
        .enumerate()
        .map(|(at, call)| balance(&hosts[(at + turn) % hosts.len()], call));
    let mut answered = 0;
    for said in by_askers(asking).await {
        answered += usize::from(said? == "balance");
    }
    Ok(answered)
}

/// The calls that have not had this many turns, as the database has it in the end, each with how many it had.
async fn forgetful(
    database: &Database,
    calls: &[Conversation<'_>],
    turns: usize,
) -> Result<BTreeMap<String, String>> {
    let mut wrong = BTreeMap::new();
    let waited = until("every turn in the database", async || {
        let kept = database.run("SELECT id, turns FROM calls")?;
        let kept: BTreeMap<&str, &str> = kept
            .lines()
            .filter_map(|line| line.split_once('|'))
            .collect();
        let of = |call: &Conversation<'_>| kept.get(call.call_id.as_str()).map(|it| it.to_string());
        let all = calls.iter().map(|call| (call.call_id.clone(), of(call)));
        wrong = all
            .map(|(id, had)| (id, had.unwrap_or_default()))
            .filter(|(_, had)| *had != turns.to_string())
            .collect();
        Ok(wrong.is_empty().then_some(()))
    });
    // Whoever asked says which, when there are any.
    let _ = waited.await;
    Ok(wrong)
}

/// Waits until this host says of Redis what it should.
async fn knows_redis_away(host: &Host, is_away: bool) -> Result<()> {
    let known = until("a host that knows how Redis is", async || {
        let answer = host.get("/readyz").await?;
        assert_eq!(answer.status, 200, "{}", answer.text);
        Ok((answer.text.contains("Redis does not answer") == is_away).then_some(()))
    });
    known.await.with_context(|| {
        let log = host.log();
        let of_redis: Vec<&str> = log.lines().filter(|line| line.contains("Redis")).collect();
        format!(
            "Redis away: {is_away}, as {} has it: {of_redis:#?}",
            host.url
        )
    })
}
