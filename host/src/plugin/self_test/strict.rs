//! Reading a part of a scenario strictly: it must have the form, and every key in it must mean something.
//!
//! What is known is found by writing the value that was read: a key that is not there again was not understood. So the domain's
//! own types say what may be written, and nobody keeps a list.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::error::InvalidScenario;
use crate::spelling;

/// Reads `given`, which stands at `key`.
pub(super) fn read<T: DeserializeOwned + Serialize>(
    key: &str,
    given: &Value,
) -> Result<T, InvalidScenario> {
    let misfit = |cause: serde_json::Error| InvalidScenario::Misfit {
        key: if key.is_empty() { "self-test" } else { key }.to_owned(),
        message: cause.to_string(),
    };
    let read: T = serde_json::from_value(given.clone()).map_err(misfit)?;
    let known = serde_json::to_value(&read).map_err(misfit)?;
    all_known(key, given, &known)?;
    Ok(read)
}

/// Every key of `given` stands in `known`.
pub(super) fn all_known(key: &str, given: &Value, known: &Value) -> Result<(), InvalidScenario> {
    match (given, known) {
        (Value::Object(given), Value::Object(known)) => {
            for (name, value) in given {
                let inside = within(key, name);
                match known.get(name) {
                    Some(known) => all_known(&inside, value, known)?,
                    None => return Err(unknown(inside, name, known.keys().map(String::as_str))),
                }
            }
            Ok(())
        }
        (Value::Array(given), Value::Array(known)) => given
            .iter()
            .zip(known)
            .enumerate()
            .try_for_each(|(at, (given, known))| {
                all_known(&within(key, &at.to_string()), given, known)
            }),
        _ => Ok(()),
    }
}

/// The path of a key inside another.
pub(super) fn within(key: &str, name: &str) -> String {
    if key.is_empty() {
        name.to_owned()
    } else {
        format!("{key}.{name}")
    }
}

fn unknown<'a>(key: String, name: &str, known: impl Iterator<Item = &'a str>) -> InvalidScenario {
    InvalidScenario::UnknownKey {
        key,
        nearest: spelling::nearest(name, known).map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::call::Intent;

    #[test]
    fn a_value_of_the_domain_is_read_in_the_form_of_records() {
        let given = json!({"intent": "transfer", "slots": {
            "from_account": "checking_1", "to_account": "savings_1", "payee": "same-owner",
            "amount": {"minor": 50_000, "currency": "USD"},
        }});
        let read: Intent = read("intent", &given).expect("the form of records, less what is none");
        assert_eq!(read.name(), "transfer");
    }

    #[test]
    fn an_unknown_key_is_named_with_its_place_and_the_nearest_known_one() {
        let read = |given: Value| super::read::<Intent>("intent", &given).expect_err("refused");
        let balance = json!({"intent": "statements", "slots": {"acount": "checking_1"}});
        assert_eq!(
            read(balance).to_string(),
            "`intent`: missing field `account`"
        );
        let more = json!({"intent": "statements", "slots": {"account": "a", "moth": "2026-01"}});
        assert_eq!(
            read(more).to_string(),
            "unknown key `intent.slots.moth`, did you mean `month`?"
        );
        let far = json!({"intent": "accounts", "colour": "red"});
        assert_eq!(read(far).to_string(), "unknown key `intent.colour`");
        let no = read(json!({"intent": "transfers"})).to_string();
        assert!(
            no.contains("unknown variant `transfers`") && no.contains("`transfer`"),
            "{no}"
        );
    }
}
