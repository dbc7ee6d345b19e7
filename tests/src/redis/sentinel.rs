//! A Redis server with a replica, and three Sentinels that put the one in the other's place.
//!
//! Two of them decide, half a second after the server fell silent.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};
use tempfile::TempDir;

use super::{VARIABLE, ask, kill, server, until};
use crate::process::{Process, free_port};
use crate::service::service;

/// The name of the service.
const NAME: &str = "bank";
const SENTINELS: usize = 3;

/// Running servers, ended when dropped.
pub struct Sentinel {
    /// For `REDIS_URL`: all Sentinels, of which [`Self::fail_over`] kills the one that is asked first.
    pub url: String,
    /// Where the Sentinels listen.
    ports: Vec<u16>,
    first_sentinel: Option<Process>,
    _other_sentinels: Vec<Process>,
    first: Option<Process>,
    /// Where the replica listens.
    second_port: u16,
    _second: Process,
    _folder: TempDir,
}

impl Sentinel {
    /// None where there is no Redis.
    pub fn start() -> Result<Option<Self>> {
        let Some(program) = service(VARIABLE, "a test with Redis Sentinel") else {
            return Ok(None);
        };
        let (first_port, second_port) = (free_port(), free_port());
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
        let (mut ports, mut sentinels) = (Vec::new(), Vec::new());
        for _ in 0..SENTINELS {
            let port = free_port();
            sentinels.push(sentinel(&program, port, &of_first, folder.path())?);
            ports.push(port);
        }
        for &port in &ports {
            until(port, &format!("SENTINEL replicas {NAME}"), |answer| {
                answer.starts_with("*1")
            })?;
            until(port, &format!("SENTINEL ckquorum {NAME}"), |answer| {
                answer.contains(&format!("OK {SENTINELS} usable"))
            })?;
        }
        Ok(Some(Self {
            url: url(&ports),
            ports,
            first_sentinel: Some(sentinels.remove(0)),
            _other_sentinels: sentinels,
            first: Some(first),
            second_port,
            _second: second,
            _folder: folder,
        }))
    }

    /// Kills the server and a Sentinel with it, and waits until the replica is in its place and the other Sentinels say so.
    pub fn fail_over(&mut self) -> Result<()> {
        kill(&mut self.first_sentinel)?;
        kill(&mut self.first)?;
        let second = self.second_port.to_string();
        let command = format!("SENTINEL get-master-addr-by-name {NAME}");
        for &port in &self.ports[1..] {
            until(port, &command, |answer| answer.contains(&second))?;
        }
        until(self.second_port, "INFO replication", |answer| {
            answer.contains("role:master")
        })
    }

    /// How many keys the server has that was the replica.
    pub fn keys_of_second(&self) -> Result<String> {
        ask(self.second_port, "DBSIZE")
    }
}

/// One that watches this server; its settings are a file which it writes to.
fn sentinel(program: &Path, port: u16, watched: &str, folder: &Path) -> Result<Process> {
    let settings = folder.join(format!("sentinel-{port}.conf"));
    let text = format!(
        "sentinel monitor {NAME} {watched} 2\nsentinel down-after-milliseconds {NAME} 500\n\
         sentinel failover-timeout {NAME} 5000\n"
    );
    std::fs::write(&settings, text)?;
    let mut command = Command::new(program);
    command
        .arg(&settings)
        .args(["--sentinel", "--bind", "127.0.0.1", "--port"]);
    Process::start(command.arg(port.to_string()))
}

/// The first of them is where a client begins.
fn url(ports: &[u16]) -> String {
    let (last, others) = ports.split_last().expect("there are three");
    let nodes: String = others
        .iter()
        .map(|port| format!("&node=127.0.0.1:{port}"))
        .collect();
    format!("redis-sentinel://127.0.0.1:{last}/0?sentinelServiceName={NAME}{nodes}")
}
