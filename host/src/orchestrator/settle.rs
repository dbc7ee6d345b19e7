//! What comes after the one request of a write: its answer in the books, now or once they can be written again, and whoever waits for it.
//!
//! What an answer means is the ledger's word.

use std::time::{Duration, Instant as Moment};

use tokio::time::Instant;
use tokio_util::task::TaskTracker;

use super::proof;
use crate::backend::Error as BackendError;
use crate::call::outcome::Failure;
use crate::db::Db;
use crate::ledger::written::{Sending, answered};
use crate::ledger::{self, Row, Settled, State, Written};

/// How often a row that another request is writing is looked at.
const LOOK_AGAIN: Duration = Duration::from_millis(25);
/// Kept back of the deadline for telling that the row is not settled.
const RESERVE: Duration = Duration::from_millis(50);
/// An answer of the bank's that could not be recorded is kept for so long.
const ANSWER_KEPT: Duration = Duration::from_secs(600);
/// The first pause before it is recorded again; it doubles.
const SETTLE_AGAIN: Duration = Duration::from_millis(100);
const SETTLE_PAUSE_MAX: Duration = Duration::from_secs(1);

/// Writes down what the bank answered.
pub(super) async fn settle(
    db: &Db,
    tasks: &TaskTracker,
    row: Row,
    now_ms: i64,
    answer: Result<Written, BackendError>,
) -> Result<Written, Failure> {
    let sending = match answer {
        Ok(written) => Sending::Done(written),
        Err(cause) => {
            let may_have_happened = cause.may_have_happened();
            let what = if may_have_happened {
                "the bank may have done it, and proof is looked for"
            } else {
                "not done by the bank"
            };
            tracing::warn!(transfer_id = row.id, "{what}: {cause}");
            Sending::failed(cause.as_write_failure(), may_have_happened)
        }
    };
    let id = row.id.clone();
    // The longest wait for a bank that is silent counts from when the turn began.
    let now_ms = match sending {
        Sending::Unanswered => now_ms,
        Sending::Done(_) | Sending::Refused(_) | Sending::Bounced(_) => {
            jiff::Timestamp::now().as_millisecond()
        }
    };
    let settled = db.settle_known(row, &sending.event(), now_ms).await;
    match settled {
        Ok(settled @ (Settled::Moved(_) | Settled::Unchanged(_))) => {
            proof::count("answer", &settled);
            answered(settled.row())
        }
        Ok(Settled::PaymentTaken(standing) | Settled::Illegal(standing)) => {
            contradicted(db, &id, &standing, now_ms).await;
            Err(Failure::Uncertain)
        }
        Err(cause) => {
            // The bank has answered but the books do not say so yet: the row stays `sent`, and nobody may be told that it
            // failed.
            tracing::error!(transfer_id = id, "outcome not recorded yet: {cause}");
            let later = settle_later(db.clone(), tasks.clone(), id, sending.event());
            tasks.spawn(later);
            match sending {
                Sending::Done(written) => Ok(written),
                Sending::Refused(_) | Sending::Bounced(_) | Sending::Unanswered => {
                    Err(Failure::Uncertain)
                }
            }
        }
    }
}

/// The bank's answer contradicts what stands in the books: another row holds that payment, or this one is settled otherwise.
async fn contradicted(db: &Db, id: &str, standing: &Row, now_ms: i64) {
    let state = standing.state.as_str();
    let why = if standing.id == id {
        format!("the transfer is `{state}` already")
    } else {
        format!("its payment settles the transfer {} already", standing.id)
    };
    tracing::error!(
        transfer_id = id,
        "the bank's answer contradicts the ledger: {why}; proof is looked for, see `orchestrator transfers show {id}`"
    );
    let reason = "contradicts_ledger".to_owned();
    let lost = ledger::Event::LoseTrack { reason };
    let _ = db.settle(id, &lost, now_ms).await;
}

/// Keeps the bank's answer until the database can be written again, or this host ends: it is the proof that a later look might not find
/// any more, and settles the row also where others have taken it for lost by then.
async fn settle_later(db: Db, tasks: TaskTracker, id: String, event: ledger::Event) {
    let given_up = Moment::now() + ANSWER_KEPT;
    let mut pause = SETTLE_AGAIN;
    while Moment::now() < given_up {
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(SETTLE_PAUSE_MAX);
        let is_last = tasks.is_closed();
        let now_ms = jiff::Timestamp::now().as_millisecond();
        match db.settle(&id, &event, now_ms).await {
            Ok(settled @ (Settled::Moved(_) | Settled::Unchanged(_))) => {
                proof::count("answer", &settled);
                return tracing::info!(transfer_id = id, "outcome recorded");
            }
            Ok(Settled::PaymentTaken(standing) | Settled::Illegal(standing)) => {
                return contradicted(&db, &id, &standing, now_ms).await;
            }
            Err(_) if is_last => break,
            Err(cause) => tracing::debug!(transfer_id = id, "outcome not recorded: {cause}"),
        }
    }
    tracing::error!(transfer_id = id, "outcome not recorded; it is looked for");
}

/// A row that another request with the same key is just taking to the bank, once that one has its answer: the same request gets
/// the same answer, however many come at once. As it stands where that lasts too long.
pub(super) async fn once_settled(db: &Db, mut row: Row, deadline: Instant) -> Row {
    while matches!(row.state, State::Authorised | State::Sent)
        && Instant::now() + LOOK_AGAIN + RESERVE < deadline
    {
        tokio::time::sleep(LOOK_AGAIN).await;
        match db.transfer(&row.id).await {
            Ok(Some(now)) => row = now,
            Ok(None) | Err(_) => break,
        }
    }
    row
}
