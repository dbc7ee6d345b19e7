//! What the tests need beside cargo: a Python with the backend's packages, PostgreSQL's binaries, a Redis server.
//!
//! They are looked for first and installed, announced, only where that is allowed. Nothing is started here: the test harness
//! starts its own on free ports and stops them.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

use crate::command;
use crate::packages::{self, on_path};
use crate::workspace::Workspace;

const PYTHON_OLDEST: (u32, u32) = (3, 10);
const PYTHONS: [&str; 6] = [
    "python3",
    "python3.14",
    "python3.13",
    "python3.12",
    "python3.11",
    "python3.10",
];

/// The Python of a virtual environment with exactly `tests/backend/requirements.txt`, made anew when that file changes.
pub fn python(workspace: &Workspace) -> Result<PathBuf> {
    let requirements = workspace.root.join("tests/backend/requirements.txt");
    python_with(workspace, &requirements, "backend-venv")
}

/// The same with other packages, in a folder of that name below the target folder.
pub fn python_with(workspace: &Workspace, requirements: &Path, name: &str) -> Result<PathBuf> {
    let text = std::fs::read(requirements)
        .with_context(|| format!("{} cannot be read", workspace.shown(requirements)))?;
    let system = PYTHONS
        .iter()
        .filter_map(|name| on_path(name))
        .find(|file| is_new_enough(file));
    let system = system.context("there is no Python 3.10 or newer on PATH; install python3")?;
    let digest = hex::encode(Sha256::digest(&text));
    let folder = workspace.target.join(name);
    let python = folder.join("bin").join("python");
    let marker = folder.join("made-from");
    let made_from = format!("{digest} {}\n", system.display());
    let is_made = std::fs::read_to_string(&marker).is_ok_and(|there| there == made_from);
    if is_made && command::ask(Command::new(&python).arg("--version")).is_some() {
        return Ok(python);
    }
    make_environment(workspace, &system, &folder)?;
    let mut pip = Command::new(&python);
    pip.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-input",
        "--disable-pip-version-check",
    ]);
    pip.arg("--requirement").arg(requirements);
    command::captured(&mut pip).with_context(|| {
        format!(
            "the packages of {} could not be installed",
            workspace.shown(requirements)
        )
    })?;
    // Written last: an environment that was left half made is made again.
    std::fs::write(&marker, made_from)
        .with_context(|| format!("{} cannot be written", marker.display()))?;
    Ok(python)
}

fn is_new_enough(python: &Path) -> bool {
    let program = "import sys; print(*sys.version_info[:2])";
    command::ask(Command::new(python).args(["-c", program]))
        .and_then(|said| version(&said))
        .is_some_and(|version| version >= PYTHON_OLDEST)
}

fn version(said: &str) -> Option<(u32, u32)> {
    let (major, minor) = said.trim().split_once(' ')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

/// Debian leaves the module out of its python3 package, so a first failure may only mean that.
fn make_environment(workspace: &Workspace, system: &Path, folder: &Path) -> Result<()> {
    println!(
        "Making {} with {}",
        workspace.shown(folder),
        system.display()
    );
    let make = || {
        let mut venv = Command::new(system);
        command::captured(venv.args(["-m", "venv", "--clear"]).arg(folder))
    };
    let Err(error) = make() else { return Ok(()) };
    if !packages::can_install() {
        return Err(error).context("install python3-venv, or use a Python that has venv");
    }
    packages::install(
        &["python3-venv"],
        "virtual environments for the backend's tests",
    )?;
    make().context("python3-venv did not help; does `python3 -m venv` work?")?;
    Ok(())
}

/// The folder with `initdb`, `postgres`, `pg_ctl` and `createdb`.
pub fn postgres() -> Result<PathBuf> {
    if let Some(folder) = postgres_folder() {
        return Ok(folder);
    }
    if !packages::can_install() {
        bail!("PostgreSQL's initdb and postgres are not here; install the package postgresql");
    }
    packages::install(&["postgresql"], "tests against PostgreSQL")?;
    postgres_folder().context("the package postgresql brought no initdb; put one on PATH")
}

/// Debian keeps the server's programs off PATH, one folder per version.
fn postgres_folder() -> Option<PathBuf> {
    let has_all = |folder: &Path| {
        ["initdb", "postgres", "pg_ctl", "createdb"]
            .iter()
            .all(|program| folder.join(program).is_file())
    };
    // A link on PATH may lead to one program of a folder that holds the others as well.
    let linked = on_path("initdb").and_then(|file| file.canonicalize().ok());
    if let Some(folder) = linked.and_then(|file| file.parent().map(Path::to_path_buf))
        && has_all(&folder)
    {
        return Some(folder);
    }
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?.flatten();
    let numbered = versions.filter_map(|entry| {
        let number = entry.file_name().to_str()?.parse::<u32>().ok()?;
        Some((number, entry.path().join("bin")))
    });
    let newest = numbered
        .filter(|(_, folder)| has_all(folder))
        .max_by_key(|(number, _)| *number);
    newest.map(|(_, folder)| folder)
}

/// The binary `redis-server`.
pub fn redis() -> Result<PathBuf> {
    if let Some(binary) = on_path("redis-server") {
        return Ok(binary);
    }
    if !packages::can_install() {
        bail!("redis-server is not here; install the package redis-server");
    }
    packages::install(&["redis-server"], "tests against Redis")?;
    on_path("redis-server").context("the package redis-server brought none; put one on PATH")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pythons_version_is_compared_by_number() {
        assert_eq!(version("3 10\n"), Some((3, 10)));
        assert!(version("3 9") < Some(PYTHON_OLDEST));
        assert_eq!(version("three"), None);
    }
}
