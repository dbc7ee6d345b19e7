//! `cargo xtask test`: everything that has to hold, in the order in which a fault is cheapest to find.
//!
//! The black-box tests are told where Python, PostgreSQL and Redis are by variables; where one is missing its
//! variable is not set, and the tests that need it leave themselves out.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::command;
use crate::step::Steps;
use crate::workspace::Workspace;
use crate::{deny, plugins, services};

/// Arguments of `cargo xtask test`.
#[derive(clap::Args, Debug)]
pub struct Arguments {
    /// Leave out formatting, clippy and cargo-deny.
    #[arg(long)]
    fast: bool,
    /// Arguments of the test binaries, such as a part of a test's name.
    #[arg(last = true)]
    tests: Vec<OsString>,
}

/// The command.
pub fn run(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    // A build machine must not be green because something was not there.
    let strict = std::env::var_os("CI").is_some_and(|value| value == "true" || value == "1");
    let mut steps = Steps::default();
    if arguments.fast {
        steps.leave_out("format, clippy, cargo-deny", "--fast");
    } else {
        lint(workspace, &mut steps);
    }
    steps.check("plugins, native tests", || {
        // Without `--tests` the documentation's examples would be run too, and for them every plugin linked as a native
        // library, which its exports' names (`bank:voice/...`) do not allow.
        let mut cargo = plugins_cargo(workspace);
        command::run(cargo.args(["test", "--workspace", "--tests", "--locked", "--quiet"]))
    });
    let plugins = steps.check("plugins", || {
        plugins::build(workspace, &workspace.plugins())
    });
    let guests = !workspace.guests().join("Cargo.toml").is_file()
        || steps.check("guests of the tests", || {
            plugins::build(workspace, &workspace.guests())
        });
    let host = steps.check("host and tests, build", || {
        // One build with the features that the tests ask for: `--package orchestrator` would compile much of it twice.
        let mut cargo = workspace.cargo(&workspace.root);
        command::run(cargo.args(["build", "--workspace", "--all-targets", "--locked"]))
    });
    let mut tests = workspace.cargo(&workspace.root);
    provide(workspace, &mut steps, &mut tests);
    if !arguments.fast {
        deny::check(workspace, &mut steps, strict);
    }
    if plugins && guests && host {
        tests
            // An error or a panic says what was awaited in vain; the frames of the runtime beneath it only push that out of a log's end.
            .env("RUST_LIB_BACKTRACE", "0")
            .env("RUST_BACKTRACE", "0")
            .args(["test", "--workspace", "--locked", "--"])
            .args(&arguments.tests);
        steps.check("tests", || command::run(&mut tests));
    } else {
        steps.leave_out("tests", "what they test was not built");
    }
    steps.finish(strict)
}

fn lint(workspace: &Workspace, steps: &mut Steps) {
    let clippy = [
        "clippy",
        "--workspace",
        "--all-targets",
        "--locked",
        "--quiet",
    ];
    let deny_warnings = ["--", "--deny", "warnings"];
    let root = || workspace.cargo(&workspace.root);
    let plugins = || plugins_cargo(workspace);
    steps.check("format, host", || {
        command::run(root().args(["fmt", "--all", "--check"]))
    });
    steps.check("format, plugins", || {
        command::run(plugins().args(["fmt", "--all", "--check"]))
    });
    steps.check("clippy, host", || {
        command::run(root().args(clippy).args(deny_warnings))
    });
    steps.check("clippy, plugins", || {
        command::run(plugins().args(clippy).args(deny_warnings))
    });
}

/// Cargo for the plugins as native code, in a target folder beside the one of their wasm.
fn plugins_cargo(workspace: &Workspace) -> Command {
    let mut cargo = workspace.cargo(&workspace.plugins());
    cargo.env("CARGO_TARGET_DIR", workspace.target.join("plugins-native"));
    cargo
}

/// Gets what the tests need and tells them where it is.
fn provide(workspace: &Workspace, steps: &mut Steps, tests: &mut Command) {
    let mut tell = |name: &str, found: Option<&Path>| {
        match found {
            Some(path) => tests.env(name, path),
            // One left from the caller would point at something this run did not check.
            None => tests.env_remove(name),
        };
    };
    let python = steps.get("Python backend", || {
        services::python(workspace).context("tests against the Python backend are left out")
    });
    tell("ORCHESTRATOR_TEST_PYTHON", python.as_deref());
    let postgres = steps.get("PostgreSQL", || {
        services::postgres().context("tests against PostgreSQL are left out")
    });
    tell("ORCHESTRATOR_TEST_POSTGRES_BIN", postgres.as_deref());
    let redis = steps.get("Redis", || {
        services::redis().context("tests against Redis are left out")
    });
    tell("ORCHESTRATOR_TEST_REDIS", redis.as_deref());
}
