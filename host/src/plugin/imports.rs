//! The host functions, one file a capability: arguments checked, one question to the port, the answer converted.
//!
//! A failure that a rule may reason about is a value; everything else ends the invocation.

mod accounts;
mod ambient;
mod applications;
mod assistant;
mod history;
mod payments;
mod profile;
mod transcript;

use wasmtime::component::{HasSelf, Linker};

use super::bindings::wit;
use super::convert;
use super::grant::Grant;
use super::instance::State;
use crate::call::Failure;

/// What is there without a grant.
pub(super) fn add_always(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    wit::types::add_to_linker::<_, HasSelf<_>>(linker, itself)?;
    wit::settings::add_to_linker::<_, HasSelf<_>>(linker, itself)?;
    wit::clock::add_to_linker::<_, HasSelf<_>>(linker, itself)?;
    wit::log::add_to_linker::<_, HasSelf<_>>(linker, itself)
}

/// What a grant opens.
pub(super) fn add(linker: &mut Linker<State>, grant: Grant) -> wasmtime::Result<()> {
    match grant {
        Grant::Accounts => wit::accounts::add_to_linker::<_, HasSelf<_>>(linker, itself),
        Grant::Profile => wit::profile_reader::add_to_linker::<_, HasSelf<_>>(linker, itself),
        Grant::Payments => wit::payments::add_to_linker::<_, HasSelf<_>>(linker, itself),
        Grant::Applications => wit::applications::add_to_linker::<_, HasSelf<_>>(linker, itself),
        Grant::History => wit::history::add_to_linker::<_, HasSelf<_>>(linker, itself),
        Grant::Transcript => wit::transcript::add_to_linker::<_, HasSelf<_>>(linker, itself),
        Grant::Assistant => wit::assistant::add_to_linker::<_, HasSelf<_>>(linker, itself),
    }
}

fn itself(state: &mut State) -> &mut State {
    state
}

impl State {
    /// Waits for the port and converts the answer.
    async fn ask<T, G>(
        &mut self,
        answer: impl Future<Output = Result<T, Failure>>,
        to_guest: impl FnOnce(&T) -> G,
    ) -> wasmtime::Result<Result<G, wit::types::Failure>> {
        Ok(match self.wait(answer).await {
            Ok(value) => Ok(to_guest(&value)),
            Err(failure) => Err(convert::failure_to_guest(&failure)),
        })
    }
}
