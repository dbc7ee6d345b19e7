//! The `orchestrator` binary: arguments, one subcommand, one sentence when it cannot do what it was asked.

use std::process::ExitCode;

fn main() -> ExitCode {
    orchestrator::cli::main()
}
