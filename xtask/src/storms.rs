//! `cargo xtask swaps`, `attacks`, `outage` and `takeover`: the storms of the tests, as long as somebody wants them, against a release host too.
//!
//! The tests themselves stand in `tests/it` (`swaps/storm.rs`, `failing_stages/storm.rs`, `outage.rs`, `hosts/takeover.rs`) and print their counts; the host that they
//! start is the one beside them, or a release build.

use std::ffi::OsString;

use anyhow::Result;

use crate::workspace::Workspace;
use crate::{command, plugins, services};

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

/// Arguments of `cargo xtask outage`.
#[derive(clap::Args, Debug)]
pub struct Outage {
    /// A release build of the host.
    #[arg(long)]
    release: bool,
}

/// Arguments of `cargo xtask takeover`.
#[derive(clap::Args, Debug)]
pub struct Takeover {
    /// A release build of the host, which is then held to the goal itself.
    #[arg(long)]
    release: bool,
}

/// `cargo xtask swaps`.
pub fn swaps(workspace: &Workspace, arguments: &Swaps) -> Result<()> {
    let figures = [
        ("ORCHESTRATOR_TEST_SWAPS", figure(arguments.swaps)),
        ("ORCHESTRATOR_TEST_CALLERS", figure(arguments.callers)),
    ];
    blow(workspace, "swaps::storm", &figures, arguments.release)
}

/// `cargo xtask attacks`.
pub fn attacks(workspace: &Workspace, arguments: &Attacks) -> Result<()> {
    let figures = [("ORCHESTRATOR_TEST_ATTACKS", figure(arguments.attacks))];
    plugins::build(workspace, &workspace.guests())?;
    blow(
        workspace,
        "failing_stages::storm",
        &figures,
        arguments.release,
    )
}

/// `cargo xtask outage`.
pub fn outage(workspace: &Workspace, arguments: &Outage) -> Result<()> {
    let postgres = services::postgres()?;
    let told = [("ORCHESTRATOR_TEST_POSTGRES_BIN", postgres.into())];
    blow(workspace, "outage::", &told, arguments.release)
}

/// `cargo xtask takeover`.
pub fn takeover(workspace: &Workspace, arguments: &Takeover) -> Result<()> {
    let told = [
        (
            "ORCHESTRATOR_TEST_POSTGRES_BIN",
            services::postgres()?.into(),
        ),
        ("ORCHESTRATOR_TEST_REDIS", services::redis()?.into()),
    ];
    blow(
        workspace,
        "takeover::a_killed_host",
        &told,
        arguments.release,
    )
}

fn figure(number: u32) -> OsString {
    number.to_string().into()
}

/// Runs a test, which is told this by variables.
fn blow(workspace: &Workspace, test: &str, told: &[(&str, OsString)], release: bool) -> Result<()> {
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
    tests.envs(told.iter().map(|(name, value)| (name, value)));
    command::run(&mut tests)
}
