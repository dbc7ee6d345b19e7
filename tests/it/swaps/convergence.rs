//! How soon an order given at one host holds at another: halts within a second, revisions within two, with and without a word from
//! the database.
//!
//! The figures are printed, and bounded with room for a development build on a busy machine. Each test leaves itself out where there
//! is no PostgreSQL or no Redis.

use std::fmt;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use super::bench::{active, active_other_than, status};
use super::hosts::{Two, agree};
use super::{LOW, OVER, PAID, new_call, order, sixty};
use crate::harness::{Conversation, Database, Host, within};

/// The goal is one second.
const HALT: Duration = Duration::from_secs(3);
/// The goal is two seconds.
const REVISION: Duration = Duration::from_secs(5);

/// Two hosts that follow one database, each with a folder of its own.
struct Pair {
    one: Host,
    other: Host,
    two: Two,
}

/// What was measured.
#[derive(Default)]
struct Times(Vec<(&'static str, Duration)>);

impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let longest = self.0.iter().map(|(_, took)| took).max();
        write!(f, "{:?}; longest {longest:?}", self.0)
    }
}

impl Pair {
    async fn start() -> Result<Option<Self>> {
        let Some(two) = Two::new().await? else {
            return Ok(None);
        };
        Ok(Some(Self {
            one: two.here.setup.start().await?,
            other: two.there.setup.start().await?,
            two,
        }))
    }

    /// Orders at the one host; how long, from the order on, until the other's status says so.
    async fn followed(
        &self,
        what: &str,
        body: Value,
        patience: Duration,
        is_there: impl Fn(&Value) -> bool,
    ) -> Result<Duration> {
        let began = Instant::now();
        order(&self.one, what, body).await?;
        let seen = within(patience, what, async || {
            Ok(is_there(&status(&self.other).await?).then_some(()))
        });
        seen.await?;
        Ok(began.elapsed())
    }

    /// Halts and resumes this at the one host, and looks what a new call at the other is told meanwhile.
    async fn halted(&self, times: &mut Times, target: &Value, told: &str) -> Result<()> {
        let names = ["a halt", "its end"];
        for (order, name, count) in [("halt", names[0], 1), ("resume", names[1], 0)] {
            let halts = |status: &Value| status["halts"].as_array().map(Vec::len) == Some(count);
            let took = self.followed(order, target.clone(), HALT, halts).await?;
            times.0.push((name, took));
            let expected = if count == 1 { told } else { PAID };
            assert_eq!(new_call(&self.other).await?, expected, "{target}");
        }
        Ok(())
    }

    /// Activates these rules for every call at once.
    async fn activated(&self, times: &mut Times, revision: &str) -> Result<()> {
        let now = json!({"revision": revision, "reason": "a test", "now": true});
        let is_active = |status: &Value| status["active"]["revision"] == revision;
        let took = self.followed("activate", now, REVISION, is_active).await?;
        times.0.push(("an activation", took));
        Ok(())
    }
}

fn transfers() -> Value {
    json!({"what": "transfers", "reason": "fraud"})
}

fn plugin() -> Value {
    json!({"what": "plugin", "name": "transfer-limits", "reason": "wrong"})
}

#[tokio::test]
async fn what_is_halted_or_activated_at_one_host_soon_holds_at_the_other() -> Result<()> {
    let Some(pair) = Pair::start().await? else {
        return Ok(());
    };
    let mut times = Times::default();
    pair.halted(&mut times, &transfers(), "transfers_halted")
        .await?;
    pair.halted(&mut times, &plugin(), "policy_failed").await?;
    let old = active(&pair.one).await?;
    let mut call = Conversation::of_alice(&pair.other);
    assert_eq!(call.invoke("transfer_funds", sixty()).await?.code, PAID);
    pair.two.here.save(&LOW)?;
    let new = active_other_than(&pair.one, &old).await?;
    let ((), took) = within(REVISION, "the saved rules", async || {
        Ok((active(&pair.other).await? == new).then_some(()))
    })
    .await?;
    times.0.push(("a save", took));
    // The call began with the old rules and keeps them, until somebody says `now`.
    assert_eq!(call.invoke("transfer_funds", sixty()).await?.code, PAID);
    pair.activated(&mut times, &new).await?;
    let ((), took) = within(REVISION, "the call to be taken over", async || {
        let said = call.invoke("transfer_funds", sixty()).await?.code;
        Ok((said == OVER).then_some(()))
    })
    .await?;
    times.0.push(("its effect on a live call", took));
    pair.activated(&mut times, &old).await?;
    println!("seen at the other host: {times}");
    Ok(())
}

/// How many connections listen for notices.
fn listening(database: &Database) -> Result<usize> {
    let count = "SELECT count(*) FROM pg_stat_activity \
        WHERE datname = current_database() AND query ILIKE 'LISTEN %'";
    Ok(database.run(count)?.trim().parse()?)
}

/// Ends them, as a pooler or a firewall does; how many. They are made anew only after ten seconds.
async fn deafen(database: &Database) -> Result<usize> {
    let end = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
        WHERE datname = current_database() AND query ILIKE 'LISTEN %'";
    let ended: usize = database.run(end)?.trim().parse()?;
    let gone = within(HALT, "the end of the connections", async || {
        Ok((listening(database)? == 0).then_some(()))
    });
    gone.await?;
    Ok(ended)
}

#[tokio::test]
async fn so_it_does_where_every_notice_is_lost() -> Result<()> {
    let Some(pair) = Pair::start().await? else {
        return Ok(());
    };
    let old = active(&pair.one).await?;
    pair.two.here.save(&LOW)?;
    let new = active_other_than(&pair.one, &old).await?;
    agree(&pair.other, &new).await?;
    order(&pair.one, "rollback", json!({"reason": "too low"})).await?;
    agree(&pair.other, &old).await?;
    ensure!(
        listening(&pair.two.database)? == 2,
        "both hosts listen at first"
    );
    let mut times = Times::default();
    let mut ended = deafen(&pair.two.database).await?;
    pair.halted(&mut times, &transfers(), "transfers_halted")
        .await?;
    ensure!(
        listening(&pair.two.database)? == 0,
        "a notice may have come"
    );
    ended += deafen(&pair.two.database).await?;
    pair.activated(&mut times, &new).await?;
    pair.activated(&mut times, &old).await?;
    ensure!(
        listening(&pair.two.database)? == 0,
        "a notice may have come"
    );
    println!("seen at the other host with {ended} connections for notices ended: {times}");
    Ok(())
}
