//! A PostgreSQL server of our own, in a temporary folder, reached through a socket there.
//!
//! Shared by all tests of the process; a shell that waits for the process's end stops it and removes the folder, also when the
//! tests were aborted. The server refuses to run as root, so a root test run starts it as `nobody`.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};

static SHARED: LazyLock<Option<Server>> = LazyLock::new(Server::new);

pub(super) struct Server {
    bin: PathBuf,
    folder: PathBuf,
    databases: AtomicU32,
    /// Waits for the other end of its standard input to close.
    _watch: Child,
}

/// The server of this process; none where the variable is not set.
pub(super) fn shared() -> Option<&'static Server> {
    SHARED.as_ref()
}

impl Server {
    pub(super) fn new() -> Option<Self> {
        let bin = PathBuf::from(std::env::var_os("ORCHESTRATOR_TEST_POSTGRES_BIN")?);
        let folder = tempfile::tempdir().unwrap().keep();
        if is_root() {
            let chown = Command::new("chown").arg("nobody").arg(&folder).status();
            assert!(
                chown.unwrap().success(),
                "the folder cannot be given to nobody"
            );
        }
        let stop = r#"read _; "$0/pg_ctl" -D "$1/data" -m immediate stop; rm -rf "$1""#;
        let watch = as_nobody(Path::new("sh"))
            .args(["-c", stop])
            .arg(&bin)
            .arg(&folder)
            .current_dir(Path::new("/"))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let server = Self {
            bin,
            folder,
            databases: AtomicU32::new(0),
            _watch: watch,
        };
        let data = server.data();
        server.run(
            "initdb",
            &[
                "-D",
                &data,
                "-U",
                "bank",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--no-sync",
            ],
        );
        server.start();
        Some(server)
    }

    pub(super) fn start(&self) {
        let options = format!(
            "-c listen_addresses='' -c unix_socket_directories={} -c max_connections=300",
            self.folder.display()
        );
        let log = self.folder.join("log").display().to_string();
        self.run(
            "pg_ctl",
            &[
                "-D",
                &self.data(),
                "-w",
                "-l",
                &log,
                "-o",
                &options,
                "start",
            ],
        );
    }

    /// As a crash would: nothing is written out, connections are cut.
    pub(super) fn crash(&self) {
        self.run("pg_ctl", &["-D", &self.data(), "-m", "immediate", "stop"]);
    }

    /// To the server and every process that serves a connection.
    pub(super) fn signal(&self, name: &str) {
        let first = std::fs::read_to_string(self.folder.join("data/postmaster.pid")).unwrap();
        let server = first.lines().next().unwrap_or_default().to_owned();
        // The children first or last makes no difference: a stopped parent starts no more.
        let all = r#"kill -s "$0" "$1" $(ps -o pid= --ppid "$1")"#;
        let status = Command::new("sh").args(["-c", all, name, &server]).status();
        assert!(status.unwrap().success(), "kill -s {name}");
    }

    pub(super) fn fresh_database(&self) -> String {
        let name = format!("bank_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let folder = self.folder.display().to_string();
        self.run("createdb", &["-h", &folder, "-U", "bank", &name]);
        format!("postgres://bank@{}/{name}", folder.replace('/', "%2F"))
    }

    fn data(&self) -> String {
        self.folder.join("data").display().to_string()
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let status = as_nobody(&self.bin.join(program))
            .args(arguments)
            .current_dir(Path::new("/"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .status();
        assert!(status.unwrap().success(), "{program} {arguments:?}");
    }
}

/// The program, under an account that PostgreSQL accepts.
fn as_nobody(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command
        .args(["--reuid=nobody", "--regid=nogroup", "--clear-groups"])
        .arg(program);
    command
}

fn is_root() -> bool {
    Command::new("id")
        .arg("-u")
        .output()
        .is_ok_and(|said| said.stdout.trim_ascii() == b"0")
}
