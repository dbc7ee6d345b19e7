//! The short form of the storm, in every test run: one kill for each kind of bank, a database that is killed, a host that is cut off
//! from Redis, and answers of the bank's that are lost.
//!
//! The seeds are fixed and printed. Waits are generous, since the machine may be busy; the figures of the goal are held by
//! `cargo xtask faults`.

#![allow(clippy::print_stdout, reason = "a test tells its seed and its counts")]

use std::time::Duration;

use anyhow::{Context as _, Result};
use faults::bank::Kind;
use faults::storm::{self, Blow, Moment, Round};
use faults::world::{Store, World};

const PATIENCE: Duration = Duration::from_secs(120);

/// One round in a world of its own.
async fn storm(
    seed: u64,
    (kind, store): (Kind, Store),
    transfers: usize,
    blow: Blow,
) -> Result<()> {
    let round = Round {
        number: 0,
        seed,
        transfers,
        customers: 50,
        blow,
        lasts: Duration::from_secs(3),
        settled_within: PATIENCE,
        answered_within: PATIENCE,
    };
    let (moment, weather) = (round.moment(), round.weather());
    let what = format!(
        "seed {seed}, {} bank, {store:?}, {blow:?} {moment}, {weather}",
        kind.name()
    );
    println!("{what}");
    let Some(world) = World::make(kind, store, seed).await? else {
        return Ok(());
    };
    let counts = storm::run(&world, round).await;
    let counts = counts.with_context(|| {
        let kept = world.setups[0].keep_folder();
        format!("{what}; kept in {}", kept.display())
    })?;
    println!("{what}: {counts}");
    assert_eq!((counts.lost, counts.doubled), (0, 0), "{counts}");
    assert!(
        counts.unanswered_at_the_blow > 0 || matches!(moment, Moment::After(_)),
        "the blow came late: {counts}"
    );
    assert!(
        counts.completed + counts.needs_review > counts.transfers / 2,
        "little was wished for: {counts}"
    );
    Ok(())
}

async fn kill(seed: u64, at: (Kind, Store)) -> Result<()> {
    storm(seed, at, 100, Blow::Kill).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_host_loses_and_doubles_nothing_at_an_idempotent_bank() -> Result<()> {
    kill(20, (Kind::Idempotent, Store::Sqlite)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_host_loses_and_doubles_nothing_at_a_bank_that_keeps_references() -> Result<()> {
    kill(21, (Kind::Reference, Store::Postgres)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_host_loses_and_doubles_nothing_at_a_bank_without_proof() -> Result<()> {
    kill(22, (Kind::Unproven, Store::Sqlite)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_database_that_comes_back_loses_and_doubles_nothing_of_two_hosts() -> Result<()> {
    let at = (Kind::Reference, Store::PostgresRedis);
    storm(23, at, 60, Blow::KillPostgres).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_without_redis_loses_and_doubles_nothing_of_one_that_is_killed() -> Result<()> {
    let at = (Kind::Idempotent, Store::PostgresRedis);
    storm(26, at, 60, Blow::PartitionRedisAndKill).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bank_whose_answers_are_lost_in_the_middle_loses_and_doubles_nothing() -> Result<()> {
    storm(25, (Kind::Reference, Store::Sqlite), 100, Blow::LimitBank).await
}
