//! `orchestrator pipeline`: which rules a running host applies, and changing them.
//!
//! Every order goes to the host's admin surface, which loads before it activates; the other hosts follow. What is printed stands
//! in `pipeline/show.rs`; `--json` prints the host's answer as it came.

mod show;

use anyhow::{Result, bail};
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::output::say;
use super::remote::{Asked, Remote, who};
use crate::config::Settings;

/// Arguments of `pipeline`.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    asked: Asked,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// What is active, what is loaded, what was refused, what is halted.
    Status,
    /// Activations, candidates and halts, newest first.
    History {
        /// Rows of each.
        #[arg(long, default_value_t = 20)]
        limit: u64,
    },
    /// What differs between two revisions.
    Diff {
        /// One: its id, the first digits of it, or `active`.
        from: String,
        /// The other.
        to: String,
    },
    /// Make any earlier revision the active one.
    Activate {
        /// Its id, or the first digits of it.
        revision: String,
        #[command(flatten)]
        order: Order,
        /// Live calls take it too, at their next turn.
        #[arg(long)]
        now: bool,
    },
    /// Take the newest activation back.
    Rollback {
        /// Only where this revision is the active one: two people in one incident then go one step back, not two.
        #[arg(long)]
        of: Option<String>,
        #[command(flatten)]
        order: Order,
        /// Live calls take it too, at their next turn.
        #[arg(long)]
        now: bool,
    },
    /// Stop all transfers, or one plugin, on every host within a second.
    Halt {
        #[command(subcommand)]
        what: What,
    },
    /// Let them go on.
    Resume {
        #[command(subcommand)]
        what: What,
    },
    /// Look at the files now, as SIGHUP does.
    Reload,
}

#[derive(Debug, Args)]
struct Order {
    /// Why; kept for whoever asks later.
    #[arg(long)]
    reason: String,
    /// Who orders it; the account and the machine, where nobody is named.
    #[arg(long)]
    who: Option<String>,
}

impl Order {
    fn who(&self) -> String {
        self.who.clone().unwrap_or_else(who)
    }
}

#[derive(Debug, Subcommand)]
enum What {
    /// Every transfer, whatever rules say.
    Transfers {
        #[command(flatten)]
        order: Order,
    },
    /// One plugin: its stages fail as if it had trapped.
    Plugin {
        /// Its name in the pipeline.
        name: String,
        #[command(flatten)]
        order: Order,
    },
}

/// Asks the host, and prints what it answers.
///
/// # Errors
/// In the host's own words, or that it cannot be reached.
pub async fn run(settings: &Settings, arguments: &Arguments) -> Result<()> {
    let host = Remote::of(settings, arguments.asked.url.as_deref())?;
    let (answer, text) = match &arguments.command {
        Command::Status => shown(host.get("/admin/pipeline").await?, show::status),
        Command::History { limit } => {
            let path = format!("/admin/revisions?limit={limit}");
            shown(host.get(&path).await?, show::history)
        }
        Command::Diff { from, to } => {
            let path = format!("/admin/pipeline/diff?from={}&to={}", id(from)?, id(to)?);
            shown(host.get(&path).await?, show::diff)
        }
        Command::Activate {
            revision,
            order,
            now,
        } => {
            let body = json!({"revision": revision, "reason": order.reason, "now": now, "who": order.who()});
            shown(
                host.post("/admin/pipeline/activate", &body).await?,
                show::changed,
            )
        }
        Command::Rollback { of, order, now } => {
            let body = json!({"of": of, "reason": order.reason, "now": now, "who": order.who()});
            shown(
                host.post("/admin/pipeline/rollback", &body).await?,
                show::changed,
            )
        }
        Command::Halt { what } => {
            let halted = host.post("/admin/pipeline/halt", &what.body()).await?;
            shown(halted, show::halts)
        }
        Command::Resume { what } => {
            let resumed = host.post("/admin/pipeline/resume", &what.body()).await?;
            shown(resumed, show::halts)
        }
        Command::Reload => {
            let looked = host.post("/admin/pipeline/reload", &json!({})).await?;
            shown(looked, show::candidate)
        }
    };
    say(&if arguments.asked.json {
        format!("{answer:#}")
    } else {
        text
    })?;
    let is_other = answer["active"] == Value::Bool(false) || answer["verdict"] == "failed";
    if matches!(arguments.command, Command::Reload) && is_other {
        bail!("the files are not the active revision");
    }
    Ok(())
}

fn shown(answer: Value, show: fn(&Value) -> String) -> (Value, String) {
    let text = show(&answer);
    (answer, text)
}

impl What {
    fn body(&self) -> Value {
        match self {
            Self::Transfers { order } => {
                json!({"what": "transfers", "reason": order.reason, "who": order.who()})
            }
            Self::Plugin { name, order } => {
                json!({"what": "plugin", "name": name, "reason": order.reason, "who": order.who()})
            }
        }
    }
}

/// What can stand in a path as it is.
fn id(text: &str) -> Result<&str> {
    if text.is_empty()
        || !text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    {
        bail!("`{text}` is no id of a revision; `orchestrator pipeline history` lists them");
    }
    Ok(text)
}
