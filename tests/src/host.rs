//! The host as a process: how it is set up, how it is asked.
//!
//! Its environment holds nothing but what a test says, its working folder is an empty one of its own.

use std::collections::BTreeMap;
use std::io::{Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::http::{Answer, client, signed_now};
use super::paths;
use super::process::{Ended, Process, free_port};
use super::wait::{PATIENCE, until};

/// The voice provider's key, wherever a test does not say otherwise.
pub const KEY: &str = "key_test_5d1c0a7e93b84f26";
/// Of a served host.
pub const API_TOKEN: &str = "api-token-for-the-tests-8c1d";
/// Of a served host.
pub const ADMIN_TOKEN: &str = "admin-token-for-the-tests-2f7b";

/// How a host is started; may be started again, and then finds its folder as it left it.
#[derive(Clone)]
pub struct Setup {
    arguments: Vec<String>,
    variables: BTreeMap<String, String>,
    folder: Arc<TempDir>,
}

impl Setup {
    /// `serve --sandbox` with a known key.
    pub fn sandbox() -> Result<Self> {
        Self::command(&["serve", "--sandbox"])
    }

    /// `serve` with tokens, against this bank, with SQLite in the setup's folder.
    pub fn served(backend_url: &str) -> Result<Self> {
        Ok(Self::command(&["serve"])?
            .set("PYTHON_BACKEND_URL", backend_url)
            .set("ORCHESTRATOR_API_TOKEN", API_TOKEN)
            .set("ORCHESTRATOR_ADMIN_TOKEN", ADMIN_TOKEN)
            // No load balancer stands before it.
            .set("ORCHESTRATOR_SERVER__DRAIN_MS", 0)
            // Nobody outside this machine is ever asked.
            .set("ORCHESTRATOR_RETELL__REST", false)
            .with_sqlite())
    }

    /// A bank in this dialect: that of a sandbox host, which is there for nothing else.
    pub async fn bank(dialect: &str) -> Result<(Host, String)> {
        let port = free_port();
        let setup = Self::sandbox()?
            .set("ORCHESTRATOR_SANDBOX__PORT", port)
            .set("ORCHESTRATOR_SANDBOX__DIALECT", dialect);
        Ok((setup.start().await?, format!("http://127.0.0.1:{port}")))
    }

    /// Any command, with what every command needs.
    pub fn command(arguments: &[&str]) -> Result<Self> {
        let folder = Arc::new(tempfile::tempdir()?);
        let pipeline = paths::root().join("config/pipeline.toml");
        let setup = Self {
            arguments: arguments
                .iter()
                .map(|&argument| argument.to_owned())
                .collect(),
            variables: BTreeMap::new(),
            folder,
        };
        Ok(setup
            .set("RETELL_API_KEY", KEY)
            .set("ORCHESTRATOR_HOST", "127.0.0.1")
            .set("ORCHESTRATOR_PIPELINE", pipeline.display())
            .set("ORCHESTRATOR_PLUGIN_DIR", paths::plugins()?.display())
            .set(
                "ORCHESTRATOR_PLUGIN__CACHE_DIR",
                paths::compiled()?.display(),
            )
            .set("LOG_LEVEL", "DEBUG"))
    }

    /// Sets a variable.
    pub fn set(mut self, name: &str, value: impl std::fmt::Display) -> Self {
        self.variables.insert(name.to_owned(), value.to_string());
        self
    }

    /// Takes a variable away.
    pub fn unset(mut self, name: &str) -> Self {
        self.variables.remove(name);
        self
    }

    /// The same settings for another command.
    pub fn with_arguments(mut self, arguments: &[&str]) -> Self {
        self.arguments = arguments
            .iter()
            .map(|&argument| argument.to_owned())
            .collect();
        self
    }

    /// Keeps everything in a file of the setup's folder, also in sandbox.
    pub fn with_sqlite(self) -> Self {
        let url = format!("sqlite://{}", self.sqlite_file().display());
        self.set("DATABASE_URL", url)
    }

    /// That file.
    pub fn sqlite_file(&self) -> PathBuf {
        self.folder.path().join("orchestrator.sqlite")
    }

    /// A folder that lives as long as the setup and its hosts.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Leaves that folder where it is, for whoever looks into a failure.
    pub fn keep_folder(&self) -> PathBuf {
        let kept = self.folder.path().with_extension("kept");
        match std::fs::rename(self.folder.path(), &kept) {
            Ok(()) => kept,
            Err(_) => self.folder.path().to_path_buf(),
        }
    }

    fn process(&self, input: Stdio) -> Result<Process> {
        Process::start_with(&mut self.command_line()?, input)
    }

    fn command_line(&self) -> Result<Command> {
        let mut command = Command::new(paths::binary()?);
        command
            .args(&self.arguments)
            .current_dir(self.folder.path())
            .env_clear();
        for inherited in ["PATH", "HOME", "TMPDIR"] {
            if let Some(value) = std::env::var_os(inherited) {
                command.env(inherited, value);
            }
        }
        command.envs(&self.variables);
        Ok(command)
    }

    /// Runs a command whose answer nobody reads: the other end of its standard output is closed before it starts.
    pub fn run_unread(&self) -> Result<Output> {
        let (reader, writer) = std::io::pipe()?;
        drop(reader);
        let mut command = self.command_line()?;
        Ok(command.stdin(Stdio::null()).stdout(writer).output()?)
    }

    /// Runs a command that ends by itself.
    pub fn run(&self) -> Result<Ended> {
        self.process(Stdio::null())?.wait(Duration::from_secs(60))
    }

    /// The same with a text on its standard input.
    pub fn run_with(&self, input: &str) -> Result<Ended> {
        let mut file = tempfile::tempfile()?;
        file.write_all(input.as_bytes())?;
        file.rewind()?;
        self.process(file.into())?.wait(Duration::from_secs(60))
    }

    /// Starts a host on a free port and waits until it is ready.
    pub async fn start(&self) -> Result<Host> {
        let setup = if self.variables.contains_key("ORCHESTRATOR_PORT") {
            self.clone()
        } else {
            self.clone().set("ORCHESTRATOR_PORT", free_port())
        };
        let url = format!("http://127.0.0.1:{}", setup.variables["ORCHESTRATOR_PORT"]);
        let key = setup
            .variables
            .get("RETELL_API_KEY")
            .cloned()
            .unwrap_or_default();
        let token = setup.variables.get("ORCHESTRATOR_ADMIN_TOKEN").cloned();
        let mut host = Host {
            process: setup.process(Stdio::null())?,
            url,
            key,
            token,
            setup,
        };
        host.is_ready().await?;
        Ok(host)
    }
}

/// A running host; stopped when dropped.
pub struct Host {
    process: Process,
    /// Where it answers.
    pub url: String,
    /// Signs what is sent to it.
    pub key: String,
    /// Opens `/orchestrate` and `/admin`, where a token is needed.
    pub token: Option<String>,
    /// How it was started.
    pub setup: Setup,
}

impl Host {
    async fn is_ready(&mut self) -> Result<()> {
        // A first start compiles the plugins, and on a busy machine four hosts do so at once.
        for _ in 0..6 {
            let (process, url) = (&mut self.process, format!("{}/readyz", self.url));
            let ready = until("a ready host", async || {
                if process.has_ended()? {
                    bail!(
                        "the host stopped:\n{}{}",
                        process.stdout(),
                        process.stderr()
                    );
                }
                let answer = client().get(&url).send().await;
                Ok(answer.ok().filter(|answer| answer.status().is_success()))
            });
            match ready.await {
                Ok(_) => return Ok(()),
                Err(cause) if self.process.has_ended()? => return Err(cause),
                Err(_) => {}
            }
        }
        bail!("{} did not become ready:\n{}", self.url, self.log())
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// Everything it wrote.
    pub fn log(&self) -> String {
        format!("{}{}", self.process.stdout(), self.process.stderr())
    }

    /// Gets a path, with the token where there is one.
    pub async fn get(&self, path: &str) -> Result<Answer> {
        let request = client().get(format!("{}{path}", self.url));
        Answer::of(match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        })
        .await
    }

    /// Posts JSON to a path, with the token where there is one.
    pub async fn post(&self, path: &str, body: &Value) -> Result<Answer> {
        self.post_text(path, &body.to_string(), &[]).await
    }

    /// Posts a text as JSON, with more header fields.
    pub async fn post_text(
        &self,
        path: &str,
        body: &str,
        headers: &[(&str, &str)],
    ) -> Result<Answer> {
        let mut request = client()
            .post(format!("{}{path}", self.url))
            .header("content-type", "application/json")
            .body(body.to_owned());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Answer::of(match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        })
        .await
    }

    /// Posts what the voice provider would, truly signed.
    pub async fn signed(&self, path: &str, body: impl Into<Vec<u8>>) -> Result<Answer> {
        self.signed_with(path, body, &[]).await
    }

    /// The same with more header fields.
    pub async fn signed_with(
        &self,
        path: &str,
        body: impl Into<Vec<u8>>,
        headers: &[(&str, &str)],
    ) -> Result<Answer> {
        let body = body.into();
        let mut request = client()
            .post(format!("{}{path}", self.url))
            .header("content-type", "application/json")
            .header("x-retell-signature", signed_now(&self.key, &body));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Answer::of(request.body(body)).await
    }

    /// A call as `/admin/call` shows it; none where it does not know it.
    pub async fn call(&self, call_id: &str) -> Result<Option<Value>> {
        let answer = self.get(&format!("/admin/call?call_id={call_id}")).await?;
        match answer.status {
            200 => Ok(Some(answer.json()?)),
            404 => Ok(None),
            status => bail!("/admin/call answers {status}: {}", answer.text),
        }
    }

    /// The state of a call that must exist.
    pub async fn state(&self, call_id: &str) -> Result<String> {
        let call = self
            .call(call_id)
            .await?
            .with_context(|| format!("no call {call_id}"))?;
        Ok(call["state"]
            .as_str()
            .context("a call has a state")?
            .to_owned())
    }

    /// A balance through REST, as it is written: `5000.50`.
    pub async fn balance(&self, user_id: &str, account_id: &str) -> Result<String> {
        let call_id = format!("call_balance_{user_id}");
        let loaded = json!({"call_id": call_id, "user_id": user_id});
        self.post("/orchestrate/load-context", &loaded)
            .await?
            .expect(200);
        let asked = json!({"call_id": call_id, "account_id": account_id});
        let answer = self
            .post("/orchestrate/get-balance", &asked)
            .await?
            .expect(200);
        Ok(answer["balance"].to_string())
    }

    /// The newest decision record of a call, whole; waits for it, since it is written after the reply.
    pub async fn record(&self, call_id: &str, number: u64) -> Result<Value> {
        let list = format!("/admin/decisions?call_id={call_id}");
        let id = until("a decision record", async || {
            let answer = self.get(&list).await?.expect(200);
            let all = answer.as_array().or_else(|| answer["decisions"].as_array());
            let all = all.with_context(|| format!("no list: {answer}"))?;
            let found = all
                .iter()
                .find(|one| one["number"].as_u64() == Some(number));
            Ok(found.and_then(|one| one["id"].as_str().map(str::to_owned)))
        });
        let path = format!("/admin/decisions/{}", id.await?);
        Ok(self.get(&path).await?.expect(200))
    }

    /// Sends it a signal by name.
    pub fn signal(&self, name: &str) -> Result<()> {
        self.process.signal(name)
    }

    /// Its resident memory, where the system tells it.
    pub fn resident_kib(&self) -> Option<u64> {
        let path = format!("/proc/{}/status", self.process.id());
        let status = std::fs::read_to_string(path).ok()?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))?;
        line.trim().strip_suffix("kB")?.trim().parse().ok()
    }

    /// Ends it at once, as a power cut would.
    pub fn kill(self) -> Result<Setup> {
        let setup = self.setup.clone();
        self.process.signal("KILL")?;
        self.process.wait(PATIENCE)?;
        Ok(setup)
    }

    /// Ends it as a service manager would.
    pub fn stop(self) -> Result<(Setup, Ended)> {
        self.process.signal("TERM")?;
        self.stopped(PATIENCE)
    }

    /// Waits for the end of one that was told to stop.
    pub fn stopped(self, patience: Duration) -> Result<(Setup, Ended)> {
        let setup = self.setup.clone();
        Ok((setup, self.process.wait(patience)?))
    }
}
