//! Capability `payments`: pays exactly what the policies allowed in this turn, once.
//!
//! The permit and the ledger are behind the port; this file only checks the shape of what is asked.

use std::sync::Arc;

use super::super::bindings::wit::payments::Host;
use super::super::bindings::wit::types::{Failure, Payment, Transfer};
use super::super::convert;
use super::super::error::Error;
use super::super::instance::State;

impl Host for State {
    async fn pay(&mut self, request: Transfer) -> wasmtime::Result<Result<Payment, Failure>> {
        self.enter()?;
        let transfer =
            convert::transfer(request).map_err(|cause| self.end(Error::BadAnswer(cause)))?;
        let port = Arc::clone(&self.scope.capabilities);
        self.ask(port.pay(&transfer), convert::payment_to_guest)
            .await
    }
}
