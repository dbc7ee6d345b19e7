//! `cargo xtask bench http`: the whole host under load, and beside it programs that do the same job in other ways.
//!
//! Load generator, bank and peers are programs below `tests/bench`, which nothing else builds. What the peers need is installed below
//! the target folder, once. The generator starts and measures everything, and writes the page and the chart that the README shows.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::workspace::Workspace;
use crate::{command, packages, services};

/// Written when all packages are there.
const MADE_FROM: &str = "made-from";

/// Arguments of `cargo xtask bench http`.
#[derive(clap::Args, Debug)]
pub struct Arguments {
    /// Each measurement lasts so long.
    #[arg(long, default_value_t = 8)]
    seconds: u64,
    /// Times that every peer has its turn.
    #[arg(long, default_value_t = 3)]
    rounds: u32,
    /// Of the bank, before each of its answers.
    #[arg(long, default_value_t = 2)]
    bank_ms: u64,
    /// Leave out a group of measurements; may be repeated.
    #[arg(long, value_parser = ["peers", "calls", "durable"])]
    without: Vec<String>,
}

/// The bench.
pub fn run(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    let peers = workspace.peers();
    let fastapi = peers.join("fastapi");
    let requirements = fastapi.join("requirements.txt");
    let python = services::python_with(workspace, &requirements, "fastapi-venv")?;
    let fastify = fastify(workspace)?;
    let (postgres, redis) = (services::postgres()?, services::redis()?);
    let mut cargo = workspace.cargo(&peers);
    cargo.args(["build", "--release", "--locked"]);
    command::run(cargo.args([
        "-p",
        "bench-http",
        "-p",
        "bench-bank",
        "-p",
        "bench-ceiling",
    ]))?;
    let built = |name: &str| workspace.target.join("release").join(name);
    let mut bench = command::clean(built("bench-http"), &workspace.root);
    for (name, place) in [
        ("--host", &workspace.host_binary("release")),
        ("--root", &workspace.root),
        ("--bank", &built("bench-bank")),
        ("--ceiling", &built("bench-ceiling")),
        ("--python", &python),
        ("--fastapi", &fastapi),
        ("--fastify", &fastify),
        ("--postgres", &postgres),
        ("--redis", &redis),
        ("--work", &workspace.target.join("bench").join("http")),
        ("--results", &peers.join("results")),
    ] {
        bench.arg(name).arg(place);
    }
    bench.args(["--seconds", &arguments.seconds.to_string()]);
    bench.args(["--rounds", &arguments.rounds.to_string()]);
    bench.args(["--bank-ms", &arguments.bank_ms.to_string()]);
    for group in &arguments.without {
        bench.args(["--without", group]);
    }
    command::run(&mut bench)
}

/// The Fastify program with its packages, in a folder of its own below the target folder; made anew when its lock file changes.
fn fastify(workspace: &Workspace) -> Result<PathBuf> {
    let from = workspace.peers().join("fastify");
    let folder = workspace.target.join("bench").join("fastify");
    std::fs::create_dir_all(&folder).context("no folder for the Fastify program")?;
    let copy = |name: &str| -> Result<()> {
        std::fs::copy(from.join(name), folder.join(name))
            .map(drop)
            .with_context(|| format!("{name} of the Fastify program cannot be copied"))
    };
    for name in ["package.json", "package-lock.json", "server.js"] {
        copy(name)?;
    }
    let locked = std::fs::read(from.join("package-lock.json")).context("package-lock.json")?;
    let marker = folder.join(MADE_FROM);
    if std::fs::read(&marker).is_ok_and(|made_from| made_from == locked) {
        return Ok(folder);
    }
    install(workspace, &folder)?;
    std::fs::write(&marker, locked).context("the Fastify program's folder cannot be written")?;
    Ok(folder)
}

fn install(workspace: &Workspace, folder: &Path) -> Result<()> {
    let npm = packages::on_path("npm").filter(|_| packages::on_path("node").is_some());
    let Some(npm) = npm else {
        bail!("Node and npm are not on PATH; install Node 20 or newer for the Fastify peer");
    };
    println!(
        "Installing the Fastify program's packages into {}",
        workspace.shown(folder)
    );
    let mut command = Command::new(npm);
    command
        .current_dir(folder)
        .args(["ci", "--no-audit", "--no-fund"]);
    command::captured(&mut command)
        .map(drop)
        .context("the Fastify program's packages could not be installed")
}
