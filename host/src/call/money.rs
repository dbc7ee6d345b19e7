//! Exact money: minor units of an ISO 4217 currency, read from the decimal token itself and never through a float.
//!
//! Two readers, because two worlds speak: what a client or a caller asks for must be exact (`500.005` is an error, never a
//! rounded payment), while a bank's answer may carry float noise (`2469.7000000000003`) and is taken when it lies within a
//! millionth of a cent.

use std::fmt;
use std::str::FromStr as _;

use iso_currency::Currency;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// Largest amount either way, in minor units: what a double holds exactly, so that no peer can have rounded it.
pub const AMOUNT_MINOR_MAX: i64 = (1 << 53) - 1;

/// How far a bank's figure may lie from a whole minor unit, in minor units.
const BANK_NOISE_MINOR: &str = "0.000001";

/// An amount: `{minor: 500050, currency: "USD"}` is 5,000.50 dollars.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    /// Minor units; negative for an overdrawn account.
    pub minor: i64,
    /// ISO 4217, three capital letters.
    pub currency: String,
}

/// Why a token is not an amount.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Not a decimal number at all; NaN and infinities are this.
    #[error("`{0}` is not a decimal number")]
    NotANumber(String),
    /// A fraction of the smallest unit.
    #[error("`{token}` has more than the {decimals} decimals of {currency}")]
    TooManyDecimals {
        /// What came.
        token: String,
        /// What the currency has.
        decimals: u16,
        /// ISO 4217.
        currency: String,
    },
    /// Beyond [`AMOUNT_MINOR_MAX`].
    #[error("`{0}` is too large")]
    TooLarge(String),
    /// Not a currency of ISO 4217.
    #[error("`{0}` is not an ISO 4217 currency code")]
    UnknownCurrency(String),
}

impl Money {
    /// An amount of so many minor units.
    #[must_use]
    pub fn new(minor: i64, currency: impl Into<String>) -> Self {
        Self {
            minor,
            currency: currency.into(),
        }
    }

    /// Reads a request's amount exactly.
    ///
    /// # Errors
    /// [`MoneyError`] for everything that is not a whole number of minor units within bounds.
    pub fn parse(token: &str, currency: &str) -> Result<Self, MoneyError> {
        let decimals = decimals_of(currency)?;
        let minor = scaled(token, decimals)?;
        if !minor.fract().is_zero() {
            return Err(MoneyError::TooManyDecimals {
                token: shortened(token),
                decimals,
                currency: currency.to_owned(),
            });
        }
        whole(&minor, token, currency)
    }

    /// Reads a bank's figure, float noise forgiven.
    ///
    /// # Errors
    /// [`MoneyError`] when the figure is further than a millionth of a minor unit from a whole one.
    pub fn parse_noisy(token: &str, currency: &str) -> Result<Self, MoneyError> {
        let decimals = decimals_of(currency)?;
        let minor = scaled(token, decimals)?;
        let nearest = minor.round();
        let noise = Decimal::from_str(BANK_NOISE_MINOR).unwrap_or_default();
        if (minor - nearest).abs() > noise {
            return Err(MoneyError::TooManyDecimals {
                token: shortened(token),
                decimals,
                currency: currency.to_owned(),
            });
        }
        whole(&nearest, token, currency)
    }

    /// The amount as a decimal token with all its decimals, `5000.50`: what a JSON number is written from.
    #[must_use]
    pub fn to_decimal(&self) -> String {
        let decimals = u32::from(decimals_of(&self.currency).unwrap_or(2));
        Decimal::new(self.minor, decimals).to_string()
    }

    /// Whether this is more than nothing.
    #[must_use]
    pub fn is_positive(&self) -> bool {
        self.minor > 0
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.to_decimal(), self.currency)
    }
}

/// How many decimals a currency has.
///
/// # Errors
/// [`MoneyError::UnknownCurrency`].
pub fn decimals_of(currency: &str) -> Result<u16, MoneyError> {
    Currency::from_code(currency)
        .map(|known| known.exponent().unwrap_or(0))
        .ok_or_else(|| MoneyError::UnknownCurrency(shortened(currency)))
}

fn scaled(token: &str, decimals: u16) -> Result<Decimal, MoneyError> {
    let token_is_plain = !token.is_empty()
        && token.len() <= 64
        && token
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, '.' | '-' | 'e' | 'E' | '+'));
    if !token_is_plain {
        return Err(MoneyError::NotANumber(shortened(token)));
    }
    let value = if token.contains(['e', 'E']) {
        // An exponent is legal JSON; one that does not fit is a number all the same, only too large.
        Decimal::from_scientific(token).map_err(|_| MoneyError::TooLarge(shortened(token)))?
    } else {
        Decimal::from_str_exact(token).or_else(|_| noisy_long(token))?
    };
    value
        .checked_mul(Decimal::from(10_i64.pow(u32::from(decimals))))
        .ok_or_else(|| MoneyError::TooLarge(shortened(token)))
}

/// More than 28 significant digits: still a number, too large or too fine to be an amount.
fn noisy_long(token: &str) -> Result<Decimal, MoneyError> {
    Decimal::from_str(token).map_err(|cause| match cause {
        rust_decimal::Error::ExceedsMaximumPossibleValue
        | rust_decimal::Error::LessThanMinimumPossibleValue => {
            MoneyError::TooLarge(shortened(token))
        }
        _ => MoneyError::NotANumber(shortened(token)),
    })
}

fn whole(minor: &Decimal, token: &str, currency: &str) -> Result<Money, MoneyError> {
    i64::try_from(*minor)
        .ok()
        .filter(|minor| minor.abs() <= AMOUNT_MINOR_MAX)
        .map(|minor| Money::new(minor, currency))
        .ok_or_else(|| MoneyError::TooLarge(shortened(token)))
}

fn shortened(token: &str) -> String {
    token.chars().filter(|c| !c.is_control()).take(40).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn requests_are_read_exactly_or_refused() {
        let cents = |token| Money::parse(token, "USD").map(|money| money.minor);
        assert_eq!(cents("500.00"), Ok(50_000));
        assert_eq!(cents("500"), Ok(50_000));
        assert_eq!(cents("0.1"), Ok(10));
        assert_eq!(cents("5e2"), Ok(50_000));
        assert_eq!(cents("-0"), Ok(0));
        assert!(matches!(
            cents("500.005"),
            Err(MoneyError::TooManyDecimals { .. })
        ));
        assert!(matches!(
            cents("2469.7000000000003"),
            Err(MoneyError::TooManyDecimals { .. })
        ));
        assert!(matches!(cents("1e308"), Err(MoneyError::TooLarge(_))));
        assert!(matches!(
            cents("9007199254740993"),
            Err(MoneyError::TooLarge(_))
        ));
        for token in ["NaN", "Infinity", "", "five", "1,000", "0x10", "１２"] {
            assert!(
                matches!(cents(token), Err(MoneyError::NotANumber(_))),
                "{token}"
            );
        }
    }

    #[test]
    fn a_banks_float_noise_is_that_cent_and_half_a_cent_is_not() {
        let cents = |token| Money::parse_noisy(token, "USD").map(|money| money.minor);
        assert_eq!(cents("2469.7000000000003"), Ok(246_970));
        assert_eq!(cents("5000.499999999999"), Ok(500_050));
        assert_eq!(cents("-12.5"), Ok(-1_250));
        assert!(matches!(
            cents("12.345"),
            Err(MoneyError::TooManyDecimals { .. })
        ));
    }

    #[test]
    fn currencies_keep_their_own_decimals() {
        assert_eq!(
            Money::parse("500", "JPY").map(|m| m.to_decimal()),
            Ok("500".to_owned())
        );
        assert!(Money::parse("500.5", "JPY").is_err());
        assert_eq!(Money::parse("1.234", "KWD").map(|m| m.minor), Ok(1_234));
        assert_eq!(Money::new(500_050, "USD").to_decimal(), "5000.50");
        assert!(matches!(
            Money::parse("1", "XXZ"),
            Err(MoneyError::UnknownCurrency(_))
        ));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(minor in -AMOUNT_MINOR_MAX..=AMOUNT_MINOR_MAX) {
            let money = Money::new(minor, "USD");
            prop_assert_eq!(Money::parse(&money.to_decimal(), "USD"), Ok(money.clone()));
            prop_assert_eq!(Money::parse_noisy(&money.to_decimal(), "USD"), Ok(money));
        }

        #[test]
        fn no_text_makes_the_readers_panic(token in "\\PC{0,80}") {
            let _ = Money::parse(&token, "USD");
            let _ = Money::parse_noisy(&token, "USD");
        }
    }
}
