//! Amounts are exact or refused for the right reason, for any token and currency.
//!
//! Judged by reading the token a second time as nothing but digits and the place of the point, without any arithmetic that could
//! round.

use std::num::IntErrorKind;

use proptest::prelude::*;

use super::super::*;
use crate::tests::text;
use crate::tests::trial::{self, Judged, Meter, Parser, Verdict};

const PARSER: Parser = Parser {
    name: "money",
    base: 4_096,
    per_byte: 8,
};

const WORDS: &[&str] = &[
    "0",
    "00",
    "1",
    "9",
    ".",
    "-",
    "+",
    "e",
    "E",
    "e2",
    "e-2",
    "e28",
    "e-28",
    "e400",
    "NaN",
    "inf",
    "500.00",
    "9007199254740991",
    "90071992547409.91",
    "90071992547409.92",
    "0.005",
    "0.1",
    ",",
    "_",
    "79228162514264337593543950336",
    "0000000000000000000000000000000000001",
    "\u{0}",
];

fn tokens() -> impl Strategy<Value = (String, String)> {
    let samples = [
        "500.00",
        "-12.5",
        "0.1",
        "5e2",
        "2469.7000000000003",
        "1.234",
        "1e-2",
        "7",
    ];
    let token = prop_oneof![
        3 => r"-?[0-9]{1,18}(\.[0-9]{1,4})?",
        2 => r"[+-]?[0-9]{0,34}(\.[0-9]{0,34})?([eE][+-]?[0-9]{1,3})?",
        1 => r"[0-9]{1,6}\.[0-9]{2}0{20,40}[0-9]?",
        2 => text::texts(samples.map(str::to_owned).to_vec(), WORDS),
    ];
    let currency = prop_oneof![
        8 => proptest::sample::select(vec!["USD", "EUR", "JPY", "KWD", "CLF"]).prop_map(str::to_owned),
        1 => ".{0,60}",
    ];
    (token, currency)
}

/// A number as its digits without zeros at either end, and the power of ten of the last one.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Exact {
    is_negative: bool,
    digits: String,
    power: i64,
}

impl Exact {
    /// None for what is no number.
    fn read(token: &str) -> Option<Self> {
        let (sign, rest) = match token.as_bytes().first()? {
            b'-' => (true, &token[1..]),
            b'+' => (false, &token[1..]),
            _ => (false, token),
        };
        let (number, power) = match rest.split_once(['e', 'E']) {
            Some((number, power)) => (number, far(power)?),
            None => (rest, 0),
        };
        let (before, after) = number.split_once('.').unwrap_or((number, ""));
        let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if !is_digits(before) || !is_digits(after) || (before.is_empty() && after.is_empty()) {
            return None;
        }
        Some(Self::new(
            sign,
            &format!("{before}{after}"),
            power - after.len() as i64,
        ))
    }

    fn new(is_negative: bool, digits: &str, power: i64) -> Self {
        let significant = digits.trim_start_matches('0').trim_end_matches('0');
        let zeros = digits.len() - digits.trim_end_matches('0').len();
        if significant.is_empty() {
            return Self {
                is_negative: false,
                digits: String::new(),
                power: 0,
            };
        }
        Self {
            is_negative,
            digits: significant.to_owned(),
            power: power + zeros as i64,
        }
    }

    fn of(minor: i64, decimals: u16) -> Self {
        Self::new(
            minor < 0,
            &minor.unsigned_abs().to_string(),
            -i64::from(decimals),
        )
    }

    /// Whether it has a part of the smallest unit.
    fn is_finer_than(&self, decimals: u16) -> bool {
        self.power < -i64::from(decimals)
    }

    /// Whether its whole minor units are more than may be.
    fn is_too_large(&self, decimals: u16) -> bool {
        let power = self.power + i64::from(decimals);
        let length = self.digits.len() as i64 + power;
        if self.digits.is_empty() || length < 16 {
            return false;
        }
        let whole: String = self
            .digits
            .chars()
            .chain(std::iter::repeat('0'))
            .take(16)
            .collect();
        length > 16
            || whole
                .parse::<i64>()
                .is_ok_and(|whole| whole > AMOUNT_MINOR_MAX)
    }
}

/// A power of ten, and one that has more digits than can be counted as one that is far away.
fn far(power: &str) -> Option<i64> {
    match power.parse::<i64>() {
        Ok(power) => Some(power.clamp(-1_000, 1_000)),
        Err(cause) => match cause.kind() {
            IntErrorKind::PosOverflow => Some(1_000),
            IntErrorKind::NegOverflow => Some(-1_000),
            _ => None,
        },
    }
}

/// What the library for decimals makes of it, where it can hold all of its digits.
fn by_library(token: &str, decimals: u16) -> Option<Decimal> {
    let read = match token.contains(['e', 'E']) {
        true => Decimal::from_scientific(token),
        false => Decimal::from_str_exact(token),
    };
    let unit = Decimal::from(10_i64.pow(u32::from(decimals)));
    read.ok()?
        .checked_mul(unit)
        .filter(|minor| minor.scale() < 28)
}

/// A number as JSON writes it.
fn is_json(token: &str) -> bool {
    serde_json::from_str::<serde_json::Number>(token).is_ok() && token.trim() == token
}

fn property((token, currency): &(String, String), meter: &Meter) -> Judged {
    let bytes = token.len() + currency.len();
    let parsed = meter.watch(bytes, || Money::parse(token, currency))?;
    let noisy = meter.watch(bytes, || Money::parse_noisy(token, currency))?;
    let decimals = match decimals_of(currency) {
        Ok(decimals) => decimals,
        Err(unknown) => {
            prop_assert_eq!(parsed, Err(unknown.clone()));
            prop_assert_eq!(noisy, Err(unknown));
            return Ok(Verdict::Refused);
        }
    };
    let exact = Exact::read(token);
    let refused = match parsed {
        Ok(money) => {
            prop_assert_eq!(
                Some(Exact::of(money.minor, decimals)),
                exact,
                "not exact: {:?}",
                money
            );
            if let Some(minor) = by_library(token, decimals) {
                prop_assert_eq!(Decimal::from(money.minor), minor);
            }
            prop_assert!(money.minor.abs() <= AMOUNT_MINOR_MAX);
            prop_assert_eq!(&money.currency, currency);
            prop_assert_eq!(
                Money::parse(&money.to_decimal(), currency),
                Ok(money.clone())
            );
            prop_assert_eq!(noisy, Ok(money));
            return Ok(Verdict::Accepted);
        }
        Err(refused) => refused,
    };
    prop_assert!(refused.to_string().len() < 400);
    let exact = exact.filter(|_| token.len() <= 64);
    match (&refused, &exact) {
        (MoneyError::NotANumber(_), None) => {}
        (MoneyError::NotANumber(_), Some(_)) => prop_assert!(!is_json(token), "it is one"),
        (MoneyError::TooManyDecimals { .. }, Some(exact)) => {
            prop_assert!(exact.is_finer_than(decimals))
        }
        (MoneyError::TooLarge(_), Some(exact)) => prop_assert!(exact.is_too_large(decimals)),
        (_, _) => prop_assert!(false, "refused as {refused:?}, read as {exact:?}"),
    }
    if let (Ok(near), Some(exact)) = (noisy, exact) {
        prop_assert!(near.minor.abs() <= AMOUNT_MINOR_MAX);
        prop_assert!(exact.is_finer_than(decimals), "only noise is forgiven");
        if let Some(minor) = by_library(token, decimals) {
            let noise = (minor - Decimal::from(near.minor)).abs();
            prop_assert!(noise <= Decimal::new(1, 6), "{noise} is no noise");
        }
    }
    Ok(Verdict::Refused)
}

#[test]
fn an_amount_is_exact_or_refused_for_the_right_reason() {
    println!("{}", trial::run(PARSER, &tokens(), property));
}
