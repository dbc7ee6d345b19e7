//! Telling a row what happened: the row that follows, and what is contradicted.
//!
//! Which state follows is [`step`]'s word; here is what else changes with it. The database writes the row that comes out, if the
//! stored one is still in the state that was asked about.

use super::written::{self, Written};
use super::{Event, Row, State, Verdict, step};
use crate::call::Failure;

/// What came of an event.
#[derive(Debug, Clone, PartialEq)]
pub enum Settled {
    /// The row has moved.
    Moved(Box<Row>),
    /// It was so already.
    Unchanged(Box<Row>),
    /// The event contradicts the row, which stays as it is.
    Illegal(Box<Row>),
    /// Another row holds this payment of the bank's; nothing was changed.
    PaymentTaken(Box<Row>),
}

impl Settled {
    /// The row as it stands now; that of the other where the payment is another's.
    #[must_use]
    pub fn row(&self) -> &Row {
        match self {
            Self::Moved(row)
            | Self::Unchanged(row)
            | Self::Illegal(row)
            | Self::PaymentTaken(row) => row,
        }
    }
}

impl Event {
    /// The bank's payment that an event names.
    #[must_use]
    pub fn payment(&self) -> Option<&str> {
        match self {
            Self::Complete {
                bank_payment_id, ..
            }
            | Self::Confirm {
                bank_payment_id, ..
            } => bank_payment_id.as_deref(),
            _ => None,
        }
    }
}

/// What comes of telling `row` that `event` happened; `holder` is the row of its kind that holds the payment which the event names.
#[must_use]
pub fn settle(row: Row, holder: Option<Row>, event: &Event, now_ms: i64) -> Settled {
    let to = match step(row.state, row.bank_payment_id.as_deref(), event) {
        Verdict::Moved(to) => to,
        Verdict::Unchanged => return Settled::Unchanged(row.into()),
        Verdict::Illegal => return Settled::Illegal(row.into()),
    };
    match holder {
        Some(holder) if holder.id != row.id => Settled::PaymentTaken(holder.into()),
        _ => Settled::Moved(moved(row, to, event, now_ms).into()),
    }
}

fn moved(row: Row, to: State, event: &Event, now_ms: i64) -> Row {
    let mut row = Row {
        state: to,
        updated_at_ms: now_ms,
        ..row
    };
    if let Some(payment) = event.payment() {
        row.bank_payment_id = Some(payment.to_owned());
    }
    match event {
        Event::Authorise => {}
        Event::Send => row.sent_at_ms = Some(now_ms),
        Event::Drop { reason } | Event::LoseTrack { reason } => row.reason = Some(reason.clone()),
        Event::Complete { answer, .. } => {
            row.reason = None;
            row.answer = Some(answer.clone());
        }
        Event::Refuse { reason, answer } | Event::Bounce { reason, answer } => {
            row.reason = Some(reason.clone());
            row.answer = Some(answer.clone());
        }
        Event::GiveUp { evidence } => row.evidence = Some(evidence.clone()),
        Event::Confirm { by, reason, .. } => {
            reviewed(&mut row, by, reason);
            row.reason = None;
            row.answer = Written::confirmed(&row).map(|written| serde_json::json!(written));
        }
        Event::WriteOff { by, reason } => {
            reviewed(&mut row, by, reason);
            row.reason = Some(written::WRITTEN_OFF.to_owned());
            let failure = Failure::Rejected("it was not carried out".to_owned());
            row.answer = Some(serde_json::json!(failure));
        }
    }
    if !to.is_unsettled() {
        row.settled_at_ms = Some(now_ms);
    }
    row
}

fn reviewed(row: &mut Row, by: &str, reason: &str) {
    row.reviewed_by = Some(by.to_owned());
    row.review_reason = Some(reason.to_owned());
}
