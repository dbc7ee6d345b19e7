//! A write at the bank, through the ledger: intent row first, then one request, then what came of it.
//!
//! Runs in a task of its own: a caller who hangs up, or a plugin that is stopped, does not leave a request half accounted for.
//!
//! Invariant: money moves only after its intent row is committed, and never twice (`a_repeated_transfer_moves_money_once`).

use std::time::{Duration, Instant as Moment};

use serde_json::{Value, json};
use tokio::time::Instant;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use super::settle;
use crate::backend::{Backend, Error as BackendError, TransferOrder, trace};
use crate::call::decision::Cap;
use crate::call::intent::Intent;
use crate::call::outcome::{Failure, Payment};
use crate::call::{Money, Transfer};
use crate::db::Db;
use crate::ledger::caps::Exceeded;
use crate::ledger::written::{
    KEYS_MAX, NOT_MARKED_AS_SENT, answered, never_reached_the_bank, numbered,
};
use crate::ledger::{self, Ceilings, Kind, NewEntry, Opened, Row, Settled, State, Written};

/// Leave for one write.
#[derive(Debug, Clone)]
pub(super) struct Permit {
    /// Exactly this.
    pub intent: Intent,
    /// Within these.
    pub caps: Vec<Cap>,
    /// The ledger key: the same wish is the same key.
    pub key: String,
    /// The call.
    pub call_id: String,
    /// What allowed it.
    pub revision: String,
    /// The decision record.
    pub turn_id: String,
    /// When the turn began.
    pub now_ms: i64,
}

/// One try to write.
#[derive(Debug)]
pub(super) struct Attempt {
    /// The ledger row, where there is one.
    pub row_id: Option<String>,
    /// What came of it.
    pub came_of_it: Result<Written, Failure>,
    /// How long the bank took.
    pub waited: Duration,
}

impl Default for Attempt {
    /// Nobody knows what came of it.
    fn default() -> Self {
        Self {
            row_id: None,
            came_of_it: Err(Failure::Uncertain),
            waited: Duration::ZERO,
        }
    }
}

/// Others may want to write the same wish at the same time; more of them than this in a row do not come between.
pub(super) const RACES_MAX: u32 = 8;
/// With less time than this nothing is begun.
const TIME_TO_SEND: Duration = Duration::from_millis(250);
/// Writes through the ledger.
#[derive(Clone)]
pub(super) struct Writer {
    pub(super) db: Db,
    pub(super) backend: Backend,
    pub(super) ceilings: Ceilings,
    pub(super) tasks: TaskTracker,
}

impl Writer {
    /// Writes what the permit names, once.
    pub(super) async fn write(
        &self,
        permit: Permit,
        user_id: String,
        deadline: Instant,
    ) -> Attempt {
        let this = self.clone();
        let booking = async move {
            let mut attempt = Attempt::default();
            attempt.came_of_it = this.book(permit, &user_id, deadline, &mut attempt).await;
            attempt
        };
        let writing = self.tasks.spawn(trace::within(trace::current(), booking));
        writing.await.unwrap_or_default()
    }

    async fn book(
        &self,
        permit: Permit,
        user_id: &str,
        deadline: Instant,
        attempt: &mut Attempt,
    ) -> Result<Written, Failure> {
        let now_ms = permit.now_ms;
        if Instant::now() + TIME_TO_SEND >= deadline {
            // A row would only be opened to be given up.
            return Err(Failure::Unavailable);
        }
        let mut number = 0;
        for _ in 0..RACES_MAX {
            let Some(entry) = entry(&permit, user_id, number) else {
                return Err(Failure::Unsupported);
            };
            let opened = self
                .db
                .open_transfer(&entry, &permit.caps, &self.ceilings, now_ms)
                .await;
            match opened.map_err(|cause| unavailable(&cause))? {
                Opened::Opened(row) => {
                    attempt.row_id = Some(row.id.clone());
                    let row = self.mark_sent(*row, now_ms).await?;
                    let began = Moment::now();
                    let answer = self.send(&permit.intent, user_id, &row, deadline).await;
                    attempt.waited = began.elapsed();
                    return settle::settle(&self.db, &self.tasks, row, now_ms, answer).await;
                }
                // It never reached the bank, and the same wish is made again: a row of its own.
                Opened::Existing(row) if never_reached_the_bank(&row) => {
                    number = self.next_number(&permit.key, number).await?;
                }
                Opened::Existing(row) => {
                    attempt.row_id = Some(row.id.clone());
                    return answered(&settle::once_settled(&self.db, *row, deadline).await);
                }
                refused => return Err(refusal(&refused)),
            }
        }
        Err(Failure::Unavailable)
    }

    /// The number of a wish's next row, after one that never reached the bank; of its newest row where that may have.
    async fn next_number(&self, key: &str, number: u32) -> Result<u32, Failure> {
        let newest = self.db.newest_of_wish(key).await;
        let next = match newest.map_err(|cause| unavailable(&cause))? {
            Some((newest, row)) if never_reached_the_bank(&row) => newest + 1,
            Some((newest, _)) => newest,
            None => number + 1,
        };
        if next < KEYS_MAX {
            Ok(next)
        } else {
            Err(Failure::Unavailable)
        }
    }

    /// Only who moved the row to `sent` may send; the row as it stands then.
    async fn mark_sent(&self, row: Row, now_ms: i64) -> Result<Row, Failure> {
        let is_repeatable = self.backend.is_idempotent();
        match self.db.mark_sent(&row.id, is_repeatable, now_ms).await {
            Ok(true) => Ok(Row {
                state: State::Sent,
                sent_at_ms: Some(now_ms),
                is_repeatable,
                updated_at_ms: now_ms,
                ..row
            }),
            Ok(false) => Err(Failure::Uncertain),
            Err(cause) => {
                // Nothing leaves this host, so the row is given up, unless the failed commit was one after all.
                let reason = NOT_MARKED_AS_SENT.to_owned();
                let dropped = ledger::Event::Drop {
                    reason: reason.clone(),
                };
                let failure = unavailable(&cause);
                let given_up = self.db.settle(&row.id, &dropped, now_ms).await;
                if let Ok(Settled::Moved(_) | Settled::Unchanged(_)) = given_up {
                    return Err(failure);
                }
                // It stands as sent, or nobody can tell: whoever looks for proof may yet send it where the bank understands keys, so
                // nobody may be told that it was not done.
                let lost = ledger::Event::LoseTrack { reason };
                let _ = self.db.settle(&row.id, &lost, now_ms).await;
                Err(Failure::Uncertain)
            }
        }
    }

    /// The one request. The row's id is the reference that the bank is sent.
    pub(super) async fn send(
        &self,
        intent: &Intent,
        user_id: &str,
        row: &Row,
        deadline: Instant,
    ) -> Result<Written, BackendError> {
        match intent {
            Intent::Transfer(transfer) => {
                let order = TransferOrder {
                    key: row.key.clone(),
                    reference: row.id.clone(),
                    from_account: transfer.from_account.clone(),
                    to_account: transfer.to_account.clone(),
                    amount: transfer.amount.clone(),
                };
                let receipt = self.backend.transfer(&order, deadline).await?;
                Ok(Written::Paid(Payment {
                    id: receipt.payment_id,
                    transfer: transfer.clone(),
                    status: receipt.status,
                }))
            }
            Intent::Loan(loan) => self
                .backend
                .apply_for_loan(user_id, loan, &row.key, &row.id, deadline)
                .await
                .map(Written::Applied),
            Intent::CreditCard(card) => self
                .backend
                .apply_for_credit_card(user_id, card, &row.key, &row.id, deadline)
                .await
                .map(Written::Applied),
            // `entry` gave no row for anything else.
            _ => Err(BackendError::NotSent),
        }
    }
}

fn refusal(opened: &Opened) -> Failure {
    match opened {
        Opened::KeyReused(_) => not_allowed("idempotency_key_reused"),
        Opened::Exceeded(Exceeded::TransferMax(_)) => not_allowed("over_transfer_max"),
        Opened::Exceeded(Exceeded::Cap(Cap { total: None, .. })) => not_allowed("over_day_count"),
        Opened::Exceeded(Exceeded::Cap(_) | Exceeded::DayMax(_)) => not_allowed("over_day_limit"),
        Opened::UnsettledTwin(_) => not_allowed("transfer_in_progress"),
        Opened::Opened(_) | Opened::Existing(_) => Failure::Uncertain,
    }
}

fn entry(permit: &Permit, user_id: &str, number: u32) -> Option<NewEntry> {
    let (kind, from, to, amount, memo): (_, &str, &str, &Money, Option<String>) =
        match &permit.intent {
            Intent::Transfer(Transfer {
                from_account,
                to_account,
                amount,
                memo,
                ..
            }) => (
                Kind::Transfer,
                from_account,
                to_account,
                amount,
                memo.clone(),
            ),
            Intent::Loan(loan) => (Kind::Loan, "", "", &loan.amount, Some(loan.purpose.clone())),
            Intent::CreditCard(card) => (
                Kind::CreditCard,
                "",
                "",
                &card.limit,
                Some(card.kind.clone()),
            ),
            _ => return None,
        };
    Some(NewEntry {
        id: Uuid::now_v7().to_string(),
        key: numbered(&permit.key, number),
        fingerprint: fingerprint(&permit.intent, user_id),
        kind,
        call_id: Some(permit.call_id.clone()),
        user_id: user_id.to_owned(),
        from_account: from.to_owned(),
        to_account: to.to_owned(),
        amount: amount.clone(),
        memo,
        body: json!(permit.intent),
        revision: Some(permit.revision.clone()),
        turn_id: Some(permit.turn_id.clone()),
    })
}

fn not_allowed(code: &str) -> Failure {
    Failure::NotAllowed(code.to_owned())
}

fn unavailable(cause: &crate::db::Error) -> Failure {
    tracing::error!("the ledger cannot be written: {cause}");
    Failure::Unavailable
}

/// What a key stands for: this customer's wish. Whose account it goes to is the host's finding, not part of the wish: a payee is
/// `known` from the second time on.
pub(super) fn fingerprint(intent: &Intent, user_id: &str) -> String {
    let mut wish = json!(intent);
    if let Some(slots) = wish.get_mut("slots").and_then(Value::as_object_mut) {
        slots.remove("payee");
    }
    ledger::key::fingerprint(&json!({ "user": user_id, "intent": wish }))
}
