//! What the ledger says of an earlier delivery of what a turn is asked, begun perhaps by a process that has died since.
//!
//! Nobody hears that nothing was moved before it has been asked: whoever hears that asks anew.

use super::held::Held;
use super::request::Error;
use super::scope::TurnScope;
use super::{Orchestrator, settle, truth, write};
use crate::call::{Failure, Intent, Outcome, User};
use crate::db;
use crate::ledger::Row;
use crate::ledger::written::{self, Written};

/// What an earlier delivery of what a turn is asked would be known by.
pub(super) struct Earlier<'a> {
    /// The ledger key, where there may have been one.
    pub(super) key: Option<&'a str>,
    /// What the turn is about.
    pub(super) intent: &'a str,
    /// What it must have been, where the key does not say.
    pub(super) fingerprint: Option<&'a str>,
}

impl Earlier<'_> {
    fn is(&self, row: &Row) -> bool {
        self.fingerprint.is_none_or(|wish| wish == row.fingerprint)
    }
}

impl Orchestrator {
    /// What the ledger says where a turn seems to have changed nothing: what is asked may have been delivered before, to a process that
    /// has died since, and a caller who hears that nothing was changed asks anew. Where the ledger cannot be asked, nobody knows.
    pub(super) async fn unless_begun_before(
        &self,
        held: &mut Held,
        earlier: Earlier<'_>,
        scope: &TurnScope,
        outcome: Outcome,
    ) -> Outcome {
        let is_handed_off = matches!(outcome, Outcome::HandedOff(_));
        // Of a row that this turn itself has opened or found, the outcome tells already.
        let is_open =
            scope.transfer_id().is_none() && (is_handed_off || has_done_nothing(&outcome));
        let Some(key) = earlier.key.filter(|_| is_open) else {
            return outcome;
        };
        let told = match self.begun(Some(key)).await {
            Ok(Some(row)) if earlier.is(&row) && !row.is_turned_away() => {
                scope.is_about(&row);
                if !is_handed_off {
                    // What the refusal asked in its place is no question any more.
                    held.call().pending = None;
                }
                outcome_of(&row)
            }
            Err(_) if is_left_undone(earlier.intent, &outcome) => {
                Outcome::Failed(Failure::Uncertain)
            }
            Ok(_) | Err(_) => return outcome,
        };
        if is_handed_off {
            // Whoever takes over does not know of it.
            held.call().promise(key.to_owned());
            return outcome;
        }
        scope.repeats(key);
        told
    }

    /// The row of an earlier delivery, where the bank may have heard of it.
    pub(super) async fn begun(&self, key: Option<&str>) -> Result<Option<Row>, db::Error> {
        let Some(key) = key else { return Ok(None) };
        let found = self.row_of_wish(key).await.inspect_err(|cause| {
            tracing::warn!("an earlier delivery cannot be looked up: {cause}");
        })?;
        Ok(found.filter(|row| !written::never_reached_the_bank(row)))
    }

    /// What the ledger says to a key that it knows, before any policy is asked: a repeat must neither count against a limit that its
    /// first delivery has used up nor be refused for a balance that it has lowered.
    pub(super) async fn booked_before(
        &self,
        key: Option<&str>,
        user: Option<&User>,
        intent: &Intent,
        deadline: tokio::time::Instant,
    ) -> Result<Option<Outcome>, Error> {
        let (Some(key), Some(user)) = (key, user) else {
            return Ok(None);
        };
        if !intent.is_write() {
            return Ok(None);
        }
        let newest = self.row_of_wish(key).await?;
        let Some(row) = newest.filter(|row| !written::never_reached_the_bank(row)) else {
            return Ok(None);
        };
        if row.fingerprint != write::fingerprint(intent, &user.id) {
            let code = "idempotency_key_reused".to_owned();
            return Ok(Some(truth::truthful(
                Outcome::Failed(Failure::NotAllowed(code)),
                None,
            )));
        }
        let row = settle::once_settled(&self.db, row, deadline).await;
        if written::never_reached_the_bank(&row) {
            return Ok(None);
        }
        Ok(Some(outcome_of(&row)))
    }
}

pub(super) fn outcome_of(row: &Row) -> Outcome {
    match written::answered(row) {
        Ok(Written::Paid(payment)) => Outcome::Paid(payment),
        Ok(Written::Applied(application)) => Outcome::Applied(application),
        Err(failure) => truth::truthful(Outcome::Failed(failure), None),
    }
}

/// Whether the caller is left to believe that nothing was changed.
pub(super) fn has_done_nothing(outcome: &Outcome) -> bool {
    match outcome {
        Outcome::Failed(failure) => *failure != Failure::Uncertain,
        Outcome::Refused(_) | Outcome::Said(_) => true,
        _ => false,
    }
}

/// Whether a wish for a change came to nothing, or to a question; what no rule could read, or was refused whoever speaks, may have
/// been one.
pub(super) fn is_left_undone(intent: &str, outcome: &Outcome) -> bool {
    match (intent, outcome) {
        (_, Outcome::Asked(question)) => question.draft.is_write(),
        ("balance" | "statements" | "profile" | "application-status", _) => false,
        // A router answers for whoever has no accounts, before it knows what is missing for a wish.
        (_, Outcome::Refused(_)) => true,
        (intent, outcome) if is_for_a_write(intent) => has_done_nothing(outcome),
        ("unknown", Outcome::Confirmation(_)) => true,
        // The time was up before anybody knew what it was.
        ("unknown" | "", outcome) => has_done_nothing(outcome),
        _ => false,
    }
}

/// Whether what a turn is about would change something at the bank.
pub(super) fn is_for_a_write(intent: &str) -> bool {
    ["transfer", "loan", "credit-card"].contains(&intent)
}
