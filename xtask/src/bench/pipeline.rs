//! `cargo xtask bench pipeline`: one rule in this pipeline, on bare wasmtime, natively and in other rule engines, side by side.
//!
//! The contestants are a program of a workspace of its own, `tests/bench`, which nothing else builds. It writes the table and the
//! chart that the README shows.

use std::path::Path;

use anyhow::{Context, Result};

use crate::bench::swaps;
use crate::workspace::Workspace;
use crate::{command, plugins};

/// Arguments of `cargo xtask bench pipeline`.
#[derive(clap::Args, Debug)]
pub struct Arguments {
    /// Times that every contestant has its turn.
    #[arg(long, default_value_t = 30)]
    rounds: u32,
    /// Measured evaluations of each contestant in each round.
    #[arg(long, default_value_t = 400)]
    evaluations: u32,
    /// Leave out the swaps, which `cargo xtask bench swaps` measures alone.
    #[arg(long)]
    without_swaps: bool,
}

/// The bench.
pub fn run(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    let results = workspace.peers().join("results");
    peers(workspace, arguments, &results)?;
    if !arguments.without_swaps {
        swaps::run(workspace, &results)?;
    }
    Ok(())
}

fn peers(workspace: &Workspace, arguments: &Arguments, results: &Path) -> Result<()> {
    let peers = workspace.peers();
    let modules = plugins::modules(workspace, &peers.join("guest"))?;
    let extism_plugin = modules.first().context("the Extism plugin was not built")?;
    let mut cargo = workspace.cargo(&peers);
    // Not `--locked`: what the host has come to need since is added to this workspace's lock file, and nothing else in it moves.
    command::run(cargo.args(["build", "--release", "--package", "bench-pipeline"]))?;
    let program = workspace.target.join("release").join("bench-pipeline");
    command::run(
        command::clean(program, &workspace.root)
            .arg("--plugins")
            .arg(workspace.plugins().join("dist"))
            .arg("--host")
            .arg(workspace.host_binary("release"))
            .arg("--extism-plugin")
            .arg(extism_plugin)
            .arg("--results")
            .arg(results)
            .args(["--rounds", &arguments.rounds.to_string()])
            .args(["--evaluations", &arguments.evaluations.to_string()]),
    )
}
