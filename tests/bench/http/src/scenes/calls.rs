//! The host with one live call and with ten thousand: what a turn or an event costs, and what a call costs that says nothing.
//!
//! One host for each thing that is asked and each place to keep things. Its calls become more and none ends but by the events that
//! are measured, which let another begin, so that there are as many live calls as a row says.

use std::time::Duration;

use anyhow::Result;

use super::{Bench, Measured, POSTGRES_AND_REDIS, SQLITE, calls, counted, keeping, listings, tell};
use crate::load::{self, Ask};
use crate::request::Call;
use crate::running::Cores;
use crate::server::{Bank, Keeping, Kind, Server};
use crate::services::{Postgres, Redis};

/// So many live calls; the most are the last.
const COUNTS: [usize; 4] = [1, 10, 1_000, 10_000];
/// As many connections in all of them but the first, so that nothing but the number of calls differs.
const LINES: usize = 10;
/// Until records are written and their memory is given back.
const SETTLED: Duration = Duration::from_secs(2);

/// One number of live calls.
pub struct WithCalls {
    /// How many.
    pub calls: usize,
    /// Closed load.
    pub full: Measured,
    /// Open load at half that rate.
    pub half: Measured,
}

/// All of them, for one thing that is asked and one place to keep things.
pub struct FewAndMany {
    /// In words.
    pub kept_in: &'static str,
    /// What.
    pub ask: Ask,
    /// From one call on.
    pub loads: Vec<WithCalls>,
    /// Resident memory of a live call that is silent, in bytes, where there are most.
    pub idle_call_bytes: f64,
    /// How often a turn asks the bank.
    pub questions_per_turn: f64,
}

impl Bench<'_> {
    pub(super) async fn calls(&self, bank: &Bank) -> Result<Vec<FewAndMany>> {
        let postgres = Postgres::start(self.postgres, self.work, Cores::Rest).await?;
        let redis = Redis::start(self.redis, self.work, Cores::Rest).await?;
        let mut all = Vec::new();
        for (ask, scene) in [(Ask::Balance, "asked"), (Ask::Events, "told")] {
            let own = Keeping::default();
            let shared = keeping(&postgres, scene, Some(&redis)).await?;
            for (kept_in, keeping) in [(SQLITE, own), (POSTGRES_AND_REDIS, shared)] {
                let server = self
                    .programs
                    .start(Kind::Host, Cores::First, bank, &keeping, self.work)
                    .await?;
                self.warm(&server, ask, scene).await?;
                all.push(
                    self.few_and_many(kept_in, ask, scene, &server, bank)
                        .await?,
                );
            }
        }
        Ok(all)
    }

    /// What a host takes once is no call's: it has answered before it is looked at, calls that are over then.
    async fn warm(&self, server: &Server, ask: Ask, scene: &str) -> Result<()> {
        let mut seen = calls(&format!("{scene}_before"), 0..LINES);
        load::begin(server.address, &mut seen, LINES, ask).await?;
        let lasts = self.amount.lasts_with_calls();
        load::closed(server.address, &mut seen, LINES, ask, lasts).await?;
        load::end(server.address, &seen).await
    }

    async fn few_and_many(
        &self,
        kept_in: &'static str,
        ask: Ask,
        scene: &str,
        server: &Server,
        bank: &Bank,
    ) -> Result<FewAndMany> {
        let mut all = FewAndMany {
            kept_in,
            ask,
            loads: Vec::new(),
            idle_call_bytes: f64::NAN,
            questions_per_turn: f64::NAN,
        };
        let mut live = Vec::new();
        for count in COUNTS {
            let mut more = calls(scene, live.len()..count);
            all.idle_call_bytes = self.bytes_of_each(server, &mut more, ask).await?;
            live.append(&mut more);
            let asked_before = listings(bank).await?;
            let with = self.with_calls(server, &mut live, ask).await?;
            let asked = listings(bank).await?.saturating_sub(asked_before);
            #[allow(clippy::cast_precision_loss, reason = "some millions")]
            let per_turn = asked as f64
                / (with.full.load.times_us.len() + with.half.load.times_us.len()) as f64;
            all.questions_per_turn = per_turn;
            let what = format!("{kept_in}, {ask:?}, {count} live calls");
            println!("{what}: {:.0} bytes of memory each", all.idle_call_bytes);
            tell(&what, &with.full);
            tell(&format!("{what}, at half"), &with.half);
            all.loads.push(with);
        }
        Ok(all)
    }

    /// Begins these calls, and says what each takes while it is silent.
    async fn bytes_of_each(&self, server: &Server, more: &mut Vec<Call>, ask: Ask) -> Result<f64> {
        tokio::time::sleep(SETTLED).await;
        let before = server.running.used().resident_bytes;
        load::begin(server.address, more, LINES, ask).await?;
        tokio::time::sleep(SETTLED).await;
        let after = server.running.used().resident_bytes;
        #[allow(clippy::cast_precision_loss, reason = "far below 2^52 bytes")]
        let bytes = (after as f64 - before as f64) / more.len() as f64;
        Ok(bytes)
    }

    /// Both loads.
    async fn with_calls(
        &self,
        server: &Server,
        live: &mut Vec<Call>,
        ask: Ask,
    ) -> Result<WithCalls> {
        let lasts = self.amount.lasts_with_calls();
        let calls = live.len();
        let asking = load::closed(server.address, live, LINES, ask, lasts);
        let full = counted(&server.running, asking).await?;
        let rate = full.load.rate() / 2.0;
        let asking = load::open(server.address, live, rate, ask, lasts);
        let half = counted(&server.running, asking).await?;
        Ok(WithCalls { calls, full, half })
    }
}
