//! The storm: many transfers at once, a host that is killed or stopped in the middle, and a client that never gives up.
//!
//! The blow falls when a seeded number of payments has reached the bank's books, so that it lies in the middle on any machine. At
//! the end `check` compares the bank's books, the ledger and the answers with each other.

mod check;
mod client;
mod watch;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use fastrand::Rng;
use tests::host::Host;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use crate::bank::books::Order;
use crate::proxy::{Toxic, Way};
use crate::world::World;

pub use check::Counts;
pub use client::{Answer, Door};

/// The longest until the first payments are booked.
const UNDER_WAY_WITHIN: Duration = Duration::from_secs(120);

/// What happens to the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blow {
    /// SIGKILL, and a new start.
    Kill,
    /// SIGSTOP for so long.
    Stop(Duration),
}

/// One wish of a customer's.
#[derive(Debug, Clone)]
pub struct Wish {
    /// Whose.
    pub customer: usize,
    /// No two of a world are equal.
    pub order: Order,
    /// The way in.
    pub door: Door,
    /// No two of a world are equal: the key, or the call.
    pub name: String,
}

/// How a round goes.
#[derive(Debug, Clone, Copy)]
pub struct Round {
    /// Makes its keys unlike those of every other round of its world.
    pub number: u64,
    /// Of everything that is random in it.
    pub seed: u64,
    /// How many, all at once.
    pub transfers: usize,
    /// What happens to the host.
    pub blow: Blow,
    /// The longest that a row may stay open after the blow, or after it was opened where that is later.
    pub settled_within: Duration,
    /// The longest that clients may need for all of it.
    pub answered_within: Duration,
}

/// Runs one round and checks it.
///
/// # Errors
/// What differs between books, ledger and answers, each in a line.
pub async fn run(world: &World, round: Round) -> Result<Counts> {
    let mut chance = Rng::with_seed(round.seed);
    let (delay, jitter) = (Duration::from_millis(15), Duration::from_millis(14));
    for way in [Way::Up, Way::Down] {
        let late = [Toxic::Latency { delay, jitter }];
        world.bank.proxy().set(way, &late);
    }
    let before = check::Before::of(world);
    let wishes = wishes(world, round, &mut chance);
    let blow_at = before.payments() + chance.usize(round.transfers / 20..=round.transfers / 3);
    let mut host = world.host().await?;
    let url = Arc::new(std::sync::Mutex::new(host.url.clone()));
    let clients: Vec<_> = wishes
        .iter()
        .map(|wish| {
            let asking = client::insist(wish.clone(), Arc::clone(&url), chance.fork());
            tokio::spawn(asking)
        })
        .collect();
    until_booked(world, blow_at).await?;
    let unanswered = clients.iter().filter(|one| !one.is_finished()).count();
    host = strike(host, round.blow, &url).await?;
    let is_answered = AtomicBool::new(false);
    let (answers, settled_after) = tokio::join!(
        answers(clients, wishes, round.answered_within, &is_answered),
        watch::rows(&host, round, &is_answered)
    );
    let settled_after = settled_after.with_context(|| tail(&host))?;
    let counts = check::compare(world, &host, &before, &answers).await;
    let mut counts = counts.with_context(|| format!("log of the host:\n{}", tail(&host)))?;
    counts.unanswered_at_the_blow = unanswered;
    counts.settled_after = settled_after;
    Ok(counts)
}

/// Until so many payments stand in the bank's books.
async fn until_booked(world: &World, payments: usize) -> Result<()> {
    let began = Instant::now();
    while world.bank.books().payments.len() < payments {
        ensure!(
            began.elapsed() < UNDER_WAY_WITHIN,
            "the transfers do not get under way"
        );
        sleep(Duration::from_millis(1)).await;
    }
    Ok(())
}

async fn answers(
    clients: Vec<JoinHandle<Answer>>,
    wishes: Vec<Wish>,
    within: Duration,
    is_answered: &AtomicBool,
) -> Vec<(Wish, Answer)> {
    let until = Instant::now() + within;
    let mut answers = Vec::with_capacity(wishes.len());
    for (client, wish) in clients.into_iter().zip(wishes) {
        let stop = client.abort_handle();
        let answer = tokio::time::timeout_at(until, client).await;
        stop.abort();
        let answer = answer.map_or(Answer::None, |joined| joined.unwrap_or(Answer::None));
        answers.push((wish, answer));
    }
    is_answered.store(true, Ordering::Release);
    answers
}

fn tail(host: &Host) -> String {
    let log = host.log();
    let lines: Vec<&str> = log.lines().collect();
    lines[lines.len().saturating_sub(20)..].join("\n")
}

async fn strike(host: Host, blow: Blow, url: &std::sync::Mutex<String>) -> Result<Host> {
    match blow {
        Blow::Kill => {
            let again = host.kill()?.start().await?;
            url.lock()
                .map_err(|_| anyhow::anyhow!("a client panicked"))?
                .clone_from(&again.url);
            Ok(again)
        }
        Blow::Stop(time) => {
            host.signal("STOP")?;
            sleep(time).await;
            host.signal("CONT")?;
            Ok(host)
        }
    }
}

/// Transfers between random accounts; amounts rise with the round, so that no order is wished for twice.
fn wishes(world: &World, round: Round, chance: &mut Rng) -> Vec<Wish> {
    (0..round.transfers)
        .map(|number| {
            let customer = chance.usize(0..world.customers);
            let mut other = chance.usize(0..world.customers);
            if other == customer {
                other = (other + 1) % world.customers;
            }
            // Between 1.00 and 99.99, below what a function call has to be confirmed for.
            let step = round.number * round.transfers as u64 + number as u64;
            let order = Order {
                from: format!("checking_{customer}"),
                to: format!("savings_{other}"),
                cents: 100 + i64::try_from(step % 9_900).unwrap_or(0),
            };
            Wish {
                customer,
                order,
                door: if number % 5 == 0 {
                    Door::Function
                } else {
                    Door::Rest
                },
                name: format!("{}-{number}", round.number),
            }
        })
        .collect()
}
