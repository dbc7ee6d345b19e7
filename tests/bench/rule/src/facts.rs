//! What a transfer is decided on, and what is decided: the part of the contract that the rule looks at.
//!
//! As JSON it is what the Extism plugin is given and gives back.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// How the turn reached the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Channel {
    /// Spoken words.
    Voice,
    /// A tool call.
    Invocation,
}

/// Whose account the money goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Payee {
    /// The caller's own.
    SameOwner,
    /// Somebody paid before.
    Known,
    /// Anybody else.
    FirstTime,
}

impl Payee {
    /// As the policies' texts name it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::SameOwner => "same-owner",
            Self::Known => "known",
            Self::FirstTime => "first-time",
        }
    }
}

/// Minor units of a currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Money {
    /// Cents.
    pub minor: i64,
    /// ISO 4217.
    pub currency: String,
}

/// One of the caller's accounts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// The bank's.
    pub id: String,
    /// `checking`, `savings`.
    pub kind: String,
    /// ISO 4217.
    pub currency: String,
}

/// What is wanted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transfer {
    /// An account id.
    pub from_account: String,
    /// An account id.
    pub to_account: String,
    /// Whose that is.
    pub payee: Payee,
    /// How much.
    pub amount: Money,
}

/// What the caller has moved in the last 24 hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    /// Transfers.
    pub count: u32,
    /// Minor units.
    pub sum_minor: i64,
}

/// Everything that the rule looks at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// A customer was found.
    pub is_known: bool,
    /// How the turn came.
    pub channel: Channel,
    /// A yes was given.
    pub confirmed: bool,
    /// The PIN was given.
    pub stepped_up: bool,
    /// What is wanted.
    pub transfer: Transfer,
    /// The caller's.
    pub accounts: Vec<Account>,
    /// In the account that pays.
    pub available: Money,
    /// So far today.
    pub moved: Moved,
    /// Of the bank's local time.
    pub hour: u32,
}

/// From the least to the most restrictive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Under a cap.
    Allow,
    /// A yes first.
    Confirm,
    /// The PIN first.
    StepUp,
    /// A colleague.
    HandOff,
    /// No.
    Deny,
}

impl Kind {
    /// From its name in the policies' texts.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "allow" => Self::Allow,
            "confirm" => Self::Confirm,
            "step-up" => Self::StepUp,
            "hand-off" => Self::HandOff,
            "deny" => Self::Deny,
            _ => return None,
        })
    }
}

/// What is decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// What.
    pub kind: Kind,
    /// Why; empty when allowed.
    pub code: Cow<'static, str>,
    /// The cap that comes with a leave: minor units and transfers in 24 hours.
    pub cap: Option<(i64, u32)>,
}

impl Answer {
    /// With a reason.
    #[must_use]
    pub fn said(kind: Kind, code: impl Into<Cow<'static, str>>) -> Self {
        Self {
            kind,
            code: code.into(),
            cap: None,
        }
    }

    /// Under a cap.
    #[must_use]
    pub fn allow(total_minor: i64, count: u32) -> Self {
        Self {
            kind: Kind::Allow,
            code: Cow::Borrowed(""),
            cap: Some((total_minor, count)),
        }
    }
}
