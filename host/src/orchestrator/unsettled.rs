//! Rows of the ledger that nobody settles any more: the process that wrote them has died, or no answer ever came.
//!
//! What certainly never left the host is given up, so that the same wish may be made again. What may have reached the bank goes to a
//! person, with what is known; nothing here asks the bank or sends anything.

use serde_json::json;

use super::Orchestrator;
use crate::db::{Error, Settled};
use crate::ledger::{Event, Row, State};

/// Older than any turn with its writes: whoever wrote the row is not at it any more.
const ABANDONED_AFTER_MS: i64 = 30_000;
/// Rows in one round.
const ROWS_MAX: u64 = 100;

impl Orchestrator {
    /// One round over the open rows.
    pub async fn close_open_rows(&self) {
        let now_ms = self.clock.now().unix_ms;
        let open = self
            .db
            .unsettled(now_ms - ABANDONED_AFTER_MS, ROWS_MAX)
            .await;
        let rows = match open {
            Ok(rows) => rows,
            Err(cause) => return tracing::warn!("open transfers cannot be looked at: {cause}"),
        };
        for row in rows {
            match self.close_row(&row, now_ms).await {
                Ok(state) => tracing::warn!(transfer_id = row.id, state, "open transfer closed"),
                Err(cause) => tracing::warn!(transfer_id = row.id, "stays open: {cause}"),
            }
        }
    }

    async fn close_row(&self, row: &Row, now_ms: i64) -> Result<&'static str, Error> {
        let settled = match row.state {
            State::Requested | State::Authorised => {
                let reason = "not_marked_as_sent".to_owned();
                self.db
                    .settle(&row.id, &Event::Drop { reason }, now_ms)
                    .await?
            }
            State::Sent | State::Unknown => {
                let reason = "no_answer".to_owned();
                let _ = self
                    .db
                    .settle(&row.id, &Event::LoseTrack { reason }, now_ms)
                    .await?;
                let evidence = json!({
                    "sent": row.body,
                    "reference": row.id,
                    "found": "the bank did not answer, and was not asked again",
                });
                self.db
                    .settle(&row.id, &Event::GiveUp { evidence }, now_ms)
                    .await?
            }
            State::Completed | State::Refused | State::NeedsReview => {
                return Ok(row.state.as_str());
            }
        };
        Ok(match settled {
            Settled::Moved(row)
            | Settled::Unchanged(row)
            | Settled::Illegal(row)
            | Settled::PaymentTaken(row) => row.state.as_str(),
        })
    }
}
