//! Capability `applications`: loans and cards, under the same permit as money; and the state of the caller's own.
//!
//! Permit and ledger are behind the port.

use std::sync::Arc;

use super::super::bindings::wit::applications::Host;
use super::super::bindings::wit::types::{Application, CreditCard, Failure, Loan};
use super::super::convert;
use super::super::error::Error;
use super::super::instance::State;
use crate::call::bounds;

impl Host for State {
    async fn apply_for_loan(
        &mut self,
        request: Loan,
    ) -> wasmtime::Result<Result<Application, Failure>> {
        self.enter()?;
        let loan = convert::loan(request).map_err(|cause| self.end(Error::BadAnswer(cause)))?;
        let port = Arc::clone(&self.scope.capabilities);
        let answer = port.apply_for_loan(&loan);
        self.ask(answer, convert::application_to_guest).await
    }

    async fn apply_for_credit_card(
        &mut self,
        request: CreditCard,
    ) -> wasmtime::Result<Result<Application, Failure>> {
        self.enter()?;
        let card =
            convert::credit_card(request).map_err(|cause| self.end(Error::BadAnswer(cause)))?;
        let port = Arc::clone(&self.scope.capabilities);
        let answer = port.apply_for_credit_card(&card);
        self.ask(answer, convert::application_to_guest).await
    }

    async fn get_status(&mut self, id: String) -> wasmtime::Result<Result<Application, Failure>> {
        self.enter()?;
        self.check(bounds::name("id", &id))?;
        let port = Arc::clone(&self.scope.capabilities);
        self.ask(port.application(&id), convert::application_to_guest)
            .await
    }
}
