//! Keys of section `[voice]`: what the host says on its own, when, and whom it connects to.
//!
//! What rules say is theirs; these are the words before, between and instead.

use serde::Deserialize;

use super::frame::AgentConfig;
use crate::call::bounds;

/// Keys of section `[voice]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// First words to somebody unknown.
    pub greeting: String,
    /// First words to a known caller, with `{name}` in them.
    pub greeting_named: String,
    /// How long the greeting waits for who is calling.
    pub greeting_wait_ms: u64,
    /// After so long without a word the caller is told to hold on.
    pub holding_after_ms: u64,
    /// Where a caller is connected to who needs a person: a number or a SIP address.
    pub hand_off_number: Option<String>,
    /// Whoever is called there sees the caller's number, not the bank's.
    pub hand_off_shows_caller: bool,
    /// Most lines that are open at once.
    pub lines_max: usize,
    /// Each turn's intent and code go out as `metadata`, for the page of a web call.
    pub metadata: bool,
    /// How the agent listens, where that is not left to its settings at Retell.
    pub agent: AgentConfig,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            greeting: "Hello, this is your bank. How can I help you today?".to_owned(),
            greeting_named: "Hello {name}, this is your bank. How can I help you today?".to_owned(),
            greeting_wait_ms: 800,
            holding_after_ms: 700,
            hand_off_number: None,
            hand_off_shows_caller: false,
            lines_max: 16_384,
            metadata: false,
            agent: AgentConfig::default(),
        }
    }
}

impl Settings {
    /// What types alone cannot tell.
    ///
    /// # Errors
    /// A sentence with the key, the value and what was expected.
    pub fn check(&self) -> Result<(), String> {
        if !self.greeting_named.contains("{name}") {
            return Err(format!(
                "setting `voice.greeting_named` = {:?}: expected a sentence with {{name}} in it",
                self.greeting_named
            ));
        }
        for (key, value) in [
            ("greeting_wait_ms", self.greeting_wait_ms),
            ("holding_after_ms", self.holding_after_ms),
        ] {
            if !(100..=5_000).contains(&value) {
                return Err(format!(
                    "setting `voice.{key}` = {value}: expected 100 to 5000"
                ));
            }
        }
        for (key, share) in [
            ("responsiveness", self.agent.responsiveness),
            (
                "interruption_sensitivity",
                self.agent.interruption_sensitivity,
            ),
        ] {
            if let Some(share) = share.filter(|share| !(0.0..=1.0).contains(share)) {
                return Err(format!(
                    "setting `voice.agent.{key}` = {share}: expected 0.0 to 1.0"
                ));
            }
        }
        if self.agent.reminder_trigger_ms == Some(0) {
            return Err(
                "setting `voice.agent.reminder_trigger_ms` = 0: expected 1 or more".to_owned(),
            );
        }
        match &self.hand_off_number {
            Some(number) if !is_destination(number) => Err(format!(
                "setting `voice.hand_off_number` = {number:?}: expected a number such as +14155550199, or a SIP address"
            )),
            _ => Ok(()),
        }
    }
}

/// Whether a call can be connected to it.
pub fn is_destination(text: &str) -> bool {
    let is_sip = text
        .strip_prefix("sip:")
        .is_some_and(|rest| !rest.is_empty() && !rest.contains(char::is_whitespace));
    bounds::is_e164(text) || is_sip
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_be_dialled_is_a_destination() {
        for good in ["+14155550199", "sip:desk@bank.example"] {
            assert!(is_destination(good), "{good}");
        }
        for bad in ["", "queue-1", "+1", "14155550199", "sip:", "sip:a b"] {
            assert!(!is_destination(bad), "{bad}");
        }
    }
}
