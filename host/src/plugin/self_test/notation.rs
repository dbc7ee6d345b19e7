//! The notation of scenarios: the JSON forms of decision records, written as TOML, with a few short forms.
//!
//! `"500.00 USD"` for an amount, a date-time for an instant, a table for a tool call's arguments, no `parameters` for a sentence
//! without any. Each becomes the long form here, so that everything behind this file knows one form only.

use serde_json::{Map, Number, Value, json};

use super::error::InvalidScenario;
use super::strict::within;
use crate::call::Money;

/// Keys under which an amount stands, wherever they occur.
const AMOUNTS: [&str; 5] = ["amount", "available", "balance", "limit", "total"];

/// TOML as JSON; a date-time becomes its text.
pub(super) fn to_json(key: &str, value: &toml::Value) -> Result<Value, InvalidScenario> {
    Ok(match value {
        toml::Value::String(text) => Value::String(plain(key, text)?),
        toml::Value::Integer(number) => json!(number),
        toml::Value::Float(number) => Number::from_f64(*number)
            .map(Value::Number)
            .ok_or_else(|| misfit(key, format!("{number} is no number of JSON")))?,
        toml::Value::Boolean(is_so) => Value::Bool(*is_so),
        toml::Value::Datetime(moment) => Value::String(moment.to_string()),
        toml::Value::Array(items) => {
            let items = items.iter().map(|item| to_json(key, item));
            Value::Array(items.collect::<Result<_, _>>()?)
        }
        toml::Value::Table(table) => {
            let mut object = Map::new();
            for (name, value) in table {
                object.insert(plain(key, name)?, to_json(&within(key, name), value)?);
            }
            Value::Object(object)
        }
    })
}

/// The contract lets no control character cross the border, and no terminal should obey one.
fn plain(key: &str, text: &str) -> Result<String, InvalidScenario> {
    if text.chars().any(char::is_control) {
        return Err(misfit(
            key,
            format!("\"{}\" holds a control character", text.escape_debug()),
        ));
    }
    Ok(text.to_owned())
}

/// Amounts in their long form, everywhere in the value.
pub(super) fn lengthen(key: &str, value: &mut Value) -> Result<(), InvalidScenario> {
    match value {
        Value::Array(items) => items
            .iter_mut()
            .enumerate()
            .try_for_each(|(at, item)| lengthen(&within(key, &at.to_string()), item)),
        Value::Object(object) => {
            for (name, value) in object.iter_mut() {
                let inside = within(key, name);
                match value {
                    Value::String(text) if AMOUNTS.contains(&name.as_str()) => {
                        *value = json!(amount(&inside, text)?);
                    }
                    // "total" may count something else, and an amount is nothing but one.
                    Value::Number(number) if name == "amount" => {
                        let why = format!("`{number}` is no amount; write \"{number} USD\"");
                        return Err(misfit(&inside, why));
                    }
                    _ => lengthen(&inside, value)?,
                }
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

/// Sentences without parameters say so in the long form. Not for what is expected: there, what is not named is not looked at.
pub(super) fn complete_sentences(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(complete_sentences),
        Value::Object(object) => {
            if object.contains_key("code") && object.contains_key("text") {
                object.entry("parameters").or_insert_with(|| json!([]));
            }
            object.values_mut().for_each(complete_sentences);
        }
        _ => {}
    }
}

/// Puts what is written over what is usual: tables key by key, everything else whole.
pub(super) fn put_over(usual: &mut Value, written: Value) {
    match (usual, written) {
        (Value::Object(usual), Value::Object(written)) => {
            for (name, value) in written {
                put_over(usual.entry(name).or_insert(Value::Null), value);
            }
        }
        (usual, written) => *usual = written,
    }
}

/// A tool call's arguments as the text that a plugin gets, and an instant from a date-time.
pub(super) fn lengthen_turn(turn: &mut Map<String, Value>) -> Result<(), InvalidScenario> {
    if let Some(Value::Object(invocation)) = turn.get_mut("invocation") {
        let arguments = invocation
            .entry("arguments")
            .or_insert_with(|| Value::String("{}".to_owned()));
        if arguments.is_object() {
            *arguments = Value::String(arguments.to_string());
        }
        // A tool call comes as one, unless the scenario says otherwise.
        turn.entry("channel").or_insert_with(|| json!("invocation"));
    }
    if let Some(Value::String(moment)) = turn.get("now") {
        let now = instant(moment).ok_or_else(|| {
            let message = format!(
                "`{moment}` is no moment; write a date-time with an offset, 2026-03-10T23:30:00-05:00"
            );
            misfit("turn.now", message)
        })?;
        turn.insert("now".to_owned(), now);
    }
    Ok(())
}

fn amount(key: &str, text: &str) -> Result<Money, InvalidScenario> {
    let (number, currency) = text
        .rsplit_once(' ')
        .ok_or_else(|| misfit(key, format!("`{text}` is no amount; write \"500.00 USD\"")))?;
    Money::parse(number, currency).map_err(|cause| misfit(key, cause.to_string()))
}

fn instant(text: &str) -> Option<Value> {
    let pieces = jiff::fmt::temporal::Pieces::parse(text).ok()?;
    let offset = pieces.to_numeric_offset()?;
    let moment = offset
        .to_timestamp(pieces.date().to_datetime(pieces.time()?))
        .ok()?;
    let (unix_ms, minutes) = (moment.as_millisecond(), offset.seconds() / 60);
    Some(json!({ "unix_ms": unix_ms, "utc_offset_minutes": minutes }))
}

pub(super) fn misfit(key: &str, message: String) -> InvalidScenario {
    InvalidScenario::Misfit {
        key: key.to_owned(),
        message,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json_of(text: &str) -> Value {
        let table: toml::Table = toml::from_str(text).expect("TOML");
        to_json("", &toml::Value::Table(table)).expect("JSON")
    }

    #[test]
    fn amounts_are_written_as_they_are_read_out_in_records() {
        let mut value = json_of(
            "slots = { amount = '1250.50 USD', limit = { minor = 1, currency = 'EUR' }, memo = '5 USD' }",
        );
        lengthen("intent", &mut value).expect("amounts");
        let usd = json!({"minor": 125_050, "currency": "USD"});
        assert_eq!(value["slots"]["amount"], usd);
        assert_eq!(value["slots"]["limit"]["minor"], 1);
        assert_eq!(value["slots"]["memo"], "5 USD");
        for (text, words) in [
            ("500", "write \"500.00 USD\""),
            ("0.005 USD", "more than the 2 decimals"),
            ("5 dollars", "not an ISO 4217"),
        ] {
            let mut value = json!({ "slots": [{ "amount": text }] });
            let fault = lengthen("intent", &mut value).expect_err(text).to_string();
            assert!(fault.starts_with("`intent.slots.0.amount`: "), "{fault}");
            assert!(fault.contains(words), "{fault}");
        }
    }

    #[test]
    fn a_moment_keeps_its_offset() {
        for text in [
            "now = 2026-03-10T23:30:00-05:00",
            "now = '2026-03-10T23:30:00-05:00'",
        ] {
            let Value::Object(mut turn) = json_of(text) else {
                panic!("a table")
            };
            lengthen_turn(&mut turn).expect("a moment");
            let expected = json!({"unix_ms": 1_773_203_400_000_i64, "utc_offset_minutes": -300});
            assert_eq!(turn["now"], expected);
        }
        for text in [
            "now = 'noon'",
            "now = 2026-03-10",
            "now = 2026-03-10T23:30:00",
        ] {
            let Value::Object(mut turn) = json_of(text) else {
                panic!("a table")
            };
            let fault = lengthen_turn(&mut turn).expect_err(text).to_string();
            assert!(fault.contains("with an offset"), "{fault}");
        }
    }

    #[test]
    fn a_tool_call_is_written_as_a_table() {
        let text = "invocation = { name = 'transfer_funds', arguments = { amount = 500 } }";
        let Value::Object(mut turn) = json_of(text) else {
            panic!("a table")
        };
        lengthen_turn(&mut turn).expect("a tool call");
        assert_eq!(turn["invocation"]["arguments"], r#"{"amount":500}"#);
        assert_eq!(turn["channel"], "invocation");
    }

    #[test]
    fn a_sentence_without_parameters_is_whole() {
        let mut value = json!({"value": {"code": "help", "text": "How can I help?"}});
        complete_sentences(&mut value);
        assert_eq!(value["value"]["parameters"], json!([]));
    }
}
