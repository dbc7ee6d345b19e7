//! This pipeline beside other ways to run one and the same rule: all in one process, on the same facts, in turns.
//!
//! Before anything is measured, every contestant must give the same answers to the same requests. Figures go to standard output,
//! and as a table and a chart into the folder of results. `cargo xtask bench pipeline` builds everything and calls this.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this is a command line program"
)]

mod bank;
mod cases;
mod chart;
mod contestant;
mod contestants;
mod figures;
mod goals;
mod rounds;
mod table;

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Parser;

use crate::rounds::Amount;

/// For all contestants the one that the host is shipped with.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

#[derive(Parser)]
#[command(about = "This pipeline beside other ways to run the same rule")]
struct Arguments {
    /// The shipped components.
    #[arg(long)]
    plugins: PathBuf,
    /// The host's binary, which compiles components.
    #[arg(long)]
    host: PathBuf,
    /// The rule as an Extism plugin.
    #[arg(long)]
    extism_plugin: PathBuf,
    /// Where the table and the chart go.
    #[arg(long)]
    results: PathBuf,
    #[command(flatten)]
    amount: Amount,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let cases = cases::all();
    let mut contestants = contestants::all(
        &arguments.plugins,
        &arguments.host,
        &arguments.extism_plugin,
        &cases,
    )?;
    for contestant in &mut contestants {
        contestant::check(contestant.as_mut(), &cases)?;
    }
    println!(
        "{} contestants decide {} cases alike",
        contestants.len(),
        cases.len()
    );
    let measured = rounds::run(&mut contestants, &cases[0], &arguments.amount)?;
    let table = table::markdown(&measured, &arguments.amount)?;
    println!("\n{table}");
    std::fs::create_dir_all(&arguments.results).context("the results' folder cannot be made")?;
    let write = |name: &str, text: &str| {
        std::fs::write(arguments.results.join(name), text)
            .with_context(|| format!("{name} cannot be written"))
    };
    write("pipeline.md", &table)?;
    write("pipeline.svg", &chart::svg(&measured)?)
}
