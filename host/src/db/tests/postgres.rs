//! A PostgreSQL server of our own, in a temporary folder, reached through a socket there.
//!
//! Shared by the tests that run at the same time and stopped by the last of them. The server refuses to run as root, so a root
//! test run starts it as `nobody`.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, Weak};

static SHARED: Mutex<Weak<Server>> = Mutex::new(Weak::new());

pub(super) struct Server {
    bin: PathBuf,
    folder: tempfile::TempDir,
    databases: AtomicU32,
}

/// The server that others use already, or a new one; none where the variable is not set.
pub(super) fn shared() -> Option<Arc<Server>> {
    let mut shared = SHARED
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(server) = shared.upgrade() {
        return Some(server);
    }
    let server = Arc::new(Server::new()?);
    *shared = Arc::downgrade(&server);
    Some(server)
}

impl Server {
    pub(super) fn new() -> Option<Self> {
        let bin = PathBuf::from(std::env::var_os("ORCHESTRATOR_TEST_POSTGRES_BIN")?);
        let folder = tempfile::tempdir().unwrap();
        let server = Self {
            bin,
            folder,
            databases: AtomicU32::new(0),
        };
        if is_root() {
            let chown = Command::new("chown")
                .arg("nobody")
                .arg(server.folder.path())
                .status();
            assert!(
                chown.unwrap().success(),
                "the folder cannot be given to nobody"
            );
        }
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
            self.folder.path().display()
        );
        let log = self.folder.path().join("log").display().to_string();
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

    pub(super) fn fresh_database(&self) -> String {
        let name = format!("bank_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let folder = self.folder.path().display().to_string();
        self.run("createdb", &["-h", &folder, "-U", "bank", &name]);
        format!("postgres://bank@{}/{name}", folder.replace('/', "%2F"))
    }

    fn data(&self) -> String {
        self.folder.path().join("data").display().to_string()
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let path = self.bin.join(program);
        let mut command = if is_root() {
            let mut command = Command::new("setpriv");
            command
                .args(["--reuid=nobody", "--regid=nogroup", "--clear-groups"])
                .arg(path);
            command
        } else {
            Command::new(path)
        };
        let status = command
            .args(arguments)
            .current_dir(Path::new("/"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .status();
        assert!(status.unwrap().success(), "{program} {arguments:?}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A server that a test has stopped already is no error.
        let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| self.crash()));
    }
}

fn is_root() -> bool {
    Command::new("id")
        .arg("-u")
        .output()
        .is_ok_and(|said| said.stdout.trim_ascii() == b"0")
}
