//! What is measured, in this order: the host beside its peers, few and many live calls, events, money.
//!
//! Peers are measured in turns, round by round, so that what else the machine does falls on all of them.

mod calls;
mod durable;
mod peers;

use std::ops::Range;
use std::path::Path;
use std::time::Duration;

use anyhow::Result;

use crate::load::Load;
use crate::request::Call;
use crate::running::{Running, Used};
use crate::server::{Bank, Keeping, Programs};
use crate::services::{Postgres, Redis};

/// The two places to keep things that every scene about them has, as the page names them.
pub const SQLITE: &str = "SQLite, memory";
/// The second.
pub const POSTGRES_AND_REDIS: &str = "PostgreSQL, Redis";

/// How much of everything.
#[derive(clap::Args, Debug)]
pub struct Amount {
    /// Each measurement lasts so long; half of it where few and many live calls are compared.
    #[arg(long, default_value_t = 8)]
    pub seconds: u64,
    /// Times that every peer has its turn.
    #[arg(long, default_value_t = 3)]
    pub rounds: u32,
    /// Of the bank, before each of its answers.
    #[arg(long, default_value_t = 2)]
    pub bank_ms: u64,
    /// Connections that ask as fast as they are answered.
    #[arg(long, default_value_t = 64)]
    pub lines: usize,
    /// Transfers a second that are asked for at a constant rate.
    #[arg(long, default_value_t = 300)]
    pub transfers: u32,
    /// Scenes that are left out: peers, calls, durable.
    #[arg(long)]
    pub without: Vec<String>,
}

impl Amount {
    fn includes(&self, scene: &str) -> bool {
        !self.without.iter().any(|left_out| left_out == scene)
    }

    fn lasts(&self) -> Duration {
        Duration::from_secs(self.seconds)
    }

    /// Each measurement of few and many live calls, of which there are many.
    pub fn lasts_with_calls(&self) -> Duration {
        self.lasts() / 2
    }
}

/// Everything that the scenes need.
pub struct Bench<'a> {
    /// Servers and bank.
    pub programs: &'a Programs,
    /// Folder of its programs.
    pub postgres: &'a Path,
    /// Its program.
    pub redis: &'a Path,
    /// Logs and databases.
    pub work: &'a Path,
    /// How much.
    pub amount: &'a Amount,
}

/// One load and what it cost the server.
pub struct Measured {
    /// Of the requests.
    pub load: Load,
    /// Processor time of the server, its children included.
    pub cpu: Duration,
    /// Resident memory afterwards.
    pub resident_bytes: u64,
}

impl Measured {
    /// Processor time of one request, in microseconds.
    pub fn cpu_us(&self) -> f64 {
        #[allow(clippy::cast_precision_loss, reason = "some millions")]
        let count = self.load.times_us.len() as f64;
        self.cpu.as_secs_f64() * 1_000_000.0 / count
    }
}

/// All that was measured.
#[derive(Default)]
pub struct All {
    /// The host and its peers.
    pub peers: Vec<Peer>,
    /// The host with one live call and with many, by what is asked and where it keeps things.
    pub few_and_many: Vec<FewAndMany>,
    /// By where the host keeps things.
    pub durable: Vec<Kept>,
}

pub use calls::FewAndMany;
pub use durable::{Beside, Kept};
pub use peers::Peer;

impl Bench<'_> {
    /// All scenes.
    pub async fn run(&self) -> Result<All> {
        let bank = self.programs.bank(self.amount.bank_ms, self.work).await?;
        let mut all = All::default();
        if self.amount.includes("peers") {
            all.peers = self.peers(&bank).await?;
        }
        if self.amount.includes("calls") {
            all.few_and_many = self.calls(&bank).await?;
        }
        if self.amount.includes("durable") {
            all.durable = self.durable(&bank).await?;
        }
        Ok(all)
    }
}

/// Does this and counts what the server used meanwhile.
async fn counted(running: &Running, work: impl Future<Output = Result<Load>>) -> Result<Measured> {
    let before: Used = running.used();
    let load = work.await?;
    let after = running.used();
    Ok(Measured {
        load,
        cpu: after.cpu.saturating_sub(before.cpu),
        resident_bytes: after.resident_bytes,
    })
}

async fn keeping(postgres: &Postgres, database: &str, redis: Option<&Redis>) -> Result<Keeping> {
    Ok(Keeping {
        database_url: Some(postgres.database(database).await?),
        redis_url: redis.map(|redis| redis.url.clone()),
    })
}

/// The calls of one scene with these numbers.
fn calls(scene: &str, numbers: Range<usize>) -> Vec<Call> {
    numbers.map(|number| Call::new(scene, number)).collect()
}

/// A line on the way, for whoever waits.
fn tell(what: &str, measured: &Measured) {
    println!(
        "{what}: {:.0} a second, p50 {:.2} ms, p99 {:.2} ms, {:.0} µs of processor each",
        measured.load.rate(),
        crate::page::ms(&measured.load.times_us, 0.5),
        crate::page::ms(&measured.load.times_us, 0.99),
        measured.cpu_us()
    );
}

/// The bank's counter of listings.
async fn listings(bank: &Bank) -> Result<u64> {
    Ok(bank.counts().await?["listings"]
        .as_u64()
        .unwrap_or_default())
}
