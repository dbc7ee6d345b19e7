//! One PostgreSQL server for the run, one database for each test; and servers of their own for tests that stop them.
//!
//! The server refuses to run as root, so where the tests do, it runs as the user that its package made, or as nobody.

use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::{MetadataExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use tempfile::TempDir;

use super::process::{Process, free_port};
use super::service::service;
use super::wait::PATIENCE;

/// A server on a port of its own.
pub struct Server {
    programs: PathBuf,
    port: u16,
    folder: TempDir,
    /// User and group that it runs as, where not as this process.
    account: Option<(u32, u32)>,
    process: Mutex<Option<Process>>,
    databases: AtomicUsize,
}

/// An empty database of one test.
pub struct Database {
    /// For `DATABASE_URL`.
    pub url: String,
    programs: PathBuf,
}

impl Database {
    /// For the `DATABASE_URL` of one who reaches the server by way of this address.
    pub fn url_through(&self, address: SocketAddr) -> String {
        let name = self.url.rsplit('/').next().unwrap_or_default();
        format!("postgres://postgres@{address}/{name}")
    }

    /// Runs a statement past the hosts, as whoever tampers with a database does; what it gives, a line a row.
    pub fn run(&self, statement: &str) -> Result<String> {
        let mut psql = Command::new(self.programs.join("psql"));
        psql.args([&self.url, "--no-psqlrc", "--quiet", "--no-align"]);
        psql.args(["--tuples-only", "-v", "ON_ERROR_STOP=1", "-c", statement]);
        let ran = psql.output().context("psql")?;
        let said = String::from_utf8_lossy(&ran.stderr);
        ensure!(ran.status.success(), "{statement}: {said}");
        Ok(String::from_utf8_lossy(&ran.stdout).into_owned())
    }
}

/// A database for this test; none where there is no PostgreSQL.
pub fn postgres() -> Result<Option<Database>> {
    static SERVER: OnceLock<Result<Server, String>> = OnceLock::new();
    let Some(programs) = programs() else {
        return Ok(None);
    };
    let server =
        SERVER.get_or_init(|| Server::start(programs).map_err(|cause| format!("{cause:#}")));
    let server = server
        .as_ref()
        .map_err(|cause| anyhow::anyhow!("no PostgreSQL: {cause}"))?;
    server.database().map(Some)
}

fn programs() -> Option<PathBuf> {
    service("ORCHESTRATOR_TEST_POSTGRES_BIN", "a test with PostgreSQL")
}

impl Server {
    /// One for a test that stops it; none where there is no PostgreSQL.
    pub fn own() -> Result<Option<Self>> {
        programs().map(Self::start).transpose()
    }

    fn start(programs: PathBuf) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let account = unprivileged(folder.path())?;
        let server = Self {
            programs,
            port: free_port(),
            folder,
            account,
            process: Mutex::new(None),
            databases: AtomicUsize::new(0),
        };
        std::fs::create_dir(server.data())?;
        if let Some((user, group)) = server.account {
            chown(server.folder.path(), Some(user), Some(group))?;
            chown(server.data(), Some(user), Some(group))?;
        }
        let mut initdb = server.command("initdb");
        initdb.arg("--pgdata").arg(server.data());
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
        server.launch()?;
        Ok(server)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.join(program));
        command
            .current_dir(self.folder.path())
            .env_clear()
            .env("PATH", "/usr/bin:/bin");
        if let Some((user, group)) = self.account {
            command.uid(user).gid(group);
        }
        command
    }

    /// Starts it on the data and the port that it has.
    pub fn launch(&self) -> Result<()> {
        let mut postgres = self.command("postgres");
        postgres
            .arg("-D")
            .arg(self.data())
            .args(["-p", &self.port.to_string(), "-k", ""]);
        // What the processes wrote survives their end, not that of the machine.
        postgres.args(["-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"]);
        postgres.args(["-c", "max_connections=300"]);
        let mut process = Process::start(&mut postgres)?;
        let deadline = Instant::now() + Duration::from_secs(30);
        while std::net::TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            if process.has_ended()? || Instant::now() > deadline {
                bail!("postgres does not answer:\n{}", process.stderr());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        *self.process.lock().expect("nobody panics here") = Some(process);
        Ok(())
    }

    /// Ends it and all that serve its connections, as a power cut would.
    pub fn kill(&self) -> Result<()> {
        self.signal("KILL")?;
        let process = self.process.lock().expect("nobody panics here").take();
        if let Some(process) = process {
            process.wait(PATIENCE)?;
        }
        Ok(())
    }

    /// Sends a signal to it and to all that serve its connections.
    pub fn signal(&self, name: &str) -> Result<()> {
        let process = self.process.lock().expect("nobody panics here");
        let id = process
            .as_ref()
            .context("it does not run")?
            .id()
            .to_string();
        let all = r#"kill -s "$0" "$1" $(ps -o pid= --ppid "$1")"#;
        let sent = Command::new("sh").args(["-c", all, name, &id]).output()?;
        let said = String::from_utf8_lossy(&sent.stderr);
        ensure!(sent.status.success(), "kill -s {name}: {said}");
        Ok(())
    }

    /// A fresh database.
    pub fn database(&self) -> Result<Database> {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.create(&name)?;
        Ok(Database {
            url: format!("postgres://postgres@127.0.0.1:{}/{name}", self.port),
            programs: self.programs.clone(),
        })
    }

    fn create(&self, name: &str) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
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

impl Drop for Server {
    /// What is stopped does not hear that it should end.
    fn drop(&mut self) {
        let _ = self.signal("CONT");
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
