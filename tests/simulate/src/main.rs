//! `simulate --seeds N --first-seed S`: that many worlds, and the first that breaks.
//!
//! A seed that is printed as broken is run again by `--first-seed SEED --seeds 1 --trace`.

#![allow(clippy::print_stdout, reason = "this is a command line program")]

use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;
use simulate::{Counts, run};

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
    let (began, mut all) = (Instant::now(), Counts::default());
    let last = arguments.first_seed.saturating_add(arguments.seeds);
    for seed in arguments.first_seed..last {
        match run(seed, None) {
            Ok(counts) => all.add(counts),
            Err(failed) => {
                if arguments.trace {
                    println!("{}", failed.trace.join("\n"));
                }
                println!("BROKEN: {failed}");
                println!("again: cargo xtask simulate --first-seed {seed} --seeds 1 --trace");
                return ExitCode::FAILURE;
            }
        }
    }
    let seconds = began.elapsed().as_secs_f64();
    println!(
        "{} worlds in {seconds:.1} s, none broken: {all}",
        arguments.seeds
    );
    ExitCode::SUCCESS
}
