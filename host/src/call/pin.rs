//! Takes PINs out of what came in, before any plugin, record, log or stored payload sees it.
//!
//! Two places a PIN may hide: an argument whose key says so, and digits, spoken or written, where one was asked for or the word
//! is mentioned. Taking too much costs a stored digit; taking too little costs a customer's PIN, so doubt is resolved by taking.

mod besides;
mod parts;
mod said;
mod sum;

use std::sync::LazyLock;

use regex::Regex;
use secrecy::SecretString;
use serde_json::Value;

pub use besides::{Open, besides};
pub use parts::in_parts;
use said::Said;
pub use sum::may_be_sum;

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

/// A run of digits and number words, with `double five`, `two hundred` and the pauses that people make between them.
static DIGIT_RUN: LazyLock<Regex> = LazyLock::new(|| {
    let word = WORDS.map(|(word, _)| word).join("|");
    let one =
        format!(r"(?:(?:double|triple)\s+)?(?:\d+|(?:{word})\b)(?:[\s\-]+(?:hundred|thousand)\b)*");
    Regex::new(&format!(
        r"(?i)\b{one}(?:(?:[\s,.\-]|\b(?:uh|um|and|then|er)\b)*{one})*"
    ))
    .expect("a constant pattern, compiled in a test")
});

/// Words between two numbers of which the second takes the place of the first.
static CORRECTION: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:no|nope|not|sorry|wait|actually|rather|correction|mean|meant|scratch)\b")
        .expect("a constant pattern, compiled in a test")
});

/// What people call a PIN, as alternatives of a pattern.
const NAMES: &str = r"pin|p\.i\.n|pass ?code|pass ?word|security code|secret code|secret number";

/// Words that say that a PIN is near.
static MENTION: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(&format!(r"(?i)\b(?:{NAMES}|my code)\b"))
        .expect("a constant pattern, compiled in a test")
});

/// Asks for an amount, to which four digits are an answer.
static AMOUNT_ASKED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:how much|amount|sum)\b").expect("a constant pattern, compiled in a test")
});

/// Whether a text mentions a PIN, so that digits near it are taken for one.
#[must_use]
pub fn is_mentioned(text: &str) -> bool {
    MENTION.is_match(text)
}

/// A sentence that asks for a PIN, with the word for it: whoever takes PINs out of a conversation knows from its words alone when
/// one may come.
#[must_use]
pub fn asking(text: String) -> String {
    if is_mentioned(&text) {
        return text;
    }
    format!("{} Please tell me your PIN.", text.trim_end())
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
    let mut last_end = None;
    let said = Said::of(text);
    let rest = DIGIT_RUN.replace_all(text, |found: &regex::Captures<'_>| {
        let (start, end) = found
            .get(0)
            .map_or((0, text.len()), |run| (run.start(), run.end()));
        let amount_start = start;
        let start = said.pin_begins(start, end);
        let amount = &text[amount_start..start];
        let number = said.number(start, end);
        if number.is_amount {
            return found[0].to_owned();
        }
        // Said twice in one breath, or in parts: not a PIN to compare, but not to be kept either.
        let may_hold_one = awaited || number.digits.len() >= *PIN_DIGITS.start();
        let corrects = last_end.is_some_and(|end| CORRECTION.is_match(&text[end..start]));
        if corrects && !number.has_unit {
            taken = number
                .is_pin
                .then(|| SecretString::from(number.digits.as_str()));
        } else if number.is_pin && (number.is_named || !said.names_one) {
            taken.get_or_insert(SecretString::from(number.digits.as_str()));
        }
        if may_hold_one {
            last_end = Some(end);
            format!("{amount}{TAKEN}")
        } else {
            found[0].to_owned()
        }
    });
    (rest.into_owned(), taken)
}

/// Whether an utterance is nothing but digits that could be a PIN, with a word or two that one is given with.
#[must_use]
pub fn is_alone(text: &str) -> bool {
    let (rest, taken) = take_from_text(text, true);
    taken.is_some() && besides(&rest, Open::Other).is_empty()
}

/// Follows a conversation and takes PINs out of it: from the moment the agent asks for one until it was given, or enough else was
/// said.
#[derive(Debug, Default)]
pub struct Listening {
    /// Utterances for which a PIN is still awaited.
    left: u32,
    /// The agent was cut off, maybe before the word for what it asked for.
    is_cut: bool,
    /// The agent asked for an amount.
    is_amount_asked: bool,
}

/// Utterances after the question in which the answer may come: "sure", "hold on", "go ahead".
pub const PATIENCE: u32 = 6;

impl Listening {
    /// One utterance, without a PIN.
    pub fn hear(&mut self, by_agent: bool, text: &str) -> (String, Option<SecretString>) {
        let (mut rest, mut taken) = take_from_text(text, self.left > 0 && !by_agent);
        if by_agent {
            self.is_amount_asked = AMOUNT_ASKED.is_match(text);
            self.is_cut = text.ends_with(|c: char| c.is_alphanumeric() || matches!(c, ',' | '-'));
        } else if taken.is_none() && (self.is_cut || !self.is_amount_asked && is_alone(text)) {
            // Only what could be a whole PIN: most sentences that are cut off asked for none, and nobody asked for digits alone.
            let (without, pin) = take_from_text(text, true);
            if pin.is_some() {
                (rest, taken) = (without, pin);
            }
        }
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
            // Also what is no PIN to compare is taken: a PIN said three times is still one.
            *text = rest;
            if let Some(pin) = pin {
                taken.get_or_insert(pin);
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

/// Whether the name of a field says that its value is a PIN, in whichever case names are written: `user_pin`, `userPin`,
/// `PINCode`, `security-code`.
#[must_use]
pub fn is_pin_key(key: &str) -> bool {
    let words = words_of(key);
    is_mentioned(&words) || words.split(' ').any(|word| word == "pincode")
}

/// The words of a name, in small letters with single spaces between them.
fn words_of(name: &str) -> String {
    let mut words = String::with_capacity(name.len() + 4);
    let mut letters = name.chars().peekable();
    let mut before = ' ';
    while let Some(letter) = letters.next() {
        let follows_small = letters.peek().is_some_and(char::is_ascii_lowercase);
        let is_hump =
            letter.is_ascii_uppercase() && (!before.is_ascii_uppercase() || follows_small);
        let begins_word = is_hump || letter.is_ascii_digit() != before.is_ascii_digit();
        if begins_word && !words.ends_with(' ') {
            words.push(' ');
        }
        if letter.is_ascii_alphanumeric() {
            words.push(letter.to_ascii_lowercase());
        } else if !words.ends_with(' ') {
            words.push(' ');
        }
        before = letter;
    }
    words.trim().to_owned()
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
mod tests;
