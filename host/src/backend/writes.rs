//! The requests that change something at the bank: transfers and applications.
//!
//! Sent by the ledger after its intent is committed. Each carries `Idempotency-Key` and `reference`, and leaves the host once
//! unless the bank understands the key; [`Error::may_have_happened`] tells what a failure leaves open.

use tokio::time::Instant;

use super::request::{Request, safe};
use super::types::{Missing, Receipt, TransferOrder};
use super::wire::{applications, payments};
use super::{Backend, Error};
use crate::call::intent::{CreditCard, Loan};
use crate::call::outcome::Application;

impl Backend {
    /// Moves money. An answer for other accounts or another amount counts as none: the outcome is then unknown.
    ///
    /// # Errors
    /// [`Error`]; ask it [`Error::may_have_happened`].
    pub async fn transfer(
        &self,
        order: &TransferOrder,
        deadline: Instant,
    ) -> Result<Receipt, Error> {
        for id in [&order.from_account, &order.to_account] {
            safe("account", id)?;
        }
        let body = payments::order(order);
        let request = Request::post("transfer", "/payments/transfer", Missing::Account, body)
            .with_key(&order.key)?;
        // Money canceled in a success is a refusal, not an answer that cannot be read.
        match self
            .write(&request, deadline, |body| payments::receipt(body, order))
            .await?
        {
            payments::Answer::Taken(receipt) => Ok(receipt),
            payments::Answer::Canceled(detail) => Err(Error::Rejected {
                status: 200,
                detail,
            }),
        }
    }

    /// Applies for a loan.
    ///
    /// # Errors
    /// [`Error`]; ask it [`Error::may_have_happened`].
    pub async fn apply_for_loan(
        &self,
        user_id: &str,
        loan: &Loan,
        key: &str,
        reference: &str,
        deadline: Instant,
    ) -> Result<Application, Error> {
        let body = applications::loan(user_id, loan, reference);
        self.apply(
            "apply_for_loan",
            "/applications/loan",
            user_id,
            body,
            key,
            deadline,
        )
        .await
    }

    /// Applies for a credit card.
    ///
    /// # Errors
    /// [`Error`]; ask it [`Error::may_have_happened`].
    pub async fn apply_for_credit_card(
        &self,
        user_id: &str,
        card: &CreditCard,
        key: &str,
        reference: &str,
        deadline: Instant,
    ) -> Result<Application, Error> {
        let body = applications::credit_card(user_id, card, reference);
        let path = "/applications/credit-card";
        self.apply("apply_for_credit_card", path, user_id, body, key, deadline)
            .await
    }

    async fn apply(
        &self,
        operation: &'static str,
        path: &'static str,
        user_id: &str,
        body: serde_json::Value,
        key: &str,
        deadline: Instant,
    ) -> Result<Application, Error> {
        safe("user", user_id)?;
        let request = Request::post(operation, path, Missing::User, body).with_key(key)?;
        self.write(&request, deadline, applications::submitted)
            .await
    }
}
