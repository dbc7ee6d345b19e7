//! `cargo xtask faults`: the bench of faults, as many rounds as somebody wants.
//!
//! The bench itself stands in `tests/faults`; it prints its seed and its counts.

use anyhow::Result;

use crate::workspace::Workspace;
use crate::{command, plugins, services};

/// Arguments of `cargo xtask faults`.
#[derive(clap::Args, Debug)]
pub struct Arguments {
    /// Rounds of the storm, each with 1,000 transfers.
    #[arg(long, default_value_t = 50)]
    rounds: u64,
    /// The first of them: with the seed of an earlier run, a round of it alone.
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// Repeats an earlier run.
    #[arg(long)]
    seed: Option<u64>,
    /// Only this: `storm`, a blow of it such as `kill-postgres`, or a mischief of the bank such as `reset-after`.
    #[arg(long)]
    scenario: Option<String>,
}

/// The command.
pub fn run(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    plugins::build(workspace, &workspace.plugins())?;
    let mut cargo = workspace.cargo(&workspace.root);
    // The host is no dependency of the bench: it starts what stands beside it. A thousand at once are for a host that is built for
    // speed.
    cargo.args(["build", "--release", "--locked", "--bins"]);
    command::run(cargo.args(["--package", "orchestrator", "--package", "faults"]))?;
    let mut cargo = workspace.cargo(&workspace.root);
    cargo.args(["run", "--release", "--quiet", "--locked"]);
    cargo.args(["--package", "faults", "--"]);
    cargo.arg("--rounds").arg(arguments.rounds.to_string());
    cargo.arg("--from").arg(arguments.from.to_string());
    if let Some(seed) = arguments.seed {
        cargo.arg("--seed").arg(seed.to_string());
    }
    if let Some(scenario) = &arguments.scenario {
        cargo.arg("--scenario").arg(scenario);
    }
    cargo.env("ORCHESTRATOR_TEST_POSTGRES_BIN", services::postgres()?);
    cargo.env("ORCHESTRATOR_TEST_REDIS", services::redis()?);
    command::run(&mut cargo)
}
