//! A release host in sandbox mode, started for one bench on a free port and stopped with it.
//!
//! Its log goes to a file below the target folder, so that printing does not share in what is measured.

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::bench::http::Connection;
use crate::command;
use crate::workspace::Workspace;

const START_LIMIT: Duration = Duration::from_secs(120);
const STOP_LIMIT: Duration = Duration::from_secs(10);
/// What a developer's shell may hold and the sandbox would follow out of this machine.
const NOT_FROM_SHELL: [&str; 5] = [
    "PYTHON_BACKEND_URL",
    "DATABASE_URL",
    "REDIS_URL",
    "CALL_STATE_DB",
    "LOG_LEVEL",
];

/// A running host; dropping it stops it.
pub struct Host {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
    /// From its start to the first healthy answer.
    pub started_in: Duration,
}

impl Host {
    /// Starts it and waits until it is healthy.
    pub fn start(workspace: &Workspace, api_key: &str) -> Result<Self> {
        Self::start_with(workspace, api_key, &[])
    }

    /// The same with files or folders of its own, each by the name of its variable.
    pub fn start_with(
        workspace: &Workspace,
        api_key: &str,
        places: &[(&str, &Path)],
    ) -> Result<Self> {
        let address = free_address()?;
        let folder = workspace.target.join("bench");
        let log = folder.join("host.log");
        std::fs::create_dir_all(&folder).context("no folder for the host's log")?;
        let file = File::create(&log).context("the host's log cannot be written")?;
        let mut program = command::clean(workspace.host_binary("release"), &workspace.root);
        program
            .args(["serve", "--sandbox"])
            .env("ORCHESTRATOR_HOST", address.ip().to_string())
            .env("ORCHESTRATOR_PORT", address.port().to_string())
            .env("RETELL_API_KEY", api_key)
            .stdout(
                file.try_clone()
                    .context("the host's log cannot be shared")?,
            )
            .stderr(file);
        for name in NOT_FROM_SHELL {
            program.env_remove(name);
        }
        program.envs(places.iter().copied());
        let begin = Instant::now();
        let child = program
            .spawn()
            .context("the host did not start; did it build?")?;
        let mut host = Self {
            child,
            address,
            started_in: Duration::ZERO,
        };
        host.wait_until_healthy(begin).with_context(|| {
            format!(
                "the host did not become healthy; {} says why",
                workspace.shown(&log)
            )
        })?;
        host.started_in = begin.elapsed();
        Ok(host)
    }

    fn wait_until_healthy(&mut self, begin: Instant) -> Result<()> {
        while begin.elapsed() < START_LIMIT {
            if let Some(status) = self.child.try_wait().context("the host is lost")? {
                bail!("it ended by itself ({status})");
            }
            let answer = Connection::open(self.address).and_then(|mut open| open.get("/health"));
            if answer.is_ok_and(|answer| answer.status == 200) {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        bail!("it had {} s", START_LIMIT.as_secs());
    }

    /// Resident memory in KiB, where the system tells it (Linux).
    pub fn resident_kib(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        resident_kib(&status)
    }
}

impl Drop for Host {
    /// Asks first, so that the sandbox can remove its temporary folder.
    fn drop(&mut self) {
        let _ = Command::new("kill")
            .arg(self.child.id().to_string())
            .status();
        let begin = Instant::now();
        while begin.elapsed() < STOP_LIMIT {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        eprintln!(
            "The host did not stop within {} s and is killed",
            STOP_LIMIT.as_secs()
        );
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free_address() -> Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no port is free")?;
    listener.local_addr().context("the port is not told")
}

fn resident_kib(status: &str) -> Option<u64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resident_memory_is_read_from_the_systems_own_text() {
        let status = "Name:\torchestrator\nVmRSS:\t   51234 kB\nThreads:\t3\n";
        assert_eq!(resident_kib(status), Some(51_234));
        assert_eq!(resident_kib("Name:\tx\n"), None);
    }
}
