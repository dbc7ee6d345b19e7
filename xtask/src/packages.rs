//! Debian packages: whether they can be installed here, and installing them with an announcement.
//!
//! Only as root, or where `sudo` asks for no password; nothing that is installed is ever removed to make room.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::command;

/// True where `install` has a chance: Debian's installer is there and may be used without a question.
pub fn can_install() -> bool {
    on_path("apt-get").is_some() && (is_root() || may_sudo())
}

/// Installs `names`, saying so and why first.
pub fn install(names: &[&str], why: &str) -> Result<()> {
    println!("Installing Debian packages {} ({why})", names.join(" "));
    command::captured(apt().arg("update")).context("the package lists could not be read")?;
    command::captured(
        apt()
            .args(["install", "--yes", "--no-remove", "--no-install-recommends"])
            .args(names),
    )
    .with_context(|| format!("install {} by hand, then run this again", names.join(" ")))?;
    Ok(())
}

/// Installs `name` where no program of that name is there and it can be; what needs it says so itself otherwise.
pub fn ensure(name: &str, why: &str) -> Result<()> {
    if on_path(name).is_some() || !can_install() {
        return Ok(());
    }
    install(&[name], why)
}

fn apt() -> Command {
    let mut command = if is_root() {
        Command::new("apt-get")
    } else {
        let mut sudo = Command::new("sudo");
        sudo.args(["-n", "DEBIAN_FRONTEND=noninteractive", "apt-get"]);
        sudo
    };
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command
}

/// True for user 0.
pub fn is_root() -> bool {
    command::ask(Command::new("id").arg("-u")).is_some_and(|id| id == "0")
}

fn may_sudo() -> bool {
    command::ask(Command::new("sudo").args(["-n", "true"])).is_some()
}

/// The first file of that name on PATH. A dangling link is no file.
pub fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|file| is_file(file))
}

fn is_file(path: &Path) -> bool {
    path.metadata().is_ok_and(|found| found.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_found_by_name_and_absent_ones_are_not() {
        assert!(on_path("sh").is_some());
        assert!(on_path("no-such-program-here").is_none());
    }
}
