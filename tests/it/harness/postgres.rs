//! One PostgreSQL server for the run, one database for each test.
//!
//! The server refuses to run as root, so where the tests do, it runs as the user that its package made, or as nobody.

use std::os::unix::fs::{MetadataExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use tempfile::TempDir;

use super::process::{Process, free_port};
use super::service;

struct Server {
    programs: PathBuf,
    port: u16,
    _folder: TempDir,
    _process: Process,
}

/// An empty database of one test.
pub struct Database {
    /// For `DATABASE_URL`.
    pub url: String,
    programs: PathBuf,
}

impl Database {
    /// Runs a statement past the hosts, as whoever tampers with a database does.
    pub fn run(&self, statement: &str) -> Result<()> {
        let mut psql = Command::new(self.programs.join("psql"));
        psql.args([
            &self.url,
            "--no-psqlrc",
            "-v",
            "ON_ERROR_STOP=1",
            "-c",
            statement,
        ]);
        let ran = psql.output().context("psql")?;
        let said = String::from_utf8_lossy(&ran.stderr);
        ensure!(ran.status.success(), "{statement}: {said}");
        Ok(())
    }
}

/// A database for this test; none where there is no PostgreSQL.
pub fn postgres() -> Result<Option<Database>> {
    static SERVER: OnceLock<Result<Server, String>> = OnceLock::new();
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    let Some(programs) = service("ORCHESTRATOR_TEST_POSTGRES_BIN", "a test with PostgreSQL") else {
        return Ok(None);
    };
    let server =
        SERVER.get_or_init(|| Server::start(programs).map_err(|cause| format!("{cause:#}")));
    let server = server
        .as_ref()
        .map_err(|cause| anyhow::anyhow!("no PostgreSQL: {cause}"))?;
    let name = format!("test_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
    server.create(&name)?;
    Ok(Some(Database {
        url: format!("postgres://postgres@127.0.0.1:{}/{name}", server.port),
        programs: server.programs.clone(),
    }))
}

impl Server {
    fn start(programs: PathBuf) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let data = folder.path().join("data");
        std::fs::create_dir(&data)?;
        let other = unprivileged(folder.path())?;
        if let Some((user, group)) = other {
            chown(folder.path(), Some(user), Some(group))?;
            chown(&data, Some(user), Some(group))?;
        }
        let as_other = |program: &str| {
            let mut command = Command::new(programs.join(program));
            command
                .current_dir(folder.path())
                .env_clear()
                .env("PATH", "/usr/bin:/bin");
            if let Some((user, group)) = other {
                command.uid(user).gid(group);
            }
            command
        };
        let mut initdb = as_other("initdb");
        initdb.arg("--pgdata").arg(&data);
        initdb.args([
            "--auth=trust",
            "--username=postgres",
            "--no-sync",
            "--encoding=UTF8",
            "--locale=C",
        ]);
        let made = initdb.output().context("initdb")?;
        ensure!(
            made.status.success(),
            "initdb: {}",
            String::from_utf8_lossy(&made.stderr)
        );
        let port = free_port();
        let mut postgres = as_other("postgres");
        postgres
            .arg("-D")
            .arg(&data)
            .args(["-p", &port.to_string(), "-k", ""]);
        postgres.args(["-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"]);
        postgres.args(["-c", "max_connections=300"]);
        let mut process = Process::start(&mut postgres)?;
        let deadline = Instant::now() + Duration::from_secs(30);
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            if process.has_ended()? || Instant::now() > deadline {
                bail!("postgres does not answer:\n{}", process.stderr());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(Self {
            programs,
            port,
            _folder: folder,
            _process: process,
        })
    }

    fn create(&self, name: &str) -> Result<()> {
        let deadline = Instant::now() + Duration::from_secs(15);
        loop {
            let mut createdb = Command::new(self.programs.join("createdb"));
            createdb.args([
                "-h",
                "127.0.0.1",
                "-p",
                &self.port.to_string(),
                "-U",
                "postgres",
                name,
            ]);
            let made = createdb.output().context("createdb")?;
            if made.status.success() {
                return Ok(());
            }
            // It listens a moment before it takes commands.
            let said = String::from_utf8_lossy(&made.stderr).into_owned();
            ensure!(
                said.contains("starting up") && Instant::now() < deadline,
                "createdb: {said}"
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

/// User and group to run as, where this process is root.
fn unprivileged(own: &Path) -> Result<Option<(u32, u32)>> {
    if std::fs::metadata(own)?.uid() != 0 {
        return Ok(None);
    }
    let users = std::fs::read_to_string("/etc/passwd").context("who could run PostgreSQL")?;
    let ids = |name: &str| {
        let line = users
            .lines()
            .find(|line| line.starts_with(&format!("{name}:")))?;
        let mut fields = line.split(':').skip(2);
        Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
    };
    let found = ids("postgres").or_else(|| ids("nobody"));
    found
        .map(Some)
        .context("root may not run PostgreSQL, and there is neither a user postgres nor nobody")
}
