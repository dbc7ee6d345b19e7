//! The figures of the rule, in minor units.
//!
//! The peers whose policies hold their figures in their own text repeat these there; the bench finds a difference.

use serde::{Deserialize, Serialize};

/// Whose accounts money may go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Payees {
    /// The caller's own only.
    Own,
    /// Those and whom the caller, or the bank, knows.
    Known,
    /// Everybody.
    Anyone,
}

/// Every limit on a transfer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// ISO 4217.
    pub currency: String,
    /// Whose accounts money may go to.
    pub payees: Payees,
    /// Account ids that count as known.
    pub payees_known: Vec<String>,
    /// A transfer above it is refused.
    pub transfer_max: i64,
    /// In 24 hours.
    pub day_total_max: i64,
    /// In 24 hours.
    pub day_count_max: u32,
    /// A spoken transfer above it needs a yes.
    pub confirm_voice_above: i64,
    /// A transfer by tool call above it needs a yes.
    pub confirm_invocation_above: i64,
    /// A transfer above it needs the PIN.
    pub pin_above: i64,
    /// First hour of the night.
    pub night_from_hour: u32,
    /// First hour after the night.
    pub night_to_hour: u32,
    /// A transfer above it is refused at night.
    pub night_max: Option<i64>,
    /// A transfer above it goes to a colleague.
    pub hand_off_above: Option<i64>,
}

impl Limits {
    /// The figures of the bench; its `pipeline.toml` holds the same.
    #[must_use]
    pub fn of_the_bench() -> Self {
        Self {
            currency: "USD".to_owned(),
            payees: Payees::Known,
            payees_known: Vec::new(),
            transfer_max: 1_000_000,
            day_total_max: 2_500_000,
            day_count_max: 20,
            confirm_voice_above: 0,
            confirm_invocation_above: 10_000,
            pin_above: 25_000,
            night_from_hour: 22,
            night_to_hour: 6,
            night_max: Some(100_000),
            hand_off_above: Some(1_500_000),
        }
    }

    /// Whether the hour is in the night, which may run over midnight.
    #[must_use]
    pub fn is_night(&self, hour: u32) -> bool {
        let (from, to) = (self.night_from_hour, self.night_to_hour);
        if from <= to {
            (from..to).contains(&hour)
        } else {
            hour >= from || hour < to
        }
    }
}
