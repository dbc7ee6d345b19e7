//! The short form of the bench, in every test run: one kill for each kind of bank, a database that is killed, a host that is cut
//! off from Redis, and the mischief that loses answers.
//!
//! The seeds are fixed. Waits are generous, since the machine may be busy; the figures of the goal are held by `cargo xtask faults`.

#![allow(clippy::print_stdout, reason = "a test tells its counts")]

use std::time::Duration;

use anyhow::{Context as _, Result};
use faults::bank::{Kind, Mischief};
use faults::storm::{self, Blow, Round};
use faults::trouble::{self, Bounds};
use faults::world::{Store, World};

const PATIENCE: Duration = Duration::from_secs(120);
const BOUNDS: Bounds = Bounds {
    slack: Duration::from_secs(30),
    settled_within: PATIENCE,
};

/// One round in a world of its own.
async fn storm(kind: Kind, store: Store, transfers: usize, blow: Blow) -> Result<()> {
    let seed = 20;
    let Some(world) = World::make(kind, store, 50, seed).await? else {
        return Ok(());
    };
    let round = Round {
        number: 0,
        seed,
        transfers,
        blow,
        lasts: Duration::from_secs(3),
        settled_within: PATIENCE,
        answered_within: PATIENCE,
    };
    let counts = storm::run(&world, round).await;
    let counts = counts.with_context(|| format!("seed {seed}, {} bank", kind.name()))?;
    println!("{} bank, {store:?}, {blow:?}: {counts}", kind.name());
    assert_eq!((counts.lost, counts.doubled), (0, 0), "{counts}");
    assert!(
        counts.unanswered_at_the_blow > 0,
        "the blow came late: {counts}"
    );
    assert!(
        counts.completed + counts.needs_review > counts.transfers / 2,
        "little was wished for: {counts}"
    );
    Ok(())
}

async fn kill(kind: Kind, store: Store) -> Result<()> {
    storm(kind, store, 100, Blow::Kill).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_host_loses_and_doubles_nothing_at_an_idempotent_bank() -> Result<()> {
    kill(Kind::Idempotent, Store::Sqlite).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_host_loses_and_doubles_nothing_at_a_bank_that_keeps_references() -> Result<()> {
    kill(Kind::Reference, Store::Postgres).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_host_loses_and_doubles_nothing_at_a_bank_without_proof() -> Result<()> {
    kill(Kind::Unproven, Store::Sqlite).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_database_that_comes_back_loses_and_doubles_nothing_of_two_hosts() -> Result<()> {
    let (kind, store) = (Kind::Reference, Store::PostgresRedis);
    storm(kind, store, 60, Blow::KillPostgres).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_without_redis_loses_and_doubles_nothing_of_one_that_is_killed() -> Result<()> {
    let (kind, store) = (Kind::Idempotent, Store::PostgresRedis);
    storm(kind, store, 60, Blow::PartitionRedisAndKill).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bank_that_resets_after_the_booking_is_paid_once_and_the_caller_hears_a_sentence()
-> Result<()> {
    trouble::run(Mischief::ResetAfter, 20, BOUNDS).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bank_that_answers_with_a_hundred_megabytes_does_not_fill_the_memory() -> Result<()> {
    trouble::run(Mischief::Huge, 20, BOUNDS).await?;
    Ok(())
}
