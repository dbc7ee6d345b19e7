//! Capability `assistant`: the bank's own agent answers an open question. It moves nothing.
//!
//! What it says is checked by whoever speaks it.

use std::sync::Arc;

use super::super::bindings::wit::assistant::Host;
use super::super::bindings::wit::types::Failure;
use super::super::instance::State;
use crate::call::bounds;

impl Host for State {
    async fn answer(&mut self, question: String) -> wasmtime::Result<Result<String, Failure>> {
        self.enter()?;
        self.check(bounds::text("question", &question))?;
        let port = Arc::clone(&self.scope.capabilities);
        self.ask(port.answer(&question), Clone::clone).await
    }
}
