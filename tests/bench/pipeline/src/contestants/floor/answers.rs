//! The least that a host of this component must answer: constants, copied out.
//!
//! No grant is checked, nothing is counted, bounded or recorded.

use std::sync::Arc;

use super::bindings::bank::voice::{
    accounts, clock, history, log, profile_reader, settings, transcript, types,
};
use super::prepared::Constants;

/// What one store knows.
pub struct State(pub Arc<Constants>);

impl types::Host for State {}

impl accounts::Host for State {
    async fn get_all(&mut self) -> wasmtime::Result<Result<Vec<types::Account>, types::Failure>> {
        Ok(Ok(self.0.accounts.clone()))
    }
    async fn get_balance(
        &mut self,
        _: String,
    ) -> wasmtime::Result<Result<types::Balance, types::Failure>> {
        Ok(Ok(self.0.balance.clone()))
    }
    async fn get_statement(
        &mut self,
        _: String,
        _: Option<String>,
    ) -> wasmtime::Result<Result<types::Statement, types::Failure>> {
        Ok(Err(types::Failure::Unsupported))
    }
}

impl profile_reader::Host for State {
    async fn get_profile(&mut self) -> wasmtime::Result<Result<types::Profile, types::Failure>> {
        Ok(Err(types::Failure::Unsupported))
    }
}

impl history::Host for State {
    async fn transferred(
        &mut self,
        _: u32,
        _: Option<String>,
    ) -> wasmtime::Result<history::Totals> {
        Ok(self.0.totals.clone())
    }
}

impl transcript::Host for State {
    async fn recent(&mut self, _: u32) -> wasmtime::Result<Vec<transcript::Utterance>> {
        Ok(Vec::new())
    }
    async fn last_reply(&mut self) -> wasmtime::Result<Option<String>> {
        Ok(None)
    }
}

impl settings::Host for State {
    fn get(&mut self, key: String) -> wasmtime::Result<Option<String>> {
        Ok(self.0.settings.one(&key))
    }
    fn get_all(&mut self) -> wasmtime::Result<String> {
        Ok(self.0.settings.object().to_owned())
    }
}

impl clock::Host for State {
    fn now(&mut self) -> wasmtime::Result<clock::Instant> {
        Ok(self.0.now)
    }
}

impl log::Host for State {
    fn line(&mut self, _: log::Level, _: String) -> wasmtime::Result<()> {
        Ok(())
    }
}
