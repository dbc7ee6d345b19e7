//! A Redis server with a replica, and a Sentinel that puts the one in the other's place.
//!
//! One Sentinel is a majority of one: it decides alone, half a second after the server fell silent.

use anyhow::{Context as _, Result};
use tempfile::TempDir;

use super::{VARIABLE, ask, server, until};
use crate::process::{Process, free_port};
use crate::service::service;
use crate::wait::PATIENCE;

/// The name of the service.
const NAME: &str = "bank";

/// Running servers, ended when dropped.
pub struct Sentinel {
    /// For `REDIS_URL`.
    pub url: String,
    port: u16,
    first: Option<Process>,
    /// Where the replica listens.
    second_port: u16,
    _second: Process,
    _sentinel: Process,
    _folder: TempDir,
}

impl Sentinel {
    /// None where there is no Redis.
    pub fn start() -> Result<Option<Self>> {
        let Some(program) = service(VARIABLE, "a test with Redis Sentinel") else {
            return Ok(None);
        };
        let (port, first_port, second_port) = (free_port(), free_port(), free_port());
        let folder = tempfile::tempdir()?;
        // A replica gets all there is as a file.
        let dir = folder
            .path()
            .to_str()
            .context("a folder with a plain name")?;
        let first = server(&program, first_port, &["--dir", dir])?;
        let of_first = format!("127.0.0.1 {first_port}");
        let more = ["--dir", dir, "--replicaof", &of_first];
        let second = server(&program, second_port, &more)?;
        until(second_port, "INFO replication", |answer| {
            answer.contains("master_link_status:up")
        })?;
        let settings = folder.path().join("sentinel.conf");
        let text = format!(
            "sentinel monitor {NAME} {of_first} 1\nsentinel down-after-milliseconds {NAME} 500\n\
             sentinel failover-timeout {NAME} 5000\n"
        );
        std::fs::write(&settings, text)?;
        let settings = settings.to_str().context("a folder with a plain name")?;
        let mut command = std::process::Command::new(&program);
        command.args([settings, "--sentinel", "--bind", "127.0.0.1", "--port"]);
        let sentinel = Process::start(command.arg(port.to_string()))?;
        until(port, &format!("SENTINEL replicas {NAME}"), |answer| {
            answer.starts_with("*1")
        })?;
        Ok(Some(Self {
            url: format!("redis-sentinel://127.0.0.1:{port}/0?sentinelServiceName={NAME}"),
            port,
            first: Some(first),
            second_port,
            _second: second,
            _sentinel: sentinel,
            _folder: folder,
        }))
    }

    /// Kills the server and waits until the replica is in its place.
    pub fn fail_over(&mut self) -> Result<()> {
        if let Some(first) = self.first.take() {
            first.signal("KILL")?;
            first.wait(PATIENCE)?;
        }
        let second = self.second_port.to_string();
        let command = format!("SENTINEL get-master-addr-by-name {NAME}");
        until(self.port, &command, |answer| answer.contains(&second))?;
        until(self.second_port, "INFO replication", |answer| {
            answer.contains("role:master")
        })
    }

    /// How many keys the server has that was the replica.
    pub fn keys_of_second(&self) -> Result<String> {
        ask(self.second_port, "DBSIZE")
    }
}
