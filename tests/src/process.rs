//! A child process that cannot outlive the test run, with everything that it wrote.
//!
//! A second, tiny process holds the reading end of a pipe: when this one dies, however it dies, the pipe closes and the child is
//! killed. Statics, which Rust never drops, are stopped that way.

use std::io::Read;
use std::net::TcpListener;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

/// Below the range from which the system takes ports for outgoing connections, so that nobody else has one in the meantime.
static NEXT_PORT: AtomicU16 = AtomicU16::new(0);

/// A port that nobody listens on.
pub fn free_port() -> u16 {
    let first = 12_000 + u16::try_from(std::process::id() % 180).expect("below 180") * 100;
    loop {
        let port = first + NEXT_PORT.fetch_add(1, Ordering::Relaxed) % 2_000;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// A process and what it wrote so far.
pub struct Process {
    child: Child,
    watch: Option<Child>,
    readers: Vec<JoinHandle<()>>,
    stdout: Arc<Mutex<Vec<u8>>>,
    stderr: Arc<Mutex<Vec<u8>>>,
}

/// What a process that is gone left behind.
#[derive(Debug)]
pub struct Ended {
    /// None when it was killed.
    pub code: Option<i32>,
    /// All of it.
    pub stdout: String,
    /// All of it.
    pub stderr: String,
}

impl Process {
    /// Starts it with nothing to read.
    pub fn start(command: &mut Command) -> Result<Self> {
        Self::start_with(command, Stdio::null())
    }

    /// Starts it with this to read.
    pub fn start_with(command: &mut Command, input: Stdio) -> Result<Self> {
        let program = command.get_program().to_owned();
        let mut child = command
            .stdin(input)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        let watch = Command::new("sh")
            .args(["-c", "cat >/dev/null; kill -INT $0; sleep 5; kill -KILL $0"])
            .arg(child.id().to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let (stdout, stderr) = (Arc::default(), Arc::default());
        let readers = vec![
            read(child.stdout.take().expect("piped"), &stdout),
            read(child.stderr.take().expect("piped"), &stderr),
        ];
        Ok(Self {
            child,
            watch: Some(watch),
            readers,
            stdout,
            stderr,
        })
    }

    /// What it wrote to standard output.
    pub fn stdout(&self) -> String {
        String::from_utf8_lossy(&self.stdout.lock().expect("readers do not panic")).into_owned()
    }

    /// What it wrote to standard error.
    pub fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.stderr.lock().expect("readers do not panic")).into_owned()
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Whether it is gone.
    pub fn has_ended(&mut self) -> Result<bool> {
        Ok(self.child.try_wait()?.is_some())
    }

    /// Sends a signal by name.
    pub fn signal(&self, name: &str) -> Result<()> {
        signal(self.id(), name)
    }

    /// Waits for its end.
    pub fn wait(mut self, patience: Duration) -> Result<Ended> {
        let Some(status) = self.gone_within(patience)? else {
            bail!("still running after {patience:?}:\n{}", self.stderr());
        };
        for reader in self.readers.drain(..) {
            let _ = reader.join();
        }
        Ok(Ended {
            code: status.code(),
            stdout: self.stdout(),
            stderr: self.stderr(),
        })
    }

    fn gone_within(&mut self, patience: Duration) -> Result<Option<ExitStatus>> {
        let deadline = Instant::now() + patience;
        loop {
            if let Some(status) = self.child.try_wait()? {
                return Ok(Some(status));
            }
            if Instant::now() > deadline {
                return Ok(None);
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

/// Sends a signal by name to any process.
pub fn signal(process: u32, name: &str) -> Result<()> {
    let kill = Command::new("sh")
        .args(["-c", "kill -s \"$0\" \"$1\"", name, &process.to_string()])
        .status()?;
    anyhow::ensure!(kill.success(), "no process {process} to signal");
    Ok(())
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Some(mut watch) = self.watch.take() {
            let _ = watch.kill();
            let _ = watch.wait();
        }
        if matches!(self.child.try_wait(), Ok(Some(_))) {
            return;
        }
        let _ = self.signal("TERM");
        if !matches!(self.gone_within(Duration::from_secs(5)), Ok(Some(_))) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

fn read(mut from: impl Read + Send + 'static, into: &Arc<Mutex<Vec<u8>>>) -> JoinHandle<()> {
    let into = Arc::clone(into);
    std::thread::spawn(move || {
        let mut chunk = [0; 8 * 1024];
        while let Ok(count @ 1..) = from.read(&mut chunk) {
            into.lock()
                .expect("readers do not panic")
                .extend_from_slice(&chunk[..count]);
        }
    })
}
