//! Takes PINs out of what came in, before any plugin, record, log or stored payload sees it.
//!
//! Two places a PIN may hide: an argument whose key says so, and digits, spoken or written, where one was asked for or the word
//! is mentioned. Taking too much costs a stored digit; taking too little costs a customer's PIN, so doubt is resolved by taking.

use std::sync::LazyLock;

use regex::Regex;
use secrecy::SecretString;
use serde_json::Value;

/// The function by which the provider's model passes a PIN on.
pub const VERIFY_PIN: &str = "verify_pin";

/// What stands where a PIN stood.
pub const TAKEN: &str = "[pin]";

/// Fewest and most digits of a PIN.
const PIN_DIGITS: std::ops::RangeInclusive<usize> = 4..=8;

/// Number words as they are spoken in a PIN: `one two`, `twelve thirty-four`, `oh` for zero.
const WORDS: [(&str, &str); 29] = [
    ("zero", "0"),
    ("oh", "0"),
    ("one", "1"),
    ("two", "2"),
    ("three", "3"),
    ("four", "4"),
    ("five", "5"),
    ("six", "6"),
    ("seven", "7"),
    ("eight", "8"),
    ("nine", "9"),
    ("ten", "10"),
    ("eleven", "11"),
    ("twelve", "12"),
    ("thirteen", "13"),
    ("fourteen", "14"),
    ("fifteen", "15"),
    ("sixteen", "16"),
    ("seventeen", "17"),
    ("eighteen", "18"),
    ("nineteen", "19"),
    ("twenty", "20"),
    ("thirty", "30"),
    ("forty", "40"),
    ("fifty", "50"),
    ("sixty", "60"),
    ("seventy", "70"),
    ("eighty", "80"),
    ("ninety", "90"),
];

/// A run of digits and number words, with `double five` and the pauses that people make between them.
static DIGIT_RUN: LazyLock<Regex> = LazyLock::new(|| {
    let word = WORDS.map(|(word, _)| word).join("|");
    let one = format!(r"(?:(?:double|triple)\s+)?(?:\d+|(?:{word})\b)");
    Regex::new(&format!(
        r"(?i)\b{one}(?:(?:[\s,.\-]|\b(?:uh|um|and|then|er)\b)*{one})*"
    ))
    .expect("a constant pattern, compiled in a test")
});

/// What makes an amount of the number before it: nobody says so of a PIN.
static UNIT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^\s*(?:dollars?|bucks?|cents?|euros?|pounds?)\b")
        .expect("a constant pattern, compiled in a test")
});

/// Words with which a caller changes an amount instead of giving a PIN; never said along with one.
static CHANGE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:make|change)\s+(?:it|that)\b|\b(?:instead|transfer|send|move|i meant)\b")
        .expect("a constant pattern, compiled in a test")
});

/// Words that say that a PIN is near.
static MENTION: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:pin|p\.i\.n|passcode|pass code|security code|secret code)\b")
        .expect("a constant pattern, compiled in a test")
});

/// Whether a text mentions a PIN, so that digits near it are taken for one.
#[must_use]
pub fn is_mentioned(text: &str) -> bool {
    MENTION.is_match(text)
}

/// Takes a PIN out of an utterance. `awaited`: the host has just asked for one.
///
/// Invariant: no PIN reaches a plugin or a record (`spoken_and_written_pins_are_taken_out`).
#[must_use]
pub fn take_from_text(text: &str, awaited: bool) -> (String, Option<SecretString>) {
    if !awaited && !is_mentioned(text) {
        return (text.to_owned(), None);
    }
    let mut taken = None;
    let is_change = CHANGE.is_match(text) && !is_mentioned(text);
    let rest = DIGIT_RUN.replace_all(text, |found: &regex::Captures<'_>| {
        let digits = digits_of(&found[0]);
        let end = found.get(0).map_or(text.len(), |run| run.end());
        // "No, make it two hundred", said instead of the PIN, must be understood, or the amount before it would move.
        if !PIN_DIGITS.contains(&digits.len()) && (is_change || UNIT.is_match(&text[end..])) {
            return found[0].to_owned();
        }
        let is_pin = PIN_DIGITS.contains(&digits.len());
        // Said twice in one breath, or in parts: not a PIN to compare, but not to be kept either.
        let may_hold_one = awaited || digits.len() >= *PIN_DIGITS.start();
        if is_pin {
            taken.get_or_insert(SecretString::from(digits));
        }
        if may_hold_one {
            TAKEN.to_owned()
        } else {
            found[0].to_owned()
        }
    });
    (rest.into_owned(), taken)
}

/// Follows a conversation and takes PINs out of it: from the moment the agent asks for one until it was given, or enough else was
/// said.
#[derive(Debug, Default)]
pub struct Listening {
    /// Utterances for which a PIN is still awaited.
    left: u32,
}

/// Utterances after the question in which the answer may come: "sure", "hold on", "go ahead".
const PATIENCE: u32 = 6;

impl Listening {
    /// One utterance, without a PIN.
    pub fn hear(&mut self, by_agent: bool, text: &str) -> (String, Option<SecretString>) {
        let (rest, taken) = take_from_text(text, self.left > 0 && !by_agent);
        self.left = match (by_agent && is_mentioned(text), &taken) {
            (true, _) => PATIENCE,
            (false, Some(_)) => 0,
            (false, None) => self.left.saturating_sub(1),
        };
        (rest, taken)
    }
}

/// Takes PINs out of a function's arguments, wherever in the object they stand; gives the first.
#[must_use]
pub fn take_from_arguments(arguments: &mut Value) -> Option<SecretString> {
    let mut taken = None;
    walk(arguments, &mut |key, value| {
        if is_pin_key(key) && !value.is_null() {
            let text = match &*value {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            taken.get_or_insert(SecretString::from(digits_of(&text)));
            *value = Value::String(TAKEN.to_owned());
        } else if let Value::String(text) = value {
            let (rest, pin) = take_from_text(text, false);
            if let Some(pin) = pin {
                taken.get_or_insert(pin);
                *text = rest;
            }
        }
    });
    taken
}

/// Takes the PIN out of the arguments of a function that exists to pass one on: whatever the fields are called, nothing of them is
/// kept.
#[must_use]
pub fn take_whole(arguments: &mut Value) -> Option<SecretString> {
    let mut taken = take_from_arguments(arguments);
    walk(arguments, &mut |_, value| {
        let text = match &*value {
            Value::String(text) if text != TAKEN => text.clone(),
            Value::Number(number) => number.to_string(),
            _ => return,
        };
        let (_, pin) = take_from_text(&text, true);
        if taken.is_none() {
            taken = pin;
        }
        *value = Value::String(TAKEN.to_owned());
    });
    taken
}

/// Whether the name of a field says that its value is a PIN.
#[must_use]
pub fn is_pin_key(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    key.split(|c: char| !c.is_ascii_alphanumeric())
        .any(|part| matches!(part, "pin" | "passcode" | "pincode"))
}

/// The digits of a run, words and doubles resolved: `double five one 2` is `5512`, `twelve thirty-four` is `1234`.
fn digits_of(run: &str) -> String {
    let mut digits = String::new();
    let mut repeat = 1;
    let mut after_tens = false;
    for word in run
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
    {
        let word = word.to_ascii_lowercase();
        match word.as_str() {
            "double" => repeat = 2,
            "triple" => repeat = 3,
            _ => {
                let spoken = WORDS
                    .iter()
                    .find(|(known, _)| *known == word)
                    .map(|(_, it)| *it);
                let text = spoken.unwrap_or(&word);
                if !text.bytes().all(|byte| byte.is_ascii_digit()) {
                    continue;
                }
                // "thirty-four" is 34, not 304.
                if after_tens && spoken.is_some() && text.len() == 1 && text != "0" {
                    digits.pop();
                }
                digits.push_str(&text.repeat(repeat));
                after_tens =
                    spoken.is_some() && text.len() == 2 && text.ends_with('0') && text != "10";
                repeat = 1;
            }
        }
    }
    digits
}

/// Visits every field of a JSON value, keys included; an array's items are visited under the array's key.
pub(super) fn walk(value: &mut Value, visit: &mut impl FnMut(&str, &mut Value)) {
    visit_under("", value, visit);
}

fn visit_under(key: &str, value: &mut Value, visit: &mut impl FnMut(&str, &mut Value)) {
    visit(key, value);
    match value {
        Value::Object(fields) => {
            for (name, field) in fields.iter_mut() {
                visit_under(name, field, visit);
            }
        }
        Value::Array(items) => {
            for item in items {
                visit_under(key, item, visit);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;
    use serde_json::json;

    use super::*;

    fn taken(text: &str, awaited: bool) -> (String, Option<String>) {
        let (rest, pin) = take_from_text(text, awaited);
        (rest, pin.map(|pin| pin.expose_secret().to_owned()))
    }

    #[test]
    fn spoken_and_written_pins_are_taken_out() {
        for (text, pin) in [
            ("1234", "1234"),
            ("it's one two three four", "1234"),
            ("1 2 3 4", "1234"),
            ("1-2-3-4.", "1234"),
            ("double five oh one please", "5501"),
            ("Nine 0 one two", "9012"),
            ("twelve thirty-four", "1234"),
            ("one two, uh, three four", "1234"),
            ("nineteen eighty", "1980"),
        ] {
            let (rest, found) = taken(text, true);
            assert_eq!(found.as_deref(), Some(pin), "{text}");
            assert!(rest.contains(TAKEN) && !rest.contains(pin), "{rest}");
        }
        assert_eq!(taken("my pin is 5678", false).1.as_deref(), Some("5678"));
    }

    #[test]
    fn amounts_stay_where_no_pin_is_awaited_or_mentioned() {
        for text in [
            "move 1234 dollars to savings",
            "pinch me at 12 30 45",
            "one two three four",
        ] {
            assert_eq!(taken(text, false), (text.to_owned(), None));
        }
    }

    #[test]
    fn while_a_pin_is_awaited_no_number_is_kept() {
        assert_eq!(
            taken("one two three four, one two three four", true).0,
            TAKEN
        );
        assert_eq!(taken("it has 12 and 3", true).0, "it has [pin]");
        assert_eq!(taken("4711 dollars", true).0, "[pin] dollars");
    }

    #[test]
    fn an_amount_that_cannot_be_a_pin_is_left_where_one_is_awaited() {
        for text in [
            "no, make it fifty dollars",
            "sorry, 50 dollars",
            "twenty-five bucks",
            "no, make it two hundred",
            "make that fifty",
            "transfer three hundred dollars from checking to savings",
        ] {
            assert_eq!(taken(text, true), (text.to_owned(), None));
        }
        assert_eq!(taken("no, two hundred", true).0, "no, [pin] hundred");
        assert_eq!(taken("make it 1234", true).0, "make it [pin]");
        let mentioned = "change it, my pin is twelve no wait thirty four";
        assert!(!taken(mentioned, true).0.contains("twelve"));
    }

    #[test]
    fn a_pin_is_awaited_until_it_is_given() {
        let mut listening = Listening::default();
        for (by_agent, said, kept) in [
            (true, "Please tell me your PIN.", "Please tell me your PIN."),
            (false, "okay", "okay"),
            (true, "Go ahead.", "Go ahead."),
            (false, "it is 4711", "it is [pin]"),
            (false, "and move 1500 dollars", "and move 1500 dollars"),
        ] {
            assert_eq!(listening.hear(by_agent, said).0, kept);
        }
    }

    #[test]
    fn of_a_function_that_passes_a_pin_on_nothing_is_kept() {
        let mut arguments = json!({"code": "one two three four", "note": "hello", "n": [5678]});
        let pin = take_whole(&mut arguments).map(|pin| pin.expose_secret().to_owned());
        assert_eq!(pin.as_deref(), Some("1234"));
        assert_eq!(
            arguments,
            json!({"code": TAKEN, "note": TAKEN, "n": [TAKEN]})
        );
    }

    #[test]
    fn arguments_named_after_a_pin_are_taken_however_deep() {
        let mut arguments = json!({"a": [{"user_pin": 1234}], "note": "my PIN is 9999", "spin": 7});
        let pin = take_from_arguments(&mut arguments).map(|pin| pin.expose_secret().to_owned());
        assert_eq!(pin.as_deref(), Some("1234"));
        assert_eq!(
            arguments,
            json!({"a": [{"user_pin": TAKEN}], "note": "my PIN is [pin]", "spin": 7})
        );
    }
}
