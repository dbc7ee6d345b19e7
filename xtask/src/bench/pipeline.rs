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
    /// One half of it; both without.
    #[arg(long, value_enum)]
    only: Option<Half>,
}

/// What the bench is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Half {
    /// The rule in this pipeline and elsewhere.
    Peers,
    /// How soon a change of rules decides.
    Swaps,
}

/// The bench.
pub fn run(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    let results = workspace.peers().join("results");
    if arguments.only != Some(Half::Swaps) {
        peers(workspace, arguments, &results)?;
    }
    if arguments.only != Some(Half::Peers) {
        swaps::run(workspace, &results)?;
    }
    Ok(())
}

fn peers(workspace: &Workspace, arguments: &Arguments, results: &Path) -> Result<()> {
    let peers = workspace.peers();
    let modules = plugins::modules(workspace, &peers.join("guest"))?;
    let extism_plugin = modules.first().context("the Extism plugin was not built")?;
    let mut cargo = workspace.cargo(&peers);
    command::run(cargo.args([
        "build",
        "--release",
        "--locked",
        "--package",
        "bench-pipeline",
    ]))?;
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
