//! `simulate --seeds N --first-seed S`: that many worlds, and the first that breaks.
//!
//! On all processors. A seed that is printed as broken is run again by `--first-seed SEED --seeds 1 --trace`.

#![allow(clippy::print_stdout, reason = "this is a command line program")]

use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use clap::Parser;
use simulate::{Counts, Failed, run};

/// Worlds from one seed to another.
#[derive(Parser)]
struct Arguments {
    /// How many worlds.
    #[arg(long, default_value_t = 1_000)]
    seeds: u64,
    /// The seed of the first; the others follow it.
    #[arg(long, default_value_t = 0)]
    first_seed: u64,
    /// What happened in a world that breaks.
    #[arg(long)]
    trace: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let (began, all) = (Instant::now(), Mutex::new(Counts::default()));
    let broken: Mutex<Option<Box<Failed>>> = Mutex::new(None);
    let next = AtomicU64::new(arguments.first_seed);
    let end = arguments.first_seed.saturating_add(arguments.seeds);
    let worlds = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= end || locked(&broken).is_some() {
                return;
            }
            match run(seed, None) {
                Ok(counts) => locked(&all).add(counts),
                Err(failed) => *locked(&broken) = Some(failed),
            }
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(worlds);
        }
    });
    if let Some(failed) = locked(&broken).take() {
        if arguments.trace {
            println!("{}", failed.trace.join("\n"));
        }
        let seed = failed.seed;
        println!("BROKEN: {failed}");
        println!("again: cargo xtask simulate --first-seed {seed} --seeds 1 --trace");
        return ExitCode::FAILURE;
    }
    let (seconds, all) = (began.elapsed().as_secs_f64(), *locked(&all));
    let worlds = arguments.seeds;
    println!("{worlds} worlds in {seconds:.1} s, none broken: {all}");
    ExitCode::SUCCESS
}

/// Nothing in a lock's hands can panic half-way.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
