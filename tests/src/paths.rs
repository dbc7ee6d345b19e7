//! Where things are: the repository, the host's binary, the built plugins, the fixtures.
//!
//! The binary is the one beside this test's own, so the profile and the target folder are always right, unless another is named.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;

/// The repository.
pub fn root() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests
        .parent()
        .expect("the package lies in the repository")
        .to_path_buf()
}

/// Names another build of the host than the one that lies beside the tests.
const OTHER_BUILD: &str = "ORCHESTRATOR_TEST_HOST";

/// What a promise of time is stretched by: nothing for a host that is built for speed, as the storms of `cargo xtask` may have it,
/// and this for a development build on a busy machine.
pub fn slack(of_a_development_build: Duration) -> Duration {
    if std::env::var_os(OTHER_BUILD).is_some() {
        Duration::ZERO
    } else {
        of_a_development_build
    }
}

/// The host's binary; `ORCHESTRATOR_TEST_HOST` names another build of it.
pub fn binary() -> Result<PathBuf> {
    if let Some(named) = std::env::var_os(OTHER_BUILD) {
        return Ok(named.into());
    }
    let this = std::env::current_exe()?;
    // Test binaries lie one folder deeper than programs.
    let folders = this.ancestors().skip(1).take(2);
    let mut binaries = folders.map(|folder| folder.join("orchestrator"));
    let Some(binary) = binaries.find(|binary| binary.is_file()) else {
        bail!(
            "no `orchestrator` is built beside {}; run `cargo build --workspace --all-targets` or `cargo xtask test`",
            this.display()
        );
    };
    Ok(binary)
}

/// Where all hosts of the tests keep compiled components, so that each is compiled once.
pub fn compiled() -> Result<PathBuf> {
    let binary = binary()?;
    let profile = binary.parent().context("no target folder")?;
    Ok(profile.join("compiled-by-tests"))
}

/// A figure that the long form of a test sets; `otherwise` where nothing does.
pub fn figure(name: &str, otherwise: usize) -> Result<usize> {
    match std::env::var(name) {
        Ok(figure) => figure.parse().with_context(|| format!("{name} = {figure}")),
        Err(_) => Ok(otherwise),
    }
}

/// The built plugins.
pub fn plugins() -> Result<PathBuf> {
    let dist = root().join("plugins/dist");
    ensure!(
        dist.join("transfer-limits.wasm").is_file(),
        "{} holds no plugins; run `cargo xtask plugins`",
        dist.display()
    );
    Ok(dist)
}

/// The built guests.
pub fn guests() -> Result<PathBuf> {
    let dist = root().join("tests/guests/dist");
    ensure!(
        dist.join("bad-router.wasm").is_file(),
        "{} holds no guests; run `cargo xtask plugins tests/guests`",
        dist.display()
    );
    Ok(dist)
}

/// A fixture's text.
pub fn payload(name: &str) -> String {
    let path = root().join("tests/payloads").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|cause| panic!("{}: {cause}", path.display()))
}

/// A fixture as JSON.
pub fn payload_json(name: &str) -> Value {
    serde_json::from_str(&payload(name)).expect("fixtures are JSON")
}

/// Copies the files of a flat folder.
pub fn copy_dir(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            std::fs::copy(entry.path(), to.join(entry.file_name()))?;
        }
    }
    Ok(())
}
