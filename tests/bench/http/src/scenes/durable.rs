//! What must be on disk before it is answered: events and transfers, on SQLite and on PostgreSQL, with live state in memory and in
//! Redis.
//!
//! The host, the database, the bank and the load share all cores here, as they would on one small machine.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use anyhow::Result;
use hdrhistogram::Histogram;

use super::{Bench, Measured, POSTGRES_AND_REDIS, SQLITE, calls, counted, keeping, tell};
use crate::disk::Disk;
use crate::load::{self, Ask, Load};
use crate::running::Cores;
use crate::server::{Bank, Keeping, Kind, Server};
use crate::services::{Postgres, Redis};

/// Live calls that ask for balances and whose beginnings and ends are told.
const CALLS: usize = 1_000;
/// Callers who move money, for each second: the shipped rules let each of them do so twenty times a day.
const PAYERS_PER_SECOND: usize = 100;
const PAYERS_MIN: usize = 500;

/// A folder in memory, where Linux has one: what is durable there waits for no disk.
const IN_MEMORY: &str = "/dev/shm";

/// One way to keep things.
pub struct Kept {
    /// In words.
    pub name: &'static str,
    /// Each load.
    pub loads: Vec<Beside>,
    /// Why nothing was measured.
    pub note: Option<String>,
}

/// One load, and the disk beside it.
pub struct Beside {
    /// In words.
    pub what: String,
    /// What came of it.
    pub one: Measured,
    /// How long the disk itself took.
    pub disk_us: Histogram<u64>,
}

impl Bench<'_> {
    pub(super) async fn durable(&self, bank: &Bank) -> Result<Vec<Kept>> {
        let redis = Redis::start(self.redis, self.work, Cores::All).await?;
        let postgres = Postgres::start(self.postgres, self.work, Cores::All).await?;
        let mut all = vec![self.kept(SQLITE, bank, &Keeping::default()).await?];
        for (name, database, redis) in [
            ("PostgreSQL, memory", "with_memory", None),
            (POSTGRES_AND_REDIS, "with_redis", Some(&redis)),
        ] {
            let keeping = keeping(&postgres, database, redis).await?;
            all.push(self.kept(name, bank, &keeping).await?);
        }
        drop(postgres);
        let Ok(folder) = tempfile::tempdir_in(IN_MEMORY) else {
            return Ok(all);
        };
        // PostgreSQL may have to run as somebody else.
        std::fs::set_permissions(folder.path(), Permissions::from_mode(0o755))?;
        let postgres = Postgres::start(self.postgres, folder.path(), Cores::All).await?;
        for (name, database, redis) in [
            ("PostgreSQL in memory, memory", "with_memory", None),
            ("PostgreSQL in memory, Redis", "with_redis", Some(&redis)),
        ] {
            let keeping = keeping(&postgres, database, redis).await?;
            let server = self.server(bank, &keeping).await?;
            // Redis remembers the calls of before, and what they were answered.
            let first = 2 * self.payers()?;
            all.push(Kept {
                name,
                loads: vec![self.steady(name, &server, folder.path(), first).await?],
                note: None,
            });
        }
        Ok(all)
    }

    async fn server(&self, bank: &Bank, keeping: &Keeping) -> Result<Server> {
        let programs = self.programs;
        programs
            .start(Kind::Host, Cores::All, bank, keeping, self.work)
            .await
    }

    async fn kept(&self, name: &'static str, bank: &Bank, keeping: &Keeping) -> Result<Kept> {
        let server = match self.server(bank, keeping).await {
            Ok(server) => server,
            // A host that does not know Redis says so when it starts.
            Err(cause) if keeping.redis_url.is_some() => {
                let note = format!("{name}: not measured. {cause:#}");
                println!("{note}");
                return Ok(Kept {
                    name,
                    loads: Vec::new(),
                    note: Some(note),
                });
            }
            Err(cause) => return Err(cause),
        };
        let (lines, lasts) = (self.amount.lines, self.amount.lasts());
        let payers = self.payers()?;
        let mut talking = calls("talk", 0..CALLS);
        let mut paying = calls("pay", 0..payers);
        let mut told = calls("events", 0..CALLS);
        for (of, ask) in [
            (&mut talking, Ask::Balance),
            (&mut paying, Ask::Balance),
            (&mut told, Ask::Events),
        ] {
            load::begin(server.address, of, lines, ask).await?;
        }
        let mut loads = Vec::new();
        for (what, of, ask) in [
            ("balance questions", &mut talking, Ask::Balance),
            ("events", &mut told, Ask::Events),
            ("transfers", &mut paying, Ask::Transfer),
        ] {
            let asking = load::closed(server.address, of, lines, ask, lasts);
            let what = format!("{what}, {lines} connections");
            loads.push(beside(name, what, &server, self.work, asking).await?);
        }
        // Other callers, so that nobody has used up their twenty.
        loads.push(self.steady(name, &server, self.work, payers).await?);
        Ok(Kept {
            name,
            loads,
            note: None,
        })
    }

    /// Transfers at a constant rate, of callers from this number on.
    async fn steady(
        &self,
        name: &str,
        server: &Server,
        disk: &Path,
        first: usize,
    ) -> Result<Beside> {
        let mut paying = calls("pay", first..first + self.payers()?);
        load::begin(server.address, &mut paying, self.amount.lines, Ask::Balance).await?;
        let rate = f64::from(self.amount.transfers);
        let lasts = self.amount.lasts();
        let asking = load::open(server.address, &mut paying, rate, Ask::Transfer, lasts);
        let what = format!("transfers, {rate} a second");
        beside(name, what, server, disk, asking).await
    }

    fn payers(&self) -> Result<usize> {
        Ok(PAYERS_MIN + PAYERS_PER_SECOND * usize::try_from(self.amount.seconds)?)
    }
}

/// Asks, and looks at the disk meanwhile.
async fn beside(
    name: &str,
    what: String,
    server: &Server,
    disk: &Path,
    asking: impl Future<Output = Result<Load>>,
) -> Result<Beside> {
    let disk = Disk::watch(disk)?;
    let one = counted(&server.running, asking).await?;
    let disk_us = disk.seen()?;
    tell(&format!("{name}, {what}"), &one);
    Ok(Beside { what, one, disk_us })
}
