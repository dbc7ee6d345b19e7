//! `orchestrator serve`.
//!
//! Arguments only; what a host is made of stands in `app`.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;

use crate::app::App;
use crate::config::Settings;

/// Arguments of `serve`.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Bring everything that a newcomer needs: a bank, a database in a temporary folder, sample customers, no tokens.
    #[arg(long)]
    sandbox: bool,
}

/// Serves until told to stop.
///
/// # Errors
/// What is missing for a start, with what to do.
pub async fn run(settings: Settings, arguments: &Arguments) -> Result<ExitCode> {
    App::build(settings, arguments.sandbox)
        .await?
        .serve()
        .await?;
    Ok(ExitCode::SUCCESS)
}
