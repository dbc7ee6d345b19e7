//! Where things are in this repository: the root folder, the target folder and what is kept under it.
//!
//! Every path that a command needs comes from here, so that `CARGO_TARGET_DIR` holds for all of them.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::command;

/// The folders of this checkout.
pub struct Workspace {
    /// Where the root `Cargo.toml` is.
    pub root: PathBuf,
    /// Cargo's target folder of the root workspace, absolute.
    pub target: PathBuf,
}

impl Workspace {
    /// Found from the manifest folder that `cargo run` names, or else from the folder this was built in.
    pub fn find() -> Result<Self> {
        let package = env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = package
            .parent()
            .context("xtask's folder has no parent; run `cargo xtask` inside the repository")?
            .to_path_buf();
        let target = match env::var_os("CARGO_TARGET_DIR") {
            // Cargo takes a relative one from the folder it is called in, which is the caller's.
            Some(folder) => env::current_dir()
                .context("no current folder")?
                .join(folder),
            None => root.join("target"),
        };
        Ok(Self { root, target })
    }

    /// Cargo of the current toolchain, building into this target folder wherever it is started.
    pub fn cargo(&self, folder: &Path) -> Command {
        let mut command = command::cargo(folder);
        command.env("CARGO_TARGET_DIR", &self.target);
        command
    }

    /// The workspace of the shipped plugins.
    pub fn plugins(&self) -> PathBuf {
        self.root.join("plugins")
    }

    /// What is built for wasm, whichever toolchain does it.
    pub fn plugins_target(&self) -> PathBuf {
        self.target.join("plugins")
    }

    /// The workspace of the misbehaving guests that the tests load.
    pub fn guests(&self) -> PathBuf {
        self.root.join("tests").join("guests")
    }

    /// The workspace of what the pipeline is measured against.
    pub fn peers(&self) -> PathBuf {
        self.root.join("tests").join("bench")
    }

    /// The host as `cargo build` leaves it; `profile` is `debug` or `release`.
    pub fn host_binary(&self, profile: &str) -> PathBuf {
        self.target.join(profile).join("orchestrator")
    }

    /// A path as it is shown: from the root on where it is inside.
    pub fn shown<'a>(&self, path: &'a Path) -> std::path::Display<'a> {
        path.strip_prefix(&self.root).unwrap_or(path).display()
    }
}
