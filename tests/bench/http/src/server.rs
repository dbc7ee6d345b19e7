//! The servers that are measured: the host and its peers, each a program of its own that answers the same requests.
//!
//! Here they are started with what each needs, and each is asked questions whose right answers are known.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use crate::line::Line;
use crate::request::{API_KEY, Call};
use crate::running::{Cores, Running, free_address, on_cores};

/// What a developer's shell may hold and a host would follow.
const NOT_FROM_SHELL: [&str; 6] = [
    "PYTHON_BACKEND_URL",
    "DATABASE_URL",
    "REDIS_URL",
    "CALL_STATE_DB",
    "LOG_LEVEL",
    "LOG_FORMAT",
];

/// Which program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Ours.
    Host,
    /// Signature, one question, an answer.
    Ceiling,
    /// Python.
    FastApi,
    /// Node.
    Fastify,
}

impl Kind {
    /// As the page names it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Host => "this orchestrator",
            Self::Ceiling => "bare axum, no pipeline, state or record (the ceiling)",
            Self::FastApi => "FastAPI, uvicorn, httpx",
            Self::Fastify => "Node, Fastify, undici",
        }
    }

    fn log(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::Ceiling => "ceiling",
            Self::FastApi => "fastapi",
            Self::Fastify => "fastify",
        }
    }
}

/// Where the programs are.
#[derive(clap::Args, Debug)]
pub struct Programs {
    /// The release host.
    #[arg(long)]
    host: PathBuf,
    /// Where the host's `plugins/dist` and `config` are.
    #[arg(long)]
    root: PathBuf,
    /// The bank.
    #[arg(long)]
    bank: PathBuf,
    /// The bare server.
    #[arg(long)]
    ceiling: PathBuf,
    /// Python with the packages of `fastapi/requirements.txt`.
    #[arg(long)]
    python: PathBuf,
    /// The folder of `app.py`.
    #[arg(long)]
    fastapi: PathBuf,
    /// The folder of `server.js` and its `node_modules`.
    #[arg(long)]
    fastify: PathBuf,
}

/// Where a host keeps things.
#[derive(Debug, Clone, Default)]
pub struct Keeping {
    /// `DATABASE_URL`; a SQLite file of its own where none is given.
    pub database_url: Option<String>,
    /// `REDIS_URL`; memory where none is given.
    pub redis_url: Option<String>,
}

/// A server that answers.
pub struct Server {
    /// Where.
    pub address: SocketAddr,
    /// What it has used.
    pub running: Running,
    _folder: TempDir,
}

impl Programs {
    /// The bank that all of them ask.
    pub async fn bank(&self, latency_ms: u64, logs: &Path) -> Result<Bank> {
        let address = free_address()?;
        let mut command = on_cores(Cores::Rest, &self.bank);
        command.args(["--listen", &address.to_string()]);
        command.args(["--latency-ms", &latency_ms.to_string()]);
        let mut running = Running::start(command, "bank", logs)?;
        running
            .ready(async || Line::get(address, "/health").await.is_ok())
            .await?;
        Ok(Bank {
            address,
            _running: running,
        })
    }

    /// Starts a server and checks that it answers a balance question with the bank's figure.
    pub async fn start(
        &self,
        kind: Kind,
        cores: Cores,
        bank: &Bank,
        keeping: &Keeping,
        logs: &Path,
    ) -> Result<Server> {
        let address = free_address()?;
        let folder = tempfile::tempdir_in(logs).context("no folder for a server")?;
        let mut command = self.command(kind, cores, address, folder.path());
        let bank_url = format!("http://{}", bank.address);
        match kind {
            Kind::Ceiling => {
                command.args(["--listen", &address.to_string()]);
                command.args(["--bank", &bank_url, "--api-key", API_KEY]);
            }
            Kind::Host => host_settings(&mut command, address, keeping, folder.path()),
            Kind::FastApi | Kind::Fastify => {
                command.env("PORT", address.port().to_string());
                command.env("DATABASE_FILE", folder.path().join("calls.sqlite"));
            }
        }
        command
            .env("RETELL_API_KEY", API_KEY)
            .env("PYTHON_BACKEND_URL", &bank_url);
        let mut running = Running::start(command, kind.log(), logs)?;
        running
            .ready(async || Line::get(address, "/health").await.is_ok())
            .await?;
        let server = Server {
            address,
            running,
            _folder: folder,
        };
        server.check(kind).await?;
        Ok(server)
    }

    fn command(&self, kind: Kind, cores: Cores, address: SocketAddr, folder: &Path) -> Command {
        let mut command = match kind {
            Kind::Host => {
                let mut command = on_cores(cores, &self.host);
                command.current_dir(&self.root).args(["serve", "--sandbox"]);
                command
            }
            Kind::Ceiling => on_cores(cores, &self.ceiling),
            Kind::FastApi => {
                let mut command = on_cores(cores, &self.python);
                command
                    .current_dir(&self.fastapi)
                    .args(["-m", "uvicorn", "app:app"]);
                command.args(["--port", &address.port().to_string(), "--no-access-log"]);
                // As long as the others keep a connection that has nothing to do; open load leaves some of them alone for seconds.
                command.args(["--timeout-keep-alive", "75"]);
                command
            }
            Kind::Fastify => {
                let mut command = on_cores(cores, Path::new("node"));
                command.current_dir(&self.fastify).arg("server.js");
                command.env("NODE_ENV", "production");
                command
            }
        };
        for name in NOT_FROM_SHELL {
            command.env_remove(name);
        }
        command.env("TMPDIR", folder);
        command
    }
}

fn host_settings(command: &mut Command, address: SocketAddr, keeping: &Keeping, folder: &Path) {
    let own = format!("sqlite://{}", folder.join("calls.sqlite").display());
    command.env("ORCHESTRATOR_HOST", address.ip().to_string());
    command.env("ORCHESTRATOR_PORT", address.port().to_string());
    command.env(
        "DATABASE_URL",
        keeping.database_url.as_ref().unwrap_or(&own),
    );
    if let Some(url) = &keeping.redis_url {
        command.env("CALL_STATE_DB", "redis").env("REDIS_URL", url);
    }
}

impl Server {
    /// A server that answers quickly and wrongly must not be measured.
    async fn check(&self, kind: Kind) -> Result<()> {
        let mut line = Line::open(self.address).await?;
        let call = Call::new("check", 9_000_000);
        let answer = line.post(call.balance()).await?;
        let said = String::from_utf8_lossy(&answer.body).into_owned();
        if !said.replace(',', "").contains("5000.50") {
            bail!("{} does not tell the bank's figure: {said}", kind.name());
        }
        if kind != Kind::Ceiling {
            let mut call = call;
            let answer = line.post(call.transfer()).await?;
            let said = String::from_utf8_lossy(&answer.body).into_owned();
            if !said.contains("\"transfer_completed\"") {
                bail!("{} does not move money: {said}", kind.name());
            }
            line.post(call.started()).await?;
            line.post(call.ended()).await?;
        }
        Ok(())
    }
}

/// A bank that answers.
pub struct Bank {
    address: SocketAddr,
    _running: Running,
}

impl Bank {
    /// Requests so far.
    pub async fn counts(&self) -> Result<serde_json::Value> {
        let body = Line::get(self.address, "/counts").await?;
        serde_json::from_slice(&body).context("the bank's counts are no JSON")
    }
}
