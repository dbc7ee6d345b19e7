//! `cargo xtask run`: plugins, then the host with everything a newcomer needs in one process.
//!
//! The host takes this process's place, so signals, the terminal and the exit code are its own.

use std::ffi::OsString;
use std::os::unix::process::CommandExt;

use anyhow::{Context, Result};

use crate::workspace::Workspace;
use crate::{command, plugins};

/// Arguments of `cargo xtask run`.
#[derive(clap::Args, Debug)]
pub struct Arguments {
    /// Further arguments of `orchestrator serve`.
    #[arg(last = true)]
    host: Vec<OsString>,
}

/// The command. Returns only where the host could not be started.
pub fn run(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    plugins::build(workspace, &workspace.plugins())?;
    // Together with xtask, which asks for a feature more of one small crate below wasmtime: built alone, the host would have a
    // wasmtime of its own beside that of the tests, compiled for minutes.
    let mut cargo = workspace.cargo(&workspace.root);
    cargo.args([
        "build",
        "--locked",
        "--package",
        "orchestrator",
        "--package",
        "xtask",
    ]);
    command::run(&mut cargo)?;
    let binary = workspace.host_binary("debug");
    let mut host = command::clean(&binary, &workspace.root);
    let error = host
        .args(["serve", "--sandbox"])
        .args(&arguments.host)
        .exec();
    Err(error).with_context(|| format!("{} did not start; is it there?", binary.display()))
}
