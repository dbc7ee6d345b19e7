//! `cargo xtask bench NAME`: what a release host costs, measured from outside at its socket.
//!
//! Each bench is a file of its own below `bench/`; starting the host and the figures are shared. Nothing is asserted here: a
//! figure is printed, and a person judges it.

use anyhow::Result;
use clap::Subcommand;

use crate::workspace::Workspace;
use crate::{command, plugins};

mod caller;
mod figures;
mod host;
mod http;
mod line;
mod load;
mod page;
mod pipeline;
mod scene;
mod storm;
mod swaps;
mod turn;
mod voice;

/// The benches.
#[derive(Subcommand, Debug)]
pub enum Bench {
    /// Signed balance questions, one after another on one connection.
    Turn(turn::Arguments),
    /// This pipeline beside other ways to run the same rule, and how fast rules are swapped.
    Pipeline(pipeline::Arguments),
    /// The voice line: first words, interruptions, pings beside a bank that hangs, memory.
    Voice(voice::Arguments),
    /// The whole host under load, beside programs that do the same job; on SQLite, PostgreSQL and Redis.
    Http(load::Arguments),
    /// Only how fast rules are swapped.
    Swaps,
}

/// The command: builds plugins and the release host, then measures.
pub fn run(workspace: &Workspace, bench: &Bench) -> Result<()> {
    plugins::build(workspace, &workspace.plugins())?;
    let mut cargo = workspace.cargo(&workspace.root);
    command::run(cargo.args([
        "build",
        "--release",
        "--locked",
        "--package",
        "orchestrator",
    ]))?;
    match bench {
        Bench::Turn(arguments) => turn::run(workspace, arguments),
        Bench::Voice(arguments) => voice::run(workspace, arguments),
        Bench::Pipeline(arguments) => pipeline::run(workspace, arguments),
        Bench::Http(arguments) => load::run(workspace, arguments),
        Bench::Swaps => swaps::run(workspace, &workspace.peers().join("results")),
    }
}
