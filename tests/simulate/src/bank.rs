//! The bank: its books, and what it keeps of a payment.
//!
//! Money here is what really moved; everything that hosts believe is held against it at the end.

use std::collections::BTreeMap;

use orchestrator::backend::{PaymentSeen, PaymentState};
use orchestrator::call::outcome::{self, PaymentStatus};
use orchestrator::call::{Failure, Intent, Money};
use orchestrator::ledger::written::{Sending, wish};
use orchestrator::ledger::{Row, Written};

/// Of all money.
pub const CURRENCY: &str = "USD";

/// What the bank keeps, and so what proof it can give.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The key: the same key again gets the first answer.
    Idempotent,
    /// The reference, listed with each payment.
    KeepsReferences,
    /// Nothing but accounts and amount.
    Forgetful,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Idempotent, Self::KeepsReferences, Self::Forgetful];
}

/// A transfer as it is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// `Idempotency-Key`.
    pub key: String,
    /// `reference`.
    pub reference: String,
    /// From.
    pub from: String,
    /// To.
    pub to: String,
    /// Cents.
    pub minor: i64,
}

/// A payment in the books.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// The bank's.
    pub id: String,
    /// What was asked for; for whoever checks, not for whoever asks.
    pub order: Order,
    /// When it was made.
    pub at_ms: i64,
}

/// What the bank says to an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Done, under this id.
    Paid(String),
    /// Not done.
    Insufficient,
}

impl Answer {
    /// In the ledger's words.
    #[must_use]
    pub fn sending(&self, row: &Row) -> Sending {
        match (self, wish(row)) {
            (Self::Paid(id), Some(Intent::Transfer(transfer))) => {
                Sending::Done(Written::Paid(outcome::Payment {
                    id: id.clone(),
                    transfer,
                    status: PaymentStatus::Completed,
                }))
            }
            (Self::Paid(_), _) => Sending::Unanswered,
            (Self::Insufficient, _) => Sending::Refused(Failure::InsufficientFunds),
        }
    }
}

impl Payment {
    /// As the bank lists it, by what it keeps.
    #[must_use]
    pub fn seen(&self, kind: Kind) -> PaymentSeen {
        PaymentSeen {
            id: self.id.clone(),
            from_account: self.order.from.clone(),
            to_account: self.order.to.clone(),
            amount: Money::new(self.order.minor, CURRENCY),
            date: None,
            state: PaymentState::Completed,
            reference: (kind != Kind::Forgetful).then(|| self.order.reference.clone()),
        }
    }
}

/// The books.
#[derive(Debug)]
pub struct Bank {
    /// What it keeps.
    pub kind: Kind,
    /// Cents by account.
    pub balances: BTreeMap<String, i64>,
    /// In the order in which they were made.
    pub payments: Vec<Payment>,
    refused: BTreeMap<String, Answer>,
}

impl Bank {
    /// With these balances.
    #[must_use]
    pub fn new(kind: Kind, balances: BTreeMap<String, i64>) -> Self {
        Self {
            kind,
            balances,
            payments: Vec::new(),
            refused: BTreeMap::new(),
        }
    }

    /// Takes an order.
    pub fn take(&mut self, order: &Order, now_ms: i64) -> Answer {
        if self.kind == Kind::Idempotent {
            let before = self.payments.iter().find(|it| it.order.key == order.key);
            if let Some(payment) = before {
                return Answer::Paid(payment.id.clone());
            }
            if let Some(answer) = self.refused.get(&order.key) {
                return answer.clone();
            }
        }
        let balance = self.balances.get(&order.from).copied().unwrap_or(0);
        if balance < order.minor {
            self.refused.insert(order.key.clone(), Answer::Insufficient);
            return Answer::Insufficient;
        }
        *self.balances.entry(order.from.clone()).or_default() -= order.minor;
        *self.balances.entry(order.to.clone()).or_default() += order.minor;
        let id = format!("payment_{}", self.payments.len() + 1);
        self.payments.push(Payment {
            id: id.clone(),
            order: order.clone(),
            at_ms: now_ms,
        });
        Answer::Paid(id)
    }
}
