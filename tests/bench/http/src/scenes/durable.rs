//! What must be on disk before it is answered: events and transfers, on SQLite and on PostgreSQL, with live state in memory and in
//! Redis.
//!
//! The host, the database, the bank and the load share all cores here, as they would on one small machine.

use anyhow::Result;

use super::{Bench, Measured, counted, tell};
use crate::load::{self, Ask};
use crate::request::Call;
use crate::running::Cores;
use crate::server::{Bank, Keeping, Kind};
use crate::services::{Postgres, Redis};

/// Live calls that ask for balances and whose beginnings and ends are told.
const CALLS: usize = 1_000;
/// Callers who move money, for each second: the shipped rules let each of them do so twenty times a day.
const PAYERS_PER_SECOND: usize = 100;
const PAYERS_MIN: usize = 500;

/// One way to keep things.
pub struct Kept {
    /// In words.
    pub name: &'static str,
    /// Each load in words, and what came of it.
    pub loads: Vec<(String, Measured)>,
    /// Why nothing was measured.
    pub note: Option<String>,
}

impl Bench<'_> {
    pub(super) async fn durable(&self, bank: &Bank) -> Result<Vec<Kept>> {
        let postgres = Postgres::start(self.postgres, self.work).await?;
        let redis = Redis::start(self.redis, self.work).await?;
        let ways = [
            ("SQLite, memory", None, None),
            ("PostgreSQL, memory", Some("with_memory"), None),
            ("PostgreSQL, Redis", Some("with_redis"), Some(&redis)),
        ];
        let mut all = Vec::new();
        for (name, database, redis) in ways {
            let database_url = match database {
                Some(database) => Some(postgres.database(database).await?),
                None => None,
            };
            let keeping = Keeping {
                database_url,
                redis_url: redis.map(|redis| redis.url.clone()),
            };
            all.push(self.kept(name, bank, &keeping).await?);
        }
        Ok(all)
    }

    async fn kept(&self, name: &'static str, bank: &Bank, keeping: &Keeping) -> Result<Kept> {
        let started = self
            .programs
            .start(Kind::Host, Cores::All, bank, keeping, self.work)
            .await;
        let server = match started {
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
        let calls = |scene: &str, count: usize| -> Vec<Call> {
            (0..count).map(|number| Call::new(scene, number)).collect()
        };
        let talking = calls("talk", CALLS);
        load::begin(server.address, &talking, lines).await?;
        let payers = PAYERS_MIN + PAYERS_PER_SECOND * usize::try_from(self.amount.seconds)?;
        let paying = calls("pay", payers);
        load::begin(server.address, &paying, lines).await?;
        let events = calls("events", CALLS);
        let mut loads = Vec::new();
        for (what, of, ask) in [
            ("balance questions", &talking, Ask::Balance),
            ("events", &events, Ask::Events),
            ("transfers", &paying, Ask::Transfer),
        ] {
            let asking = load::closed(server.address, of, lines, ask, lasts);
            let full = counted(&server.running, asking).await?;
            tell(&format!("{name}, {what}"), &full);
            loads.push((format!("{what}, {lines} connections"), full));
        }
        // Other callers, so that nobody has used up their twenty.
        let paying: Vec<Call> = (payers..2 * payers)
            .map(|number| Call::new("pay", number))
            .collect();
        load::begin(server.address, &paying, lines).await?;
        let rate = f64::from(self.amount.transfers);
        let asking = load::open(server.address, &paying, rate, Ask::Transfer, lasts);
        let steady = counted(&server.running, asking).await?;
        tell(&format!("{name}, {rate} transfers a second"), &steady);
        loads.push((format!("transfers, {rate} a second"), steady));
        Ok(Kept {
            name,
            loads,
            note: None,
        })
    }
}
