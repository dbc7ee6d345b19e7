//! The host's own ceilings on money, which bind whatever plugins say.
//!
//! Amounts are texts with decimals, so that no figure in a configuration file is ever read through a float.

use serde::{Deserialize, Serialize};

use super::caps::Ceilings;
use crate::call::Money;
use crate::call::money::MoneyError;

/// Section `[ledger]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Most money in one transfer, `"50000.00"`.
    pub transfer_max: String,
    /// Most money that one caller moves in 24 hours, `"100000.00"`.
    pub day_max: String,
    /// ISO 4217 of both; a transfer in another currency is refused.
    pub currency: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            transfer_max: "50000.00".to_owned(),
            day_max: "100000.00".to_owned(),
            currency: "USD".to_owned(),
        }
    }
}

impl Settings {
    /// The ceilings as exact money.
    ///
    /// # Errors
    /// [`MoneyError`] names the figure that is no amount of the currency.
    pub fn ceilings(&self) -> Result<Ceilings, MoneyError> {
        Ok(Ceilings {
            transfer_max: Money::parse(&self.transfer_max, &self.currency)?,
            day_max: Money::parse(&self.day_max, &self.currency)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_exact_money() {
        let ceilings = Settings::default().ceilings().unwrap();
        assert_eq!(ceilings.transfer_max, Money::new(5_000_000, "USD"));
        assert_eq!(ceilings.day_max, Money::new(10_000_000, "USD"));
    }

    #[test]
    fn a_half_cent_as_ceiling_is_an_error() {
        let settings = Settings {
            day_max: "1.005".to_owned(),
            ..Settings::default()
        };
        assert!(settings.ceilings().is_err());
    }
}
