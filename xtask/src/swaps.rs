//! `cargo xtask swaps`: the swap storm of the tests, as long as somebody wants it.
//!
//! The test itself stands in `tests/it/swaps/storm.rs`; it prints its counts.

use anyhow::Result;

use crate::workspace::Workspace;
use crate::{command, plugins};

/// Arguments of `cargo xtask swaps`.
#[derive(clap::Args, Debug)]
pub struct Arguments {
    /// How many swaps, one in ten of them broken.
    #[arg(long, default_value_t = 10_000)]
    swaps: u32,
}

/// The command.
pub fn run(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    plugins::build(workspace, &workspace.plugins())?;
    // The host itself is no target of the tests: they start what stands beside them.
    let mut cargo = workspace.cargo(&workspace.root);
    command::run(cargo.args(["build", "--workspace", "--all-targets", "--locked"]))?;
    let mut cargo = workspace.cargo(&workspace.root);
    cargo
        .args(["test", "--workspace", "--locked", "--test", "it", "--"])
        .args(["swaps::storm", "--nocapture"])
        .env("ORCHESTRATOR_TEST_SWAPS", arguments.swaps.to_string());
    command::run(&mut cargo)
}
