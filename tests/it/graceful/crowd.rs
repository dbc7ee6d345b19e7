//! A host that is told to stop in the middle of its busiest moment, over PostgreSQL and Redis: hundreds of turns in flight, hundreds
//! of lines open.
//!
//! Every turn waits at the bank's gate when the word comes, so all of them are in flight at the same time. Leaves itself out where
//! there is no PostgreSQL or no Redis.

use std::time::Duration;

use anyhow::Result;

use super::{all_are_served, balances, gated, held, lines, says_so_and_closes};
use crate::harness::{Redis, Setup, postgres};

/// Turns over HTTP, and over websockets.
const FUNCTIONS: usize = 400;
const ASKING: usize = 100;
const TURNS: usize = FUNCTIONS + ASKING;
/// Websockets on which nobody speaks.
const IDLE: usize = 200;
/// Longer than all of it: what waits at the gate must not be given up.
const PATIENCE_MS: u64 = 30_000;
const ENDED_WITHIN: Duration = Duration::from_secs(30);

/// A host with room for that many turns at once, which gives the bank all the time in the world.
fn roomy(setup: Setup) -> Setup {
    let mut setup = setup
        .set("LOG_LEVEL", "WARN")
        .set("ORCHESTRATOR_SERVER__DRAIN_MS", 1_500)
        .set("ORCHESTRATOR_TURN__AT_ONCE_MAX", TURNS)
        .set("ORCHESTRATOR_PLUGIN__INSTANCES_MAX", 4 * TURNS);
    for patience in [
        "TURN__DEADLINE_MS",
        "BACKEND__FIRST_BYTE_MS",
        "BACKEND__READ_TRY_MS",
        "BACKEND__READ_TOTAL_MS",
        "DATABASE__STATEMENT_TIMEOUT_MS",
        "DATABASE__ACQUIRE_TIMEOUT_MS",
    ] {
        setup = setup.set(&format!("ORCHESTRATOR_{patience}"), PATIENCE_MS);
    }
    setup
}

#[tokio::test]
async fn hundreds_of_turns_in_flight_are_answered_before_the_end() -> Result<()> {
    let (Some(database), Some(redis)) = (postgres()?, Redis::start()?) else {
        return Ok(());
    };
    let setup = roomy(Setup::sandbox()?)
        .set("DATABASE_URL", &database.url)
        .set("CALL_STATE_DB", "redis")
        .set("REDIS_URL", &redis.url);
    let (_bank, gate, host) = gated(setup).await?;
    let mut idle = lines(&host, "idle", IDLE, false).await?;
    gate.hold("/accounts");
    let mut asking = lines(&host, "asking", ASKING, true).await?;
    let stop = async {
        held(&gate, TURNS).await?;
        says_so_and_closes(&host, &gate).await
    };
    let (told, answered) = tokio::join!(stop, balances(&host, FUNCTIONS));
    let (told, answered) = (told?, answered?);
    let (heard, ends) = all_are_served(&mut asking, &mut idle).await?;
    let sentences = answered + heard;
    let (_, ended) = host.stopped(ENDED_WITHIN.saturating_sub(told.elapsed()))?;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    println!(
        "told to stop with {TURNS} turns in flight and {} websockets: {sentences} sentences, {ends} broken connections, 0 dropped, ended after {:?}",
        IDLE + ASKING,
        told.elapsed()
    );
    assert_eq!((sentences, ends), (TURNS, IDLE + ASKING));
    Ok(())
}
