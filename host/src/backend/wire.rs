//! The bank's JSON, read into the host's words: pure functions from bytes to types, for both dialects at once.
//!
//! Between the transport and the rest of the client. Amounts are read from their tokens, never through a float. What an error
//! says names the field, not what stood in it: that could be a person's.

pub(super) mod accounts;
pub(super) mod applications;
pub(super) mod ordered;
pub(super) mod payments;
pub(super) mod people;
pub(super) mod stream;
mod unique;

use serde_json::Value;

use super::types::Health;
use crate::call::Money;

/// Longest id, in bytes: an index of the database's takes no more.
const ID_BYTES_MAX: usize = 256;

/// Why an answer cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Garbage {
    /// Not JSON, or not of the shape at all.
    #[error("it is not the JSON of the contract")]
    NotJson,
    /// A field that must be there.
    #[error("`{0}` is missing or of another type")]
    Field(&'static str),
    /// A number that is no amount of its currency.
    #[error("`{0}` is not an amount")]
    Amount(&'static str),
    /// About something else than what was asked for.
    #[error("`{0}` is not the one that was asked for")]
    OtherThanAsked(&'static str),
    /// Told twice, and not alike.
    #[error("`{0}` stands there twice, and not alike")]
    Contradiction(&'static str),
    /// An object with the same key twice.
    #[error("a key stands in one object twice")]
    KeyTwice,
    /// A status that the contract does not have.
    #[error("`{0}` has an unknown word")]
    Word(&'static str),
}

/// `{"status":"healthy","version":"0.1.0"}`.
pub(super) fn health(body: &[u8]) -> Result<Health, Garbage> {
    let value = json(body)?;
    let status = text(&value, &["status"]).ok_or(Garbage::Field("status"))?;
    Ok(Health {
        status,
        version: text(&value, &["version"]).unwrap_or_default(),
    })
}

pub(super) fn json(body: &[u8]) -> Result<Value, Garbage> {
    let value = serde_json::from_slice(body).map_err(|_| Garbage::NotJson)?;
    serde_json::from_slice::<unique::Unique>(body).map_err(|_| Garbage::KeyTwice)?;
    Ok(value)
}

/// The first of these fields that holds a text; control characters, which a speech engine might obey, become spaces.
pub(super) fn text(value: &Value, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| clean(value.get(name)?))
}

pub(super) fn clean(value: &Value) -> Option<String> {
    let raw = value.as_str()?;
    let plain: String = raw
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    Some(plain.trim().to_owned()).filter(|text| !text.is_empty())
}

/// The first of these fields that is there, as an id: a text as it stands, or a number's digits.
///
/// # Errors
/// [`Garbage::Field`] where something else stands there, or what nobody calls an id: longer than a line, with control characters, or with spaces around it.
pub(super) fn id(value: &Value, names: &[&'static str]) -> Result<Option<String>, Garbage> {
    for name in names {
        if let Some(id) = id_in(value.get(name), name)? {
            return Ok(Some(id));
        }
    }
    Ok(None)
}

/// The same of one field, whose value this is.
pub(super) fn id_in(value: Option<&Value>, field: &'static str) -> Result<Option<String>, Garbage> {
    let id = match value {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(id)) if id.is_empty() => return Ok(None),
        Some(Value::String(id)) => id.as_str(),
        Some(Value::Number(id)) => id.as_str(),
        Some(_) => return Err(Garbage::Field(field)),
    };
    checked_id(id, field).map(Some)
}

/// The id of an item in a list, or in a map under a key, which is its id as well.
pub(super) fn item_id(
    item: &Value,
    names: &[&'static str; 2],
    key: Option<&str>,
) -> Result<String, Garbage> {
    let own = id(item, names)?;
    let Some(key) = key else {
        return own.ok_or(Garbage::Field(names[0]));
    };
    same(own, key, names[0])?;
    checked_id(key, names[0])
}

/// An id of the bank's that may be kept and looked for.
pub(super) fn checked_id(id: &str, field: &'static str) -> Result<String, Garbage> {
    if id.len() > ID_BYTES_MAX || id.contains(char::is_control) || id.trim() != id {
        return Err(Garbage::Field(field));
    }
    Ok(id.to_owned())
}

/// An amount in the bank's figure: a number's own token, or a text as pydantic writes decimals.
pub(super) fn amount(value: &Value, field: &'static str, currency: &str) -> Result<Money, Garbage> {
    let token = match value {
        Value::Number(number) => number.as_str(),
        Value::String(text) => text.as_str(),
        _ => return Err(Garbage::Field(field)),
    };
    Money::parse_noisy(token, currency).map_err(|_| Garbage::Amount(field))
}

/// The currency that the answer gives, or the configured one.
pub(super) fn currency<'a>(value: &'a Value, default: &'a str) -> &'a str {
    value
        .get("currency")
        .and_then(Value::as_str)
        .filter(|code| !code.is_empty())
        .unwrap_or(default)
}

/// Refuses an answer that names another id than the one asked for; one that names none is taken at its place.
pub(super) fn same(found: Option<String>, asked: &str, field: &'static str) -> Result<(), Garbage> {
    match found {
        Some(found) if found != asked => Err(Garbage::OtherThanAsked(field)),
        _ => Ok(()),
    }
}

/// What the published dialect wraps in `details`, or the answer itself; and whether it was wrapped.
pub(super) fn unwrap_details(value: &Value) -> (&Value, bool) {
    match value.get("details") {
        Some(details) if details.is_object() => (details, true),
        _ => (value, false),
    }
}

/// An amount as an exact JSON number, `500.00`.
pub(super) fn number(money: &Money) -> Value {
    money
        .to_decimal()
        .parse::<serde_json::Number>()
        .map_or_else(|_| Value::Number(money.minor.into()), Value::Number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_leave_as_exact_tokens() {
        assert_eq!(number(&Money::new(50_000, "USD")).to_string(), "500.00");
        assert_eq!(number(&Money::new(1, "USD")).to_string(), "0.01");
        assert_eq!(number(&Money::new(500, "JPY")).to_string(), "500");
    }

    #[test]
    fn absurd_numbers_are_not_amounts() {
        let read =
            |token: &str| json(token.as_bytes()).and_then(|value| amount(&value, "balance", "USD"));
        assert_eq!(read("2469.7000000000003"), Ok(Money::new(246_970, "USD")));
        assert_eq!(read("\"5000.50\""), Ok(Money::new(500_050, "USD")));
        for token in ["1e308", "9007199254740993", "12.345", "\"lots\""] {
            assert_eq!(read(token), Err(Garbage::Amount("balance")), "{token}");
        }
        for token in ["null", "[]", "true"] {
            assert_eq!(read(token), Err(Garbage::Field("balance")), "{token}");
        }
        assert_eq!(read("NaN"), Err(Garbage::NotJson));
        assert_eq!(read("<html>"), Err(Garbage::NotJson));
    }

    #[test]
    fn what_stands_there_twice_is_no_answer() {
        for body in [
            r#"{"balance":1.00,"balance":100.00}"#,
            r#"{"accounts":[{"id":"a"},{"id":"b","id":"c"}]}"#,
            r#"{"details":{"amount":1,"amount":1}}"#,
        ] {
            assert_eq!(json(body.as_bytes()), Err(Garbage::KeyTwice), "{body}");
        }
        let whole =
            r#"{"a":[1.50,-2e3,7,-7,true,null,"x\n",{"a":{"a":""}}],"b":18446744073709551616}"#;
        assert!(json(whole.as_bytes()).is_ok());
    }

    #[test]
    fn a_text_never_carries_control_characters() {
        let value = serde_json::json!({"a": " one\ntwo\u{1b}[2J ", "b": " "});
        assert_eq!(text(&value, &["a"]).as_deref(), Some("one two [2J"));
        assert_eq!(text(&value, &["b"]), None);
    }

    #[test]
    fn what_nobody_calls_an_id_is_none() {
        let read = |value: Value| id(&serde_json::json!({ "id": value }), &["payment_id", "id"]);
        assert_eq!(read("payment_1".into()), Ok(Some("payment_1".to_owned())));
        assert_eq!(read(7.into()), Ok(Some("7".to_owned())));
        assert_eq!(read(Value::Null), Ok(None));
        assert_eq!(read("".into()), Ok(None));
        for odd in [
            "a\u{0}b".into(),
            " payment_1".into(),
            "x".repeat(10_000).into(),
            serde_json::json!(["payment_1"]),
        ] {
            assert_eq!(read(odd), Err(Garbage::Field("id")));
        }
    }
}
