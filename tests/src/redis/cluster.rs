//! A cluster of three Redis servers, each with a third of the slots.
//!
//! It is as small as a cluster can be, without replicas.

use anyhow::{Context as _, Result};
use tempfile::TempDir;

use super::{VARIABLE, ask, server, until};
use crate::process::{Process, free_port};
use crate::service::service;

/// What each of them has.
const SLOTS: [&str; 3] = ["0 5460", "5461 10922", "10923 16383"];

/// Running servers, ended when dropped.
pub struct Cluster {
    /// For `REDIS_URL`: two of the three.
    pub url: String,
    ports: Vec<u16>,
    _servers: Vec<Process>,
    _folder: TempDir,
}

impl Cluster {
    /// None where there is no Redis.
    pub fn start() -> Result<Option<Self>> {
        let Some(program) = service(VARIABLE, "a test with a Redis cluster") else {
            return Ok(None);
        };
        let folder = tempfile::tempdir()?;
        let (mut ports, mut servers, mut buses) = (Vec::new(), Vec::new(), Vec::new());
        for number in 0..SLOTS.len() {
            let (port, bus) = (free_port(), free_port());
            let nodes = folder.path().join(format!("nodes-{number}.conf"));
            let nodes = nodes.to_str().context("a folder with a plain name")?;
            let settings = ["--cluster-enabled", "yes", "--cluster-config-file", nodes];
            let bus_port = bus.to_string();
            let more = [&settings[..], &["--cluster-port", &bus_port]].concat();
            servers.push(server(&program, port, &more)?);
            ports.push(port);
            buses.push(bus);
        }
        for (slots, &port) in SLOTS.iter().zip(&ports) {
            ask(port, &format!("CLUSTER ADDSLOTSRANGE {slots}"))?;
        }
        for (&port, bus) in ports.iter().zip(&buses).skip(1) {
            ask(ports[0], &format!("CLUSTER MEET 127.0.0.1 {port} {bus}"))?;
        }
        for &port in &ports {
            until(port, "CLUSTER INFO", |answer| {
                answer.contains("cluster_state:ok") && answer.contains("cluster_known_nodes:3")
            })?;
        }
        let (one, other) = (ports[0], ports[1]);
        Ok(Some(Self {
            url: format!("redis-cluster://127.0.0.1:{one}?node=127.0.0.1:{other}"),
            ports,
            _servers: servers,
            _folder: folder,
        }))
    }

    /// How many of them have a key.
    pub fn servers_with_keys(&self) -> Result<usize> {
        let mut count = 0;
        for &port in &self.ports {
            count += usize::from(!ask(port, "DBSIZE")?.starts_with(":0"));
        }
        Ok(count)
    }
}
