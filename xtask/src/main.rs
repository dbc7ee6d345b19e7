//! Project commands: what a person or a build machine does with this repository, each as one `cargo xtask` word.
//!
//! Nothing here is part of the host. The commands find or get what they need by themselves, say what they do in a line, and end
//! an error with what to do about it.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "these are command line programs"
)]

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::workspace::Workspace;

mod bench;
mod command;
mod deny;
mod faults;
mod fuzz;
mod packages;
mod plugins;
mod run;
mod services;
mod simulate;
mod step;
mod storms;
mod test;
mod toolchain;
mod workspace;

#[derive(Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    about = "Project commands"
)]
struct Arguments {
    #[command(subcommand)]
    command: Commands,
}

#[derive(Subcommand)]
enum Commands {
    /// Build every plugin of plugins/ into plugins/dist.
    Plugins(plugins::Arguments),
    /// Build plugins and host and serve in sandbox mode; arguments after `--` go to `orchestrator serve`.
    Run(run::Arguments),
    /// Everything: lints, plugins, host, services and all tests; arguments after `--` go to the tests.
    Test(test::Arguments),
    /// Swap rules under load, again and again.
    Swaps(storms::Swaps),
    /// Attack the host with plugins that misbehave, again and again.
    Attacks(storms::Attacks),
    /// Take PostgreSQL away from a host under load, and give it back.
    Outage(storms::Outage),
    /// Kill one host of three with 500 live calls.
    Takeover(storms::Takeover),
    /// Simulated worlds in virtual time, from seeds.
    Simulate(simulate::Arguments),
    /// Kill and stop hosts under load, and let the bank misbehave in every way.
    Faults(faults::Arguments),
    /// Feed every parser with inputs that are nearly right.
    Fuzz(fuzz::Arguments),
    /// Measure a release host from outside.
    #[command(subcommand)]
    Bench(bench::Bench),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let ready = match &arguments.command {
        Commands::Plugins(_) => Ok(()),
        _ => packages::ensure("make", "the host's allocator is built with it"),
    };
    let done = ready
        .and_then(|()| Workspace::find())
        .and_then(|workspace| match &arguments.command {
            Commands::Plugins(arguments) => plugins::run(&workspace, arguments),
            Commands::Run(arguments) => run::run(&workspace, arguments),
            Commands::Test(arguments) => test::run(&workspace, arguments),
            Commands::Swaps(arguments) => storms::swaps(&workspace, arguments),
            Commands::Attacks(arguments) => storms::attacks(&workspace, arguments),
            Commands::Outage(arguments) => storms::outage(&workspace, arguments),
            Commands::Takeover(arguments) => storms::takeover(&workspace, arguments),
            Commands::Simulate(arguments) => simulate::run(&workspace, arguments),
            Commands::Faults(arguments) => faults::run(&workspace, arguments),
            Commands::Fuzz(arguments) => fuzz::run(&workspace, arguments),
            Commands::Bench(bench) => bench::run(&workspace, bench),
        });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
