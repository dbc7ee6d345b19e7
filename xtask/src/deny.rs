//! cargo-deny: licences, sources, bans and advisories of both workspaces, by the rules in `deny.toml`.
//!
//! Everything but the advisories is decided from what cargo already has. Their database has to be downloaded, which a closed
//! network does not allow: then it is said loudly that they were not looked at.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::command;
use crate::packages::on_path;
use crate::step::{Outcome, Steps};
use crate::workspace::Workspace;

const VERSION: &str = "0.20.2";

/// Both steps. `strict` may spend minutes on building cargo-deny.
pub fn check(workspace: &Workspace, steps: &mut Steps, strict: bool) {
    let Some(program) = steps.get("cargo-deny", || program(workspace, strict)) else {
        steps.leave_out("licences, sources, bans", "cargo-deny is missing");
        steps.leave_out("advisories", "cargo-deny is missing");
        return;
    };
    steps.check("licences, sources, bans", || {
        manifests(workspace).iter().try_for_each(|manifest| {
            // Also what only other systems need: it is checked without the network.
            let mut fetch = command::cargo(&workspace.root);
            fetch.args(["fetch", "--locked", "--quiet", "--manifest-path"]);
            command::run(fetch.arg(manifest))?;
            let mut deny = deny(workspace, &program, manifest);
            command::run(deny.args(["bans", "licenses", "sources"]))
        })
    });
    steps.outcome("advisories", || advisories(workspace, &program));
}

fn program(workspace: &Workspace, strict: bool) -> Result<PathBuf> {
    let tools = workspace.target.join("tools");
    let own = tools.join("bin").join("cargo-deny");
    if let Some(found) = on_path("cargo-deny").or_else(|| own.is_file().then(|| own.clone())) {
        return Ok(found);
    }
    if !strict {
        bail!(
            "it is not installed; `cargo install cargo-deny --locked --version {VERSION}` does it"
        );
    }
    println!(
        "Building cargo-deny {VERSION} into {}, some minutes",
        workspace.shown(&tools)
    );
    let mut cargo = command::cargo(&workspace.root);
    cargo.args([
        "install",
        "cargo-deny",
        "--locked",
        "--quiet",
        "--version",
        VERSION,
        "--root",
    ]);
    // Without a target folder of its own cargo builds in a temporary one and leaves nothing but the program.
    command::run(cargo.arg(&tools).env_remove("CARGO_TARGET_DIR"))?;
    Ok(own)
}

fn manifests(workspace: &Workspace) -> Vec<PathBuf> {
    let folders = [workspace.root.clone(), workspace.plugins()];
    folders
        .iter()
        .map(|folder| folder.join("Cargo.toml"))
        .filter(|file| file.is_file())
        .collect()
}

fn deny(workspace: &Workspace, program: &Path, manifest: &Path) -> Command {
    let mut command = command::clean(program, &workspace.root);
    // Doubled versions are warnings, each with a whole tree; `cargo deny check bans` shows them to a person who asks.
    command.args(["--log-level", "error", "--locked", "--offline"]);
    command.arg("--manifest-path").arg(manifest);
    command
        .arg("--config")
        .arg(workspace.root.join("deny.toml"))
        .arg("check");
    command
}

/// Told apart: a database that could not be had, and an advisory that was found.
fn advisories(workspace: &Workspace, program: &Path) -> Outcome {
    let mut fetch = command::clean(program, &workspace.root);
    if let Err(error) = command::captured(fetch.args(["fetch", "db"])) {
        let last = format!("{error:#}");
        let last = last.lines().last().unwrap_or_default().trim().to_owned();
        return Outcome::NotRun(format!("the database could not be downloaded: {last}"));
    }
    let checked = manifests(workspace).iter().try_for_each(|manifest| {
        command::run(deny(workspace, program, manifest).arg("advisories"))
            .context("an advisory touches a dependency; update it or note it in deny.toml")
    });
    match checked {
        Ok(()) => Outcome::Passed,
        Err(error) => Outcome::Failed(format!("{error:#}")),
    }
}
