//! Idempotency keys and request fingerprints: how a repeat is told from a second wish.
//!
//! A function body carries no id of its own and the provider repeats it up to five times, so its key is made from what makes it
//! this wish: the call, the function, the arguments, and how often the caller had spoken. Pure; a random key's bytes are an
//! argument.

use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// Longest `Idempotency-Key` header that is taken as a key.
pub const HEADER_BYTES_MAX: usize = 255;

/// The key of a function call: the same call, function, arguments and number of caller utterances are the same wish.
#[must_use]
pub fn of_invocation(
    call_id: &str,
    function: &str,
    arguments: &Value,
    caller_utterances: usize,
) -> String {
    let utterances = caller_utterances.to_string();
    format!(
        "fn-{}",
        digest(&[call_id, function, &canonical(arguments), &utterances])
    )
}

/// The key of what a caller said before the agent spoke again: however often the provider asks about it, it is one wish.
#[must_use]
pub fn of_utterance(call_id: &str, agent_utterances: usize) -> String {
    let before = agent_utterances.to_string();
    format!("say-{}", digest(&[call_id, &before]))
}

/// The key of a REST request from its `Idempotency-Key` header; none for an empty, overlong or unprintable one.
#[must_use]
pub fn of_header(header: &str) -> Option<String> {
    let is_plain = !header.is_empty()
        && header.len() <= HEADER_BYTES_MAX
        && header.chars().all(|c| c.is_ascii_graphic() || c == ' ');
    is_plain.then(|| format!("rest-{}", digest(&[header])))
}

/// The key of a confirmation, minted with the question: `random` is 128 bits that nobody can guess.
#[must_use]
pub fn of_confirmation(random: [u8; 16]) -> String {
    format!("ask-{}", hex::encode(random))
}

/// What a key stands for: equal for bodies that differ only in order and spacing.
#[must_use]
pub fn fingerprint(body: &Value) -> String {
    digest(&[&canonical(body)])
}

/// One spelling for equal JSON: keys sorted, no spaces, numbers as they were written.
#[must_use]
pub fn canonical(value: &Value) -> String {
    let mut text = String::new();
    append(value, &mut text);
    text
}

fn append(value: &Value, text: &mut String) {
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_unstable_by_key(|(name, _)| name.as_str());
            text.push('{');
            for (at, (name, field)) in fields.into_iter().enumerate() {
                if at > 0 {
                    text.push(',');
                }
                text.push_str(&Value::from(name.as_str()).to_string());
                text.push(':');
                append(field, text);
            }
            text.push('}');
        }
        Value::Array(items) => {
            text.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    text.push(',');
                }
                append(item, text);
            }
            text.push(']');
        }
        plain => text.push_str(&plain.to_string()),
    }
}

/// sha-256 in hex; every part is preceded by its length, so that no two lists of parts look alike.
fn digest(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_be_bytes());
        hash.update(part.as_bytes());
    }
    hex::encode(hash.finalize())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(text: &str) -> Value {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn a_repeat_has_the_same_key_however_its_fields_are_ordered() {
        let a = read(r#"{"to": "savings_1", "amount": 500.00, "deep": {"b": [1, 2], "a": null}}"#);
        let b = read(r#"{"deep":{"a":null,"b":[1,2]},"amount":500.00,"to":"savings_1"}"#);
        assert_eq!(
            of_invocation("c", "transfer_funds", &a, 3),
            of_invocation("c", "transfer_funds", &b, 3)
        );
        assert_eq!(fingerprint(&a), fingerprint(&b));
    }

    #[test]
    fn another_wish_has_another_key() {
        let a = json!({"amount": 500});
        let key = of_invocation("c", "f", &a, 3);
        assert_ne!(key, of_invocation("c", "f", &a, 4));
        assert_ne!(key, of_invocation("d", "f", &a, 3));
        assert_ne!(key, of_invocation("c", "g", &a, 3));
        assert_ne!(key, of_invocation("c", "f", &json!({"amount": 501}), 3));
        assert_ne!(
            of_invocation("ab", "c", &a, 0),
            of_invocation("a", "bc", &a, 0)
        );
    }

    #[test]
    fn amounts_are_compared_as_they_were_written() {
        assert_ne!(fingerprint(&read("500.0")), fingerprint(&read("500.00")));
        assert_eq!(
            canonical(&read("9007199254740993.10")),
            "9007199254740993.10"
        );
    }

    #[test]
    fn headers_that_are_no_key_give_none() {
        assert!(of_header("8c1f-order 7").is_some());
        for header in ["", "a\nb", "schlüssel", &"x".repeat(256)] {
            assert_eq!(of_header(header), None, "{header:?}");
        }
    }
}
