//! What activations tell: where a rollback goes, and what differs between two revisions. Pure.
//!
//! A rollback takes the newest step back, and the next one the step before that: it never returns to what was taken back.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::db::{Activation, Steps};

/// The steps that activations, newest first, made and left.
pub(super) fn steps(newest_first: &[Activation]) -> Steps {
    let mut steps = Steps::default();
    for activation in newest_first.iter().rev() {
        steps.take(activation.by, &activation.revision);
    }
    steps
}

/// What each rollback among these activations, newest first, took back, by its number.
pub(super) fn taken_back(newest_first: &[Activation]) -> BTreeMap<i64, Vec<String>> {
    let mut steps = Steps::default();
    let all = newest_first.iter().rev().map(|activation| {
        let taken_back = steps.take(activation.by, &activation.revision);
        (activation.number, taken_back.into_iter().collect())
    });
    all.filter(|(_, taken_back): &(i64, Vec<String>)| !taken_back.is_empty())
        .collect()
}

/// One value that differs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Difference {
    /// `decide transfer-limits settings.pin_above`, or `stages added: decide transfer-limits`, which has no values.
    pub what: String,
    /// In the first revision; none where it has no such thing.
    pub from: Option<Value>,
    /// In the second.
    pub to: Option<Value>,
}

/// What differs between the contents of two revisions: first the stages that only one of them has, then every value of the others.
pub(super) fn differences(from: &Value, to: &Value) -> Vec<Difference> {
    let (old, new) = (stages(from), stages(to));
    let only = |what: &str, these: &[String], those: &[String]| {
        let only = these.iter().filter(|name| !those.contains(name));
        let only: Vec<&str> = only.map(String::as_str).collect();
        (!only.is_empty()).then(|| Difference {
            what: format!("{what}: {}", only.join(", ")),
            from: None,
            to: None,
        })
    };
    let added = only("stages added", &new, &old);
    let removed = only("stages removed", &old, &new);
    let (before, after) = (flat(from, &new), flat(to, &old));
    let mut keys: Vec<&String> = before.keys().chain(after.keys()).collect();
    keys.sort_unstable();
    keys.dedup();
    let values = keys
        .into_iter()
        .filter(|key| before.get(*key) != after.get(*key))
        .map(|key| Difference {
            what: key.clone(),
            from: before.get(key).cloned(),
            to: after.get(key).cloned(),
        });
    added.into_iter().chain(removed).chain(values).collect()
}

/// `decide transfer-limits` and the others, in order.
fn stages(content: &Value) -> Vec<String> {
    let stages = content["stages"].as_array().map_or(&[][..], Vec::as_slice);
    stages.iter().map(name_of).collect()
}

fn name_of(stage: &Value) -> String {
    let text = |key: &str| stage[key].as_str().unwrap_or_default();
    format!("{} {}", text("phase"), text("plugin"))
}

/// The policies of the first revision that the second has no more, by the names of their stages, whatever else came; none where all
/// are left. A stage of that name that is another plugin now is another policy.
pub(super) fn policies_gone(from: &Value, to: &Value) -> Option<Vec<String>> {
    let policies = |content: &Value| -> Vec<(String, String)> {
        let stages = content["stages"].as_array().map_or(&[][..], Vec::as_slice);
        let decides = stages.iter().filter(|stage| stage["phase"] == "decide");
        decides
            .filter_map(|stage| {
                let name = stage["plugin"].as_str()?;
                let component = stage["component"].as_str().unwrap_or(name);
                Some((name.to_owned(), component.to_owned()))
            })
            .collect()
    };
    let left = policies(to);
    let gone = policies(from).into_iter().filter(|it| !left.contains(it));
    let gone: Vec<String> = gone.map(|(name, _)| name).collect();
    (!gone.is_empty()).then_some(gone)
}

/// Every leaf of the stages that the other revision has too, under a name that a person reads; their order is one leaf.
fn flat(content: &Value, others: &[String]) -> BTreeMap<String, Value> {
    let mut leaves = BTreeMap::from([("pin".to_owned(), content["pin"].clone())]);
    let stages = content["stages"].as_array().map_or(&[][..], Vec::as_slice);
    let mut order = Vec::new();
    for stage in stages {
        let name = name_of(stage);
        if !others.contains(&name) {
            continue;
        }
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
    use crate::db::By;

    fn before(newest_first: &[Activation]) -> Option<String> {
        steps(newest_first).before().map(str::to_owned)
    }

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
        assert_eq!(before(&history(&steps)).as_deref(), Some("b"));
        steps.push(("b", By::Rollback));
        assert_eq!(before(&history(&steps)).as_deref(), Some("a"));
        steps.push(("a", By::Rollback));
        assert_eq!(before(&history(&steps)), None);
        steps.push(("c", By::Operator));
        assert_eq!(before(&history(&steps)).as_deref(), Some("a"));
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
        assert_eq!(gone.len(), 1, "{gone:?}");
        assert_eq!(gone[0].what, "stages removed: decide limits");
        let come = differences(&none, &content("10", "d1"));
        assert_eq!(come[0].what, "stages added: decide limits");
    }

    #[test]
    fn a_policy_is_missed_by_name_whatever_takes_its_place() {
        let stage = |name: &str, component: Option<&str>| {
            let mut stage = json!({"phase": "decide", "plugin": name});
            if let Some(component) = component {
                stage["component"] = json!(component);
            }
            stage
        };
        let content = |plugins: &[&str]| {
            let stages: Vec<Value> = plugins.iter().map(|name| stage(name, None)).collect();
            json!({ "stages": stages })
        };
        let gone = |from: &[&str], to: &[&str]| policies_gone(&content(from), &content(to));
        assert_eq!(gone(&["a", "b"], &["b"]), Some(vec!["a".to_owned()]));
        assert_eq!(gone(&["a"], &[]), Some(vec!["a".to_owned()]));
        assert_eq!(gone(&["a"], &["b"]), Some(vec!["a".to_owned()]));
        assert_eq!(gone(&["a"], &["b", "a"]), None);
        let disguised = json!({"stages": [stage("a", Some("b"))]});
        let found = policies_gone(&content(&["a"]), &disguised);
        assert_eq!(found, Some(vec!["a".to_owned()]));
    }
}
