//! `orchestrator transfers`: the ledger of a running host, and what a person decides about a row that nobody could find out about.
//!
//! Every order goes to the host's admin surface. What is printed stands in `transfers/show.rs`; `--json` prints the host's answer
//! as it came.

mod show;

use anyhow::{Result, bail};
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::output::say;
use super::remote::{Asked, Remote, who};
use crate::config::Settings;

/// Arguments of `transfers`.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    asked: Asked,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Transfers and applications, newest first.
    List {
        /// Only those in this state, for example `needs_review`.
        #[arg(long)]
        state: Option<String>,
        /// At most so many.
        #[arg(long, default_value_t = 50)]
        limit: u64,
        /// Only those older than the one with this id: the next page.
        #[arg(long)]
        before: Option<String>,
    },
    /// One, with the evidence of what became of it.
    Show {
        /// Its id.
        id: String,
    },
    /// The bank did it: a row in `needs_review`, or one that was written off, is completed.
    Confirm {
        /// Its id.
        id: String,
        /// The bank's id of the payment, where it was found; it then settles no other row.
        #[arg(long)]
        bank_payment_id: Option<String>,
        #[command(flatten)]
        why: Why,
    },
    /// The bank did not do it: a row in `needs_review` is refused, and counts against no limit any more.
    WriteOff {
        /// Its id.
        id: String,
        #[command(flatten)]
        why: Why,
    },
}

#[derive(Debug, Args)]
struct Why {
    /// Why; kept for whoever asks later.
    #[arg(long)]
    reason: String,
    /// Who decided; the account and the machine, where nobody is named.
    #[arg(long)]
    who: Option<String>,
}

impl Why {
    fn who(&self) -> String {
        self.who.clone().unwrap_or_else(who)
    }
}

/// Asks the host, and prints what it answers.
///
/// # Errors
/// In the host's own words, or that it cannot be reached.
pub async fn run(settings: &Settings, arguments: &Arguments) -> Result<()> {
    let host = Remote::of(settings, arguments.asked.url.as_deref())?;
    let (answer, text) = match &arguments.command {
        Command::List {
            state,
            limit,
            before,
        } => {
            let mut path = format!("/admin/transfers?limit={limit}");
            for (name, value) in [("state", state), ("before", before)] {
                if let Some(value) = value {
                    path.push_str(&format!("&{name}={}", plain(value)?));
                }
            }
            shown(host.get(&path).await?, show::list)
        }
        Command::Show { id } => {
            let path = format!("/admin/transfers/{}", plain(id)?);
            shown(host.get(&path).await?, show::one)
        }
        Command::Confirm {
            id,
            bank_payment_id,
            why,
        } => {
            let body = json!({
                "reason": why.reason, "by": why.who(), "bank_payment_id": bank_payment_id,
            });
            let path = format!("/admin/transfers/{}/confirm", plain(id)?);
            shown(host.post(&path, &body).await?, show::one)
        }
        Command::WriteOff { id, why } => {
            let body = json!({"reason": why.reason, "by": why.who()});
            let path = format!("/admin/transfers/{}/write-off", plain(id)?);
            shown(host.post(&path, &body).await?, show::one)
        }
    };
    say(&if arguments.asked.json {
        format!("{answer:#}")
    } else {
        text
    })?;
    Ok(())
}

fn shown(answer: Value, show: fn(&Value) -> String) -> (Value, String) {
    let text = show(&answer);
    (answer, text)
}

/// What can stand in a path or a query as it is.
fn plain(text: &str) -> Result<&str> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if text.is_empty() || !text.bytes().all(is_plain) {
        bail!(
            "`{text}` is no id of a transfer and no state; `orchestrator transfers list` shows both"
        );
    }
    Ok(text)
}
