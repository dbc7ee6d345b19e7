//! Whether an answer is what a scenario expects: of a table only what is named, of a list every item in its place.
//!
//! Numbers and texts must be equal; a key that the answer does not have is a difference.

use serde_json::Value;

/// Longest JSON in a message, in characters.
const SHOWN_MAX: usize = 400;

/// Where the answer differs first, as a dotted path; none where it does not.
pub(super) fn difference(expected: &Value, answered: &Value) -> Option<String> {
    let mut path = Vec::new();
    differs(expected, answered, &mut path).then(|| path.join("."))
}

/// `path` is left where the difference is.
fn differs(expected: &Value, answered: &Value, path: &mut Vec<String>) -> bool {
    let mut step = |name: String, expected: &Value, answered: &Value| {
        path.push(name);
        let is_different = differs(expected, answered, path);
        if !is_different {
            path.pop();
        }
        is_different
    };
    match (expected, answered) {
        (Value::Object(expected), Value::Object(answered)) => {
            expected.iter().any(|(key, value)| {
                let found = answered.get(key).unwrap_or(&Value::Null);
                step(key.clone(), value, found)
            })
        }
        (Value::Array(expected), Value::Array(answered)) if expected.len() == answered.len() => {
            let pairs = expected.iter().zip(answered).enumerate();
            let mut pairs = pairs.map(|(at, (expected, answered))| (at, expected, answered));
            pairs.any(|(at, expected, answered)| step(at.to_string(), expected, answered))
        }
        (expected, answered) => expected != answered,
    }
}

/// The value on one line, cut where it is long.
pub(super) fn short(value: &Value) -> String {
    let whole = value.to_string();
    match whole.char_indices().nth(SHOWN_MAX) {
        None => whole,
        Some((at, _)) => format!("{}…", &whole[..at]),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn tables_are_matched_by_what_is_named_and_lists_whole() {
        let answered = json!({
            "decision": "allow",
            "value": [{"scope": "caller", "count": 20, "total": null}],
        });
        for expected in [
            json!({}),
            json!({"decision": "allow"}),
            json!({"value": [{"count": 20}]}),
            answered.clone(),
        ] {
            assert_eq!(difference(&expected, &answered), None, "{expected}");
        }
        for (expected, at) in [
            (json!({"decision": "deny"}), "decision"),
            (json!({"reason": "deny"}), "reason"),
            (json!({"value": []}), "value"),
            (json!({"value": [{"count": 20}, {"count": 20}]}), "value"),
            (json!({"value": [{"count": 21}]}), "value.0.count"),
            (json!({"value": [{"count": "20"}]}), "value.0.count"),
            (json!({"value": {"count": 20}}), "value"),
            (json!([]), ""),
        ] {
            assert_eq!(
                difference(&expected, &answered).as_deref(),
                Some(at),
                "{expected}"
            );
        }
    }

    #[test]
    fn a_long_value_is_cut_between_characters() {
        let long = short(&Value::String("é".repeat(1_000)));
        assert_eq!(long.chars().count(), SHOWN_MAX + 1);
        assert!(long.ends_with('…'));
        assert_eq!(short(&json!({"a": 1})), r#"{"a":1}"#);
    }
}
