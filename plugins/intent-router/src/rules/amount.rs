//! Amounts in an utterance, in figures and in words: "$1,250.50", "twelve hundred and fifty dollars and ten cents", "a grand".
//! What can be read in two ways ("twelve fifty", "one oh five", "a couple hundred") is doubtful, never guessed.

pub mod portion;
pub mod relation;
mod unread;

use super::number::{Cursor, Decimal};
use super::words::{Heard, Kind};
use relation::Relation;
use speech::currency;
use std::ops::Range;

/// Why an amount cannot be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// No amount: zero, negative, finer than a minor unit, or no number at all.
    Invalid,
    /// Can be read in more than one way, or is vague.
    Unclear,
    /// Another currency than the bank's.
    Currency,
    /// More or less than another amount that is not known here.
    Relative,
}

/// One amount that was said, in minor units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention {
    /// The words that it takes.
    pub span: Range<usize>,
    /// What it says.
    pub reading: Result<i64, Doubt>,
    /// How it is meant, where it is no amount of its own.
    pub relation: Option<Relation>,
}

enum Unit {
    Major(bool),
    Minor(bool),
}

const VAGUE: &[&str] = &[
    "couple",
    "few",
    "several",
    "some",
    "about",
    "around",
    "roughly",
    "approximately",
    "maybe",
    "almost",
    "nearly",
    "over",
    "under",
    "least",
    "most",
    "than",
    "or",
];
const NOT_MONEY: &[&str] = &[
    "year", "years", "month", "months", "day", "days", "week", "weeks", "percent", "times", "time",
    "hour", "hours", "minute", "minutes", "accounts", "pm", "am", "oclock",
];

// Money of other countries that no currency here is named after.
const STRANGE: &[&str] = &[
    "peso", "pesos", "dinar", "dinars", "dirham", "dirhams", "riyal", "riyals", "krone", "kroner",
    "krona", "kronor", "ruble", "rubles", "rouble", "roubles", "rand", "shekel", "shekels",
    "zloty", "zlotys", "lira", "yuan", "renminbi", "rmb", "baht", "rupiah", "ringgit", "won",
    "reais", "bitcoin", "bitcoins", "crypto", "ether",
];

/// Every amount of the utterance; words that are `used` by an account or a date are left alone.
pub fn mentions(heard: &Heard, used: &[bool], code: &str) -> Vec<Mention> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < heard.words.len() {
        let (next, mention) = mention_at(heard, used, at, code);
        found.extend(mention);
        at = next.max(at + 1);
    }
    if !found.is_empty() && !unread::is_none(heard, used, &found, code) {
        for mention in found.iter_mut().filter(|mention| mention.reading.is_ok()) {
            mention.reading = Err(Doubt::Unclear);
        }
    }
    found
}

/// The amount that a text is, all of it: `500`, `$1,250.50`, "five hundred dollars".
pub fn of_text(text: &str, code: &str) -> Result<i64, Doubt> {
    // "USD 500" is how programs write it.
    let prefixed = text
        .get(..3)
        .filter(|start| start.eq_ignore_ascii_case(code));
    let heard = Heard::new(if prefixed.is_some() { &text[3..] } else { text });
    let found = mentions(&heard, &vec![false; heard.words.len()], code);
    match found.as_slice() {
        [] => Err(Doubt::Invalid),
        [only] if only.span == (0..heard.words.len()) => only.reading,
        [only] if only.reading.is_err() => only.reading,
        _ => Err(Doubt::Unclear),
    }
}

fn mention_at(heard: &Heard, used: &[bool], at: usize, code: &str) -> (usize, Option<Mention>) {
    let mut cursor = Cursor::new(heard, used, at);
    if cursor.word().is_some_and(|word| word.kind == Kind::Garbled) {
        return mention(heard, at..at + 1, Err(Doubt::Invalid));
    }
    let sign = cursor.sign();
    let Some(value) = cursor.number() else {
        return (at, None);
    };
    if cursor.runs_on() {
        cursor.skip_numbers();
        cursor.unit(code);
        return mention(heard, at..cursor.at, Err(Doubt::Unclear));
    }
    let number_end = cursor.at;
    let unit = cursor.unit(code);
    if unit.is_none() && sign.is_none() && is_no_money(heard, &cursor, at) {
        return (cursor.at, None);
    }
    let mut reading = match (&unit, sign) {
        (Some(Unit::Major(false) | Unit::Minor(false)), _) => Err(Doubt::Currency),
        (_, Some(sign)) if !sign_fits(sign, code) => Err(Doubt::Currency),
        (Some(Unit::Minor(true)), _) => cents(value, code),
        (Some(Unit::Major(true)), _) => cursor.with_cents(value, code),
        (None, _) if sign.is_some() => cursor.with_cents(value, code),
        (None, _) => minor(value, code),
    };
    if preceded_by(heard, at, &["minus", "negative"]) {
        reading = Err(Doubt::Invalid);
    } else if reading.is_ok()
        && (is_vague(heard, at) || may_be_a_to(heard, used, number_end, &unit))
    {
        reading = Err(Doubt::Unclear);
    }
    mention(heard, at..cursor.at, reading)
}

fn mention(
    heard: &Heard,
    span: Range<usize>,
    reading: Result<i64, Doubt>,
) -> (usize, Option<Mention>) {
    let relation = relation::of(heard, &span);
    let mention = Mention {
        span,
        reading,
        relation,
    };
    (mention.span.end, Some(mention))
}

impl Cursor<'_> {
    // True where the currency is the bank's own.
    fn unit(&mut self, code: &str) -> Option<Unit> {
        let names = currency::named(code);
        let (word, fits) = (self.text(), |many: &str| {
            names
                .major
                .is_some_and(|(_, major)| major == many || major.ends_with(&format!(" {many}")))
        });
        let unit = match word {
            "dollar" | "dollars" | "buck" | "bucks" => Unit::Major(fits("dollars")),
            "euro" | "euros" | "eur" => Unit::Major(fits("euros")),
            "pound" | "pounds" | "quid" | "gbp" => Unit::Major(fits("pounds")),
            "yen" => Unit::Major(fits("yen")),
            "franc" | "francs" => Unit::Major(fits("francs")),
            "rupee" | "rupees" => Unit::Major(fits("rupees")),
            text if STRANGE.contains(&text) => Unit::Major(false),
            "canadian" => Unit::Major(code == "CAD"),
            "australian" => Unit::Major(code == "AUD"),
            "usd" => Unit::Major(code == "USD"),
            "cent" | "cents" => Unit::Minor(names.minor.is_some_and(|(one, _)| one == "cent")),
            "penny" | "pennies" | "pence" => Unit::Minor(names.minor_digits == 2),
            _ => return None,
        };
        self.at += 1;
        if matches!(word, "canadian" | "australian") && self.text().starts_with("dollar") {
            self.at += 1;
        }
        Some(unit)
    }

    // "... dollars and ten cents"; a number behind the dollars that is no cents is a doubt.
    fn with_cents(&mut self, value: Decimal, code: &str) -> Result<i64, Doubt> {
        let before = self.at;
        if self.text() == "and" {
            self.at += 1;
        }
        let Some(small) = self.number() else {
            self.at = before;
            return minor(value, code);
        };
        match self.unit(code) {
            Some(Unit::Minor(true)) => {
                let (whole, small) = (minor_or_zero(value, code)?, cents(small, code)?);
                let is_whole = whole % currency::named(code).minor_per_major() == 0;
                if is_whole {
                    whole.checked_add(small).ok_or(Doubt::Invalid)
                } else {
                    Err(Doubt::Unclear)
                }
            }
            Some(Unit::Major(_)) => {
                // Another amount, which is found on its own.
                self.at = before;
                minor(value, code)
            }
            _ if NOT_MONEY.contains(&self.text()) => {
                self.at = before;
                minor(value, code)
            }
            _ => Err(Doubt::Unclear),
        }
    }
}

fn is_no_money(heard: &Heard, cursor: &Cursor<'_>, start: usize) -> bool {
    // "the savings one" and "one moment" are no amounts; one dollar is said with its dollar.
    let lone_one = cursor.at == start + 1 && matches!(heard.text(start), "one" | "a" | "an");
    lone_one || NOT_MONEY.contains(&cursor.text())
}

fn is_vague(heard: &Heard, start: usize) -> bool {
    preceded_by(heard, start, VAGUE)
        || preceded_by(heard, start, &["to"]) && start >= 2 && heard.text(start - 2) == "up"
        || preceded_by(heard, start, &["of"])
            && start >= 2
            && VAGUE.contains(&heard.text(start - 2))
}

// "send fifty two savings" may have been "fifty to savings".
fn may_be_a_to(heard: &Heard, used: &[bool], number_end: usize, unit: &Option<Unit>) -> bool {
    let next = if matches!(heard.text(number_end), "my" | "the") {
        number_end + 1
    } else {
        number_end
    };
    let is_two = matches!(heard.text(number_end - 1), "two" | "2");
    unit.is_none() && is_two && used.get(next).copied().unwrap_or(false)
}

fn preceded_by(heard: &Heard, start: usize, words: &[&str]) -> bool {
    start > 0 && words.contains(&heard.text(start - 1))
}

fn sign_fits(sign: char, code: &str) -> bool {
    match sign {
        '$' => matches!(code, "USD" | "CAD" | "AUD"),
        '€' => code == "EUR",
        _ => code == "GBP",
    }
}

fn minor(value: Decimal, code: &str) -> Result<i64, Doubt> {
    minor_or_zero(value, code).and_then(|minor| {
        if minor > 0 {
            Ok(minor)
        } else {
            Err(Doubt::Invalid)
        }
    })
}

fn minor_or_zero(value: Decimal, code: &str) -> Result<i64, Doubt> {
    let digits = currency::named(code).minor_digits;
    value
        .in_units(digits)
        .and_then(|minor| i64::try_from(minor).ok())
        .ok_or(Doubt::Invalid)
}

fn cents(value: Decimal, code: &str) -> Result<i64, Doubt> {
    let cents = value
        .in_units(0)
        .and_then(|n| i64::try_from(n).ok())
        .ok_or(Doubt::Invalid)?;
    match cents {
        0 => Err(Doubt::Invalid),
        // "one hundred and ten cents" may have been a hundred dollars and ten cents.
        n if n >= currency::named(code).minor_per_major() => Err(Doubt::Unclear),
        n => Ok(n),
    }
}

#[cfg(test)]
mod tests;
