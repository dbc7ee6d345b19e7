//! What the bank did with a write, in the ledger's words: the event that an answer is, and the answer that a row gives.
//!
//! A repeated request is answered from its row, so that what was told once is told again.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Event, Row, State};
use crate::call::outcome::{Application, Failure, Payment, PaymentStatus};
use crate::call::{Intent, Transfer};

/// Rows that one key may have: the first, and one more for each that never reached the bank. More than any client asks for in the time
/// for which a key means anything to it.
pub const KEYS_MAX: u32 = 10_000;

/// Code of a row that never left the host: its process died, or the database did.
pub const NOT_MARKED_AS_SENT: &str = "not_marked_as_sent";
/// Code of a completed row that a person had written off before the bank's proof was there.
pub const PAID_AFTER_WRITE_OFF: &str = "paid_after_write_off";

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Written {
    /// Money.
    Paid(Payment),
    /// An application.
    Applied(Application),
}

/// What one sending came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sending {
    /// The bank did it.
    Done(Written),
    /// The bank looked at it and said no.
    Refused(Failure),
    /// It did not get there, or the bank did not let it in: this sending certainly did nothing.
    Bounced(Failure),
    /// Nobody knows.
    Unanswered,
}

impl Sending {
    /// What a failed sending came to; `may_have_happened` is the client's word.
    #[must_use]
    pub fn failed(failure: Failure, may_have_happened: bool) -> Self {
        match failure {
            _ if may_have_happened => Self::Unanswered,
            Failure::Uncertain => Self::Unanswered,
            Failure::Unavailable | Failure::Unsupported => Self::Bounced(failure),
            Failure::NotFound(_)
            | Failure::NotAllowed(_)
            | Failure::InsufficientFunds
            | Failure::Rejected(_) => Self::Refused(failure),
        }
    }

    /// What this is to the row that was sent.
    #[must_use]
    pub fn event(&self) -> Event {
        match self {
            Self::Done(written) => Event::Complete {
                bank_payment_id: Some(written.bank_id().to_owned()),
                answer: json!(written),
            },
            Self::Refused(failure) => Event::Refuse {
                reason: failure.code().to_owned(),
                answer: json!(failure),
            },
            Self::Bounced(failure) => Event::Bounce {
                reason: failure.code().to_owned(),
                answer: json!(failure),
            },
            Self::Unanswered => Event::LoseTrack {
                reason: Failure::Uncertain.code().to_owned(),
            },
        }
    }
}

impl Written {
    /// The bank's id of it.
    #[must_use]
    pub fn bank_id(&self) -> &str {
        match self {
            Self::Paid(payment) => &payment.id,
            Self::Applied(application) => &application.id,
        }
    }

    /// What a row stands for that a person has found at the bank; the row's own id where they gave none of the bank's.
    pub(super) fn confirmed(row: &Row) -> Option<Self> {
        let id = row.bank_payment_id.as_ref().unwrap_or(&row.id).clone();
        match wish(row)? {
            Intent::Transfer(transfer) => Some(paid(id, transfer, PaymentStatus::Completed)),
            Intent::Loan(_) | Intent::CreditCard(_) => Some(Self::Applied(Application {
                id,
                status: "submitted".to_owned(),
                message: String::new(),
            })),
            _ => None,
        }
    }
}

/// A payment of this transfer.
pub(super) fn paid(id: String, transfer: Transfer, status: PaymentStatus) -> Written {
    Written::Paid(Payment {
        id,
        transfer,
        status,
    })
}

/// What a row's request was.
#[must_use]
pub fn wish(row: &Row) -> Option<Intent> {
    serde_json::from_value(row.body.clone()).ok()
}

/// The key of the so-manieth row of one wish.
#[must_use]
pub fn numbered(key: &str, number: u32) -> String {
    if number == 0 {
        key.to_owned()
    } else {
        format!("{key}~{number}")
    }
}

/// The key that a row's wish was made under.
#[must_use]
pub fn unnumbered(key: &str) -> &str {
    key.rsplit_once('~').map_or(key, |(wish, _)| wish)
}

/// Whether a row was given up with certainty that the bank never saw it, so that a repeat is not a second time.
#[must_use]
pub fn never_reached_the_bank(row: &Row) -> bool {
    row.state == State::Refused
        && matches!(
            row.reason.as_deref(),
            Some("bank_unavailable" | NOT_MARKED_AS_SENT)
        )
}

/// Whether the bank took a payment and said that it will book it later.
#[must_use]
pub fn is_still_to_be_booked(row: &Row) -> bool {
    matches!(
        answered(row),
        Ok(Written::Paid(Payment {
            status: PaymentStatus::Pending,
            ..
        }))
    )
}

/// The answer that an earlier identical request got, or that it has none yet.
///
/// # Errors
/// The failure that it was, [`Failure::Uncertain`] while the row is not settled.
pub fn answered(row: &Row) -> Result<Written, Failure> {
    let stored = row.answer.clone().unwrap_or(Value::Null);
    match row.state {
        State::Completed => serde_json::from_value(stored).map_err(|_| Failure::Uncertain),
        // The bank has said nothing: not for it to have refused.
        State::Refused if never_reached_the_bank(row) || row.is_turned_away() => {
            Err(Failure::Unavailable)
        }
        State::Refused => Err(serde_json::from_value(stored)
            .unwrap_or_else(|_| Failure::Rejected(row.reason.clone().unwrap_or_default()))),
        State::Requested
        | State::Authorised
        | State::Sent
        | State::Unknown
        | State::NeedsReview => Err(Failure::Uncertain),
    }
}
