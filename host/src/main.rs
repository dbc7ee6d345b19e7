//! The `orchestrator` binary: arguments, one subcommand, one sentence when it cannot do what it was asked.
//!
//! Everything else is in the library, so that tests and tools can reach it.

use std::process::ExitCode;

fn main() -> ExitCode {
    orchestrator::cli::main()
}
