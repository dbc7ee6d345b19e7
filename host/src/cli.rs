//! The command line: one subcommand a file; what goes wrong ends here as one sentence and an exit code.
//!
//! A subcommand is given settings; none is read anywhere below.

mod call;
mod check;
mod compile;
mod healthcheck;
mod output;
mod pipeline;
mod plugin;
mod remote;
mod serve;
mod transfers;
pub mod users;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result};
use clap::{Parser, Subcommand};

use crate::config::Settings;
use crate::plugin::COMPILE_COMMAND;
use crate::{app, telemetry};
use output::Output;

/// How long threads that still compute may keep a process that has ended its work.
const LEFT_BEHIND_WITHIN: Duration = Duration::from_millis(500);

/// Voice-banking orchestrator: business rules as WASM plugins, money through a ledger.
#[derive(Debug, Parser)]
#[command(name = "orchestrator", version)]
struct Arguments {
    /// Settings file; its keys are those of config/default.toml.
    #[arg(long, global = true, env = "ORCHESTRATOR_CONFIG")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve calls.
    Serve(serve::Arguments),
    /// Call a running host as Retell does: by hand, or by scripts that check what is said and moved.
    Call(call::Arguments),
    /// Check configuration, plugins, database and backend: a verdict each, and what to do.
    Check(check::Arguments),
    /// Create or update the tables of the database.
    Migrate,
    /// Ask the running host whether it is ready; exit code 0 if so.
    Healthcheck,
    /// Which rules a running host applies, and changing them.
    Pipeline(pipeline::Arguments),
    /// Look at a plugin's component before it is installed.
    #[command(subcommand)]
    Plugin(plugin::Command),
    /// The ledger of a running host, and what is decided about a transfer of which nobody could find out.
    Transfers(transfers::Arguments),
    /// Enrol customers and their PINs.
    Users(users::Args),
    /// Compile one component; the host starts this by itself.
    #[command(name = COMPILE_COMMAND, hide = true)]
    CompileComponent(compile::Arguments),
}

/// Runs the process.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(arguments) {
        Ok(code) => code,
        Err(cause) => output::quiet_end(&cause).unwrap_or_else(|| {
            // The one place where a command that failed says why; where nobody listens, its exit code says it alone.
            let _ = writeln!(std::io::stderr(), "orchestrator: {cause:#}");
            ExitCode::FAILURE
        }),
    }
}

fn run(arguments: Arguments) -> Result<ExitCode> {
    if let Command::CompileComponent(bounds) = &arguments.command {
        return Ok(compile::run(bounds));
    }
    let settings = match Settings::read(arguments.config.as_deref()) {
        Err(cause) if matches!(arguments.command, Command::Check(_)) => {
            return check::unreadable(&cause);
        }
        settings => settings?,
    };
    telemetry::start(&settings.log);
    // One TLS provider for all clients of the process; a second call in one process changes nothing.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the async runtime does not start")?;
    let ran = runtime.block_on(async {
        match arguments.command {
            Command::Serve(arguments) => serve::run(settings, &arguments).await,
            Command::Call(arguments) => call::run(&settings, &arguments).await,
            Command::Check(arguments) => check::run(settings, &arguments).await,
            Command::Migrate => app::connect(&settings).await?.close().await.map(done)?,
            Command::Healthcheck => healthcheck::run(&settings).await,
            Command::Pipeline(arguments) => pipeline::run(&settings, &arguments).await.map(done)?,
            Command::CompileComponent(_) => unreachable!("it reads no settings and ended above"),
            Command::Plugin(command) => plugin::run(&command, &settings).await,
            Command::Transfers(arguments) => {
                transfers::run(&settings, &arguments).await.map(done)?
            }
            Command::Users(arguments) => {
                let db = app::connect(&settings).await?;
                let (mut input, mut output) = (std::io::stdin().lock(), Output::standard());
                let now_ms = jiff::Timestamp::now().as_millisecond();
                let ran = users::run(arguments, &db, &mut input, &mut output, now_ms).await;
                db.close().await?;
                ran.map(done)?
            }
        }
    });
    // What still computes in a thread of its own, a plugin's compilation for one, is not waited for.
    runtime.shutdown_timeout(LEFT_BEHIND_WITHIN);
    ran
}

fn done((): ()) -> Result<ExitCode> {
    Ok(ExitCode::SUCCESS)
}
