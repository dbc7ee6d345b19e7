//! Capability `accounts`: the caller's own accounts, balances and statements.
//!
//! An id that is not the caller's is not found, here as behind the port.

use std::sync::Arc;

use super::super::bindings::wit::accounts::Host;
use super::super::bindings::wit::types::{Account, Balance, Failure, Statement};
use super::super::convert;
use super::super::instance::State;
use crate::call::bounds;

impl Host for State {
    async fn get_all(&mut self) -> wasmtime::Result<Result<Vec<Account>, Failure>> {
        self.enter()?;
        let port = Arc::clone(&self.scope.capabilities);
        self.ask(port.accounts(), |accounts| {
            accounts.iter().map(convert::account_to_guest).collect()
        })
        .await
    }

    async fn get_balance(&mut self, account: String) -> wasmtime::Result<Result<Balance, Failure>> {
        self.enter()?;
        self.check(bounds::name("account", &account))?;
        let port = Arc::clone(&self.scope.capabilities);
        self.ask(port.balance(&account), convert::balance_to_guest)
            .await
    }

    async fn get_statement(
        &mut self,
        account: String,
        month: Option<String>,
    ) -> wasmtime::Result<Result<Statement, Failure>> {
        self.enter()?;
        self.check(bounds::name("account", &account))?;
        if let Some(month) = &month {
            self.check(bounds::name("month", month))?;
        }
        let port = Arc::clone(&self.scope.capabilities);
        let answer = port.statement(&account, month.as_deref());
        self.ask(answer, convert::statement_to_guest).await
    }
}
