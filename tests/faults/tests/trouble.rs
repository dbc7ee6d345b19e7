//! Every mischief of the bank, in every test run: at a bank that keeps references and at one that honours keys in turn.
//!
//! Several at once, since most of their time is waiting; in a program of their own, so that no storm takes the machine away from what
//! is timed.

#![allow(clippy::print_stdout, reason = "a test tells its seed and its counts")]

use std::time::Duration;

use anyhow::{Context as _, Result};
use faults::bank::{Kind, Mischief};
use faults::trouble::{self, Bounds};
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};

const SEED: u64 = 20;
const AT_ONCE: usize = 4;
/// Hosts that were not built for speed, some of them at once on two processors.
const BOUNDS: Bounds = Bounds {
    slack: Duration::from_secs(3),
    settled_within: Duration::from_secs(60),
};

async fn trouble(number: usize, (name, mischief): (&str, Mischief)) -> Result<()> {
    let kind = [Kind::Reference, Kind::Idempotent][number % 2];
    let what = format!("seed {SEED}, {name}, {} bank", kind.name());
    println!("{what}");
    let seen = trouble::run(mischief, kind, SEED, BOUNDS).await;
    println!("{what}: {}", seen.with_context(|| what.clone())?);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_the_bank_does_wrong_the_caller_hears_a_sentence_and_money_moves_once()
-> Result<()> {
    stream::iter(Mischief::ALL.into_iter().enumerate())
        .map(|(number, named)| trouble(number, named))
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await
}
