//! A Redis server of one test's own, which may be stopped, flushed and started again at the same address.
//!
//! It keeps nothing on disk: whatever it loses is lost.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};

pub use cluster::Cluster;
pub use sentinel::Sentinel;

use super::process::{Process, free_port};
use super::service::service;
use super::wait::PATIENCE;

mod cluster;
mod sentinel;

const VARIABLE: &str = "ORCHESTRATOR_TEST_REDIS";

/// A running server, ended when dropped.
pub struct Redis {
    /// For `REDIS_URL`.
    pub url: String,
    port: u16,
    program: PathBuf,
    process: Option<Process>,
}

impl Redis {
    /// None where there is no Redis.
    pub fn start() -> Result<Option<Self>> {
        let Some(program) = service(VARIABLE, "a test with Redis") else {
            return Ok(None);
        };
        let port = free_port();
        let mut redis = Self {
            url: format!("redis://127.0.0.1:{port}"),
            port,
            program,
            process: None,
        };
        redis.begin()?;
        Ok(Some(redis))
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }

    /// Starts it again, empty, after [`Self::kill`].
    pub fn begin(&mut self) -> Result<()> {
        self.process = Some(server(&self.program, self.port, &[])?);
        Ok(())
    }

    /// Ends it at once.
    pub fn kill(&mut self) -> Result<()> {
        kill(&mut self.process)
    }

    /// Sends it a signal by name.
    pub fn signal(&self, name: &str) -> Result<()> {
        match &self.process {
            Some(process) => process.signal(name),
            None => bail!("redis-server does not run"),
        }
    }

    /// Loses everything.
    pub fn flush(&self) -> Result<()> {
        ask(self.port, "FLUSHALL").map(drop)
    }
}

/// A server that keeps nothing, with these settings besides; it answers when this returns.
fn server(program: &Path, port: u16, more: &[&str]) -> Result<Process> {
    let mut command = Command::new(program);
    command.args(["--save", "", "--appendonly", "no", "--bind", "127.0.0.1"]);
    command.args(["--port", &port.to_string()]).args(more);
    let process = Process::start(&mut command)?;
    until(port, "PING", |_| true)?;
    Ok(process)
}

/// Ends a process at once, where it still runs.
fn kill(process: &mut Option<Process>) -> Result<()> {
    if let Some(process) = process.take() {
        process.signal("KILL")?;
        process.wait(PATIENCE)?;
    }
    Ok(())
}

/// Asks until the answer is as it should be.
fn until(port: u16, command: &str, is_there: impl Fn(&str) -> bool) -> Result<()> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let answer = ask(port, command);
        if answer.as_ref().is_ok_and(|answer| is_there(answer)) {
            return Ok(());
        }
        if Instant::now() > deadline {
            bail!("waited in vain for redis-server: {command} is answered with {answer:?}");
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// What a server says to one command, as it comes on the wire, errors left out.
fn ask(port: u16, command: &str) -> Result<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    stream.write_all(format!("{command}\r\n").as_bytes())?;
    let mut answer = [0; 16_384];
    let length = stream.read(&mut answer)?;
    let answer = String::from_utf8_lossy(&answer[..length]).into_owned();
    ensure!(
        !answer.is_empty() && !answer.starts_with('-'),
        "{command}: {answer}"
    );
    Ok(answer)
}
