//! What the bank answers, in the host's words.
//!
//! Read from the bank's JSON by `wire` and handed to the orchestrator. A social security number or a date of birth has no field
//! here, so none can be carried further.

use std::fmt;

use crate::call::Money;
use crate::call::outcome::{Account, PaymentStatus, StatementLine};
use crate::call::session::Utterance;

/// Which of the two contracts the bank speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Dialect {
    /// The predecessor's README: flat answers, types and currencies given.
    Documented,
    /// The backend that is out there: `details`, maps, no types and no currencies.
    Published,
    /// Decided by the shapes of the bank's answers.
    #[default]
    Auto,
}

/// What the bank says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// `healthy`, or the bank's own word.
    pub status: String,
    /// The bank's version; empty where it gives none.
    pub version: String,
}

/// A customer as the bank knows them, less everything that nobody here needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Customer {
    /// The bank's id; a telephone number with dashes in the published dialect.
    pub user_id: String,
    /// Full name.
    pub name: String,
    /// Telephone number as the bank writes it.
    pub phone: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Postal address.
    pub address: Option<String>,
    /// In the bank's order; empty where the answer lists none.
    pub account_ids: Vec<String>,
}

/// One account asked for by its id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountSeen {
    /// The account; `kind` is empty where the bank gives none.
    pub account: Account,
    /// Negative when overdrawn.
    pub balance: Money,
    /// The owner's user id, where the bank says; the published dialect never does.
    pub owner: Option<String>,
}

/// An account's statement of one month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MonthStatement {
    /// As the bank names it.
    pub month: String,
    /// In the bank's order; a month that is one text is one line, whose description is that text.
    pub lines: Vec<StatementLine>,
}

/// A transfer to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransferOrder {
    /// Header `Idempotency-Key`: the same for every sending of the same transfer.
    pub key: String,
    /// Field `reference`, by which a bank that keeps it can be asked later.
    pub reference: String,
    /// Where from.
    pub from_account: String,
    /// Where to.
    pub to_account: String,
    /// More than nothing.
    pub amount: Money,
}

/// The bank took a transfer: for exactly the accounts and the amount that were ordered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The bank's id of the payment.
    pub payment_id: String,
    /// Whether it is booked.
    pub status: PaymentStatus,
}

/// How far a payment in the bank's list has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PaymentState {
    /// Booked.
    Completed,
    /// Accepted, not booked yet.
    Pending,
    /// For a later day.
    Scheduled,
    /// Taken back: no money moved.
    Canceled,
    /// A word that the contract does not have.
    Other(String),
}

/// A payment as the bank lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentSeen {
    /// The bank's id.
    pub id: String,
    /// Where from.
    pub from_account: String,
    /// Where to.
    pub to_account: String,
    /// How much.
    pub amount: Money,
    /// As the bank writes it; a day only in the published dialect.
    pub date: Option<String>,
    /// How far it has come.
    pub state: PaymentState,
    /// What the order carried; the published dialect drops it.
    pub reference: Option<String>,
}

/// The bank's payments, as it lists them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PaymentList {
    /// Each once.
    pub payments: Vec<PaymentSeen>,
    /// The references of those that cannot be read.
    pub unreadable: Vec<String>,
}

/// An open question for the bank's own agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenQuestion {
    /// The call's id.
    pub call_id: String,
    /// The caller's id at the bank; none for an unknown caller.
    pub user_id: Option<String>,
    /// What was asked, less any PIN.
    pub question: String,
    /// The newest utterances, oldest first.
    pub transcript: Vec<Utterance>,
}

/// Whether the bank has an agent for open questions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agent {
    /// It has, and the agent has answered.
    Answered,
    /// It has none, or none is to be asked.
    Absent,
}

/// What the bank does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// The customer.
    User,
    /// An account that was read.
    Account,
    /// The account that money should come from.
    SourceAccount,
    /// The account that money should go to.
    DestinationAccount,
    /// A payment.
    Payment,
    /// An application.
    Application,
    /// The whole endpoint: this bank has no such function.
    Endpoint,
}

impl Missing {
    /// The word in failures and records: `account` for each of the accounts.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Account | Self::SourceAccount | Self::DestinationAccount => "account",
            Self::Payment => "payment",
            Self::Application => "application",
            Self::Endpoint => "endpoint",
        }
    }
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SourceAccount => "source account",
            Self::DestinationAccount => "destination account",
            Self::User | Self::Account | Self::Payment | Self::Application | Self::Endpoint => {
                self.as_str()
            }
        })
    }
}
