//! The storm: many transfers at once, a blow in the middle of them, and clients that never give up.
//!
//! The blow falls when a seeded number of payments has reached the bank's books, early or late or after the last of them. At the end
//! `check` compares the bank's books, the ledger and the answers with each other.

mod blow;
mod check;
mod client;
mod moment;
mod watch;
mod weather;
mod wishes;

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result};
use fastrand::Rng;
use tests::host::Host;
use tests::wait::until;
use tokio::task::{JoinHandle, block_in_place};
use tokio::time::Instant;

use crate::bank::books::Order;
use crate::world::World;

pub use blow::Blow;
pub use check::Counts;
pub use client::{Answer, Door};
pub use moment::Moment;
pub use weather::Weather;

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
    /// How many have them; nobody who had some in another round.
    pub customers: usize,
    /// What happens in the middle.
    pub blow: Blow,
    /// How long whatever it stops or takes away is gone.
    pub lasts: Duration,
    /// The longest that a row may stay open after the blow, or after it was opened where that is later.
    pub settled_within: Duration,
    /// The longest that clients may need for all of it.
    pub answered_within: Duration,
}

impl Round {
    /// What lies on the connections all the time.
    #[must_use]
    pub fn weather(&self) -> Weather {
        Weather::of(self.seed.rotate_left(20))
    }

    /// When the blow falls.
    #[must_use]
    pub fn moment(&self) -> Moment {
        Moment::of(self.seed.rotate_left(40))
    }

    fn customers(&self) -> Range<usize> {
        let first = usize::try_from(self.number).unwrap_or(0) * self.customers;
        first..first + self.customers
    }
}

/// Runs one round and checks it.
///
/// # Errors
/// What differs between books, ledger and answers, each in a line.
pub async fn run(world: &World, round: Round) -> Result<Counts> {
    let mut chance = Rng::with_seed(round.seed);
    weather::fair(world);
    block_in_place(|| world.admit(round.customers()))?;
    let has_redis = !world.services.redis_links().is_empty();
    let wishes = wishes::wishes(round, has_redis, &mut chance);
    let day_max_cents = wishes::day_max_cents(&wishes, &mut chance);
    let before = check::Before::of(world, day_max_cents);
    let mut hosts = world.hosts(day_max_cents).await?;
    let weather = round.weather();
    weather.comes(world);
    let urls: Arc<[String]> = hosts.iter().map(|host| host.url.clone()).collect();
    let clients: Vec<_> = wishes
        .iter()
        .map(|wish| {
            let asking = client::insist(wish.clone(), Arc::clone(&urls), chance.fork());
            tokio::spawn(asking)
        })
        .collect();
    let run = moment::Run {
        world,
        weather: &weather,
        before: before.payments(),
        wishes: &wishes,
        clients: &clients,
    };
    let moment = round.moment().comes(&run).await;
    moment.with_context(|| logs(&hosts))?;
    let unanswered = clients.iter().filter(|one| !one.is_finished()).count();
    let (blow, lasts) = (round.blow, round.lasts);
    blow.strike(world, &mut hosts, lasts, &mut chance).await?;
    let is_answered = AtomicBool::new(false);
    let (answers, settled_after) = tokio::join!(
        answers(clients, wishes, round.answered_within, &is_answered),
        watch::rows(&hosts[0], round, &is_answered)
    );
    let settled_after = settled_after.with_context(|| logs(&hosts))?;
    let counts = check::compare(world, &hosts[0], &before, &answers).await;
    let mut counts = counts.with_context(|| logs(&hosts))?;
    all_ready(&hosts).await.with_context(|| logs(&hosts))?;
    counts.unanswered_at_the_blow = unanswered;
    counts.settled_after = settled_after;
    Ok(counts)
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

/// No host was lost, and each knows that what it needs is there again.
async fn all_ready(hosts: &[Host]) -> Result<()> {
    for host in hosts {
        until("a host that is ready again", async || {
            let answer = host.get("/readyz").await?;
            Ok((answer.status == 200).then_some(()))
        })
        .await?;
    }
    Ok(())
}

/// The end of each host's log; all of it is left in the world's folder.
fn logs(hosts: &[Host]) -> String {
    let mut tails = String::new();
    for (number, host) in hosts.iter().enumerate() {
        let log = host.log();
        let file = host.setup.folder().join(format!("host-{number}.log"));
        let _ = std::fs::write(file, &log);
        let lines: Vec<&str> = log.lines().collect();
        let tail = lines[lines.len().saturating_sub(10)..].join("\n");
        tails.push_str(&format!("the end of host {number}'s log:\n{tail}\n"));
    }
    tails
}
