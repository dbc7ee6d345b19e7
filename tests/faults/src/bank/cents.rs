//! Decimal amounts as whole cents and back, from the token and never through a float.
//!
//! The bench has its own arithmetic on purpose: one that it shared with the host would agree with any mistake.

use serde_json::{Number, Value};

/// `12.5` as 1250; none for what is no amount above zero of at most two decimals.
pub(super) fn read(figure: &Value) -> Option<i64> {
    let token = figure.as_number()?.to_string();
    let (whole, part) = token.split_once('.').unwrap_or((&token, ""));
    let is_plain = |digits: &str| digits.bytes().all(|digit| digit.is_ascii_digit());
    if whole.is_empty() || whole.len() > 12 || part.len() > 2 {
        return None;
    }
    if !is_plain(whole) || !is_plain(part) {
        return None;
    }
    let cents: i64 = format!("{whole}{part:0<2}").parse().ok()?;
    (cents > 0).then_some(cents)
}

/// 1250 as `12.50`.
#[must_use]
pub fn shown(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    let cents = cents.unsigned_abs();
    format!("{sign}{}.{:02}", cents / 100, cents % 100)
}

/// 1250 as the JSON number `12.50`.
#[must_use]
pub fn number(cents: i64) -> Value {
    shown(cents)
        .parse::<Number>()
        .map_or(Value::Null, Value::Number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_from_their_tokens() {
        let read = |token: &str| read(&serde_json::from_str(token).unwrap());
        assert_eq!(read("12.5"), Some(1_250));
        assert_eq!(read("0.01"), Some(1));
        assert_eq!(read("9007199254740993"), None);
        assert_eq!(read("700"), Some(70_000));
        for bad in ["0", "-1", "1.005", "1e3", "\"5\"", "null", "1e308"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    #[test]
    fn cents_are_shown_exactly() {
        assert_eq!(shown(1_250), "12.50");
        assert_eq!(shown(-5), "-0.05");
        assert_eq!(number(10).to_string(), "0.10");
    }
}
