//! A stage's settings, read and checked in one pass: the rule names each key with its bounds and its default once, and the same
//! code serves `check-settings` and the turn. What is wrong is collected; the value read in its place is the default.
//! Does not know any plugin's keys.

mod nearest;
mod object;

use object::{Object, Text};
use serde::Deserialize;
use serde_json::Value;
use speech::money;
use std::ops::RangeInclusive;

/// What is wrong with one setting: its key, and the value found and what was expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The setting's name; empty for the object as a whole.
    pub key: String,
    /// A sentence.
    pub message: String,
}

/// Settings on their way from JSON to a rule's own type. A value is parsed when its key is asked for, as what it has to be.
pub struct Reader<'a> {
    values: Object<'a>,
    problems: Vec<Problem>,
}

impl<'a> Reader<'a> {
    /// Reads one JSON object that is to become a stage's; a key that is not known is a problem that names the nearest known one.
    pub fn from_object(text: &'a str, known: &[&str]) -> Self {
        let mut reader = Self::from_stage(text);
        let keys = reader.values.keys().map(str::to_owned);
        let unknown: Vec<String> = keys.filter(|key| !known.contains(&&**key)).collect();
        for key in unknown {
            let hint = match nearest::name(&key, known) {
                Some(name) => format!("Unknown setting; did you mean {name}?"),
                None if known.is_empty() => "Unknown setting; this plugin has none.".to_owned(),
                None => format!("Unknown setting; known are {}.", known.join(", ")),
            };
            reader.note(&key, hint);
        }
        reader
    }

    /// Reads the JSON object that the host keeps for this stage, whose keys were checked before it became active.
    pub fn from_stage(text: &'a str) -> Self {
        let mut reader = Self {
            values: Object::default(),
            problems: Vec::new(),
        };
        match serde_json::from_str(text) {
            Ok(values) => reader.values = values,
            Err(error) => reader.note("", not_an_object(text, &error)),
        }
        reader
    }

    /// An ISO 4217 code.
    pub fn currency(&mut self, key: &str, default: &str) -> String {
        let read = |text: Text| speech::currency::is_code(&text.0).then(|| text.0.into_owned());
        self.take(key, || "three capital letters of ISO 4217".into(), read)
            .unwrap_or_else(|| default.into())
    }

    /// One of the given words.
    pub fn choice<'w>(&mut self, key: &str, words: &[&'w str], default: &'w str) -> &'w str {
        let read = |text: Text| words.iter().copied().find(|word| text.0 == *word);
        self.take(key, || format!("one of {}", words.join(", ")), read)
            .unwrap_or(default)
    }

    /// A whole number within bounds.
    pub fn whole(&mut self, key: &str, bounds: RangeInclusive<u32>, default: u32) -> u32 {
        let read = |number: u32| bounds.contains(&number).then_some(number);
        self.take(
            key,
            || format!("a whole number from {} to {}", bounds.start(), bounds.end()),
            read,
        )
        .unwrap_or(default)
    }

    /// True or false.
    pub fn flag(&mut self, key: &str, default: bool) -> bool {
        self.take(key, || "true or false".into(), Some)
            .unwrap_or(default)
    }

    /// A list of ids.
    pub fn ids(&mut self, key: &str) -> Vec<String> {
        let is_id = |id: &String| !id.is_empty() && id.len() <= 128;
        let read = |ids: Vec<String>| ids.iter().all(is_id).then_some(ids);
        self.take(key, || "a list of account ids".into(), read)
            .unwrap_or_default()
    }

    /// A decimal text such as "10000.00", in minor units.
    pub fn amount(&mut self, key: &str, currency: &str, default_major: i64) -> i64 {
        let default = default_major * speech::currency::named(currency).minor_per_major();
        let read = |text: Text| money::from_decimal(&text.0, currency).ok();
        self.take(key, || amount_expected(currency), read)
            .unwrap_or(default)
    }

    /// A decimal text in minor units; none where the setting is absent or "off".
    pub fn amount_or_off(&mut self, key: &str, currency: &str) -> Option<i64> {
        let read = |text: Text| match &*text.0 {
            "off" => Some(None),
            text => money::from_decimal(text, currency).ok().map(Some),
        };
        self.take(
            key,
            || format!("{}, or \"off\"", amount_expected(currency)),
            read,
        )
        .flatten()
    }

    /// Adds a problem that only the rule can see, such as two settings that contradict each other.
    pub fn note(&mut self, key: &str, message: String) {
        // The contract bounds what crosses to the host; what was found may be of any length.
        if self.problems.len() < 100 {
            let key = plain(key, 32);
            self.problems.push(Problem {
                key,
                message: plain(&message, 400),
            });
        }
    }

    /// Everything that was found wrong.
    pub fn problems(self) -> Vec<Problem> {
        self.problems
    }

    fn take<J: Deserialize<'a>, T>(
        &mut self,
        key: &str,
        expected: impl FnOnce() -> String,
        read: impl FnOnce(J) -> Option<T>,
    ) -> Option<T> {
        let value = self.values.get(key)?;
        let taken = serde_json::from_str(value).ok().and_then(read);
        if taken.is_none() {
            let message = format!("Expected {}, found {value}.", expected());
            self.note(key, message);
        }
        taken
    }
}

/// A JSON Schema as one line, since no text with line breaks crosses to the host.
pub fn schema(text: &str) -> String {
    text.lines().map(str::trim).collect()
}

// Four bytes a character at most.
fn plain(text: &str, characters_max: usize) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(characters_max)
        .collect()
}

fn not_an_object(text: &str, error: &serde_json::Error) -> String {
    match serde_json::from_str::<Value>(text) {
        Ok(other) => format!("Expected an object, found {other}."),
        Err(_) => format!("Expected a JSON object: {error}."),
    }
}

fn amount_expected(currency: &str) -> String {
    let decimals = match speech::currency::named(currency).minor_digits {
        0 => "no decimals".to_owned(),
        digits => format!("at most {digits} decimals"),
    };
    format!(
        "a decimal amount as a text, not below zero and with {decimals}, such as \"{}\"",
        money::decimal(1_000_000, currency)
    )
}

#[cfg(test)]
mod tests;
