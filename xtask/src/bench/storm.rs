//! What callers feel of a storm of swaps: balance turns on one connection while another thread saves a setting fifty times a second.
//!
//! The same turns in calm come first, on the same host, so that the ratio is one of this machine in this minute.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::bench::caller;
use crate::bench::figures::{Figures, Line};
use crate::bench::http::Connection;
use crate::bench::scene::Scene;

const SWAPS: u32 = 1_000;
const BETWEEN: Duration = Duration::from_millis(20);
const CALM_TURNS: u32 = 3_000;
const WARM_UP: u32 = 200;

/// Turns in calm and in the storm.
pub fn run(scene: &Scene, address: SocketAddr) -> Result<[Line; 2]> {
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
    let over = AtomicBool::new(false);
    std::thread::scope(|threads| -> Result<()> {
        let saving = threads.spawn(|| {
            let saved = blow(scene);
            over.store(true, Ordering::Relaxed);
            saved
        });
        while !over.load(Ordering::Relaxed) {
            stormy.add(turn(&mut connection)?);
        }
        saving.join().ok().context("the storm broke off")?
    })?;
    Ok([
        Line {
            name: "a balance turn, calm",
            goal: "",
            figures: calm,
        },
        Line {
            name: "the same while 1,000 swaps come in",
            goal: "p99 ≤ 2 × calm",
            figures: stormy,
        },
    ])
}

/// Keeps its rhythm: a save that took longer shortens the pause after it.
fn blow(scene: &Scene) -> Result<()> {
    let began = Instant::now();
    for number in 0..SWAPS {
        scene.save_setting(2_000 + number)?;
        let next = BETWEEN * (number + 1);
        std::thread::sleep(next.saturating_sub(began.elapsed()));
    }
    Ok(())
}
