//! A PostgreSQL and a Redis server of the bench's own.
//!
//! As they come, with durable commits: a figure about transfers is worth nothing without them. PostgreSQL refuses to run as root, so
//! there it runs as the user that its package made, or as nobody.

use std::os::unix::fs::{MetadataExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;
use tokio::net::TcpStream;

use crate::running::{Cores, Running, free_address, on_cores};

/// A server with one empty database for each scenario.
pub struct Postgres {
    programs: PathBuf,
    port: u16,
    _running: Running,
    _folder: TempDir,
}

/// A server without anything.
pub struct Redis {
    /// For `REDIS_URL`.
    pub url: String,
    _running: Running,
}

impl Postgres {
    /// Makes one below `within`, on whatever disk that is.
    pub async fn start(programs: &Path, within: &Path, cores: Cores) -> Result<Self> {
        let folder = tempfile::tempdir_in(within).context("no folder for PostgreSQL")?;
        let data = folder.path().join("data");
        std::fs::create_dir(&data).context("no folder for PostgreSQL")?;
        let other = unprivileged(folder.path())?;
        if let Some((user, group)) = other {
            for owned in [folder.path(), &data] {
                chown(owned, Some(user), Some(group)).context("the folder keeps its owner")?;
            }
        }
        let as_other = |mut command: Command| {
            command.current_dir(folder.path());
            if let Some((user, group)) = other {
                command.uid(user).gid(group);
            }
            command
        };
        let mut initdb = as_other(Command::new(programs.join("initdb")));
        initdb.arg("--pgdata").arg(&data);
        initdb.args([
            "--auth=trust",
            "--username=postgres",
            "--encoding=UTF8",
            "--locale=C",
        ]);
        succeeded("initdb", &initdb.output().context("initdb")?)?;
        let address = free_address()?;
        let mut server = as_other(on_cores(cores, &programs.join("postgres")));
        server
            .arg("-D")
            .arg(&data)
            .args(["-k", "", "-c", "listen_addresses=127.0.0.1"]);
        server.args(["-p", &address.port().to_string()]);
        let mut running = Running::start(server, "postgres", within)?;
        running
            .ready(async || TcpStream::connect(address).await.is_ok())
            .await?;
        Ok(Self {
            programs: programs.to_owned(),
            port: address.port(),
            _running: running,
            _folder: folder,
        })
    }

    /// The address of a new database.
    pub async fn database(&self, name: &str) -> Result<String> {
        let port = self.port.to_string();
        let create = || {
            let mut createdb = Command::new(self.programs.join("createdb"));
            createdb.args(["-h", "127.0.0.1", "-p", &port, "-U", "postgres", name]);
            createdb.output().context("createdb")
        };
        let mut made = create()?;
        for _ in 0..100 {
            // It listens a moment before it takes commands.
            if !String::from_utf8_lossy(&made.stderr).contains("starting up") {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            made = create()?;
        }
        succeeded("createdb", &made)?;
        Ok(format!("postgres://postgres@127.0.0.1:{port}/{name}"))
    }
}

impl Redis {
    /// One that keeps nothing on disk: live state is rebuilt from the database.
    pub async fn start(program: &Path, within: &Path, cores: Cores) -> Result<Self> {
        let address = free_address()?;
        let mut server = on_cores(cores, program);
        server.current_dir(within);
        server.args(["--port", &address.port().to_string(), "--bind", "127.0.0.1"]);
        server.args(["--save", "", "--appendonly", "no"]);
        let mut running = Running::start(server, "redis", within)?;
        running
            .ready(async || TcpStream::connect(address).await.is_ok())
            .await?;
        Ok(Self {
            url: format!("redis://{address}"),
            _running: running,
        })
    }
}

fn succeeded(what: &str, ran: &Output) -> Result<()> {
    let said = String::from_utf8_lossy(&ran.stderr);
    ensure!(ran.status.success(), "{what}: {said}");
    Ok(())
}

/// User and group to run as, where this program is root.
fn unprivileged(own: &Path) -> Result<Option<(u32, u32)>> {
    if std::fs::metadata(own).context("no folder")?.uid() != 0 {
        return Ok(None);
    }
    let users = std::fs::read_to_string("/etc/passwd").context("who could run PostgreSQL")?;
    let ids = |name: &str| {
        let prefix = format!("{name}:");
        let line = users.lines().find(|line| line.starts_with(&prefix))?;
        let mut fields = line.split(':').skip(2);
        Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
    };
    let found = ids("postgres").or_else(|| ids("nobody"));
    found
        .map(Some)
        .context("root may not run PostgreSQL, and there is neither a user postgres nor nobody")
}
