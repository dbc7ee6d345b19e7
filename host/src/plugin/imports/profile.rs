//! Capability `profile`: who the caller is.
//!
//! Never a social security number or a date of birth: the port has none to give.

use std::sync::Arc;

use super::super::bindings::wit::profile_reader::Host;
use super::super::bindings::wit::types::{Failure, Profile};
use super::super::convert;
use super::super::instance::State;

impl Host for State {
    async fn get_profile(&mut self) -> wasmtime::Result<Result<Profile, Failure>> {
        self.enter()?;
        let port = Arc::clone(&self.scope.capabilities);
        self.ask(port.profile(), convert::profile_to_guest).await
    }
}
