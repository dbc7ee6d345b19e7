//! What came of a turn, and what the caller hears of it.
//!
//! An outcome is data that a shaper puts into words; a failure is an outcome too. Nothing here is a sentence except where a
//! plugin made one.

use serde::{Deserialize, Serialize};

use super::intent::{Message, Question, Transfer};
use super::money::Money;

/// One of the caller's accounts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// The bank's id.
    pub id: String,
    /// The bank's word, `checking`; empty where it gives none.
    pub kind: String,
    /// The caller's own name for it.
    pub nickname: Option<String>,
    /// ISO 4217.
    pub currency: String,
}

/// What can be spent from an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Balance {
    /// Which account.
    pub account: Account,
    /// Negative when overdrawn.
    pub available: Money,
}

/// One line of a statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatementLine {
    /// As the bank writes it.
    pub date: String,
    /// As the bank writes it.
    pub description: String,
    /// Negative for money out; none where the bank gives only a text.
    pub amount: Option<Money>,
}

/// An account's statement of one month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// Which account.
    pub account: Account,
    /// As the bank names it.
    pub month: String,
    /// In the bank's order.
    pub lines: Vec<StatementLine>,
}

/// Who the caller is. Never a social security number or a date of birth.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// Full name.
    pub name: String,
    /// E-mail address.
    pub email: Option<String>,
    /// Telephone number.
    pub phone: Option<String>,
    /// Postal address.
    pub address: Option<String>,
}

/// Whether the bank has finished a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PaymentStatus {
    /// Booked.
    Completed,
    /// Accepted, not booked yet.
    Pending,
}

/// A transfer that the bank took.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// The bank's id of it.
    pub id: String,
    /// What was paid.
    pub transfer: Transfer,
    /// Whether it is finished.
    pub status: PaymentStatus,
}

/// An application for a loan or a card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Application {
    /// The bank's id of it.
    pub id: String,
    /// The bank's word.
    pub status: String,
    /// The bank's sentence.
    pub message: String,
}

/// Why a thing did not happen, in terms that a rule may reason about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "failure", content = "detail")]
pub enum Failure {
    /// What was not found, for example `account`.
    NotFound(String),
    /// Not the caller's own, no permit, or not trusted enough; a code.
    NotAllowed(String),
    /// Not enough money.
    InsufficientFunds,
    /// The bank said no.
    Rejected(String),
    /// The bank could not be reached in time; nothing was changed.
    Unavailable,
    /// Sent, but without an answer; never to be told as failed.
    Uncertain,
    /// The bank has no such thing.
    Unsupported,
}

impl Failure {
    /// The stable code of this failure, for clients and records.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::NotFound(what) if what == "account" => "account_not_found",
            Self::NotFound(_) => "not_found",
            Self::NotAllowed(code) => code,
            Self::InsufficientFunds => "insufficient_funds",
            Self::Rejected(_) => "rejected_by_bank",
            Self::Unavailable => "bank_unavailable",
            Self::Uncertain => "outcome_pending",
            Self::Unsupported => "unsupported",
        }
    }
}

/// What came of the turn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "outcome", content = "value")]
pub enum Outcome {
    /// One or more balances.
    Balances(Vec<Balance>),
    /// The caller's accounts.
    Accounts(Vec<Account>),
    /// A statement.
    Statement(Statement),
    /// Who the caller is.
    Profile(Profile),
    /// Money moved.
    Paid(Payment),
    /// Applied for.
    Applied(Application),
    /// A slot is asked for.
    Asked(Question),
    /// A yes or a no is asked for.
    Confirmation(Message),
    /// The PIN is asked for.
    StepUp(Message),
    /// The rules said no.
    Refused(Message),
    /// A human takes over.
    HandedOff(Message),
    /// It did not work.
    Failed(Failure),
    /// Anything else to be said.
    Said(Message),
    /// The pending intent was dropped.
    Cancelled,
    /// The last reply is said again.
    Repeated,
    /// The caller is done.
    Ended,
}

impl Outcome {
    /// The stable code of this outcome, for clients and records.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::Balances(_) => "balance",
            Self::Accounts(_) => "accounts",
            Self::Statement(_) => "statement",
            Self::Profile(_) => "profile",
            Self::Paid(_) => "transfer_completed",
            Self::Applied(_) => "application",
            Self::Asked(question) => &question.say.code,
            Self::Confirmation(message)
            | Self::StepUp(message)
            | Self::Refused(message)
            | Self::HandedOff(message)
            | Self::Said(message) => &message.code,
            Self::Failed(failure) => failure.code(),
            Self::Cancelled => "cancelled",
            Self::Repeated => "repeated",
            Self::Ended => "goodbye",
        }
    }
}

/// What the line does after the reply.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "next", content = "to")]
pub enum Next {
    /// The caller's turn.
    Listen,
    /// The call ends.
    HangUp,
    /// To a human: a number or queue, none for the bank's default.
    HandOff(Option<String>),
    /// One key is pressed: 0 to 9, * or #.
    Press(String),
}

/// What the caller hears.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// Spoken as it stands.
    pub text: String,
    /// What the line does afterwards.
    pub next: Next,
    /// Whether the caller may cut it short.
    pub interruptible: bool,
}

impl Reply {
    /// A sentence after which the caller may speak.
    #[must_use]
    pub fn say(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            next: Next::Listen,
            interruptible: true,
        }
    }
}
