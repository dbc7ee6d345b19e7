//! Money of a turn that never ended: its host died, or stands still, and the call is as it was before the yes.
//!
//! The ledger knows of it. What the bank may have is no open question any more: it is promised to be told, and nobody hears that it was
//! stopped.

use super::Orchestrator;
use super::held::Held;
use super::pending::Resolved;
use super::too_late;
use crate::call::session::Pending;
use crate::call::{Failure, Intent, Outcome};

/// What the ledger says of an open question.
enum Known {
    /// Nothing was begun.
    Open,
    /// The bank may have it.
    UnderWay,
    /// The ledger cannot be asked.
    Nothing,
}

impl Orchestrator {
    /// What the turn goes on with, where that would drop or replace a question which was answered with a yes before.
    ///
    /// Invariant: what is on its way is neither called stopped nor followed by another in its place
    /// (`money_of_a_host_that_died_is_not_called_cancelled`).
    pub(super) async fn unless_under_way(&self, held: &mut Held, resolved: Resolved) -> Resolved {
        let is_dropping = matches!(
            resolved,
            Resolved::Cancelled | Resolved::SetAside | Resolved::Fresh(_)
        );
        if !is_dropping {
            return resolved;
        }
        let outcome = match self.known_of_open(held).await {
            Known::Open => return resolved,
            Known::UnderWay => too_late::cancelled(held.call()),
            Known::Nothing => Outcome::Failed(Failure::Uncertain),
        };
        match resolved {
            // Nothing that it asks for moves money, and what is promised is told with its answer.
            Resolved::Fresh(intent) if !intent.is_write() => Resolved::Fresh(intent),
            _ => Resolved::Settled {
                name: Intent::Cancel.name(),
                outcome: Box::new(outcome),
            },
        }
    }

    async fn known_of_open(&self, held: &mut Held) -> Known {
        let open = held.call().pending.as_ref();
        let Some(key) = open.and_then(Pending::ledger_key).map(str::to_owned) else {
            return Known::Open;
        };
        match self.begun(Some(&key)).await {
            // A delivery of it was turned away, so that nothing of it is ever sent.
            Ok(found) if found.as_ref().is_none_or(|row| row.is_turned_away()) => Known::Open,
            Ok(_) => {
                let call = held.call();
                call.pending = None;
                call.promise(key);
                Known::UnderWay
            }
            Err(_) => Known::Nothing,
        }
    }

    /// Promises what this call has begun and nobody was told of, before a "cancel" is told that there is nothing.
    pub(super) async fn promise_what_was_begun(&self, held: &mut Held) {
        let call = held.call();
        let (None, true, Some(user)) = (
            &call.pending,
            call.promised.is_empty() && !call.has_changed,
            &call.user,
        ) else {
            return;
        };
        match self.db.unsettled_of_call(&call.id, &user.id).await {
            Ok(keys) => {
                for key in keys {
                    held.call().promise(key);
                }
            }
            Err(cause) => tracing::warn!("what a call has begun cannot be looked up: {cause}"),
        }
    }
}
