//! An amount or a PIN: what each number of an utterance is, by what stands around it.
//!
//! In doubt it is a PIN: an amount that is lost is asked for again.

use std::sync::LazyLock;

use regex::Regex;

use super::{DIGIT_RUN, NAMES, PIN_DIGITS, digits_of, is_mentioned};

/// What makes an amount of the number before it: nobody says so of a PIN.
static UNIT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^[\s\-]*(?:dollars?|bucks?|cents?|euros?|pounds?|grand)\b")
        .expect("a constant pattern, compiled in a test")
});

/// What makes a time of the one number before it: "one moment please".
static TIME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^[\s\-]*(?:moments?|seconds?|secs?|minutes?)\b")
        .expect("a constant pattern, compiled in a test")
});

/// A quantity instead of a row of digits.
static SCALE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:hundred|thousand)\b").expect("a constant pattern, compiled in a test")
});

/// "Two hundred": fewer than a PIN has, in whichever way it is meant.
static HUNDREDS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^(?:[1-9]|one|two|three|four|five|six|seven|eight|nine)[\s\-]+hundred\b")
        .expect("a constant pattern, compiled in a test")
});

/// What stands before the amount of a wish.
static WISH_BEFORE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)\b(?:transfer|send|move|pay|(?:make|change)\s+(?:it|that)(?:\s+to)?)\s+[$€£]?\s*$",
    )
    .expect("a constant pattern, compiled in a test")
});

/// Between an amount and the PIN behind it.
static PAUSE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)[,.]\s+|\s+and\s+").expect("a constant pattern, compiled in a test")
});

/// What stands before a number that is said to be the PIN.
static NAMED_BEFORE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(&format!(
        r"(?i)\b(?:{NAMES}|my code)\b[\s.,:]*(?:(?:number|code|it['’]?s|is|was|['’]s)\b[\s.,:]*)*$"
    ))
    .expect("a constant pattern, compiled in a test")
});

/// Words with which a caller changes an amount instead of giving a PIN; never said along with one.
static CHANGE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:make|change)\s+(?:it|that)\b|\b(?:instead|transfer|send|move|i meant)\b")
        .expect("a constant pattern, compiled in a test")
});

/// An utterance in which a PIN may be, and what of it tells a PIN from an amount.
pub(super) struct Said<'a> {
    text: &'a str,
    /// A wish or the change of one.
    is_wish: bool,
    /// The word for a PIN is in it.
    is_mentioned: bool,
    /// That word stands before a number, so any other number is none to compare.
    pub(super) names_one: bool,
}

/// One number of it.
pub(super) struct Number {
    pub(super) digits: String,
    pub(super) is_pin: bool,
    pub(super) is_named: bool,
    pub(super) has_unit: bool,
    /// It is left where it stands: the rules must hear it.
    pub(super) is_amount: bool,
}

impl<'a> Said<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        Self {
            text,
            is_wish: CHANGE.is_match(text),
            is_mentioned: is_mentioned(text),
            names_one: DIGIT_RUN
                .find_iter(text)
                .any(|run| NAMED_BEFORE.is_match(&text[..run.start()])),
        }
    }

    /// Where in a run of numbers the PIN begins, if the first is the amount of a wish: "make it 290, 5678". What could itself be a
    /// PIN is no amount, and what is said with a pause in it no PIN: in doubt all of it is taken.
    pub(super) fn pin_begins(&self, start: usize, end: usize) -> usize {
        if !WISH_BEFORE.is_match(&self.text[..start]) {
            return start;
        }
        let run = &self.text[start..end];
        let is_pin =
            |text: &str| PIN_DIGITS.contains(&digits_of(text).len()) && !SCALE.is_match(text);
        let Some(pause) = PAUSE.find_iter(run).last() else {
            return start;
        };
        let (amount, pin) = (&run[..pause.start()], &run[pause.end()..]);
        if is_pin(pin) && !is_pin(amount) {
            start + pause.end()
        } else {
            start
        }
    }

    pub(super) fn number(&self, start: usize, end: usize) -> Number {
        let (before, run, after) = (
            &self.text[..start],
            &self.text[start..end],
            &self.text[end..],
        );
        let digits = digits_of(run);
        let is_pin = PIN_DIGITS.contains(&digits.len()) && !SCALE.is_match(run);
        let is_named = NAMED_BEFORE.is_match(before);
        let has_unit = UNIT.is_match(after) || before.trim_end().ends_with(['$', '€', '£']);
        let is_wished = self.is_wish && WISH_BEFORE.is_match(before);
        // "No, make it two hundred", said instead of the PIN, must be understood, or the amount before it would move. Of a number
        // that could be a PIN it takes more to leave it: a unit in a wish, or that another number is said to be the PIN.
        let is_amount = if is_pin {
            !is_named && (self.is_wish && has_unit || is_wished && self.names_one)
        } else {
            has_unit
                || TIME.is_match(after) && run.split_whitespace().count() == 1
                || is_wished
                || HUNDREDS.is_match(run) && digits.len() < *PIN_DIGITS.start()
                || self.is_wish && !self.is_mentioned
        };
        Number {
            digits,
            is_pin,
            is_named,
            has_unit,
            is_amount,
        }
    }
}
