//! Which compiler builds the plugins for wasm32-unknown-unknown: rustup's, or Debian's with the standard library built on the spot.
//!
//! `choose` is pure: facts about this machine in, the next thing to do out. `find` gathers facts, does that thing and asks again
//! until there is a compiler or nothing is left to try. What was tried is said when it gives up.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, bail};

use crate::command;
use crate::packages;
use crate::toolchain::facts::{DEBIAN_CARGO, DEBIAN_RUSTC, Facts};
use crate::workspace::Workspace;

mod facts;

/// The one target of all plugins.
pub const TARGET: &str = "wasm32-unknown-unknown";
/// Oldest Debian compiler with edition 2024.
const DEBIAN_OLDEST: (u32, u32) = (1, 85);
const DEBIAN_PACKAGES: [&str; 3] = ["rustc-web", "cargo-web", "rust-web-src"];
/// The download is some 20 MB; a network that drops packets would otherwise hold every build up for minutes.
const DOWNLOAD_LIMIT: Duration = Duration::from_secs(60);

/// What the caller wants on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Wish {
    /// Whatever is there, rustup first.
    Auto,
    /// The current toolchain, with its target.
    Rustup,
    /// Debian's packages.
    Debian,
}

/// A compiler that can build plugins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Toolchain {
    /// The current toolchain has the target.
    Current { version: String },
    /// Debian's compiler and sources; the standard library is built along, and `linker` is an LLD.
    Debian { version: String, linker: PathBuf },
}

impl Toolchain {
    /// Its cargo in `folder`, with an environment in which no other compiler can slip in.
    pub fn cargo(&self, folder: &Path) -> Command {
        match self {
            Self::Current { .. } => command::cargo(folder),
            Self::Debian { linker, .. } => {
                let mut command = command::clean(DEBIAN_CARGO, folder);
                command
                    .env("RUSTC", DEBIAN_RUSTC)
                    // Building the standard library is not stable; nothing else unstable is used.
                    .env("RUSTC_BOOTSTRAP", "1")
                    .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker)
                    // Rustup's cargo puts its own toolchain's libraries first.
                    .env_remove("LD_LIBRARY_PATH")
                    .env_remove("RUSTUP_TOOLCHAIN");
                command
            }
        }
    }
}

/// What to do next.
#[derive(Debug, PartialEq, Eq)]
enum Next {
    Use(Toolchain),
    Download,
    InstallCompiler,
    InstallLinker(String),
    GiveUp,
}

/// What was already tried in this run, so that nothing is tried twice.
#[derive(Default)]
struct Tried {
    download: bool,
    compiler: bool,
    linker: bool,
}

/// Finds or gets a compiler; an error says what was tried and what to do.
pub fn find(workspace: &Workspace, wish: Wish) -> Result<Toolchain> {
    let mut tried = Tried::default();
    loop {
        let facts = Facts::gather();
        match choose(&facts, &tried, wish) {
            Next::Use(toolchain) => return Ok(toolchain),
            Next::Download => {
                tried.download = true;
                download(workspace, &facts);
            }
            Next::InstallCompiler => {
                tried.compiler = true;
                report(packages::install(&DEBIAN_PACKAGES, "a compiler for wasm"));
            }
            Next::InstallLinker(name) => {
                tried.linker = true;
                report(packages::install(&[&name], "a linker for wasm"));
            }
            Next::GiveUp => bail!("{}", given_up(&facts, &tried)),
        }
    }
}

/// The next thing to do, in the order: what is there, a download, Debian's packages, installing those.
fn choose(facts: &Facts, tried: &Tried, wish: Wish) -> Next {
    if wish != Wish::Debian {
        if facts.target_installed {
            return Next::Use(Toolchain::Current {
                version: facts.version.clone(),
            });
        }
        if facts.rustup && !tried.download {
            return Next::Download;
        }
    }
    if wish == Wish::Rustup {
        return Next::GiveUp;
    }
    let ready = facts
        .debian
        .as_ref()
        .filter(|debian| debian.number >= DEBIAN_OLDEST);
    match (ready, &facts.linker) {
        (Some(debian), Some(linker)) => Next::Use(Toolchain::Debian {
            version: debian.version.clone(),
            linker: linker.clone(),
        }),
        // The linker has to understand what this compiler's LLVM writes.
        (Some(debian), None) if facts.can_install && !tried.linker => {
            Next::InstallLinker(format!("lld-{}", debian.llvm))
        }
        (None, _) if facts.can_install && !tried.compiler => Next::InstallCompiler,
        _ => Next::GiveUp,
    }
}

/// A package that cannot be installed leaves the other ways open; it is said, and the search goes on.
fn report(installed: Result<()>) {
    if let Err(error) = installed {
        eprintln!("{error:#}");
    }
}

/// Asks rustup for the target once. A failure is not an error, and is remembered for a day: asking costs seconds or a minute.
fn download(workspace: &Workspace, facts: &Facts) {
    let marker = workspace.plugins_target().join("rustup-could-not-download");
    let lately = marker
        .metadata()
        .and_then(|found| found.modified())
        .is_ok_and(|at| {
            at.elapsed()
                .is_ok_and(|age| age < Duration::from_secs(24 * 3600))
        });
    if lately {
        return;
    }
    println!("Asking rustup for {TARGET} (toolchain {})", facts.version);
    let mut command = Command::new("rustup");
    command
        .args(["target", "add", TARGET])
        .current_dir(&workspace.root);
    if command::succeeds_within(&mut command, DOWNLOAD_LIMIT) {
        return;
    }
    println!("rustup could not download it; trying Debian's packages (asked again in a day)");
    // Without the marker the next build merely asks again.
    let _ = std::fs::create_dir_all(workspace.plugins_target());
    let _ = std::fs::write(marker, "asked again when this file is a day old\n");
}

fn given_up(facts: &Facts, tried: &Tried) -> String {
    let rustup = match (facts.rustup, tried.download) {
        (false, _) => "rustup is not there",
        (true, true) => "rustup could not download the target",
        (true, false) => "rustup was not asked",
    };
    let debian = match (&facts.debian, &facts.linker) {
        (None, _) => "Debian's rustc >= 1.85 with its sources is not installed".to_owned(),
        (Some(found), _) if found.number < DEBIAN_OLDEST => {
            format!("Debian's {} is older than 1.85", found.version)
        }
        (Some(_), None) => "there is no LLD to link with".to_owned(),
        (Some(_), Some(_)) => "Debian's compiler was not wanted".to_owned(),
    };
    let packages = match (facts.can_install, tried.compiler || tried.linker) {
        (_, true) => "installing Debian's packages did not help",
        (true, false) => "Debian's packages were not installed",
        (false, false) => "Debian's packages cannot be installed from here without a password",
    };
    format!(
        "no compiler for {TARGET}: the current toolchain ({}) lacks the target, {rustup}, {debian}, and {packages}. \
         Run `rustup target add {TARGET}` on a machine with a network, or as root `apt-get install {} lld`",
        facts.version,
        DEBIAN_PACKAGES.join(" ")
    )
}

#[cfg(test)]
mod tests;
