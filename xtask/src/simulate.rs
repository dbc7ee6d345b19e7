//! `cargo xtask simulate`: as many simulated worlds as somebody wants.
//!
//! The worlds stand in `tests/simulate`, and a thousand of them run with the tests; this is the long form, in release.

use anyhow::Result;

use crate::command;
use crate::workspace::Workspace;

/// Arguments of `cargo xtask simulate`.
#[derive(clap::Args, Debug)]
pub struct Arguments {
    /// How many worlds.
    #[arg(long, default_value_t = 100_000)]
    seeds: u64,
    /// The seed of the first; the others follow it.
    #[arg(long, default_value_t = 0)]
    first_seed: u64,
    /// Prints what happened in a world that breaks.
    #[arg(long)]
    trace: bool,
}

/// The command.
pub fn run(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    let mut cargo = workspace.cargo(&workspace.root);
    let package = [
        "run",
        "--release",
        "--locked",
        "--package",
        "simulate",
        "--",
    ];
    cargo.args(package);
    cargo.arg("--seeds").arg(arguments.seeds.to_string());
    cargo
        .arg("--first-seed")
        .arg(arguments.first_seed.to_string());
    if arguments.trace {
        cargo.arg("--trace");
    }
    command::run(&mut cargo)
}
