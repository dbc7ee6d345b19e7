//! A PIN that came in two parts: "one two", and after the question for it once more, "three four".
//!
//! Nothing of a part is kept: both stand in the conversation, from which they are joined anew.

use secrecy::SecretString;

use super::besides::{Open, besides};
use super::{DIGIT_RUN, PIN_DIGITS, digits_of, take_from_text};

/// The PIN of which these are the two parts; none where one is more or less than a part, or more was said.
#[must_use]
pub fn in_parts(first: &str, second: &str) -> Option<SecretString> {
    let digits = part(first)? + &part(second)?;
    PIN_DIGITS
        .contains(&digits.len())
        .then(|| SecretString::from(digits))
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

    #[test]
    fn two_parts_make_a_pin_and_nothing_else_does() {
        let joined = |first: &str, second: &str| {
            in_parts(first, second).map(|pin| pin.expose_secret().to_owned())
        };
        assert_eq!(joined("one two", "three four").as_deref(), Some("1234"));
        assert_eq!(
            joined("It's 12.", "and 34, please").as_deref(),
            Some("1234")
        );
        for (first, second) in [
            ("one two", "cancel"),
            ("one two", "three four, no"),
            ("one two", "three"),
            ("9999", "12"),
            ("12", "1234"),
            ("", "34"),
            ("one two or five six", "34"),
        ] {
            assert_eq!(joined(first, second), None, "{first} / {second}");
        }
    }
}
