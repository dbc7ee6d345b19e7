//! `cargo xtask swaps` and `cargo xtask attacks`: the storms of the tests, as long as somebody wants them.
//!
//! The tests themselves stand in `tests/it` (`swaps/storm.rs`, `failing_stages/storm.rs`) and print their counts; the host that they
//! start is the one beside them, or a release build.

use anyhow::Result;

use crate::workspace::Workspace;
use crate::{command, plugins};

/// Arguments of `cargo xtask swaps`.
#[derive(clap::Args, Debug)]
pub struct Swaps {
    /// How many swaps, one in ten of them broken.
    #[arg(long, default_value_t = 10_000)]
    swaps: u32,
    /// Callers at once.
    #[arg(long, default_value_t = 4)]
    callers: u32,
    /// A release build of the host.
    #[arg(long)]
    release: bool,
}

/// Arguments of `cargo xtask attacks`.
#[derive(clap::Args, Debug)]
pub struct Attacks {
    /// How many attacks at least, of all kinds in turn.
    #[arg(long, default_value_t = 10_000)]
    attacks: u32,
    /// A release build of the host.
    #[arg(long)]
    release: bool,
}

/// `cargo xtask swaps`.
pub fn swaps(workspace: &Workspace, arguments: &Swaps) -> Result<()> {
    let figures = [
        ("ORCHESTRATOR_TEST_SWAPS", arguments.swaps),
        ("ORCHESTRATOR_TEST_CALLERS", arguments.callers),
    ];
    blow(workspace, "swaps::storm", &figures, arguments.release)
}

/// `cargo xtask attacks`.
pub fn attacks(workspace: &Workspace, arguments: &Attacks) -> Result<()> {
    let figures = [("ORCHESTRATOR_TEST_ATTACKS", arguments.attacks)];
    plugins::build(workspace, &workspace.guests())?;
    blow(
        workspace,
        "failing_stages::storm",
        &figures,
        arguments.release,
    )
}

fn blow(workspace: &Workspace, test: &str, figures: &[(&str, u32)], release: bool) -> Result<()> {
    plugins::build(workspace, &workspace.plugins())?;
    // The host itself is no target of the tests: they start what stands beside them.
    let mut cargo = workspace.cargo(&workspace.root);
    command::run(cargo.args(["build", "--workspace", "--all-targets", "--locked"]))?;
    let mut tests = workspace.cargo(&workspace.root);
    if release {
        let mut cargo = workspace.cargo(&workspace.root);
        let package = [
            "build",
            "--release",
            "--locked",
            "--package",
            "orchestrator",
        ];
        command::run(cargo.args(package))?;
        tests.env("ORCHESTRATOR_TEST_HOST", workspace.host_binary("release"));
    }
    tests
        .args(["test", "--workspace", "--locked", "--test", "it", "--"])
        .args([test, "--nocapture"]);
    for (name, figure) in figures {
        tests.env(name, figure.to_string());
    }
    command::run(&mut tests)
}
