//! What the voice line costs: the first words, the silence of an interrupted answer, pings, memory.
//!
//! Lines are real websockets; two hundred are open all the time, and one after the other asks.

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use clap::Args;

use crate::bench::caller::API_KEY;
use crate::bench::figures::Figures;
use crate::bench::host::Host;
use crate::bench::line::Line;
use crate::bench::page::{self, Around, Goal, Timing};
use crate::workspace::Workspace;

const HEAD: &str = "\
# A voice line's own share

Real websockets against a release host in sandbox mode; two hundred lines are open while one after the other asks for a balance, then
asks again before the answer has come. A stale frame is one of the older answer that arrives after the newer request was sent. Pings go
out while a turn of the same line waits for a bank that takes connections and says nothing.
";

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
    let notes = match idle_bytes {
        Some(bytes) => format!(
            "An idle line with its greeted call takes {:.1} kB of the host's memory, of {} such lines (goal: at most 40).",
            bytes as f64 / 1_000.0,
            arguments.idle
        ),
        None => "The memory of a line is not told on this system.".to_owned(),
    };
    let around = Around {
        head: HEAD,
        notes: &notes,
        bench: "voice",
    };
    let page = page::markdown(&timings(first, stale, pings), &around);
    println!("\n{page}");
    let results = workspace.peers().join("results");
    std::fs::create_dir_all(&results).context("the results' folder cannot be made")?;
    std::fs::write(results.join("voice.md"), page).context("voice.md cannot be written")
}

fn timings(first: Figures, stale: Figures, pings: Figures) -> Vec<Timing> {
    let timing = |name: &str, figures: &Figures, goal| Timing {
        name: name.to_owned(),
        figures: figures.clone(),
        goal,
    };
    let p99 = |most_ms: f64| Goal::p99(most_ms, format!("p99 ≤ {most_ms} ms"));
    vec![
        timing("request to first frame", &first, Goal::median(3.0)),
        timing("the same", &first, p99(10.0)),
        timing("newer request to last stale frame", &stale, p99(5.0)),
        timing("a ping's echo beside a bank that hangs", &pings, p99(20.0)),
    ]
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
