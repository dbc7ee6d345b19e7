//! What was promised: the outcome of a write that the bank had not answered when its turn ended, told before a later reply.
//!
//! The ledger's row says what came of it, whoever settled it and on whichever host. Nothing here asks the bank.
//!
//! Invariant: what was promised is told once (`what_was_promised_is_told_once_it_is_known`).

use super::Orchestrator;
use super::held::Held;
use super::working::Working;
use crate::call::{Failure, Outcome};
use crate::ledger::{Kind, Row, State, written};
use crate::reply;

/// Keeps in mind what the caller was promised.
pub(super) fn remember(held: &mut Held, working: &Working, outcome: &Outcome) {
    let (Outcome::Failed(Failure::Uncertain), Some(key)) = (outcome, working.scope.ledger_key())
    else {
        return;
    };
    held.call().promise(key);
}

impl Orchestrator {
    /// What is known by now of what was promised, as a sentence; it is promised no longer. What cannot be looked up stays promised.
    pub(super) async fn kept_promises(&self, held: &mut Held) -> Option<String> {
        if held.call().is_doubted {
            return None;
        }
        let mut told = Vec::new();
        for key in held.call().promised.clone() {
            match self.row_of_wish(&key).await {
                Ok(row) => {
                    // Without a row nothing was sent, and the turn that promised it has ended: nothing will be.
                    if let Some(sentence) = row.as_ref().map_or_else(dropped, came_of) {
                        let call = held.call();
                        call.promised.retain(|promised| *promised != key);
                        call.has_changed |= row.is_some_and(|row| row.state == State::Completed);
                        told.push(sentence);
                    }
                }
                Err(cause) => tracing::warn!("a promise cannot be looked up: {cause}"),
            }
        }
        (!told.is_empty()).then(|| told.join(" "))
    }

    /// The newest row of a wish.
    pub(super) async fn row_of_wish(&self, key: &str) -> Result<Option<Row>, crate::db::Error> {
        let newest = self.db.newest_of_wish(key).await?;
        Ok(newest.map(|(_, row)| row))
    }
}

/// The sentence for a wish that never came into the books: its host died, or the database did not answer.
fn dropped() -> Option<String> {
    Some("I'm sorry, what you asked for before did not go through.".to_owned())
}

/// The sentence for a row that is settled; none for one that is still open.
fn came_of(row: &Row) -> Option<String> {
    let what = match row.kind {
        Kind::Transfer => format!("your transfer of {}", reply::amount(&row.amount)),
        Kind::Loan | Kind::CreditCard => "your application".to_owned(),
    };
    Some(match row.state {
        State::Completed if written::is_still_to_be_booked(row) => {
            format!("The bank has taken {what} and will book it shortly.")
        }
        State::Completed => format!("The bank has confirmed {what}."),
        State::Refused => format!("I'm sorry, {what} did not go through."),
        State::NeedsReview => {
            format!("The bank has not confirmed {what}. A colleague will look into it.")
        }
        State::Requested | State::Authorised | State::Sent | State::Unknown => return None,
    })
}
