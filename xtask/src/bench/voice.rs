//! What the voice line costs: the first words, the silence of an interrupted answer, pings, memory.
//!
//! Lines are real websockets; two hundred are open all the time, and one after the other asks.

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use clap::Args;

use crate::bench::caller::API_KEY;
use crate::bench::figures::{self, Figures};
use crate::bench::host::Host;
use crate::bench::line::Line;
use crate::workspace::Workspace;

/// How much is measured.
#[derive(Args, Debug)]
pub struct Arguments {
    /// Lines that are open while one of them asks.
    #[arg(long, default_value_t = 200)]
    lines: usize,
    /// Questions, interruptions and pings.
    #[arg(long, default_value_t = 4_000)]
    samples: usize,
    /// Lines that only wait, for their memory.
    #[arg(long, default_value_t = 2_000)]
    idle: usize,
}

/// Measures and prints.
pub fn run(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    let host = Host::start(workspace, API_KEY)?;
    let mut lines = dial(&host, "live", arguments.lines)?;
    let (mut first, mut stale) = (Figures::default(), Figures::default());
    for sample in 0..arguments.samples {
        let at = sample % lines.len();
        let line = &mut lines[at];
        let (id, sent) = line.ask()?;
        let heard = line.response(id)?.first.context("no words")?;
        first.add(heard - sent);
        let _ = line.ask()?;
        let (id, newer) = line.ask()?;
        let response = line.response(id)?;
        let silent_at = response.last_stale.filter(|last| *last > newer);
        stale.add(silent_at.map_or(Duration::ZERO, |last| last - newer));
    }
    drop(lines);
    let idle_bytes = memory(&host, arguments.idle)?;
    drop(host);
    let pings = pings_beside_a_bank_that_hangs(workspace, arguments)?;
    println!("\n{}", figures::heading());
    println!("{}", first.line("request to first frame"));
    println!("{}", stale.line("newer to last stale"));
    println!("{}", pings.line("ping, bank hangs"));
    match idle_bytes {
        Some(bytes) => println!("an idle line with its call: {bytes} bytes"),
        None => println!("memory is not told on this system"),
    }
    Ok(())
}

fn dial(host: &Host, name: &str, count: usize) -> Result<Vec<Line>> {
    (0..count)
        .map(|number| Line::dial(host.address, &format!("call_{name}_{number}")))
        .collect()
}

/// What each of so many idle lines adds, its greeted call included.
fn memory(host: &Host, count: usize) -> Result<Option<u64>> {
    let before = host.resident_kib();
    let _idle = dial(host, "idle", count)?;
    let after = host.resident_kib();
    let each = |(before, after): (u64, u64)| after.saturating_sub(before) * 1_024;
    let count = u64::try_from(count).unwrap_or(u64::MAX).max(1);
    Ok(before.zip(after).map(|both| each(both) / count))
}

/// Each ping goes out while a turn of the same line waits for a bank that takes connections and says nothing.
fn pings_beside_a_bank_that_hangs(workspace: &Workspace, arguments: &Arguments) -> Result<Figures> {
    let bank = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no port is free")?;
    let url = format!("http://{}", bank.local_addr().context("no address")?);
    let place = [("PYTHON_BACKEND_URL", Path::new(&url))];
    let host = Host::start_with(workspace, API_KEY, &place)?;
    let mut lines = dial(&host, "hangs", arguments.lines)?;
    let mut pings = Figures::default();
    let mut asked: Vec<Option<Instant>> = vec![None; lines.len()];
    for sample in 0..arguments.samples {
        let at = sample % lines.len();
        // A turn gives the bank up after some seconds; then another begins.
        if asked[at].is_none_or(|since| since.elapsed() > Duration::from_secs(2)) {
            asked[at] = Some(lines[at].ask()?.1);
        }
        pings.add(lines[at].ping()?);
    }
    Ok(pings)
}
