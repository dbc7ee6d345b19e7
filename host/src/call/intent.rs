//! What a caller wants: an intent with its slots, the draft of one, and the sentence that asks for what is missing.
//!
//! Mirrors interface `types` of the contract in plain Rust. Accounts are the bank's ids; nothing here says whether they exist or
//! whose they are.

use serde::{Deserialize, Serialize};

use super::money::Money;

/// Whose account the money goes to; found out by the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Payee {
    /// The caller's own.
    SameOwner,
    /// Paid before through this host.
    Known,
    /// Anybody else.
    FirstTime,
}

/// Money from one account to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transfer {
    /// The caller's account.
    pub from_account: String,
    /// Where to.
    pub to_account: String,
    /// Whose that is.
    pub payee: Payee,
    /// More than nothing.
    pub amount: Money,
    /// The caller's note.
    pub memo: Option<String>,
}

/// A loan that is applied for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Loan {
    /// More than nothing.
    pub amount: Money,
    /// What for.
    pub purpose: String,
    /// Term in years.
    pub years: u32,
}

/// A credit card that is applied for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreditCard {
    /// The bank's word for the kind of card.
    pub kind: String,
    /// The limit wanted.
    pub limit: Money,
}

/// A bank's own intent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomIntent {
    /// As an action's `describe` lists it.
    pub name: String,
    /// Whatever its action understands.
    pub slots: Vec<(String, String)>,
}

/// What the caller wants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "intent", content = "slots")]
pub enum Intent {
    /// One account's balance.
    Balance(String),
    /// All accounts with their balances.
    Accounts,
    /// An account's statement of a month, or all there are.
    Statements {
        /// The account's id.
        account: String,
        /// As the bank names it, or `YYYY-MM`.
        month: Option<String>,
    },
    /// Name and addresses.
    Profile,
    /// Moves money.
    Transfer(Transfer),
    /// Applies for a loan.
    Loan(Loan),
    /// Applies for a credit card.
    CreditCard(CreditCard),
    /// One application's state.
    ApplicationStatus(String),
    /// Yes.
    Affirm,
    /// No.
    Decline,
    /// Never mind.
    Cancel,
    /// Say that again.
    Repeat,
    /// A person, please.
    Human,
    /// That was all.
    Goodbye,
    /// Not understood.
    Unknown,
    /// A bank's own.
    Custom(CustomIntent),
}

impl CustomIntent {
    /// What the turn was to the question that is open, as its router sees it.
    #[must_use]
    pub fn answer(&self) -> Option<&str> {
        let slot = self.slots.iter().find(|(name, _)| name == Self::ANSWER);
        slot.map(|(_, answer)| answer.as_str())
    }

    /// Whether whoever is on the line has said, as its router sees it, that they are not the customer.
    #[must_use]
    pub fn is_by_another(&self) -> bool {
        self.says_of_caller("another")
    }

    /// Whether the caller seems, to the router, to have been talked into moving money.
    #[must_use]
    pub fn is_under_pressure(&self) -> bool {
        self.says_of_caller("pressed")
    }

    fn says_of_caller(&self, what: &str) -> bool {
        let mut slots = self.slots.iter();
        slots.any(|(name, value)| name == "caller" && value == what)
    }

    /// The name of the slot in which a router says what the turn was to the question that is open.
    const ANSWER: &str = "answer";
    /// An answer that is none: it counts like a turn that was not understood.
    pub const NO_ANSWER: &str = "none";
    /// What is open is dropped.
    pub const CANCEL: &str = "cancel";
    /// Nothing was said, or nothing that wants an answer: it tells nothing of how well the caller is understood.
    pub const UNHEARD: &str = "unheard";
}

impl Intent {
    /// The name in `describe.intents`, in records and metrics; a bank's own intent has its own.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Balance(_) => "balance",
            Self::Accounts => "accounts",
            Self::Statements { .. } => "statements",
            Self::Profile => "profile",
            Self::Transfer(_) => "transfer",
            Self::Loan(_) => "loan",
            Self::CreditCard(_) => "credit-card",
            Self::ApplicationStatus(_) => "application-status",
            Self::Affirm => "affirm",
            Self::Decline => "decline",
            Self::Cancel => "cancel",
            Self::Repeat => "repeat",
            Self::Human => "human",
            Self::Goodbye => "goodbye",
            Self::Unknown => "unknown",
            Self::Custom(custom) => &custom.name,
        }
    }

    /// Changes something at the bank, and so needs a permit and the ledger.
    #[must_use]
    pub fn is_write(&self) -> bool {
        matches!(
            self,
            Self::Transfer(_) | Self::Loan(_) | Self::CreditCard(_)
        )
    }

    /// Reaches something of a customer's, and so needs a known caller.
    #[must_use]
    pub fn needs_customer(&self) -> bool {
        self.is_write()
            || matches!(
                self,
                Self::Balance(_)
                    | Self::Accounts
                    | Self::Statements { .. }
                    | Self::Profile
                    | Self::ApplicationStatus(_)
            )
    }
}

/// A sentence: a stable code and its parameters for records and translation, a text for when nobody translates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// `lower_snake_case`.
    pub code: String,
    /// Named values of the sentence.
    pub parameters: Vec<(String, String)>,
    /// What is said.
    pub text: String,
}

impl Message {
    /// A sentence without parameters.
    #[must_use]
    pub fn plain(code: &str, text: &str) -> Self {
        Self {
            code: code.to_owned(),
            parameters: Vec::new(),
            text: text.to_owned(),
        }
    }

    /// The value of a parameter, the last one where the name is given twice.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let mut parameters = self.parameters.iter().rev();
        let (_, value) = parameters.find(|(it, _)| it == name)?;
        Some(value)
    }
}

/// A slot to ask for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// What is known so far.
    pub draft: Draft,
    /// The name of what is missing.
    pub slot: String,
    /// The sentence that asks.
    pub say: Message,
}

/// An intent that is not complete yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "draft", content = "slots")]
pub enum Draft {
    /// A transfer.
    Transfer {
        /// Where from.
        from_account: Option<String>,
        /// Where to.
        to_account: Option<String>,
        /// How much.
        amount: Option<Money>,
        /// The caller's note.
        memo: Option<String>,
    },
    /// A balance, its account missing.
    Balance,
    /// A statement, its account missing; the month where it is known.
    Statements(Option<String>),
    /// A loan.
    Loan {
        /// How much.
        amount: Option<Money>,
        /// What for.
        purpose: Option<String>,
        /// How long.
        years: Option<u32>,
    },
    /// A credit card.
    CreditCard {
        /// Which.
        kind: Option<String>,
        /// The limit wanted.
        limit: Option<Money>,
    },
    /// A bank's own.
    Custom(CustomIntent),
}

impl Draft {
    /// Of a complete intent that changes something at the bank, all that it says; of any other none.
    #[must_use]
    pub fn of(intent: &Intent) -> Option<Self> {
        match intent.clone() {
            Intent::Transfer(transfer) => Some(Self::Transfer {
                from_account: Some(transfer.from_account),
                to_account: Some(transfer.to_account),
                amount: Some(transfer.amount),
                memo: transfer.memo,
            }),
            Intent::Loan(loan) => Some(Self::Loan {
                amount: Some(loan.amount),
                purpose: Some(loan.purpose),
                years: Some(loan.years),
            }),
            Intent::CreditCard(card) => Some(Self::CreditCard {
                kind: Some(card.kind),
                limit: Some(card.limit),
            }),
            _ => None,
        }
    }

    /// Whether the finished intent would change something at the bank.
    #[must_use]
    pub fn is_write(&self) -> bool {
        matches!(
            self,
            Self::Transfer { .. } | Self::Loan { .. } | Self::CreditCard { .. }
        )
    }
}
