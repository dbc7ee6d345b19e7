//! A cluster of three Redis servers, each with a third of the slots, and a replica that takes the first one's place.
//!
//! It is as small as a cluster can be that survives a server: two of three decide, after a second of silence.

use anyhow::{Context as _, Result};
use tempfile::TempDir;

use super::{VARIABLE, ask, kill, server, until};
use crate::process::{Process, free_port};
use crate::service::service;

/// What each of them has.
const SLOTS: [&str; 3] = ["0 5460", "5461 10922", "10923 16383"];
/// And the replica.
const SERVERS: usize = SLOTS.len() + 1;

/// Running servers, ended when dropped; the last is the replica.
pub struct Cluster {
    /// For `REDIS_URL`: the one that [`Self::fail_over`] kills, and one that stays.
    pub url: String,
    ports: Vec<u16>,
    first: Option<Process>,
    _others: Vec<Process>,
    _folder: TempDir,
}

impl Cluster {
    /// None where there is no Redis.
    pub fn start() -> Result<Option<Self>> {
        let Some(program) = service(VARIABLE, "a test with a Redis cluster") else {
            return Ok(None);
        };
        let folder = tempfile::tempdir()?;
        let dir = folder
            .path()
            .to_str()
            .context("a folder with a plain name")?;
        let (mut ports, mut servers, mut buses) = (Vec::new(), Vec::new(), Vec::new());
        for number in 0..SERVERS {
            let (port, bus) = (free_port(), free_port());
            let (nodes, bus_port) = (format!("nodes-{number}.conf"), bus.to_string());
            let own = ["--cluster-config-file", &nodes, "--cluster-port", &bus_port];
            let all = ["--cluster-enabled", "yes", "--cluster-node-timeout", "1000"];
            let more = [&all[..], &own, &["--dir", dir]].concat();
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
        let (first, other) = (ports[0], ports[1]);
        let cluster = Self {
            url: format!("redis-cluster://127.0.0.1:{first}?node=127.0.0.1:{other}"),
            ports,
            first: Some(servers.remove(0)),
            _others: servers,
            _folder: folder,
        };
        cluster.until_whole(&cluster.ports)?;
        let id = ask(first, "CLUSTER MYID")?;
        let id = id.lines().nth(1).context("an id of the first server's")?;
        let replica = cluster.replica();
        ask(replica, &format!("CLUSTER REPLICATE {id}"))?;
        until(replica, "INFO replication", |answer| {
            answer.contains("role:slave") && answer.contains("master_link_status:up")
        })?;
        Ok(Some(cluster))
    }

    /// Kills the first server and waits until the replica is in its place and the others know it.
    pub fn fail_over(&mut self) -> Result<()> {
        kill(&mut self.first)?;
        until(self.replica(), "INFO replication", |answer| {
            answer.contains("role:master")
        })?;
        self.ports.remove(0);
        self.until_whole(&self.ports)
    }

    /// How many keys lie in each third: a replica has those of the server whose place it takes.
    pub fn keys(&self) -> Result<Vec<u64>> {
        let counts = self.ports.iter().rev().take(SLOTS.len()).map(|&port| {
            let answer = ask(port, "DBSIZE")?;
            let count = answer.trim().trim_start_matches(':');
            count.parse().context("a count of keys")
        });
        counts.collect()
    }

    fn replica(&self) -> u16 {
        self.ports[self.ports.len() - 1]
    }

    /// Each of these says that every slot is at somebody's, and knows all servers there ever were.
    fn until_whole(&self, ports: &[u16]) -> Result<()> {
        for &port in ports {
            until(port, "CLUSTER INFO", |answer| {
                answer.contains("cluster_state:ok")
                    && answer.contains(&format!("cluster_known_nodes:{SERVERS}"))
            })?;
        }
        Ok(())
    }
}
