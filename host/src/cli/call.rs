//! `orchestrator call`: a caller in the terminal, who speaks Retell's side of the custom-LLM websocket with any running host.
//!
//! By hand, or by scripts that say what must be heard, decided and moved. A custom-LLM agent cannot be tried in Retell's own
//! playground, so this is where one is.

mod books;
mod check;
mod events;
mod line;
mod play;
mod provider;
mod script;
mod show;
mod terminal;
mod transcript;
mod wire;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use clap::Args;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::{ExposeSecret as _, SecretString};

use super::output::Output;
use super::remote::Remote;
use super::users::is_e164;
use crate::config::Settings;
use crate::pipeline::file;
use books::Books;
use events::Phoned;
use line::Line;
use play::{Failed, Player};
use script::Script;
use show::Show;
use terminal::Input;
use transcript::Transcript;

/// A customer of every sandbox: Alice Johnson.
const SANDBOX_CALLER: &str = "+14155552671";
/// A conversation, not a data set.
const SCRIPT_BYTES_MAX: u64 = 256 * 1024;

/// Arguments of `call`.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The host, where it is not the one of these settings on this machine: http://HOST:PORT, or https://HOST.
    #[arg(long)]
    url: Option<String>,
    /// The caller's number; the first customer of a sandbox where it is not given.
    #[arg(long, default_value = SANDBOX_CALLER, value_parser = number)]
    from: String,
    /// The call's id; made where it is not given.
    #[arg(long)]
    call_id: Option<String>,
    /// Opens the websocket, where it is not the one of these settings.
    #[arg(long)]
    token: Option<String>,
    /// Opens the host's records, where it is not the one of these settings.
    #[arg(long)]
    admin_token: Option<String>,
    /// The bank's id of the caller in all scripts, where the bank has another than they say.
    #[arg(long)]
    customer: Option<String>,
    /// Play this conversation and check it, or all *.yaml of this folder; may be given several times. Each is a call of its own;
    /// exit code 1 where one differs.
    #[arg(long, conflicts_with = "call_id")]
    script: Vec<PathBuf>,
    /// Print what may stand in a script.
    #[arg(long)]
    script_keys: bool,
    /// How fast the agent speaks to whoever types.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(20..=6_000))]
    words_per_minute: u32,
}

/// What all calls of one command share.
struct Caller<'a> {
    host: Remote,
    websocket_token: Option<String>,
    key: Option<&'a SecretString>,
    arguments: &'a Arguments,
}

/// Calls, by hand or by scripts.
///
/// # Errors
/// No host, a host that refuses the caller, or a script that cannot be read.
pub async fn run(settings: &Settings, arguments: &Arguments) -> Result<ExitCode> {
    let mut out = Output::standard();
    if arguments.script_keys {
        out.write_all(script::KEYS.as_bytes())?;
        return Ok(ExitCode::SUCCESS);
    }
    let admin_token = arguments.admin_token.clone();
    let of_settings = settings.server.websocket_token.as_ref();
    let caller = Caller {
        host: Remote::of(settings, arguments.url.as_deref())?.with_token(admin_token),
        websocket_token: arguments
            .token
            .clone()
            .or_else(|| of_settings.map(|token| token.expose_secret().to_owned())),
        key: settings.retell.api_key.as_ref(),
        arguments,
    };
    if arguments.script.is_empty() {
        caller.talk(&mut out).await?;
        return Ok(ExitCode::SUCCESS);
    }
    // All are read before the first is played: a slip of the pen is not found after ten calls.
    let mut scripts = Vec::new();
    for path in script_files(&arguments.script)? {
        let script = read(&path)?;
        scripts.push((path, script));
    }
    let mut failed = 0;
    for (path, script) in &scripts {
        failed += usize::from(!caller.play(path, script, &mut out).await?);
    }
    if scripts.len() > 1 {
        writeln!(
            out,
            "{} of {} scripts passed",
            scripts.len() - failed,
            scripts.len()
        )?;
    }
    Ok(if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

impl Caller<'_> {
    /// One call by hand.
    async fn talk(&self, out: &mut dyn Write) -> Result<()> {
        let call = self.phone(&self.arguments.from)?;
        if !self.announce(&call).await? {
            let number = "without RETELL_API_KEY no signed call_started is sent";
            writeln!(
                out,
                "  ({number}; a host believes the number only in sandbox)"
            )?;
        }
        let mut line = self.connect(&call).await?;
        let pace = self.arguments.words_per_minute;
        let input = Input::standard();
        let ended = terminal::talk(&mut line, input, pace, out).await;
        let reason = ended
            .as_ref()
            .copied()
            .unwrap_or("error_llm_websocket_runtime");
        let transcript = line.provider.transcript();
        self.announce_end(&call, transcript, reason).await?;
        ended.map(|_| ())
    }

    /// One script; whether it passed.
    async fn play(&self, path: &Path, script: &Script, out: &mut dyn Write) -> Result<bool> {
        writeln!(out, "{}: {}", path.display(), script.name)?;
        let from = script.from.as_ref().unwrap_or(&self.arguments.from);
        let call = self.phone(from)?;
        let given = self.arguments.customer.as_ref();
        let customer = given.or(script.customer.as_ref()).cloned();
        let books = Books::of(&self.host, &call.call_id, customer, &script.currency);
        let opened = match self.announce(&call).await {
            Ok(_) => self.connect(&call).await,
            Err(cause) => Err(cause),
        };
        let played = match opened {
            Ok(line) => {
                let player = Player::new(line, books, Show::new(&mut *out), script);
                self.play_on(&call, player, script).await
            }
            Err(cause) => Err(Failed::Broken(cause)),
        };
        match played {
            Ok(()) => Ok(true),
            Err(Failed::Differs { line, what }) => {
                writeln!(out, "  FAILED {}:{line}: {what}", path.display())?;
                Ok(false)
            }
            Err(Failed::Broken(cause)) => {
                writeln!(out, "  FAILED {}: {cause:#}", path.display())?;
                Ok(false)
            }
            Err(Failed::Interrupted) => bail!("{}: {}", path.display(), Failed::Interrupted),
        }
    }

    fn phone(&self, from: &str) -> Result<Phoned> {
        let call_id = match &self.arguments.call_id {
            Some(id) if !is_call_id(id) => {
                bail!("--call-id {id}: letters, digits, `_` and `-` are expected, at most 200")
            }
            Some(id) => id.clone(),
            None => format!("call_{}", uuid::Uuid::new_v4().simple()),
        };
        Ok(Phoned {
            call_id,
            from: from.to_owned(),
            started_ms: jiff::Timestamp::now().as_millisecond(),
        })
    }

    async fn announce(&self, call: &Phoned) -> Result<bool> {
        events::deliver(&self.host, self.key, &call.started()).await
    }

    /// From the first step of a script to the end of its calls.
    async fn play_on(
        &self,
        call: &Phoned,
        mut player: Player<'_>,
        script: &Script,
    ) -> Result<(), Failed> {
        let played = tokio::select! {
            played = player.play(script) => played,
            _ = tokio::signal::ctrl_c() => Err(Failed::Interrupted),
        };
        let reason = played.as_ref().copied().unwrap_or("user_hangup");
        player.line.close().await;
        let transcript = player.line.provider.transcript();
        let ended = self.announce_end(call, transcript, reason).await;
        if let Some(call_id) = player.books.opened() {
            let read = Phoned {
                call_id,
                ..call.clone()
            };
            // Whether it can be ended changes nothing about what was seen in it.
            let _ = self
                .announce_end(&read, &Transcript::default(), reason)
                .await;
        }
        played.and_then(|_| ended.map_err(Failed::Broken))
    }

    async fn announce_end(
        &self,
        call: &Phoned,
        transcript: &Transcript,
        reason: &str,
    ) -> Result<()> {
        let now_ms = jiff::Timestamp::now().as_millisecond();
        let event = call.ended(transcript, reason, now_ms);
        events::deliver(&self.host, self.key, &event)
            .await
            .map(|_| ())
    }

    /// The line of a call that was announced; one that cannot be had leaves no open call behind.
    async fn connect(&self, call: &Phoned) -> Result<Line<'_>> {
        let query = self
            .websocket_token
            .as_ref()
            .map_or_else(String::new, |token| {
                format!("?token={}", utf8_percent_encode(token, NON_ALPHANUMERIC))
            });
        let path = format!("/llm-websocket/{}{query}", call.call_id);
        let line = Line::connect(&self.host, path, call.call("registered")).await;
        if line.is_err() {
            let (nothing, reason) = (Transcript::default(), "error_llm_websocket_open");
            // Why there is no line is what is said; the end may well fail for the same reason.
            let _ = self.announce_end(call, &nothing, reason).await;
        }
        line
    }
}

/// Retell gives numbers in E.164.
fn number(text: &str) -> Result<String, String> {
    if is_e164(text) {
        return Ok(text.to_owned());
    }
    Err(format!(
        "`+`, the country's code and the number are expected, such as {SANDBOX_CALLER}"
    ))
}

/// Retell's ids are opaque, but they always fit into a path.
fn is_call_id(id: &str) -> bool {
    let fits = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '-';
    !id.is_empty() && id.len() <= 200 && id.chars().all(fits)
}

/// The files themselves, and those of folders in the order of their names.
fn script_files(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in paths {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let listed =
            std::fs::read_dir(path).with_context(|| format!("cannot read {}", path.display()))?;
        let mut inside = Vec::new();
        for entry in listed {
            let file = entry?.path();
            if file
                .extension()
                .is_some_and(|it| it == "yaml" || it == "yml")
            {
                inside.push(file);
            }
        }
        if inside.is_empty() {
            bail!("{} holds no *.yaml", path.display());
        }
        inside.sort();
        files.append(&mut inside);
    }
    Ok(files)
}

fn read(path: &Path) -> Result<Script> {
    let shown = path.display();
    let (_, bytes) = file::read(path, SCRIPT_BYTES_MAX)
        .map_err(|why| anyhow::anyhow!("cannot read {shown}: {why}"))?;
    let text = String::from_utf8(bytes).with_context(|| format!("{shown} is no UTF-8 text"))?;
    Script::parse(&text).map_err(|cause| anyhow::anyhow!("{shown}: {cause}"))
}

#[cfg(test)]
mod tests;
