//! The questions that change nothing: who somebody is, what they own, what became of a payment.
//!
//! Each is one request with its own bounds inside the turn's deadline, repeated at most twice. Every answer about a customer or
//! an account must be about the one that was asked for.

use std::sync::atomic::Ordering;

use tokio::time::Instant;

use super::request::{Request, segment};
use super::types::{
    AccountSeen, Customer, Dialect, Health, Missing, MonthStatement, PaymentList, PaymentSeen,
};
use super::wire::{self, Garbage, accounts, applications, payments, people};
use super::{Backend, Error};
use crate::call::Money;
use crate::call::outcome::{Account, Application, Profile};

/// Fewest digits of a telephone number; less is an extension, which could match anybody.
const PHONE_DIGITS_MIN: usize = 7;

impl Backend {
    /// How the bank is. Asked under the contract's prefix, then, where that is not there, at the root.
    ///
    /// # Errors
    /// [`Error`], as for all reads.
    pub async fn health(&self, deadline: Instant) -> Result<Health, Error> {
        let prefixed = Request::get("health", "/health".to_owned(), Missing::Endpoint);
        match self.read(&prefixed, deadline, wire::health).await {
            Err(Error::NotFound(_) | Error::Status(404)) => {
                self.read(&prefixed.at_root(), deadline, wire::health).await
            }
            other => other,
        }
    }

    /// A customer by the bank's id.
    ///
    /// # Errors
    /// [`Error::NotFound`] where the bank has none.
    pub async fn customer(&self, user_id: &str, deadline: Instant) -> Result<Customer, Error> {
        let path = format!("/users/{}", segment("user", user_id)?);
        let request = Request::get("customer", path, Missing::User);
        let (customer, published) = self
            .read(&request, deadline, |body| people::customer(body, user_id))
            .await?;
        self.note_published(published);
        Ok(customer)
    }

    /// The customer with this telephone number: by id as it stands, then, except in the documented dialect, the only one whose
    /// telephone or id has the same digits. None where nobody or more than one has.
    ///
    /// # Errors
    /// [`Error`], except that not finding anybody is none.
    pub async fn find_by_phone(
        &self,
        phone: &str,
        deadline: Instant,
    ) -> Result<Option<Customer>, Error> {
        // Caller ids are chosen by the caller: one that is not a number, `user_2`, must not be taken for a customer's id.
        let digits = people::digits(phone);
        if digits.len() < PHONE_DIGITS_MIN || !people::is_phone(phone) {
            return Ok(None);
        }
        match self.customer(phone, deadline).await {
            Ok(customer) => return Ok(Some(customer)),
            Err(Error::NotFound(_)) => {}
            Err(other) => return Err(other),
        }
        if self.inner.settings.dialect == Dialect::Documented {
            return Ok(None);
        }
        let request = Request::get("customers", "/users/".to_owned(), Missing::Endpoint);
        match self
            .read(&request, deadline, |body| {
                people::with_digits(body, &digits)
            })
            .await
        {
            Err(Error::NotFound(_)) => Ok(None),
            other => other,
        }
    }

    /// Name and addresses of a customer.
    ///
    /// # Errors
    /// [`Error::NotFound`] where the bank has none.
    pub async fn profile(&self, user_id: &str, deadline: Instant) -> Result<Profile, Error> {
        // The published dialect has an answer of its own for this, which carries no social security number.
        let customer = if self.dialect() == Dialect::Published {
            let path = format!("/users/{}/profile", segment("user", user_id)?);
            let request = Request::get("profile", path, Missing::User);
            self.read(&request, deadline, |body| people::customer(body, user_id))
                .await?
                .0
        } else {
            self.customer(user_id, deadline).await?
        };
        Ok(Profile {
            name: customer.name,
            email: customer.email,
            phone: customer.phone,
            address: customer.address,
        })
    }

    /// A customer's accounts, with balances where the answer has them.
    ///
    /// # Errors
    /// [`Error::NotFound`] where the bank has no such customer.
    pub async fn accounts(
        &self,
        user_id: &str,
        deadline: Instant,
    ) -> Result<Vec<(Account, Option<Money>)>, Error> {
        let path = format!("/users/{}/accounts", segment("user", user_id)?);
        let request = Request::get("accounts", path, Missing::User);
        let currency = &self.inner.settings.currency;
        self.read(&request, deadline, |body| {
            accounts::accounts(body, user_id, currency)
        })
        .await
    }

    /// One account with its balance.
    ///
    /// # Errors
    /// [`Error::NotFound`] where the bank has none.
    pub async fn account(&self, account_id: &str, deadline: Instant) -> Result<AccountSeen, Error> {
        let path = format!("/accounts/{}", segment("account", account_id)?);
        let request = Request::get("account", path, Missing::Account);
        let currency = &self.inner.settings.currency;
        let (seen, published) = self
            .read(&request, deadline, |body| {
                accounts::account(body, account_id, currency)
            })
            .await?;
        self.note_published(published);
        Ok(seen)
    }

    /// What is in an account. Read from the account itself, which both dialects have and which may say its currency.
    ///
    /// # Errors
    /// [`Error::NotFound`] where the bank has none.
    pub async fn balance(&self, account_id: &str, deadline: Instant) -> Result<Money, Error> {
        Ok(self.account(account_id, deadline).await?.balance)
    }

    /// An account's statements, in the bank's order.
    ///
    /// # Errors
    /// [`Error::NotFound`] where the bank has no such account.
    pub async fn statements(
        &self,
        account_id: &str,
        deadline: Instant,
    ) -> Result<Vec<MonthStatement>, Error> {
        let path = format!("/accounts/{}/statements", segment("account", account_id)?);
        let request = Request::get("statements", path, Missing::Account);
        let currency = &self.inner.settings.currency;
        self.read(&request, deadline, |body| {
            accounts::statements(body, account_id, currency)
        })
        .await
    }

    /// Every payment that the bank lists. A payment that is not in it may exist all the same. With a
    /// `reference` a bank that can filter lists only those that carry it; another lists all.
    ///
    /// # Errors
    /// [`Error`], as for all reads.
    pub async fn payments(
        &self,
        reference: Option<&str>,
        deadline: Instant,
    ) -> Result<PaymentList, Error> {
        if let Some(reference) = reference
            && !self.inner.lists_whole.load(Ordering::Relaxed)
        {
            let reference = segment("reference", reference)?;
            let filtered = format!("/payments/?reference={reference}");
            match self.listed(filtered, deadline).await {
                // It knows no such filter and says so; what it knows can still be had.
                Err(Error::Rejected {
                    status: 400 | 422, ..
                }) => self.inner.lists_whole.store(true, Ordering::Relaxed),
                other => return other,
            }
        }
        let whole = self.listed("/payments/".to_owned(), deadline).await;
        if matches!(whole, Err(Error::TooLong { .. })) {
            // Nothing is ever found in such a list; that the bank once refused to filter may have been a mistake of the moment.
            self.inner.lists_whole.store(false, Ordering::Relaxed);
        }
        whole
    }

    async fn listed(&self, path: String, deadline: Instant) -> Result<PaymentList, Error> {
        let request = Request::get("payments", path, Missing::Endpoint);
        let currency = &self.inner.settings.currency;
        self.read(&request, deadline, |body| {
            payments::payments(body, currency)
        })
        .await
    }

    /// One payment.
    ///
    /// # Errors
    /// [`Error::NotFound`] where the bank has none.
    pub async fn payment(&self, payment_id: &str, deadline: Instant) -> Result<PaymentSeen, Error> {
        let path = format!("/payments/{}", segment("payment", payment_id)?);
        let request = Request::get("payment", path, Missing::Payment);
        let currency = &self.inner.settings.currency;
        self.read(&request, deadline, |body| {
            payments::payment(body, payment_id, currency)
        })
        .await
    }

    /// What became of an application.
    ///
    /// # Errors
    /// [`Error::NotFound`] where the bank has none.
    pub async fn application(
        &self,
        application_id: &str,
        deadline: Instant,
    ) -> Result<Application, Error> {
        let path = format!("/applications/{}", segment("application", application_id)?);
        let request = Request::get("application", path, Missing::Application);
        self.read(&request, deadline, |body| -> Result<_, Garbage> {
            applications::status(body, application_id)
        })
        .await
    }

    fn note_published(&self, published: bool) {
        if published {
            self.inner.published_seen.store(true, Ordering::Relaxed);
        }
    }
}
