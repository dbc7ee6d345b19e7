//! `faults`: as many rounds of the storm as somebody wants, then every mischief of the bank.
//!
//! Prints the seed first: the same seed gives the same wishes, moments and delays. Ends with 1 where anything differed.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this is a command line program"
)]

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use clap::Parser;
use faults::bank::{Kind, Mischief};
use faults::plan::{Case, Plan};
use faults::storm::{self, Blow, Counts, Round};
use faults::trouble::{self, Bounds};
use faults::world::{Store, World};

const CUSTOMERS: usize = 500;
/// Among so many transfers somebody meets the bound of a day.
const ENOUGH_FOR_A_BOUND: usize = 1_000;
/// The figure of the goal: after the blow everything is settled within this.
const SETTLED_WITHIN: Duration = Duration::from_secs(30);
/// The longest that clients may take: a thousand at once beside the bank and the databases, on a small machine.
const ANSWERED_WITHIN: Duration = Duration::from_secs(300);
/// The figures of the goal, and what this program itself may take of them.
const BOUNDS: Bounds = Bounds {
    slack: Duration::from_millis(500),
    settled_within: SETTLED_WITHIN,
};
/// How long whatever is stopped or taken away is gone.
const LASTS: Duration = Duration::from_secs(10);

#[derive(Parser)]
#[command(
    name = "faults",
    about = "Real hosts, PostgreSQL and Redis, killed, stopped and cut off under load"
)]
struct Arguments {
    /// Rounds of the storm.
    #[arg(long, default_value_t = 50)]
    rounds: usize,
    /// The first of them: with the seed of an earlier run, a round of it alone.
    #[arg(long, default_value_t = 0)]
    from: usize,
    /// Transfers of a round, all at once; the ledger's list shows at most a thousand.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u16).range(1..=1_000))]
    transfers: u16,
    /// Repeats an earlier run.
    #[arg(long)]
    seed: Option<u64>,
    /// Only this: `storm`, a blow of it such as `kill-postgres`, or a mischief such as `reset-after`.
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
    let blows = Blow::ALL.into_iter();
    let mischiefs = Mischief::ALL.into_iter();
    let Some(scenario) = arguments.scenario.as_deref() else {
        storms(arguments, Plan::of(seed, None), seed).await?;
        for (name, mischief) in mischiefs {
            trouble(name, mischief, seed).await?;
        }
        return Ok(());
    };
    if scenario == "storm" {
        return storms(arguments, Plan::of(seed, None), seed).await;
    }
    if let Some((_, blow)) = blows.clone().find(|(name, _)| *name == scenario) {
        return storms(arguments, Plan::of(seed, Some(blow)), seed).await;
    }
    if let Some((name, mischief)) = mischiefs.clone().find(|(name, _)| *name == scenario) {
        return trouble(name, mischief, seed).await;
    }
    let names = blows.map(|(name, _)| name);
    let names: Vec<&str> = names.chain(mischiefs.map(|(name, _)| name)).collect();
    bail!(
        "no scenario `{scenario}`; there are storm, {}",
        names.join(", ")
    );
}

/// At a bank that may be asked to do the same again, and at one that may not.
async fn trouble(name: &str, mischief: Mischief, seed: u64) -> Result<()> {
    for kind in [Kind::Reference, Kind::Idempotent] {
        let what = format!("{name}, {} bank", kind.name());
        let seen = trouble::run(mischief, kind, seed, BOUNDS).await;
        println!("{what}: {}", seen.context(what.clone())?);
    }
    Ok(())
}

/// Each bank and store that the plan comes to is one world, which lives for all of its rounds.
async fn storms(arguments: &Arguments, plan: Plan, seed: u64) -> Result<()> {
    let mut worlds: HashMap<(Kind, Store), Option<World>> = HashMap::new();
    let (mut sum, mut rounds) = (Counts::default(), 0);
    for number in (arguments.from..).take(arguments.rounds) {
        let case @ Case { kind, store, blow } = plan.case(number);
        let world = match worlds.entry((kind, store)) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => place.insert(World::make(kind, store, seed).await?),
        };
        let Some(world) = world else {
            continue;
        };
        let round = Round {
            number: number as u64,
            seed: seed.wrapping_add(number as u64),
            transfers: usize::from(arguments.transfers),
            customers: CUSTOMERS,
            blow,
            lasts: LASTS,
            settled_within: SETTLED_WITHIN,
            answered_within: ANSWERED_WITHIN,
        };
        let (moment, weather) = (round.moment(), round.weather());
        let what = format!("round {number}, {case} {moment}, {weather}");
        match storm::run(world, round).await {
            Ok(counts) => {
                println!("{what}: {counts}");
                sum += counts;
                rounds += 1;
            }
            Err(cause) => {
                let kept = world.setups[0].keep_folder();
                return Err(cause.context(format!("{what}; kept in {}", kept.display())));
            }
        }
    }
    ensure!(
        rounds > 0 || arguments.rounds == 0,
        "no round could be run without PostgreSQL or Redis"
    );
    ensure!(
        sum.transfers < ENOUGH_FOR_A_BOUND || sum.over_day > 0,
        "nobody met the bound of a day: {sum}"
    );
    println!(
        "{rounds} rounds: {sum}; every balance exact to the cent, nobody over the day's bound"
    );
    Ok(())
}
