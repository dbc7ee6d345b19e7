//! How the bank is reached: its address, its dialect, and every bound of a call to it.
//!
//! Read once at start; `config` builds it from the file and the environment. The defaults are those of the manual.

use secrecy::SecretString;
use serde::Deserialize;

use super::types::Dialect;

/// Section `[backend]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Where the bank is (`PYTHON_BACKEND_URL`); `/api/v1` is added where it is missing.
    pub url: String,
    /// `documented`, `published`, or `auto`: decided by the shapes of the answers (`BACKEND_DIALECT`).
    pub dialect: Dialect,
    /// Bearer token, where the bank asks for one.
    pub token: Option<SecretString>,
    /// Whether the bank understands `Idempotency-Key`. Only then is a write ever sent again.
    pub idempotent: bool,
    /// ISO 4217 code for amounts without one.
    pub currency: String,
    /// Longest wait for a connection, TLS included.
    pub connect_timeout_ms: u64,
    /// Longest wait for the beginning of the answer to a read.
    pub first_byte_ms: u64,
    /// Longest wait for one try of a read.
    pub read_try_ms: u64,
    /// Longest wait for a read, its repeats included.
    pub read_total_ms: u64,
    /// Longest wait for one try of a write where `idempotent`; a write that is sent once waits until the turn's deadline.
    pub write_try_ms: u64,
    /// Whether the bank's agent is asked open questions.
    pub assistant: bool,
    /// Longest wait for its whole answer; what was whole by then is said.
    pub assistant_ms: u64,
    /// Longest answer; more is cut off with an error.
    pub answer_bytes_max: usize,
    /// Idle connections kept for reads. Writes open a connection of their own, so that one gone stale in the pool cannot
    /// leave a transfer's outcome unknown.
    pub pool_idle_max: usize,
    /// How long an idle connection is kept.
    pub pool_idle_ms: u64,
    /// After so many failures in a row the bank is given a rest.
    pub breaker_failures: u32,
    /// How often it is tried again in that rest.
    pub breaker_probe_ms: u64,
    /// How long a bank that does not answer is asked what became of a write before a person is; meanwhile the same may not be asked
    /// for again.
    pub silence_ms_max: u32,
}

/// Longest wait for a silent bank: an hour. Whoever asked for the money has to be told something.
const SILENCE_MS_MOST: u32 = 3_600_000;

impl Settings {
    /// Checks what only this section knows.
    ///
    /// # Errors
    /// A sentence with the key, its value and what was expected.
    pub fn check(&self) -> Result<(), String> {
        if self.silence_ms_max > SILENCE_MS_MOST {
            return Err(format!(
                "setting `backend.silence_ms_max` = {}: expected at most {SILENCE_MS_MOST}, an hour",
                self.silence_ms_max
            ));
        }
        Ok(())
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            url: "http://localhost:8000".to_owned(),
            dialect: Dialect::Auto,
            token: None,
            idempotent: false,
            currency: "USD".to_owned(),
            connect_timeout_ms: 500,
            first_byte_ms: 1_200,
            read_try_ms: 1_500,
            read_total_ms: 3_000,
            write_try_ms: 4_500,
            assistant: true,
            assistant_ms: 2_500,
            answer_bytes_max: 1024 * 1024,
            pool_idle_max: 64,
            pool_idle_ms: 30_000,
            breaker_failures: 10,
            breaker_probe_ms: 1_000,
            silence_ms_max: 18_000,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bank_is_waited_for_for_an_hour_at_most() {
        let with = |silence_ms_max| Settings {
            silence_ms_max,
            ..Settings::default()
        };
        assert_eq!(with(3_600_000).check(), Ok(()));
        let refused = with(3_600_001).check().unwrap_err();
        assert!(refused.contains("backend.silence_ms_max"), "{refused}");
    }
}
