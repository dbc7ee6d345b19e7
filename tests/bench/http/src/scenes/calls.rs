//! The host with one live call and with ten thousand: what a turn costs, and what a call costs that says nothing.
//!
//! One host for all of them, from few to many, with SQLite and memory.

use std::time::Duration;

use anyhow::Result;

use super::{Bench, Measured, counted, listings, tell};
use crate::load::{self, Ask};
use crate::request::Call;
use crate::running::Cores;
use crate::server::{Bank, Keeping, Kind};

/// So many live calls; the most are the last.
const COUNTS: [usize; 4] = [1, 10, 1_000, 10_000];
/// As many connections in all of them but the first, so that nothing but the number of calls differs.
const LINES: usize = 10;
/// Calls of another scene that the host has seen before its memory is looked at: what it takes once is not a call's.
const SEEN_BEFORE: usize = 1_000;
/// Until records are written and their memory is given back.
const SETTLED: Duration = Duration::from_secs(2);

/// One number of live calls.
pub struct WithCalls {
    /// How many.
    pub calls: usize,
    /// Closed load.
    pub full: Measured,
}

/// All of them.
#[derive(Default)]
pub struct FewAndMany {
    /// From one call on.
    pub loads: Vec<WithCalls>,
    /// Resident memory of a live call that is silent, in bytes, where there are most.
    pub idle_call_bytes: f64,
    /// How often a turn asks the bank.
    pub questions_per_turn: f64,
}

impl Bench<'_> {
    pub(super) async fn calls(&self, bank: &Bank) -> Result<FewAndMany> {
        let keeping = Keeping::default();
        let server = self
            .programs
            .start(Kind::Host, Cores::First, bank, &keeping, self.work)
            .await?;
        let address = server.address;
        let before: Vec<Call> = (0..SEEN_BEFORE)
            .map(|number| Call::new("seen", number))
            .collect();
        load::begin(address, &before, LINES).await?;
        let lasts = self.amount.lasts();
        load::closed(address, &before, LINES, Ask::Balance, lasts).await?;

        let mut all = FewAndMany::default();
        for count in COUNTS {
            let scene = format!("of{count}");
            let calls: Vec<Call> = (0..count).map(|number| Call::new(&scene, number)).collect();
            tokio::time::sleep(SETTLED).await;
            let fewer = server.running.used().resident_bytes;
            load::begin(address, &calls, LINES).await?;
            tokio::time::sleep(SETTLED).await;
            let more = server.running.used().resident_bytes;
            #[allow(clippy::cast_precision_loss, reason = "far below 2^52 bytes")]
            let bytes = (more as f64 - fewer as f64) / count as f64;
            all.idle_call_bytes = bytes;
            let asked_before = listings(bank).await?;
            let asking = load::closed(address, &calls, LINES, Ask::Balance, lasts);
            let full = counted(&server.running, asking).await?;
            tell(&format!("{count} live calls, {bytes:.0} bytes each"), &full);
            let asked = listings(bank).await?.saturating_sub(asked_before);
            #[allow(clippy::cast_precision_loss, reason = "some millions")]
            let per_turn = asked as f64 / full.load.times_us.len() as f64;
            all.questions_per_turn = per_turn;
            all.loads.push(WithCalls { calls: count, full });
        }
        Ok(all)
    }
}
