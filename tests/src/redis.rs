//! A Redis server of one test's own, which may be stopped, flushed and started again at the same address.
//!
//! It keeps nothing on disk: whatever it loses is lost.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};

use super::process::{Process, free_port};
use super::service::service;
use super::wait::PATIENCE;

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
        let Some(program) = service("ORCHESTRATOR_TEST_REDIS", "a test with Redis") else {
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
        let mut command = Command::new(&self.program);
        command.args(["--save", "", "--appendonly", "no", "--bind", "127.0.0.1"]);
        command.args(["--port", &self.port.to_string()]);
        self.process = Some(Process::start(&mut command)?);
        let deadline = Instant::now() + PATIENCE;
        while self.ask("PING").is_err() {
            if Instant::now() > deadline {
                bail!("redis-server does not answer");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// Ends it at once.
    pub fn kill(&mut self) -> Result<()> {
        if let Some(process) = self.process.take() {
            process.signal("KILL")?;
            process.wait(PATIENCE)?;
        }
        Ok(())
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
        self.ask("FLUSHALL").map(drop)
    }

    /// One command without arguments.
    fn ask(&self, command: &str) -> Result<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        stream.write_all(format!("{command}\r\n").as_bytes())?;
        let mut answer = [0; 64];
        let length = stream.read(&mut answer)?;
        let answer = String::from_utf8_lossy(&answer[..length]).into_owned();
        ensure!(answer.starts_with('+'), "{command}: {answer}");
        Ok(answer)
    }
}
