//! What a person decides about a transfer of which nobody could find out what became.
//!
//! Recorded in the row with who and why. Only a row in `needs_review` is decided about; a late answer of the bank's that came
//! first wins.

use super::{Error, Orchestrator, proof};
use crate::ledger::{Event, Settled};

impl Orchestrator {
    /// Tells a row what a person found out: [`Event::Confirm`] or [`Event::WriteOff`]. None where there is no such row.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn review(&self, id: &str, event: &Event) -> Result<Option<Settled>, Error> {
        if self.db.transfer(id).await?.is_none() {
            return Ok(None);
        }
        let settled = self.db.settle(id, event, self.clock.now().unix_ms).await?;
        proof::count("person", &settled);
        Ok(Some(settled))
    }
}
