//! What every plugin has without a grant: its settings, the turn's instant, log lines.
//!
//! Needs no port: all of it is known when the stage begins.

use super::super::bindings::wit::{clock, log, settings};
use super::super::instance::State;
use crate::call::{bounds, mask};

impl settings::Host for State {
    fn get(&mut self, key: String) -> wasmtime::Result<Option<String>> {
        self.enter()?;
        self.check(bounds::name("key", &key))?;
        Ok(self.scope.settings.one(&key))
    }

    fn get_all(&mut self) -> wasmtime::Result<String> {
        self.enter()?;
        Ok(self.scope.settings.object().to_owned())
    }
}

impl clock::Host for State {
    fn now(&mut self) -> wasmtime::Result<clock::Instant> {
        self.enter()?;
        Ok(clock::Instant {
            unix_ms: u64::try_from(self.scope.now.unix_ms).unwrap_or(0),
            utc_offset_minutes: self.scope.now.utc_offset_minutes,
        })
    }
}

impl log::Host for State {
    fn line(&mut self, level: log::Level, message: String) -> wasmtime::Result<()> {
        self.enter()?;
        if !self.may_log() {
            return Ok(());
        }
        // Invariant: a plugin cannot write a secret to the log (`no_secret_reaches_a_log_metric_or_page`).
        let (message, _) = crate::call::pin::take_from_text(&message, false);
        let message = mask::log_line(&message);
        let (plugin, call_id) = (&*self.plugin, &self.scope.call_id);
        match level {
            log::Level::Debug => tracing::debug!(plugin, call_id, "{message}"),
            log::Level::Info => tracing::info!(plugin, call_id, "{message}"),
            log::Level::Warn => tracing::warn!(plugin, call_id, "{message}"),
            log::Level::Error => tracing::error!(plugin, call_id, "{message}"),
        }
        Ok(())
    }
}
