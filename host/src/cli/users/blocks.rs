//! Numbers whose calls are refused, as an operator types and reads them.
//!
//! Numbers are shown masked, like everywhere.

use std::io::Write;

use anyhow::{Result, ensure};

use crate::call::mask;
use crate::cli::remote;
use crate::db::{Block, Db};

/// Keeps what an operator said of a number.
pub(super) async fn save(
    db: &Db,
    phone: &str,
    blocked: bool,
    reason: &str,
    now_ms: i64,
) -> Result<()> {
    let reason = reason.trim();
    ensure!(
        (1..=500).contains(&reason.len()),
        "--reason: expected 1 to 500 bytes; it is kept, for whoever asks later why this was done"
    );
    let block = Block {
        phone: phone.to_owned(),
        blocked,
        who: remote::who(),
        why: reason.to_owned(),
        at_ms: now_ms,
    };
    Ok(db.save_block(&block).await?)
}

/// One line a number.
pub(super) async fn list(db: &Db, output: &mut impl Write) -> Result<()> {
    for block in db.blocks().await? {
        let at = jiff::Timestamp::from_millisecond(block.at_ms).unwrap_or_default();
        writeln!(
            output,
            "{:<16} {at:.0} by {}: {}",
            mask::tail(&block.phone),
            block.who,
            mask::numbers(&block.why)
        )?;
    }
    Ok(())
}
