//! Digits at the question for a PIN that may be something else: another sum, "make it 1500", "I meant 2000", or a day of birth.
//!
//! They are taken out like any PIN, since they may be one, but are not compared: a correction must not count as a wrong try, and
//! the sum that it was to correct must not move.

use std::sync::LazyLock;

use regex::Regex;

use super::TAKEN;

/// Said before a sum, and never before a PIN.
const CHANGING: [&str; 4] = [
    r"make (?:it|that|this)(?: to)?|make|(?:change|reduce|lower|raise|increase)\b.*",
    "rather|how about|what about",
    r"(?:amount|sum|it|that|this|should|supposed)\b.*\b(?:be|been)",
    r"(?:amount|sum)(?: is| was)?",
];
/// Said before a year.
const DATING: [&str; 2] = [
    r"(?:born|birth|birthday)\b.*",
    "january|february|march|april|june|july|august|september|october|november|december",
];
/// Said before either: before a sum unless the caller has just heard that the PIN is wrong.
const EITHER: &str =
    "sorry|actually|only|not|i mean|i meant|(?:i )?(?:need|want|wanted)|no i meant";

struct Patterns {
    changing: Regex,
    either: Regex,
}

static PATTERNS: LazyLock<Patterns> = LazyLock::new(|| {
    let taken = regex::escape(TAKEN);
    let compile = |before: &str, behind: &str| {
        Regex::new(&format!(
            r"(?i)\b(?:{before})[\s,.]*{taken}|{taken}[\s,.]*(?:{behind})\b"
        ))
        .expect("a constant pattern, compiled in a test")
    };
    Patterns {
        changing: compile(&[CHANGING.join("|"), DATING.join("|")].join("|"), "instead"),
        either: compile(EITHER, "i mean|i meant"),
    }
});

/// Whether the digits that were taken out of an utterance may be a sum. `was_wrong`: the caller has just heard that the PIN was.
#[must_use]
pub fn may_be_sum(text: &str, was_wrong: bool) -> bool {
    // "4321, sorry, 1234": two of the same kind.
    let is_second = text.matches(TAKEN).count() > 1;
    PATTERNS.changing.is_match(text) || !was_wrong && !is_second && PATTERNS.either.is_match(text)
}

#[cfg(test)]
mod tests {
    use super::super::take_from_text;
    use super::*;

    fn is_sum(said: &str, was_wrong: bool) -> bool {
        may_be_sum(&take_from_text(said, true).0, was_wrong)
    }

    #[test]
    fn a_correction_with_four_digits_is_no_pin() {
        for said in [
            "make it 1500",
            "make that 1400",
            "change the amount to 1700",
            "change it to 2500",
            "the amount should be 1250",
            "it was supposed to be 1100",
            "I'd rather 2500",
            "make it twelve fifty",
            "I don't know it but my birthday is September 17 1996",
            "I was born in 1996",
        ] {
            assert!(is_sum(said, false) && is_sum(said, true), "{said}");
        }
        for said in [
            "I meant 2000",
            "sorry 1350",
            "sorry, 1600 I mean",
            "actually 1234",
        ] {
            assert!(is_sum(said, false) && !is_sum(said, true), "{said}");
        }
    }

    #[test]
    fn what_a_pin_is_given_with_makes_no_sum_of_it() {
        for said in [
            "1234",
            "my PIN is 1234",
            "it's 1234, please",
            "yes, one two three four",
            "it should be on the card, 1234",
            "make it two hundred, 1234",
            "no, 1234",
            "4321, sorry, 1234",
            "1234, that's it",
        ] {
            assert!(!is_sum(said, false), "{said}");
        }
    }
}
