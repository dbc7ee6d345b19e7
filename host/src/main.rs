//! The `orchestrator` binary: arguments, one subcommand, one sentence when it cannot do what it was asked.
//!
//! Everything else is in the library, so that tests and tools can reach it.

use std::process::ExitCode;

/// The system's own took a quarter of a transfer's processor time: a turn makes thousands of short-lived pieces of memory, and many are
/// freed on another thread than the one that made them.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    orchestrator::cli::main()
}
