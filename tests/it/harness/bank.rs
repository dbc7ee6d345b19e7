//! The FastAPI reference bank as a process.
//!
//! It takes a free port itself and prints its URL when it takes requests.

use std::process::Command;
use std::sync::{Arc, Mutex};

use anyhow::{Result, bail};

use super::process::Process;
use super::{paths, service, until};

/// What a bank speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// The predecessor's README.
    Documented,
    /// The code that is out there.
    Published,
}

impl Dialect {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Documented, Self::Published];

    /// As settings and arguments write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Documented => "documented",
            Self::Published => "published",
        }
    }
}

/// A running bank; stopped when the last copy is dropped.
#[derive(Clone)]
pub struct FastApi {
    /// Where it answers.
    pub url: String,
    _process: Arc<Mutex<Process>>,
}

impl FastApi {
    /// Starts one with a fresh sample world; none where there is no Python.
    pub async fn start(dialect: Dialect) -> Result<Option<Self>> {
        Self::start_with(dialect, &[]).await
    }

    /// The same with more arguments.
    pub async fn start_with(dialect: Dialect, arguments: &[&str]) -> Result<Option<Self>> {
        let Some(python) = service("ORCHESTRATOR_TEST_PYTHON", "a test with the FastAPI bank")
        else {
            return Ok(None);
        };
        let mut command = Command::new(python);
        command
            .args(["-m", "bank", "--port", "0", "--dialect", dialect.name()])
            .args(arguments)
            .current_dir(paths::root().join("tests/backend"))
            .env("PYTHONDONTWRITEBYTECODE", "1");
        let mut process = Process::start(&mut command)?;
        let url = until("the FastAPI bank", async || {
            if process.has_ended()? {
                bail!("the FastAPI bank stopped:\n{}", process.stderr());
            }
            Ok(process
                .stdout()
                .lines()
                .next()
                .filter(|line| line.starts_with("http"))
                .map(str::to_owned))
        })
        .await?;
        Ok(Some(Self {
            url,
            _process: Arc::new(Mutex::new(process)),
        }))
    }
}
