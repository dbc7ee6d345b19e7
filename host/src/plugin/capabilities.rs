//! What a plugin may reach, as one trait: the port through which this floor asks the floors above.
//!
//! The implementer scopes every answer to the caller of the call, remembers reads within the turn, records them, and lets money
//! move only through the ledger. The grant was checked when the plugin was linked, so it is not asked again here.

use async_trait::async_trait;

use crate::call::Money;
use crate::call::intent::{CreditCard, Loan, Transfer};
use crate::call::outcome::{Account, Application, Balance, Failure, Payment, Profile, Statement};
use crate::call::session::Utterance;

/// What a caller has transferred, as the ledger knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Totals {
    /// How many transfers.
    pub count: u32,
    /// How much in all.
    pub sum: Money,
}

/// The host functions that may be granted. A [`Failure`] is a value that the rule may reason about.
#[async_trait]
pub trait Capabilities: Send + Sync {
    /// The caller's accounts.
    async fn accounts(&self) -> Result<Vec<Account>, Failure>;
    /// One of the caller's balances.
    async fn balance(&self, account: &str) -> Result<Balance, Failure>;
    /// One of the caller's statements; the newest where no month is named.
    async fn statement(&self, account: &str, month: Option<&str>) -> Result<Statement, Failure>;
    /// Who the caller is.
    async fn profile(&self) -> Result<Profile, Failure>;
    /// Pays what the policies allowed, once.
    async fn pay(&self, transfer: &Transfer) -> Result<Payment, Failure>;
    /// Applies for what the policies allowed, once.
    async fn apply_for_loan(&self, loan: &Loan) -> Result<Application, Failure>;
    /// Applies for what the policies allowed, once.
    async fn apply_for_credit_card(&self, card: &CreditCard) -> Result<Application, Failure>;
    /// One of the caller's applications.
    async fn application(&self, id: &str) -> Result<Application, Failure>;
    /// The caller's transfers of the last hours.
    async fn transferred(&self, window_hours: u32, from: Option<&str>) -> Result<Totals, Failure>;
    /// The newest utterances, oldest first.
    async fn recent(&self, limit: usize) -> Vec<Utterance>;
    /// What was said last.
    async fn last_reply(&self) -> Option<String>;
    /// The bank's own agent.
    async fn answer(&self, question: &str) -> Result<String, Failure>;
}

/// Reaches nothing: for `describe` and `check-settings`, which run outside any call.
#[derive(Debug)]
pub struct Nothing;

fn outside<T>() -> Result<T, Failure> {
    Err(Failure::NotAllowed("outside_a_turn".to_owned()))
}

#[async_trait]
impl Capabilities for Nothing {
    async fn accounts(&self) -> Result<Vec<Account>, Failure> {
        outside()
    }
    async fn balance(&self, _: &str) -> Result<Balance, Failure> {
        outside()
    }
    async fn statement(&self, _: &str, _: Option<&str>) -> Result<Statement, Failure> {
        outside()
    }
    async fn profile(&self) -> Result<Profile, Failure> {
        outside()
    }
    async fn pay(&self, _: &Transfer) -> Result<Payment, Failure> {
        outside()
    }
    async fn apply_for_loan(&self, _: &Loan) -> Result<Application, Failure> {
        outside()
    }
    async fn apply_for_credit_card(&self, _: &CreditCard) -> Result<Application, Failure> {
        outside()
    }
    async fn application(&self, _: &str) -> Result<Application, Failure> {
        outside()
    }
    async fn transferred(&self, _: u32, _: Option<&str>) -> Result<Totals, Failure> {
        outside()
    }
    async fn recent(&self, _: usize) -> Vec<Utterance> {
        Vec::new()
    }
    async fn last_reply(&self) -> Option<String> {
        None
    }
    async fn answer(&self, _: &str) -> Result<String, Failure> {
        outside()
    }
}
