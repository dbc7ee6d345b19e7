//! What activations tell: where a rollback goes, and what differs between two revisions. Pure.
//!
//! A rollback takes the newest step back, and the next one the step before that: it never returns to what was taken back.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::db::{Activation, By};

/// The revision that a rollback activates, from the activations, newest first; none where there is nothing before.
pub(super) fn before(newest_first: &[Activation]) -> Option<&str> {
    let mut steps: Vec<&str> = Vec::new();
    for activation in newest_first.iter().rev() {
        if activation.by == By::Rollback {
            steps.pop();
        }
        if steps.last() != Some(&activation.revision.as_str()) {
            steps.push(&activation.revision);
        }
    }
    steps.pop();
    steps.pop()
}

/// One value that differs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Difference {
    /// `decide transfer-limits settings.pin_above`.
    pub what: String,
    /// In the first revision; none where it has no such thing.
    pub from: Option<Value>,
    /// In the second.
    pub to: Option<Value>,
}

/// What differs between the contents of two revisions.
pub(super) fn differences(from: &Value, to: &Value) -> Vec<Difference> {
    let (before, after) = (flat(from), flat(to));
    let mut keys: Vec<&String> = before.keys().chain(after.keys()).collect();
    keys.sort_unstable();
    keys.dedup();
    keys.into_iter()
        .filter(|key| before.get(*key) != after.get(*key))
        .map(|key| Difference {
            what: key.clone(),
            from: before.get(key).cloned(),
            to: after.get(key).cloned(),
        })
        .collect()
}

/// Every leaf under a name that a person reads; the order of stages is one leaf.
fn flat(content: &Value) -> BTreeMap<String, Value> {
    let mut leaves = BTreeMap::from([("pin".to_owned(), content["pin"].clone())]);
    let stages = content["stages"].as_array().map_or(&[][..], Vec::as_slice);
    let mut order = Vec::new();
    for stage in stages {
        let text = |key: &str| stage[key].as_str().unwrap_or_default().to_owned();
        let name = format!("{} {}", text("phase"), text("plugin"));
        for (key, value) in stage.as_object().into_iter().flatten() {
            match value {
                _ if key == "phase" || key == "plugin" => {}
                Value::Object(inner) => leaves.extend(
                    inner
                        .iter()
                        .map(|(inner, value)| (format!("{name} {key}.{inner}"), value.clone())),
                ),
                value => {
                    leaves.insert(format!("{name} {key}"), value.clone());
                }
            }
        }
        order.push(Value::String(name));
    }
    leaves.insert("stages".to_owned(), Value::Array(order));
    leaves
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn history(steps: &[(&str, By)]) -> Vec<Activation> {
        let activation = |&(revision, by): &(&str, By)| Activation {
            number: 0,
            revision: revision.to_owned(),
            by,
            repins: false,
            who: String::new(),
            why: String::new(),
            at_ms: 0,
        };
        steps.iter().rev().map(activation).collect()
    }

    #[test]
    fn a_rollback_goes_one_step_back_each_time_and_never_forward() {
        let mut steps = vec![("a", By::Folder), ("b", By::Folder), ("c", By::Operator)];
        assert_eq!(before(&history(&steps)), Some("b"));
        steps.push(("b", By::Rollback));
        assert_eq!(before(&history(&steps)), Some("a"));
        steps.push(("a", By::Rollback));
        assert_eq!(before(&history(&steps)), None);
        steps.push(("c", By::Operator));
        assert_eq!(before(&history(&steps)), Some("a"));
        assert_eq!(before(&history(&steps[..1])), None);
        assert_eq!(before(&[]), None);
    }

    #[test]
    fn a_difference_names_the_stage_and_the_key() {
        let content = |limit: &str, digest: &str| {
            json!({"pin": "call", "stages": [
                {"phase": "decide", "plugin": "limits", "digest": digest, "settings": {"max": limit, "same": 1}},
            ]})
        };
        let found = differences(&content("10", "d1"), &content("20", "d2"));
        let named: Vec<&str> = found.iter().map(|one| one.what.as_str()).collect();
        assert_eq!(
            named,
            ["decide limits digest", "decide limits settings.max"]
        );
        assert_eq!(found[1].to, Some(json!("20")));
        let none = json!({"pin": "call", "stages": []});
        let gone = differences(&content("10", "d1"), &none);
        assert_eq!(gone.len(), 4, "{gone:?}");
    }
}
