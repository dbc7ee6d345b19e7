//! `orchestrator compile-component`, hidden: what the host starts in a process of its own for each component it compiles.
//!
//! Reads no settings and no environment; standard input to standard output.

use std::process::ExitCode;

use clap::Args;

use crate::plugin;

/// What the compilation may use.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Memory.
    #[arg(long)]
    memory_bytes_max: u64,
    /// Processor time, for each processor.
    #[arg(long)]
    seconds_max: u64,
}

/// Compiles.
#[must_use]
pub fn run(arguments: &Arguments) -> ExitCode {
    plugin::compile_here(arguments.memory_bytes_max, arguments.seconds_max)
}
