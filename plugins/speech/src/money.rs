//! Amounts: minor units to words for the ear, and exact decimal texts both ways.
//! Nothing is rounded here: a text that is not exactly a number of minor units is an error.

use crate::{currency, number};

/// Why a text is not an amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// Not a plain decimal number: letters, an exponent, a sign, group marks.
    NotDecimal,
    /// More digits after the point than the currency has.
    TooFine,
    /// Does not fit into minor units.
    TooLarge,
}

/// `500050` USD is "five thousand dollars and fifty cents".
pub fn words(minor: i64, code: &str) -> String {
    let currency = currency::named(code);
    let per_major = currency.minor_per_major().unsigned_abs();
    let (whole, rest) = (
        minor.unsigned_abs() / per_major,
        minor.unsigned_abs() % per_major,
    );
    let sign = if minor < 0 { "minus " } else { "" };
    let said = match (currency.major, currency.minor) {
        (Some(_), Some(small)) if rest > 0 && whole == 0 => counted(rest, small),
        (Some(major), Some(small)) if rest > 0 => {
            format!("{} and {}", counted(whole, major), counted(rest, small))
        }
        (Some(major), _) => counted(whole, major),
        (None, _) => by_code(whole, rest, currency.minor_digits, code),
    };
    format!("{sign}{said}")
}

/// `500050` USD is `5000.50`.
pub fn decimal(minor: i64, code: &str) -> String {
    let currency = currency::named(code);
    let per_major = currency.minor_per_major().unsigned_abs();
    let sign = if minor < 0 { "-" } else { "" };
    let (whole, rest) = (
        minor.unsigned_abs() / per_major,
        minor.unsigned_abs() % per_major,
    );
    match currency.minor_digits {
        0 => format!("{sign}{whole}"),
        digits => format!("{sign}{whole}.{rest:0width$}", width = digits as usize),
    }
}

/// The minor units of a plain decimal text such as `1250.5`; never negative, since no sign is taken.
pub fn from_decimal(text: &str, code: &str) -> Result<i64, Error> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !all_digits(whole) || !all_digits(fraction) {
        return Err(Error::NotDecimal);
    }
    let currency = currency::named(code);
    let missing = (currency.minor_digits as usize).checked_sub(fraction.len());
    let rest: i64 = match missing {
        Some(missing) => (0..missing)
            .fold(fraction.parse().map_err(|_| Error::TooFine)?, |rest, _| {
                rest * 10
            }),
        None if currency.minor_digits == 0 && fraction == "0" => 0,
        None => return Err(Error::TooFine),
    };
    let whole: i64 = whole.parse().map_err(|_| Error::TooLarge)?;
    whole
        .checked_mul(currency.minor_per_major())
        .and_then(|minor| minor.checked_add(rest))
        .ok_or(Error::TooLarge)
}

fn counted(count: u64, (one, many): (&str, &str)) -> String {
    format!(
        "{} {}",
        number::words(count),
        if count == 1 { one } else { many }
    )
}

fn by_code(whole: u64, rest: u64, minor_digits: u32, code: &str) -> String {
    let mut said = number::words(whole);
    if rest > 0 {
        said.push_str(" point");
        for digit in format!("{rest:0width$}", width = minor_digits as usize).bytes() {
            said.push(' ');
            said.push_str(&number::words(u64::from(digit - b'0')));
        }
    }
    format!("{said} {code}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_said_for_the_ear() {
        for (minor, code, said) in [
            (500_050, "USD", "five thousand dollars and fifty cents"),
            (100, "USD", "one dollar"),
            (101, "USD", "one dollar and one cent"),
            (50, "USD", "fifty cents"),
            (0, "USD", "zero dollars"),
            (-2_505, "USD", "minus twenty-five dollars and five cents"),
            (201, "GBP", "two pounds and one penny"),
            (1_200, "JPY", "one thousand two hundred yen"),
            (1_205, "KWD", "one point two zero five KWD"),
        ] {
            assert_eq!(words(minor, code), said);
        }
        assert!(words(i64::MIN, "USD").starts_with("minus ninety-two quadrillion"));
    }

    #[test]
    fn a_decimal_text_is_read_exactly_or_not_at_all() {
        for (text, read) in [
            ("10000.00", Ok(1_000_000)),
            ("1250.5", Ok(125_050)),
            ("7", Ok(700)),
            ("0.01", Ok(1)),
            ("0.001", Err(Error::TooFine)),
            ("1.000", Err(Error::TooFine)),
            ("1e308", Err(Error::NotDecimal)),
            ("NaN", Err(Error::NotDecimal)),
            ("-5", Err(Error::NotDecimal)),
            ("1,250", Err(Error::NotDecimal)),
            (".5", Err(Error::NotDecimal)),
            ("5.", Err(Error::NotDecimal)),
            ("", Err(Error::NotDecimal)),
            ("92233720368547758.08", Err(Error::TooLarge)),
            ("99999999999999999999", Err(Error::TooLarge)),
        ] {
            assert_eq!(from_decimal(text, "USD"), read, "{text}");
        }
        assert_eq!(from_decimal("1200", "JPY"), Ok(1_200));
        assert_eq!(from_decimal("1200.5", "JPY"), Err(Error::TooFine));
    }

    #[test]
    fn a_decimal_text_comes_back_as_it_was() {
        for text in ["0.00", "0.05", "10000.00", "1250.50"] {
            assert_eq!(
                from_decimal(text, "USD").map(|minor| decimal(minor, "USD")),
                Ok(text.into())
            );
        }
        assert_eq!(decimal(-1, "USD"), "-0.01");
        assert_eq!(decimal(1_200, "JPY"), "1200");
    }
}
