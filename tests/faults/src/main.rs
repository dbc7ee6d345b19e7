//! `faults`: as many rounds of the storm as somebody wants, then every mischief of the bank.
//!
//! Prints the seed first: the same seed gives the same wishes, moments and delays. Ends with 1 where anything differed.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this is a command line program"
)]

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use clap::Parser;
use faults::bank::{Kind, Mischief};
use faults::storm::{self, Blow, Counts, Round};
use faults::trouble::{self, Bounds};
use faults::world::{Store, World};

const CUSTOMERS: usize = 500;
/// The figure of the goal: after the restart everything is settled within this.
const SETTLED_WITHIN: Duration = Duration::from_secs(30);
/// The longest that clients may take: a host that was not built for speed needs its time for so many.
const ANSWERED_WITHIN: Duration = Duration::from_secs(300);
/// The figures of the goal, and what this program itself may take of them.
const BOUNDS: Bounds = Bounds {
    slack: Duration::from_millis(500),
    settled_within: SETTLED_WITHIN,
};
const STOPPED_FOR: Duration = Duration::from_secs(10);

#[derive(Parser)]
#[command(name = "faults", about = "Real hosts, killed and stopped under load")]
struct Arguments {
    /// Rounds of the storm.
    #[arg(long, default_value_t = 50)]
    rounds: u64,
    /// Transfers of a round, all at once; the ledger's list shows at most a thousand.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u16).range(1..=1_000))]
    transfers: u16,
    /// Repeats an earlier run.
    #[arg(long)]
    seed: Option<u64>,
    /// Only this: `storm`, or a mischief such as `reset-after`.
    #[arg(long)]
    scenario: Option<String>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let seed = arguments.seed.unwrap_or_else(|| fastrand::u64(..));
    println!("seed {seed}");
    match run(&arguments, seed).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(cause) => {
            eprintln!("error: {cause:#}\nrepeat with --seed {seed}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: &Arguments, seed: u64) -> Result<()> {
    let scenario = arguments.scenario.as_deref();
    let known = |name: &str| name == "storm" || Mischief::ALL.iter().any(|(one, _)| *one == name);
    if let Some(unknown) = scenario.filter(|name| !known(name)) {
        let names: Vec<&str> = Mischief::ALL.iter().map(|(name, _)| *name).collect();
        bail!(
            "no scenario `{unknown}`; there are storm, {}",
            names.join(", ")
        );
    }
    if scenario.is_none_or(|name| name == "storm") {
        storms(arguments, seed).await?;
    }
    for (name, mischief) in Mischief::ALL {
        if scenario.is_none_or(|wanted| wanted == name) {
            let seen = trouble::run(mischief, seed, BOUNDS).await;
            let seen = seen.with_context(|| format!("mischief {name}"))?;
            println!("{name}: {seen:?}");
        }
    }
    Ok(())
}

/// The rounds go through all banks and both databases in turn; each pair is one world that lives for all of its rounds.
async fn storms(arguments: &Arguments, seed: u64) -> Result<()> {
    let stores = [Store::Sqlite, Store::Postgres];
    let pairs: Vec<(Kind, Store)> = Kind::ALL
        .into_iter()
        .flat_map(|kind| stores.map(|store| (kind, store)))
        .collect();
    let mut worlds: Vec<Option<World>> = Vec::new();
    let (mut sum, mut rounds) = (Counts::default(), 0_u32);
    for number in 0..arguments.rounds {
        let at = usize::try_from(number)? % pairs.len();
        let (kind, store) = pairs[at];
        if worlds.len() == at {
            worlds.push(World::make(kind, store, CUSTOMERS, seed).await?);
        }
        let Some(world) = &worlds[at] else {
            continue;
        };
        let is_killed = (number / pairs.len() as u64 + number).is_multiple_of(2);
        let round = Round {
            number,
            seed: seed.wrapping_add(number),
            transfers: usize::from(arguments.transfers),
            blow: if is_killed {
                Blow::Kill
            } else {
                Blow::Stop(STOPPED_FOR)
            },
            settled_within: SETTLED_WITHIN,
            answered_within: ANSWERED_WITHIN,
        };
        let what = format!(
            "round {number}, {} bank, {store:?}, {:?}",
            kind.name(),
            round.blow
        );
        match storm::run(world, round).await {
            Ok(counts) => {
                println!("{what}: {counts}");
                sum += counts;
                rounds += 1;
            }
            Err(cause) => {
                let kept = world.setup.keep_folder();
                return Err(cause.context(format!("{what}; kept in {}", kept.display())));
            }
        }
    }
    println!("{rounds} rounds: {sum}; every balance exact to the cent");
    Ok(())
}
