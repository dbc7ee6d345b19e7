//! `orchestrator healthcheck`: for container and service managers that run a command instead of a request.
//!
//! Asks the host that runs on this machine with these settings, and says nothing else about it.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Result, bail};

use super::remote::Remote;
use crate::config::Settings;

/// How long the host may take to answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(3);

/// Asks `/readyz` of the host that these settings describe.
///
/// # Errors
/// It does not answer, or is not ready.
pub async fn run(settings: &Settings) -> Result<ExitCode> {
    let status = Remote::of(settings, None)?
        .status("/readyz", ANSWER_WITHIN)
        .await?;
    if status != 200 {
        bail!("the host is not ready (status {status}); its log says why");
    }
    Ok(ExitCode::SUCCESS)
}
