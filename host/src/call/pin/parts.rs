//! A PIN that came in parts: "one two", and after the question for it once more, "three four".
//!
//! Nothing of a part is kept: all stand in the conversation, from which they are joined anew.

use secrecy::SecretString;

use super::besides::{Open, besides};
use super::{DIGIT_RUN, PIN_DIGITS, digits_of, take_from_text};

/// The PIN of which the last of these is the last part; none where that does not make one whole, or more was said. What became
/// whole before was compared then, and an empty one is a caller who was silent.
#[must_use]
pub fn in_parts(said: &[String]) -> Option<SecretString> {
    let mut digits = String::new();
    for text in said {
        if PIN_DIGITS.contains(&digits.len()) {
            digits.clear();
        }
        match part(text) {
            Some(more) => digits.push_str(&more),
            None if text.is_empty() => {}
            None => digits.clear(),
        }
    }
    let is_last = said.last().is_some_and(|text| part(text).is_some());
    (is_last && PIN_DIGITS.contains(&digits.len())).then(|| SecretString::from(digits))
}

fn part(text: &str) -> Option<String> {
    let mut runs = DIGIT_RUN.find_iter(text);
    let (run, others) = (runs.next()?, runs.next());
    let digits = digits_of(run.as_str());
    let is_part = others.is_none() && digits.len() < *PIN_DIGITS.start();
    (is_part && besides(&take_from_text(text, true).0, Open::Other).is_empty()).then_some(digits)
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    fn joined(said: &[&str]) -> Option<String> {
        let said: Vec<String> = said.iter().map(|&text| text.to_owned()).collect();
        in_parts(&said).map(|pin| pin.expose_secret().to_owned())
    }

    #[test]
    fn parts_make_a_pin_and_nothing_else_does() {
        for said in [
            &["one two", "three four"][..],
            &["It's 12.", "and 34, please"],
            &["one", "two", "three", "four"],
            &["one two", "", "three four"],
            &["cancel that", "one two", "three four"],
            // The first was whole, and compared, before.
            &["nine", "9 9", "9", "one two", "three four"],
            &["9999", "12", "34"],
        ] {
            assert_eq!(joined(said).as_deref(), Some("1234"), "{said:?}");
        }
        for said in [
            &["one two", "cancel"][..],
            &["one two", "three four, no"],
            &["one two", "three"],
            &["9999", "12"],
            &["12", "1234"],
            &["", "34"],
            &["one two or five six", "34"],
            &["one two", "three four", ""],
            &["one two", "three four", "five"],
        ] {
            assert_eq!(joined(said), None, "{said:?}");
        }
    }
}
