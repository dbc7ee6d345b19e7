//! `cargo xtask fuzz`: the property tests of the parsers, as long as somebody wants them.
//!
//! The properties stand beside the parsers in the host; a few hundred inputs of each are part of the tests. Here each has a process
//! of its own, so that a memory that grows is its own.

use std::process::Command;
use std::time::Duration;

use anyhow::{Result, bail};

use crate::command;
use crate::workspace::Workspace;

/// Parsers, and the module of their properties.
const PARSERS: [(&str, &str); 8] = [
    ("signature", "ingress::signature::tests::properties"),
    ("webhook", "ingress::webhook::tests::properties"),
    (
        "websocket",
        "ingress::llm_websocket::heard::tests::properties",
    ),
    ("money", "call::money::tests::properties"),
    ("manifest", "pipeline::manifest::tests::properties"),
    (
        "plugin-toml",
        "plugin::self_test::scenario::tests::properties",
    ),
    ("plugin-answer", "plugin::convert::tests"),
    ("config", "config::tests::properties"),
];

/// Arguments of `cargo xtask fuzz`.
#[derive(clap::Args, Debug)]
pub struct Arguments {
    /// How long, for each parser.
    #[arg(long, default_value_t = 10.0)]
    minutes: f64,
    /// Only this one: signature, webhook, websocket, money, manifest, plugin-toml, plugin-answer or config.
    #[arg(long)]
    parser: Option<String>,
    /// Repeats an earlier run, or begins with the inputs that broke something.
    #[arg(long)]
    seed: Option<u64>,
}

/// The command. All parsers are tried, also after one that fails.
pub fn run(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    let wanted = |name: &str| arguments.parser.as_ref().is_none_or(|only| only == name);
    let parsers: Vec<_> = PARSERS.iter().filter(|(name, _)| wanted(name)).collect();
    if parsers.is_empty() {
        let known = PARSERS.map(|(name, _)| name).join(", ");
        bail!("there is no such parser; known are {known}");
    }
    let Ok(time) = Duration::try_from_secs_f64(arguments.minutes * 60.0) else {
        bail!("--minutes: a number above 0 is expected");
    };
    command::run(test(workspace).arg("--no-run"))?;
    let mut failed = Vec::new();
    for (name, module) in parsers {
        let mut test = test(workspace);
        test.args(["--", module, "--nocapture", "--test-threads", "1"])
            .env("ORCHESTRATOR_TEST_FUZZ_SECONDS", time.as_secs().to_string())
            .env("RUST_BACKTRACE", "0");
        if let Some(seed) = arguments.seed {
            test.env("ORCHESTRATOR_TEST_FUZZ_SEED", seed.to_string());
        }
        if command::run(&mut test).is_err() {
            failed.push(*name);
        }
    }
    if !failed.is_empty() {
        let names = failed.join(", ");
        bail!(
            "{names}: what broke and its seed stand above; `--parser NAME --seed SEED` repeats it at once"
        );
    }
    Ok(())
}

fn test(workspace: &Workspace) -> Command {
    let mut cargo = workspace.cargo(&workspace.root);
    cargo.args([
        "test",
        "--quiet",
        "--locked",
        "--package",
        "orchestrator",
        "--lib",
    ]);
    cargo
}
