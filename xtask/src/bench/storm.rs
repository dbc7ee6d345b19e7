//! What callers feel of a storm of swaps: balance turns on one connection while another thread saves a setting fifty times a second.
//!
//! The same turns in calm come first, on the same host, so that the ratio is one of this machine in this minute.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::bench::caller;
use crate::bench::figures::Figures;
use crate::bench::http::Connection;
use crate::bench::page::{Goal, Timing};
use crate::bench::scene::Scene;

const SWAPS: u64 = 1_000;
const SAVES_MAX: u32 = 20_000;
const BETWEEN: Duration = Duration::from_millis(20);
const CALM_TURNS: u32 = 3_000;
const WARM_UP: u32 = 200;

/// Turns in calm and in the storm, and how much of a storm it was.
pub struct Storm {
    /// Calm first.
    pub lines: [Timing; 2],
    /// A sentence.
    pub note: String,
}

/// Measures both.
pub fn run(scene: &Scene, address: SocketAddr) -> Result<Storm> {
    let mut connection = Connection::open(address)?;
    let mut number = 0;
    let mut turn = |connection: &mut Connection| -> Result<Duration> {
        number += 1;
        Ok(caller::ask_balance(connection, number)?.took)
    };
    let mut calm = Figures::default();
    for counted in 0..WARM_UP + CALM_TURNS {
        let took = turn(&mut connection)?;
        if counted >= WARM_UP {
            calm.add(took);
        }
    }
    let mut stormy = Figures::default();
    let before = swaps(&mut connection)?;
    let began = Instant::now();
    let over = AtomicBool::new(false);
    let (saves, swapped) = std::thread::scope(|threads| -> Result<_> {
        let saving = threads.spawn(|| {
            let saved = blow(scene, address, before);
            over.store(true, Ordering::Relaxed);
            saved
        });
        while !over.load(Ordering::Relaxed) {
            stormy.add(turn(&mut connection)?);
        }
        saving.join().ok().context("the storm broke off")?
    })?;
    let note = format!(
        "In the storm {saves} saves in {:.1} s became {swapped} swaps; what is saved while a swap is under way waits for the next.",
        began.elapsed().as_secs_f64()
    );
    let most_ms = calm.ms(990) * 2.0;
    let lines = [
        Timing {
            name: "a balance turn, calm".to_owned(),
            figures: calm,
            goal: None,
        },
        Timing {
            name: "a balance turn in a storm of swaps".to_owned(),
            figures: stormy,
            goal: Goal::p99(most_ms, "p99 ≤ 2 × calm".to_owned()),
        },
    ];
    Ok(Storm { lines, note })
}

/// Swaps so far, as the host counts them.
fn swaps(connection: &mut Connection) -> Result<u64> {
    let metrics = connection.get("/metrics")?.body;
    let counts = metrics
        .lines()
        .filter(|line| line.starts_with("pipeline_swaps_total"))
        .filter_map(|line| line.rsplit_once(' ')?.1.parse::<u64>().ok());
    Ok(counts.sum())
}

/// Saves in an even rhythm until the host has swapped often enough, and says how often that was.
fn blow(scene: &Scene, address: SocketAddr, before: u64) -> Result<(u32, u64)> {
    let mut connection = Connection::open(address)?;
    let began = Instant::now();
    for number in 0..SAVES_MAX {
        scene.save_setting(2_000 + number)?;
        let next = BETWEEN * (number + 1);
        std::thread::sleep(next.saturating_sub(began.elapsed()));
        if number % 50 == 0 {
            let swapped = swaps(&mut connection)? - before;
            if swapped >= SWAPS {
                return Ok((number + 1, swapped));
            }
        }
    }
    bail!("{SAVES_MAX} saves did not become {SWAPS} swaps");
}
