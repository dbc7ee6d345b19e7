//! `orchestrator check`: configuration, plugins, database, backend and live calls, each with a verdict and what to do.
//!
//! Makes no SQLite file where there is none; in a database that is there, tables that are missing are made.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result};
use clap::Args;

use super::output::say;
use crate::app;
use crate::backend::Backend;
use crate::config::{self, Settings};
use crate::live::{self, Live};
use crate::pipeline::Pipeline;
use crate::plugin::Engine;

/// How long the bank may take to answer.
const BACKEND_WITHIN: Duration = Duration::from_secs(3);

/// Arguments of `check`.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Check the rules as `serve --sandbox` takes them, and nothing else: a sandbox brings the rest.
    #[arg(long)]
    sandbox: bool,
}

/// Checks all, even after a fault.
///
/// # Errors
/// Never for a fault that is found: that is the exit code.
pub async fn run(settings: Settings, arguments: &Arguments) -> Result<ExitCode> {
    if arguments.sandbox {
        // All else is what a sandbox brings.
        return tell([("plugins", plugins(&settings, true).await)]);
    }
    tell([
        (
            "configuration",
            settings
                .check_secrets()
                .context("")
                .map(|()| configuration(&settings)),
        ),
        ("plugins", plugins(&settings, false).await),
        ("database", database(&settings).await),
        ("backend", backend(&settings).await),
        ("live calls", live_calls(&settings).await),
    ])
}

fn tell<const N: usize>(verdicts: [(&str, Result<String>); N]) -> Result<ExitCode> {
    let mut code = ExitCode::SUCCESS;
    for (what, verdict) in verdicts {
        match verdict {
            Ok(found) => say(&format!("ok      {what}: {found}"))?,
            Err(cause) => {
                let why = format!("{cause:#}");
                say(&format!("FAILED  {what}: {}", why.trim_start_matches(": ")))?;
                code = ExitCode::FAILURE;
            }
        }
    }
    Ok(code)
}

/// The verdict on settings that cannot even be read; nothing else can be checked then.
///
/// # Errors
/// It cannot be written.
pub fn unreadable(cause: &config::Error) -> Result<ExitCode> {
    say(&format!("FAILED  configuration: {cause}"))?;
    Ok(ExitCode::FAILURE)
}

/// What could be better is no fault.
fn configuration(settings: &Settings) -> String {
    let complete = ["complete".to_owned()].into_iter();
    let found: Vec<String> = complete.chain(settings.cautions()).collect();
    found.join("; ")
}

async fn plugins(settings: &Settings, sandbox: bool) -> Result<String> {
    let engine = Engine::new(&settings.plugin)?;
    let revision = Pipeline::check(&settings.pipeline, &engine, sandbox).await?;
    let names: Vec<&str> = revision
        .stages
        .iter()
        .map(|stage| stage.name.as_str())
        .collect();
    let mut found = format!("revision {} with {}", revision.id, names.join(", "));
    let turn_ms = settings.pipeline.turn_deadline_ms;
    let stages = revision.stages.iter();
    for note in stages.flat_map(|it| revision.notes_on(it, turn_ms)) {
        found = format!("{found}; {note}");
    }
    if let Some(other) = Pipeline::other_revision(&settings.pipeline, &engine, sandbox).await {
        found = format!("{found}; {other}");
    }
    Ok(found)
}

async fn database(settings: &Settings) -> Result<String> {
    if let Some(file) = settings.database.missing_file() {
        return Ok(format!(
            "no file {} yet; `orchestrator serve` or `orchestrator migrate` makes it",
            file.display()
        ));
    }
    let db = app::connect(settings).await?;
    let users = db.count_users().await?;
    db.close().await?;
    Ok(format!(
        "reachable, schema ready, {users} customers enrolled"
    ))
}

async fn live_calls(settings: &Settings) -> Result<String> {
    match Live::connect(&settings.live).await?.redis_answers() {
        None => Ok("in memory; this is the only host on its database".to_owned()),
        Some(true) => Ok("in Redis, which answers".to_owned()),
        Some(false) => Err(live::Error::Unreachable.into()),
    }
}

async fn backend(settings: &Settings) -> Result<String> {
    let backend = Backend::new(settings.backend.clone())?;
    let within = tokio::time::Instant::now() + BACKEND_WITHIN;
    let health = backend.health(within).await.with_context(|| {
        format!(
            "{} does not answer; start it, or correct PYTHON_BACKEND_URL",
            settings.backend.url
        )
    })?;
    Ok(format!("{} (version {})", health.status, health.version))
}
