//! `orchestrator plugin`: for those who write or install plugins; nothing of a running host is touched.
//!
//! The report goes to standard output; exit code 1 says that the plugin would not be taken.

mod inspect;
mod report;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Subcommand;

use super::output::say;
use crate::config::Settings;
use crate::plugin::Phase;

/// What can be done with a component.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show what a component is, what it needs, how its self-tests come out and what they cost; exit code 1 if it would be refused.
    Inspect(Inspect),
}

/// Arguments of `plugin inspect`.
#[derive(Debug, clap::Args)]
pub struct Inspect {
    /// The component.
    file: PathBuf,
    /// The phase it is meant for: route, decide, fulfil or shape; found from its exports where it is not given.
    #[arg(long, value_parser = phase)]
    phase: Option<Phase>,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

/// Runs it.
///
/// # Errors
/// The file cannot be read, or this machine cannot run WASM.
pub async fn run(command: &Command, settings: &Settings) -> Result<ExitCode> {
    let Command::Inspect(arguments) = command;
    let report = inspect::run(&arguments.file, arguments.phase, settings).await?;
    let text = if arguments.json {
        serde_json::to_string_pretty(&report)?
    } else {
        report.to_string()
    };
    say(&text)?;
    Ok(match report.refused {
        None => ExitCode::SUCCESS,
        Some(_) => ExitCode::FAILURE,
    })
}

fn phase(name: &str) -> Result<Phase, String> {
    let mut phases = Phase::ALL.into_iter();
    let found = phases.find(|phase| phase.name() == name);
    found.ok_or_else(|| {
        let known = Phase::ALL.map(Phase::name);
        format!("known are {}", known.join(", "))
    })
}
