//! `orchestrator users`: enrolling customers, their PINs, their locks.
//!
//! A PIN is read from standard input, never from an argument, which a process list would show. Lists mask numbers and show no
//! hashes. What is printed goes to the writer that `run` is given.

use std::io::{BufRead, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use secrecy::SecretString;

use crate::call::mask;
use crate::caller::pin_hash;
use crate::db::{Db, NewUser};

mod blocks;
mod import;

pub(super) use import::is_e164;

/// Enrols customers and manages their PINs.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Enrols one customer.
    Add {
        /// The number they call from, E.164: +14155552671.
        #[arg(long)]
        phone: String,
        /// Full name, for greeting.
        #[arg(long)]
        name: Option<String>,
        /// The bank's id of the customer.
        #[arg(long)]
        user_id: String,
        /// Reads the PIN (4 to 8 digits) from the first line of standard input.
        #[arg(long)]
        pin_stdin: bool,
    },
    /// Enrols all customers of a CSV file, or none: header `phone,name,user_id` and, if wanted, `pin`.
    Import {
        /// The file; UTF-8.
        file: PathBuf,
    },
    /// Sets a customer's PIN, read from the first line of standard input.
    SetPin {
        /// The customer's number, E.164.
        #[arg(long)]
        phone: String,
    },
    /// Unlocks a customer after too many wrong PINs.
    Unlock {
        /// The customer's number, E.164.
        #[arg(long)]
        phone: String,
    },
    /// Lists customers, numbers masked.
    List,
    /// Refuses calls from a number before they are taken; a customer's or not.
    Block {
        /// The number, E.164.
        #[arg(long)]
        phone: String,
        /// Why; it is kept.
        #[arg(long)]
        reason: String,
    },
    /// Takes calls from a number again.
    Unblock {
        /// The number, E.164.
        #[arg(long)]
        phone: String,
        /// Why; it is kept.
        #[arg(long)]
        reason: String,
    },
    /// Lists blocked numbers, masked, with who blocked them and why.
    Blocked,
}

/// Runs the subcommand on a connected and migrated database.
///
/// # Errors
/// One sentence that says what is wrong with the input, or what the database said.
pub async fn run(
    args: Args,
    db: &Db,
    input: &mut impl BufRead,
    output: &mut impl Write,
    now_ms: i64,
) -> anyhow::Result<()> {
    match args.command {
        Command::Add {
            phone,
            name,
            user_id,
            pin_stdin,
        } => {
            let pin = if pin_stdin {
                Some(read_pin(input)?)
            } else {
                None
            };
            let row = import::Row {
                phone,
                name: name.unwrap_or_default(),
                user_id,
                pin,
            };
            let user = row.check().map_err(anyhow::Error::msg)?;
            let phone = user.phone.clone();
            db.add_users(hashed(vec![user]).await?, now_ms)
                .await
                .map_err(|failed| failed.error)?;
            writeln!(output, "Added {}", mask::tail(&phone))?;
        }
        Command::Import { file } => {
            let count = import_file(&file, db, now_ms).await?;
            writeln!(output, "Added {count} users from {}", file.display())?;
        }
        Command::SetPin { phone } => {
            let hash = pin_hash::hash_all(vec![read_pin(input)?]).await?;
            let hash = hash.first().context("the PIN cannot be hashed")?;
            db.set_pin_hash(checked(&phone)?, hash).await?;
            writeln!(output, "PIN set for {}", mask::tail(&phone))?;
        }
        Command::Unlock { phone } => {
            db.unlock(checked(&phone)?).await?;
            writeln!(output, "Unlocked {}", mask::tail(&phone))?;
        }
        Command::List => list(db, output).await?,
        Command::Block { phone, reason } => {
            blocks::save(db, checked(&phone)?, true, &reason, now_ms).await?;
            writeln!(output, "Blocked {}", mask::tail(&phone))?;
        }
        Command::Unblock { phone, reason } => {
            blocks::save(db, checked(&phone)?, false, &reason, now_ms).await?;
            writeln!(output, "Unblocked {}", mask::tail(&phone))?;
        }
        Command::Blocked => blocks::list(db, output).await?,
    }
    Ok(())
}

async fn import_file(file: &Path, db: &Db, now_ms: i64) -> anyhow::Result<usize> {
    let shown = file.display();
    let text = std::fs::read(file).with_context(|| format!("{shown} cannot be read"))?;
    let (lines, users): (Vec<u64>, Vec<_>) = import::read(&text)
        .map_err(|bad| {
            anyhow::anyhow!("{shown}, line {}: {}; nobody was added", bad.line, bad.why)
        })?
        .into_iter()
        .unzip();
    let count = users.len();
    if let Err(failed) = db.add_users(hashed(users).await?, now_ms).await {
        let line = lines.get(failed.at).copied().unwrap_or_default();
        bail!("{shown}, line {line}: {}; nobody was added", failed.error);
    }
    Ok(count)
}

async fn list(db: &Db, output: &mut impl Write) -> anyhow::Result<()> {
    for user in db.users().await? {
        writeln!(
            output,
            "{:<16} {:<20} {:<24} {}{}",
            mask::tail(&user.phone),
            mask::numbers(&user.backend_id),
            user.name.as_deref().unwrap_or("-"),
            if user.pin_hash.is_some() {
                "PIN set"
            } else {
                "no PIN"
            },
            if user.is_locked { ", locked" } else { "" },
        )?;
    }
    Ok(())
}

/// The users with their PINs hashed in place.
async fn hashed(users: Vec<import::Checked>) -> anyhow::Result<Vec<NewUser>> {
    let pins: Vec<_> = users.iter().filter_map(|user| user.pin.clone()).collect();
    let mut hashes = pin_hash::hash_all(pins).await?.into_iter();
    Ok(users
        .into_iter()
        .map(|user| NewUser {
            backend_id: user.user_id,
            phone: user.phone,
            name: user.name,
            pin_hash: user.pin.and_then(|_| hashes.next()),
        })
        .collect())
}

fn read_pin(input: &mut impl BufRead) -> anyhow::Result<SecretString> {
    let mut line = String::new();
    input
        .read_line(&mut line)
        .context("the PIN cannot be read from standard input")?;
    let pin = SecretString::from(line.trim_end_matches(['\r', '\n']));
    if !pin_hash::is_pin(&pin) {
        bail!(
            "{}; give it on the first line of standard input",
            pin_hash::Error::NotAPin
        );
    }
    Ok(pin)
}

fn checked(phone: &str) -> anyhow::Result<&str> {
    if !import::is_e164(phone) {
        bail!("{}", import::NOT_E164);
    }
    Ok(phone)
}

#[cfg(test)]
mod tests;
