//! JSON that is well formed and has another shape than a sample: something is missing, of another type, deeper or more.
//!
//! For readers of the provider's bodies, which know few fields and must bear anything in all of them.

use std::fmt;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};

use super::text;

/// Most values in one body: what makes inputs makes them within bounds as well.
const VALUES_MAX: usize = 5_000;

/// Words of JSON, and of Retell's bodies.
pub const WORDS: &[&str] = &[
    "null",
    "true",
    "{}",
    "[]",
    "[[",
    "{\"a\":",
    "\"\"",
    "\"",
    "\\",
    "\\ud83d",
    "\\ude00",
    "\\u0000",
    ",",
    ":",
    "-0",
    "1e999",
    "1E-400",
    "0.1",
    "\"call\":",
    "\"call_id\"",
    "\"role\"",
    "\"dtmf\"",
    "\"digit\":",
    "\"user\"",
    "\"agent\"",
    "\"content\":",
    "\"event\"",
    "\"transcript\":",
    "PIN",
    "my PIN is 1234",
    "one two three four",
    "\\n",
    "User: ",
    "Agent: ",
    "response_required",
    "reminder_required",
    "ping_pong",
    "update_only",
    "call_details",
    "call_ended",
    "call_analyzed",
    "transfer_started",
    "arguments",
    "\u{1f600}",
    "\u{7f}",
    "\u{2028}",
];

/// A body, shown as the text that it nearly always is.
pub struct Body(pub Vec<u8>);

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "b\"{}\"", self.0.escape_ascii())
    }
}

/// What is done to one value inside of another.
#[derive(Debug, Clone)]
enum Change {
    Replaced(Value),
    /// Put into so many lists.
    Deeper(usize),
    /// Standing so often in the list or table around it.
    Again(usize),
    Gone,
}

/// Bytes of one of the samples in another shape, changed as text, or of whatever else.
pub fn bodies(samples: Vec<Value>) -> impl Strategy<Value = Vec<u8>> {
    let printed: Vec<String> = samples.iter().map(Value::to_string).collect();
    let shaped = shaped(samples).prop_map(|value| value.to_string().into_bytes());
    prop_oneof![
        6 => shaped,
        3 => text::texts(printed, WORDS).prop_map(String::into_bytes),
        1 => vec(any::<u8>(), 0..200),
    ]
}

/// One of the samples with other values in a few places.
pub fn shaped(samples: Vec<Value>) -> impl Strategy<Value = Value> {
    let changes = vec((any::<Index>(), change()), 0..5);
    (proptest::sample::select(samples), changes).prop_map(|(mut value, changes)| {
        for (at, change) in changes {
            let all = count(&value);
            let is_more = matches!(change, Change::Again(_) | Change::Deeper(_));
            if !is_more || all <= VALUES_MAX {
                apply(&mut value, &mut at.index(all), &change);
            }
        }
        value
    })
}

fn change() -> impl Strategy<Value = Change> {
    let text = prop_oneof![text::word(WORDS), "[ -~]{0,40}", "[a-z]{100,3000}"];
    let value = prop_oneof![
        4 => text.prop_map(Value::from),
        2 => any::<i64>().prop_map(Value::from),
        1 => any::<f64>().prop_map(Value::from),
        1 => any::<bool>().prop_map(Value::from),
        3 => proptest::sample::select(vec![
            Value::Null, json!([]), json!({}), json!([null]), json!({"role": "user"}),
            json!([{"role": "dtmf", "digit": 7}]), json!({"pin": "1234"}), json!(0), json!(-1),
        ]),
    ];
    prop_oneof![
        6 => value.prop_map(Change::Replaced),
        1 => prop_oneof![1_usize..4, 100_usize..200].prop_map(Change::Deeper),
        2 => prop_oneof![1_usize..4, 50_usize..500].prop_map(Change::Again),
        2 => Just(Change::Gone),
    ]
}

fn count(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(count).sum(),
        Value::Object(fields) => fields.values().map(count).sum(),
        _ => 0,
    }
}

/// Changes the value that is so far from the beginning; counts down on the way.
fn apply(value: &mut Value, at: &mut usize, change: &Change) {
    let is_here = |at: &mut usize, inside: &Value| {
        let size = count(inside);
        let is_here = *at < size;
        if !is_here {
            *at -= size;
        }
        is_here
    };
    if *at == 0 {
        match change {
            Change::Replaced(other) => *value = other.clone(),
            Change::Deeper(lists) => {
                for _ in 0..*lists {
                    *value = Value::Array(vec![value.take()]);
                }
            }
            // Only what is around it can do that.
            Change::Again(_) | Change::Gone => *value = Value::Null,
        }
        return;
    }
    *at -= 1;
    match value {
        Value::Array(items) => {
            let Some(index) = items.iter().position(|item| is_here(at, item)) else {
                return;
            };
            match change {
                Change::Gone if *at == 0 => drop(items.remove(index)),
                Change::Again(times) if *at == 0 => {
                    let item = items[index].clone();
                    let times = (*times).min(VALUES_MAX / count(&item));
                    items.splice(index..index, std::iter::repeat_n(item, times));
                }
                _ => apply(&mut items[index], at, change),
            }
        }
        Value::Object(fields) => {
            let found = fields.iter().find(|(_, inside)| is_here(at, inside));
            let Some(key) = found.map(|(key, _)| key.clone()) else {
                return;
            };
            match change {
                Change::Gone if *at == 0 => drop(fields.remove(&key)),
                Change::Again(times) if *at == 0 => {
                    for number in 0..(*times).min(VALUES_MAX / count(&fields[&key])) {
                        fields.insert(format!("{key}{number}"), fields[&key].clone());
                    }
                }
                _ => apply(&mut fields[&key], at, change),
            }
        }
        _ => {}
    }
}
