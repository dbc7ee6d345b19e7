//! A row of the ledger: as it is asked for, and as it stands.
//!
//! Plain data. Transfers, loans and card applications share one table, because all three are writes that must happen at most
//! once; only transfers count against caps.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Standing, State};
use crate::call::Money;

/// What is written at the bank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Money from one account to another.
    Transfer,
    /// An application for a loan.
    Loan,
    /// An application for a credit card.
    CreditCard,
}

impl Kind {
    /// The name in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Transfer => "transfer",
            Self::Loan => "loan",
            Self::CreditCard => "credit-card",
        }
    }

    /// The kind of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Transfer, Self::Loan, Self::CreditCard]
            .into_iter()
            .find(|kind| kind.as_str() == name)
    }
}

/// A row that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEntry {
    /// Ours, unique; also the `reference` that the bank is sent.
    pub id: String,
    /// The idempotency key; unique for good.
    pub key: String,
    /// [`super::key::fingerprint`] of the request that the key stands for.
    pub fingerprint: String,
    /// What is written.
    pub kind: Kind,
    /// The call, where there is one.
    pub call_id: Option<String>,
    /// The bank's id of the customer.
    pub user_id: String,
    /// Where the money comes from; empty for an application.
    pub from_account: String,
    /// Where it goes; empty for an application.
    pub to_account: String,
    /// How much: moved, lent, or the limit wanted.
    pub amount: Money,
    /// The caller's note, or the purpose of a loan.
    pub memo: Option<String>,
    /// Whatever else the request to the bank needs, so that it can be looked at and, where the bank is idempotent, repeated.
    pub body: Value,
    /// The revision that allowed it.
    pub revision: Option<String>,
    /// The decision record of the turn that allowed it.
    pub turn_id: Option<String>,
}

/// A row as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Ours.
    pub id: String,
    /// The idempotency key.
    pub key: String,
    /// Of the request.
    pub fingerprint: String,
    /// What is written.
    pub kind: Kind,
    /// Where it stands.
    pub state: State,
    /// The call, where there is one.
    pub call_id: Option<String>,
    /// The bank's id of the customer.
    pub user_id: String,
    /// Empty for an application.
    pub from_account: String,
    /// Empty for an application.
    pub to_account: String,
    /// How much.
    pub amount: Money,
    /// The caller's note.
    pub memo: Option<String>,
    /// The rest of the request.
    pub body: Value,
    /// The revision that allowed it.
    pub revision: Option<String>,
    /// The turn that allowed it.
    pub turn_id: Option<String>,
    /// The bank's id of it; at most one row holds a given one.
    pub bank_payment_id: Option<String>,
    /// Stable code of why it was refused, lost or dropped.
    pub reason: Option<String>,
    /// What the bank answered.
    pub answer: Option<Value>,
    /// What a person should see before deciding.
    pub evidence: Option<Value>,
    /// Who decided a `needs_review`.
    pub reviewed_by: Option<String>,
    /// Why they decided so.
    pub review_reason: Option<String>,
    /// When the intent was committed.
    pub created_at_ms: i64,
    /// When the turn began that took it to the bank, so never after the bank booked it.
    pub sent_at_ms: Option<i64>,
    /// Whether it was taken to a bank that understands keys, as far as the host that did so was told.
    pub is_repeatable: bool,
    /// When its end was known.
    pub settled_at_ms: Option<i64>,
    /// Its last change.
    pub updated_at_ms: i64,
    /// The search for proof, where its outcome is unknown.
    pub search: Search,
}

/// How far the search for proof of a row's outcome has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Search {
    /// How often the bank was, or is just being, asked.
    pub looks: u32,
    /// Before this nobody asks again.
    pub next_at_ms: Option<i64>,
    /// When the bank first answered without giving proof.
    pub fruitless_since_ms: Option<i64>,
}

impl Row {
    /// The row of a new entry: caps hold, so it goes from `requested` to `authorised` in the transaction that makes it.
    #[must_use]
    pub fn opened(entry: &NewEntry, now_ms: i64) -> Self {
        Self {
            id: entry.id.clone(),
            key: entry.key.clone(),
            fingerprint: entry.fingerprint.clone(),
            kind: entry.kind,
            state: State::Authorised,
            call_id: entry.call_id.clone(),
            user_id: entry.user_id.clone(),
            from_account: entry.from_account.clone(),
            to_account: entry.to_account.clone(),
            amount: entry.amount.clone(),
            memo: entry.memo.clone(),
            body: entry.body.clone(),
            revision: entry.revision.clone(),
            turn_id: entry.turn_id.clone(),
            bank_payment_id: None,
            reason: None,
            answer: None,
            evidence: None,
            reviewed_by: None,
            review_reason: None,
            created_at_ms: now_ms,
            sent_at_ms: None,
            is_repeatable: false,
            settled_at_ms: None,
            updated_at_ms: now_ms,
            search: Search::default(),
        }
    }

    /// What may happen to it next.
    #[must_use]
    pub fn standing(&self) -> Standing<'_> {
        Standing {
            state: self.state,
            paid_as: self.bank_payment_id.as_deref(),
            is_written_off: self.is_written_off(),
        }
    }

    /// Whether a person has found that it did not happen.
    #[must_use]
    pub fn is_written_off(&self) -> bool {
        self.state == State::Refused && self.reason.as_deref() == Some(WRITTEN_OFF)
    }

    /// Whether a person was asked what became of it, because nobody else could tell: it is only looked for now.
    #[must_use]
    pub fn is_with_a_person(&self) -> bool {
        self.state == State::NeedsReview || self.is_written_off()
    }

    /// A row that stands for a wish of which nobody knows what it is: whoever brought it was told that nothing was done, so another
    /// delivery of the same must not do it.
    #[must_use]
    pub fn turned_away(id: String, key: &str, call_id: &str, now_ms: i64) -> Self {
        let entry = NewEntry {
            id,
            key: key.to_owned(),
            fingerprint: String::new(),
            kind: Kind::Transfer,
            call_id: Some(call_id.to_owned()),
            user_id: String::new(),
            from_account: String::new(),
            to_account: String::new(),
            amount: Money::new(0, ""),
            memo: None,
            body: Value::Null,
            revision: None,
            turn_id: None,
        };
        Self {
            state: State::Refused,
            reason: Some(TURNED_AWAY.to_owned()),
            settled_at_ms: Some(now_ms),
            ..Self::opened(&entry, now_ms)
        }
    }

    /// Whether it is such a one.
    #[must_use]
    pub fn is_turned_away(&self) -> bool {
        self.state == State::Refused && self.reason.as_deref() == Some(TURNED_AWAY)
    }
}

/// Code of a row that a person has found not to have happened.
pub const WRITTEN_OFF: &str = "written_off";
/// Code of a row that stands for a delivery that was turned away before anybody knew what it was.
pub const TURNED_AWAY: &str = "turned_away";
