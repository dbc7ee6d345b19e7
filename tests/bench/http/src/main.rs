//! The whole host under load, seen from outside: beside programs that do the same job, with few and many live calls, with money.
//!
//! Starts and stops everything itself, asks every server one question whose answer is known before it is measured, prints a page, and
//! keeps it with a chart in the folder of results. `cargo xtask bench http` builds everything and calls this.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this is a command line program"
)]

mod chart;
mod disk;
mod goals;
mod line;
mod load;
mod page;
mod request;
mod running;
mod scenes;
mod server;
mod services;

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Parser;

use crate::scenes::{Amount, Bench};
use crate::server::Programs;

#[derive(Parser)]
#[command(about = "The whole host under load, beside programs that do the same job")]
struct Arguments {
    #[command(flatten)]
    programs: Programs,
    /// The folder of `initdb` and `postgres`.
    #[arg(long)]
    postgres: PathBuf,
    /// `redis-server`.
    #[arg(long)]
    redis: PathBuf,
    /// Logs, and the databases of this run.
    #[arg(long)]
    work: PathBuf,
    /// Where the page and the chart go.
    #[arg(long)]
    results: PathBuf,
    #[command(flatten)]
    amount: Amount,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    std::fs::create_dir_all(&arguments.work).context("no folder for the servers' logs")?;
    running::leave_first_core();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("no runtime")?;
    let bench = Bench {
        programs: &arguments.programs,
        postgres: &arguments.postgres,
        redis: &arguments.redis,
        work: &arguments.work,
        amount: &arguments.amount,
    };
    let load_before = report::machine::load_average();
    let measured = runtime.block_on(bench.run())?;
    let page = page::markdown(&measured, &arguments.amount, load_before.as_deref());
    println!("\n{page}");
    if !arguments.amount.without.is_empty() {
        // Half a page must not replace a whole one.
        return Ok(());
    }
    std::fs::create_dir_all(&arguments.results).context("the results' folder cannot be made")?;
    let write = |name: &str, text: &str| {
        std::fs::write(arguments.results.join(name), text)
            .with_context(|| format!("{name} cannot be written"))
    };
    write("http.md", &page)?;
    write("http.svg", &chart::svg(&measured.peers)?)
}
