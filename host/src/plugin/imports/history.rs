//! Capability `history`: the caller's own transfers as the ledger knows them.
//!
//! Unsettled transfers are part of it.

use std::sync::Arc;

use super::super::bindings::wit::history::{Host, Totals};
use super::super::convert;
use super::super::error::Error;
use super::super::instance::State;
use crate::call::bounds;

impl Host for State {
    async fn transferred(
        &mut self,
        window_hours: u32,
        from_account: Option<String>,
    ) -> wasmtime::Result<Totals> {
        self.enter()?;
        if let Some(account) = &from_account {
            self.check(bounds::name("from-account", account))?;
        }
        let port = Arc::clone(&self.scope.capabilities);
        let answer = self
            .wait(port.transferred(window_hours, from_account.as_deref()))
            .await;
        // A rule that reasons about limits must not be told "nothing so far" when the ledger is silent.
        let totals = answer.map_err(|failure| {
            self.end(Error::Implausible(format!(
                "the ledger did not answer: {}",
                failure.code()
            )))
        })?;
        Ok(Totals {
            count: totals.count,
            sum: convert::money_to_guest(&totals.sum),
        })
    }
}
