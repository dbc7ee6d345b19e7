//! What this machine has for building wasm: gathered by asking the programs themselves, never by guessing from versions of Debian.
//!
//! Nothing here changes anything.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::command::{ask, clean};
use crate::packages;
use crate::toolchain::TARGET;

/// Debian's own compiler; rustup's shims usually come first on PATH, so it is named in full.
pub const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
/// Debian's own cargo.
pub const DEBIAN_CARGO: &str = "/usr/bin/cargo";

/// Everything `choose` looks at.
#[derive(Debug, Default)]
pub struct Facts {
    /// Of the current toolchain, as `rustc --version` says it.
    pub version: String,
    /// The current toolchain has the standard library for the target.
    pub target_installed: bool,
    /// The current toolchain is one of rustup's.
    pub rustup: bool,
    /// Debian's compiler, cargo and sources are all there.
    pub debian: Option<Debian>,
    /// An LLD for Debian's compiler: that of a rustup toolchain, or Debian's.
    pub linker: Option<PathBuf>,
    /// Debian packages can be installed without a question.
    pub can_install: bool,
}

/// Debian's compiler.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Debian {
    /// As `rustc --version` says it.
    pub version: String,
    /// Its first two numbers.
    pub number: (u32, u32),
    /// The major version of its LLVM.
    pub llvm: String,
}

impl Facts {
    /// Asks this machine.
    pub fn gather() -> Self {
        let here = Path::new(".");
        let rustc = |arguments: &[&str]| ask(clean("rustc", here).args(arguments));
        let sysroot = rustc(&["--print", "sysroot"]).map(PathBuf::from);
        let folder = rustc(&["--print", "target-libdir", "--target", TARGET]);
        let debian = debian();
        let llvm = debian.as_ref().map(|found| found.llvm.clone());
        Self {
            version: rustc(&["--version"]).unwrap_or_else(|| "no rustc on PATH".to_owned()),
            target_installed: folder.is_some_and(|folder| holds_core(Path::new(&folder))),
            rustup: sysroot.as_deref().is_some_and(is_rustups),
            linker: linker(sysroot.as_deref(), llvm.as_deref()),
            debian,
            can_install: packages::can_install(),
        }
    }
}

fn holds_core(folder: &Path) -> bool {
    std::fs::read_dir(folder).is_ok_and(|entries| {
        entries.flatten().any(|entry| {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            name.starts_with("libcore-") && name.ends_with(".rlib")
        })
    })
}

fn is_rustups(sysroot: &Path) -> bool {
    sysroot
        .parent()
        .is_some_and(|folder| folder.ends_with("toolchains"))
        && packages::on_path("rustup").is_some()
}

fn debian() -> Option<Debian> {
    let said = ask(Command::new(DEBIAN_RUSTC)
        .arg("-vV")
        .env_remove("LD_LIBRARY_PATH"))?;
    let sysroot = ask(Command::new(DEBIAN_RUSTC)
        .args(["--print", "sysroot"])
        .env_remove("LD_LIBRARY_PATH"))?;
    let sources = Path::new(&sysroot).join("lib/rustlib/src/rust/library/std/Cargo.toml");
    (sources.is_file() && Path::new(DEBIAN_CARGO).is_file())
        .then(|| parse(&said))
        .flatten()
}

/// Reads `rustc -vV`.
fn parse(said: &str) -> Option<Debian> {
    let version = said.lines().next()?.to_owned();
    let mut numbers = version
        .split_whitespace()
        .nth(1)?
        .split('.')
        .map(str::parse::<u32>);
    let number = (numbers.next()?.ok()?, numbers.next()?.ok()?);
    let llvm = said
        .lines()
        .find_map(|line| line.strip_prefix("LLVM version: "))?;
    let llvm = llvm.split('.').next()?.to_owned();
    Some(Debian {
        version,
        number,
        llvm,
    })
}

/// Debian's own where it is more than a dangling link, since it fits the compiler's LLVM; then rustup's.
fn linker(sysroot: Option<&Path>, llvm: Option<&str>) -> Option<PathBuf> {
    let versioned = llvm.and_then(|llvm| packages::on_path(&format!("wasm-ld-{llvm}")));
    let rustups = sysroot.and_then(|sysroot| {
        let hosts = std::fs::read_dir(sysroot.join("lib/rustlib")).ok()?;
        hosts
            .flatten()
            .map(|host| host.path().join("bin/rust-lld"))
            .find(|file| file.is_file())
    });
    packages::on_path("rust-lld")
        .or(versioned)
        .or(rustups)
        .or_else(|| packages::on_path("wasm-ld"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_compiler_is_read_from_what_it_says_of_itself() {
        let said = "rustc 1.96.0 (ac68faa20 2026-05-25) (built from a source tarball)\n\
                    binary: rustc\nhost: x86_64-unknown-linux-gnu\nLLVM version: 22.1.8\n";
        let found = parse(said).expect("the lines above are complete");
        assert_eq!(found.number, (1, 96));
        assert_eq!(found.llvm, "22");
        assert_eq!(parse("rustc"), None);
    }
}
