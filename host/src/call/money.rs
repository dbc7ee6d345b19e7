//! Exact money: minor units of an ISO 4217 currency, read from the decimal token itself and never through a float.
//!
//! Two readers, because two worlds speak: what a client or a caller asks for must be exact (`500.005` is an error, never a
//! rounded payment), while a bank's answer may carry float noise (`2469.7000000000003`) and is taken when it lies within a
//! millionth of a cent.

use std::fmt;

use iso_currency::Currency;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// Largest amount either way, in minor units: what a double holds exactly, so that no peer can have rounded it.
pub const AMOUNT_MINOR_MAX: i64 = (1 << 53) - 1;

/// Digits of it; one that has more before its point is larger.
const DIGITS_MAX: i64 = 16;
/// Longest token that is read, in bytes.
const TOKEN_BYTES_MAX: usize = 64;

/// How far a bank's figure may lie from a whole minor unit: digits behind the point of minor units, a millionth and all but that.
const BANK_NOISE: (&str, &str) = ("000001", "999999");

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
        let scaled = Scaled::read(token, decimals)?;
        if !scaled.fraction.is_empty() {
            return Err(too_many_decimals(token, decimals, currency));
        }
        scaled.money(scaled.whole, token, currency)
    }

    /// Reads a bank's figure, float noise forgiven.
    ///
    /// # Errors
    /// [`MoneyError`] when the figure is further than a millionth of a minor unit from a whole one.
    pub fn parse_noisy(token: &str, currency: &str) -> Result<Self, MoneyError> {
        let decimals = decimals_of(currency)?;
        let scaled = Scaled::read(token, decimals)?;
        // Digits behind a point are in order as texts are.
        let nearest = match scaled.fraction.as_str() {
            little if little <= BANK_NOISE.0 => scaled.whole,
            nearly_one if nearly_one >= BANK_NOISE.1 => scaled.whole + 1,
            _ => return Err(too_many_decimals(token, decimals, currency)),
        };
        scaled.money(nearest, token, currency)
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
    // A metal or a code for tests has no smallest unit, so nothing can be counted in it.
    Currency::from_code(currency)
        .and_then(Currency::exponent)
        .ok_or_else(|| MoneyError::UnknownCurrency(shortened(currency)))
}

/// A token's value in minor units, digit by digit: no arithmetic that could round.
struct Scaled {
    is_negative: bool,
    /// Without the sign; at most sixteen digits.
    whole: i64,
    /// Digits behind the point, without zeros at their end.
    fraction: String,
}

impl Scaled {
    fn read(token: &str, decimals: u16) -> Result<Self, MoneyError> {
        let no_number = || MoneyError::NotANumber(shortened(token));
        if token.len() > TOKEN_BYTES_MAX {
            return Err(no_number());
        }
        // An exponent is legal JSON.
        let (number, power) = token.split_once(['e', 'E']).unwrap_or((token, "0"));
        let (is_negative, number) = signed(number);
        let (before, after) = number.split_once('.').unwrap_or((number, ""));
        let digits = format!("{before}{after}");
        if !is_digits(&digits) {
            return Err(no_number());
        }
        let power = exponent(power).ok_or_else(no_number)?;
        let zeros = digits.len() - digits.trim_start_matches('0').len();
        if zeros == digits.len() {
            return Ok(Self {
                is_negative: false,
                whole: 0,
                fraction: String::new(),
            });
        }
        // Where the point stands in the digits once the value is in minor units.
        let point = signed_length(before) + power + i64::from(decimals);
        if point - signed_length(&digits[..zeros]) > DIGITS_MAX {
            return Err(MoneyError::TooLarge(shortened(token)));
        }
        let (whole, fraction) = around(&digits, point);
        Ok(Self {
            is_negative,
            // Of what stands there only zeros can be too many.
            whole: whole.trim_start_matches('0').parse().unwrap_or(0),
            fraction: fraction.trim_end_matches('0').to_owned(),
        })
    }

    fn money(&self, whole: i64, token: &str, currency: &str) -> Result<Money, MoneyError> {
        if whole > AMOUNT_MINOR_MAX {
            return Err(MoneyError::TooLarge(shortened(token)));
        }
        let minor = if self.is_negative { -whole } else { whole };
        Ok(Money::new(minor, currency))
    }
}

/// What stands before and behind a point that may lie outside of the digits.
fn around(digits: &str, point: i64) -> (String, String) {
    match usize::try_from(point) {
        Ok(point) => match digits.split_at_checked(point) {
            Some((before, behind)) => (before.to_owned(), behind.to_owned()),
            None => (format!("{digits:0<point$}"), String::new()),
        },
        Err(_) => {
            // More zeros would tell nothing more.
            let zeros = usize::try_from(-point).unwrap_or(usize::MAX);
            let zeros = zeros.min(TOKEN_BYTES_MAX);
            (String::new(), format!("{}{digits}", "0".repeat(zeros)))
        }
    }
}

/// A power of ten; none where it is no whole number, and beyond all amounts where it has too many digits to be counted.
fn exponent(text: &str) -> Option<i64> {
    const FAR: i64 = 1_000_000;
    let (is_negative, digits) = signed(text);
    let power = is_digits(digits).then(|| digits.parse().unwrap_or(FAR).min(FAR))?;
    Some(if is_negative { -power } else { power })
}

/// Whether it is below zero, and the rest.
fn signed(number: &str) -> (bool, &str) {
    match number.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, number.strip_prefix('+').unwrap_or(number)),
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Of a token, which is short.
fn signed_length(digits: &str) -> i64 {
    i64::try_from(digits.len()).unwrap_or(i64::MAX)
}

fn too_many_decimals(token: &str, decimals: u16, currency: &str) -> MoneyError {
    MoneyError::TooManyDecimals {
        token: shortened(token),
        decimals,
        currency: currency.to_owned(),
    }
}

fn shortened(token: &str) -> String {
    token.chars().filter(|c| !c.is_control()).take(40).collect()
}

#[cfg(test)]
mod tests {
    mod properties;

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
    fn digits_beyond_what_a_decimal_holds_are_not_rounded_away() {
        let cents = |token: &str| Money::parse(token, "USD").map(|money| money.minor);
        let fine = format!("500.00{}1", "0".repeat(30));
        assert!(matches!(
            cents(&fine),
            Err(MoneyError::TooManyDecimals { .. })
        ));
        assert!(matches!(
            cents("1e-40"),
            Err(MoneyError::TooManyDecimals { .. })
        ));
        assert_eq!(cents(&format!("500.00{}", "0".repeat(40))), Ok(50_000));
        assert_eq!(cents("0e999"), Ok(0));
        assert_eq!(cents(&format!("0.{}1e40", "0".repeat(39))), Ok(100));
        assert!(matches!(
            cents("1e99999999999999999999"),
            Err(MoneyError::TooLarge(_))
        ));
        for token in ["e5", "1e", "1e1.5", "1.2.3", "--1", "1-1", ".", "-"] {
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
        // What is left of 0.1 + 0.2 - 0.3 as a double.
        assert_eq!(cents("5.551115123125783e-17"), Ok(0));
        assert_eq!(cents("-0.009999999999999787"), Ok(-1));
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
