//! A bank that answers at once, always the same: what the pipeline's plugins reach in the bench.
//!
//! The ledger, the backend and the record of host calls are no part of what is compared, so there are none.

use async_trait::async_trait;
use orchestrator::call::Money;
use orchestrator::call::intent::{CreditCard, Loan, Transfer};
use orchestrator::call::outcome::{
    Account, Application, Balance, Outcome, Payment, PaymentStatus, Profile, Statement,
};
use orchestrator::call::record::HostCall;
use orchestrator::call::session::Utterance;
use orchestrator::call::{Failure, Money as Amount};
use orchestrator::pipeline::Recorded;
use orchestrator::plugin::{Capabilities, Totals};
use rule::Facts;

/// The facts of one case, as the host's own answers.
pub struct Bank {
    accounts: Vec<Account>,
    available: Money,
    totals: Totals,
}

impl Bank {
    /// Of the caller of these facts.
    pub fn new(facts: &Facts) -> Self {
        let accounts = facts.accounts.iter().map(|account| Account {
            id: account.id.clone(),
            kind: account.kind.clone(),
            nickname: None,
            currency: account.currency.clone(),
        });
        Self {
            accounts: accounts.collect(),
            available: Amount::new(facts.available.minor, facts.available.currency.clone()),
            totals: Totals {
                count: facts.moved.count,
                sum: Amount::new(facts.moved.sum_minor, "USD"),
            },
        }
    }
}

#[async_trait]
impl Capabilities for Bank {
    async fn accounts(&self) -> Result<Vec<Account>, Failure> {
        Ok(self.accounts.clone())
    }
    async fn balance(&self, account: &str) -> Result<Balance, Failure> {
        let found = self.accounts.iter().find(|one| one.id == account);
        Ok(Balance {
            account: found
                .cloned()
                .ok_or_else(|| Failure::NotFound("account".to_owned()))?,
            available: self.available.clone(),
        })
    }
    async fn statement(&self, _: &str, _: Option<&str>) -> Result<Statement, Failure> {
        Err(Failure::Unsupported)
    }
    async fn profile(&self) -> Result<Profile, Failure> {
        Err(Failure::Unsupported)
    }
    async fn pay(&self, transfer: &Transfer) -> Result<Payment, Failure> {
        Ok(Payment {
            id: "payment_789".to_owned(),
            transfer: transfer.clone(),
            status: PaymentStatus::Completed,
        })
    }
    async fn apply_for_loan(&self, _: &Loan) -> Result<Application, Failure> {
        Err(Failure::Unsupported)
    }
    async fn apply_for_credit_card(&self, _: &CreditCard) -> Result<Application, Failure> {
        Err(Failure::Unsupported)
    }
    async fn application(&self, _: &str) -> Result<Application, Failure> {
        Err(Failure::Unsupported)
    }
    async fn transferred(&self, _: u32, _: Option<&str>) -> Result<Totals, Failure> {
        Ok(self.totals.clone())
    }
    async fn recent(&self, _: usize) -> Vec<Utterance> {
        Vec::new()
    }
    async fn last_reply(&self) -> Option<String> {
        None
    }
    async fn answer(&self, _: &str) -> Result<String, Failure> {
        Err(Failure::Unsupported)
    }
}

impl Recorded for Bank {
    fn take_host_calls(&self) -> Vec<HostCall> {
        Vec::new()
    }
    fn vouch_for(&self, _: &Outcome) -> Result<(), String> {
        Ok(())
    }
}
