//! Child processes of the project commands: what is run, in which folder, with which environment.
//!
//! `cargo run` leaves variables behind (which cargo, which rustc, the crate being run) that would bend every cargo started from
//! here; they are taken out of each child. Nothing is run through a shell.

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// Set by `cargo run` for the program it runs, or by a user for all builds; none of them may reach another build.
const LEFT_BY_CARGO: [&str; 9] = [
    "CARGO",
    "RUSTC",
    "RUSTDOC",
    "RUSTC_WORKSPACE_WRAPPER",
    "CARGO_BUILD_TARGET",
    "CARGO_BUILD_RUSTC",
    "CARGO_MAKEFLAGS",
    "MAKEFLAGS",
    "OUT_DIR",
];
const LEFT_BY_CARGO_PREFIXES: [&str; 4] = [
    "CARGO_PKG_",
    "CARGO_MANIFEST_",
    "CARGO_BIN_",
    "CARGO_CRATE_",
];

/// `program` in `folder`, without what `cargo run` left in the environment.
pub fn clean(program: impl AsRef<Path>, folder: &Path) -> Command {
    let mut command = Command::new(program.as_ref());
    command.current_dir(folder);
    for (name, _) in std::env::vars_os() {
        let left = name.to_str().is_some_and(|name| {
            LEFT_BY_CARGO.contains(&name)
                || LEFT_BY_CARGO_PREFIXES
                    .iter()
                    .any(|prefix| name.starts_with(prefix))
        });
        if left {
            command.env_remove(name);
        }
    }
    command
}

/// Cargo of the current toolchain, by way of PATH so that rustup's choice of toolchain holds.
pub fn cargo(folder: &Path) -> Command {
    clean("cargo", folder)
}

/// Runs with inherited output. A failure names the command line.
pub fn run(command: &mut Command) -> Result<()> {
    let line = shown(command);
    let status = command
        .status()
        .with_context(|| format!("`{line}` could not be started; is it installed and on PATH?"))?;
    if !status.success() {
        bail!("`{line}` failed ({status}); its own output above says why");
    }
    Ok(())
}

/// What the command printed, or `None` where it is not there or fails: for asking whether something exists.
pub fn ask(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).output().ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Runs with captured output; a failure carries what was printed.
pub fn captured(command: &mut Command) -> Result<Output> {
    let line = shown(command);
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("`{line}` could not be started; is it installed and on PATH?"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("`{line}` failed ({}):\n{}", output.status, said.trim());
    }
    Ok(output)
}

/// True where the command succeeded within `limit`; it is ended otherwise. Its output is dropped.
pub fn succeeds_within(command: &mut Command, limit: Duration) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let Ok(mut child) = command.spawn() else {
        return false;
    };
    let start = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return status.success(),
            Ok(None) if start.elapsed() < limit => {
                std::thread::sleep(Duration::from_millis(50));
            }
            // It is given up, whatever it answers to being ended.
            Ok(None) | Err(_) => {
                let _ = child.kill();
                let _ = child.wait();
                return false;
            }
        }
    }
}

/// The command as a person would type it, without its environment.
pub fn shown(command: &Command) -> String {
    let mut line = command.get_program().to_string_lossy().into_owned();
    for argument in command.get_args() {
        line.push(' ');
        line.push_str(&argument.to_string_lossy());
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_as_it_would_be_typed() {
        let mut command = Command::new("cargo");
        command
            .args(["build", "-p", "orchestrator"])
            .env("CI", "true");
        assert_eq!(shown(&command), "cargo build -p orchestrator");
    }

    #[test]
    fn a_command_that_outlives_its_limit_is_ended_and_has_not_succeeded() {
        let limit = Duration::from_millis(100);
        assert!(!succeeds_within(Command::new("sleep").arg("30"), limit));
        assert!(!succeeds_within(
            &mut Command::new("no-such-program-here"),
            limit
        ));
    }

    #[test]
    fn what_cargo_run_left_behind_is_taken_out() {
        let command = clean("env", Path::new("/"));
        // Set by the cargo that runs this test.
        assert!(
            command
                .get_envs()
                .any(|(name, value)| name == "CARGO" && value.is_none())
        );
        assert!(
            command
                .get_envs()
                .any(|(name, _)| name == "CARGO_MANIFEST_DIR")
        );
    }
}
