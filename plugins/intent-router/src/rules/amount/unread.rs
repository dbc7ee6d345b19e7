//! Whether everything about an amount was understood: fractions, coins and counts that no reader takes, and words that blur a number.
//! "half a dollar" is no dollar and "ten quarters" are no ten dollars, so one word that was not read makes every amount doubtful.

use super::{Mention, NOT_MONEY, Unit};
use crate::rules::number::{Cursor, is_number_word};
use crate::rules::words::{Heard, Kind, Word};

// Parts and multiples of numbers, and coins, wherever they stand.
const PARTS: &[&str] = &[
    "half",
    "halves",
    "thirds",
    "quarter",
    "quarters",
    "fourths",
    "fifths",
    "sixths",
    "sevenths",
    "eighths",
    "ninths",
    "tenths",
    "dozen",
    "dozens",
    "trillion",
    "zillion",
    "gazillion",
    "lakh",
    "lakhs",
    "crore",
    "crores",
    "mil",
    "leven",
    "mill",
    "dime",
    "dimes",
    "nickel",
    "nickels",
    "double",
    "triple",
    "treble",
    "quadruple",
    "squared",
    "multiplied",
    "divided",
];
// Parts too, where they are counted or taken of something; else they order things.
const ORDINALS: &[&str] = &[
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "hundredth",
    "thousandth",
];
// Right before a number.
const BEFORE: &[&str] = &[
    "point", "oh", "o", "dot", "decimal", "times", "x", "dollar", "buck", "euro", "pound",
];
// Right before a bare "hundred" they may have been the number of them: "too hundred", "for hundred".
const BEFORE_A_SCALE: &[&str] = &["to", "too", "for", "won", "ate", "tree"];
// Right behind a number, or behind its "and".
const BEHIND: &[&str] = &[
    "something",
    "odd",
    "ish",
    "change",
    "some",
    "or",
    "point",
    "dot",
    "tops",
    "max",
    "maximum",
    "minimum",
    "give",
    "times",
    "x",
    "mil",
];
const MORE: &[&str] = &["more", "extra", "additional", "less", "fewer", "other"];
// They look like what a number may count, and are not.
const NO_PLURALS: &[&str] = &[
    "thanks", "this", "plus", "always", "lets", "thats", "unless", "across", "yes", "perhaps",
    "besides", "towards", "cheers", "does", "minus", "yours", "ours", "others",
];

/// Whether every word that belongs to an amount was read.
pub fn is_none(heard: &Heard, used: &[bool], found: &[Mention], code: &str) -> bool {
    let is_taken = |at: usize| {
        used.get(at).copied().unwrap_or(false) || found.iter().any(|it| it.span.contains(&at))
    };
    let is_left = |at: usize| !is_taken(at) && is_part(heard, at);
    !(0..heard.words.len()).any(is_left)
        && !found.iter().any(|it| is_blurred(heard, used, it, code))
        && !found.windows(2).any(|two| is_sum(heard, &two[0], &two[1]))
}

fn is_part(heard: &Heard, at: usize) -> bool {
    let text = heard.text(at);
    let (before, after) = (
        at.checked_sub(1).map(|at| &heard.words[at]),
        heard.text(at + 1),
    );
    let is_counted = before.is_some_and(is_count);
    if text == "half" {
        // "five and a half years" are none of an amount.
        return !matches!(after, "year" | "years" | "hour" | "hours");
    }
    PARTS.contains(&text)
        || ORDINALS.contains(&text) && (is_counted || after == "of")
        || text == "times" && is_counted
}

fn is_count(word: &Word) -> bool {
    is_number_word(word) || matches!(word.text.as_str(), "a" | "an")
}

fn is_blurred(heard: &Heard, used: &[bool], mention: &Mention, code: &str) -> bool {
    let (start, end) = (mention.span.start, mention.span.end);
    let (Some(last), next) = (heard.words.get(end.saturating_sub(1)), heard.text(end)) else {
        return false;
    };
    let before = start.checked_sub(1).and_then(|at| heard.words.get(at));
    let is_scale = matches!(
        heard.text(start),
        "hundred" | "thousand" | "million" | "grand"
    );
    let is_led = before.is_some_and(|word| {
        let text = word.text.as_str();
        word.is_tied || BEFORE.contains(&text) || is_scale && BEFORE_A_SCALE.contains(&text)
    });
    let behind = if next == "and" {
        heard.text(end + 1)
    } else {
        next
    };
    // What a bare number counts is money only where it says so, also behind "more": "ten more cents" are no ten dollars.
    let counted = if MORE.contains(&next) { end + 1 } else { end };
    let is_free = !used.get(counted).copied().unwrap_or(false);
    let is_counting = is_number_word(last)
        && is_free
        && match Cursor::new(heard, used, counted).unit(code) {
            Some(unit) => !matches!(unit, Unit::Major(true)),
            None => is_plural(heard.text(counted)),
        };
    // "1.000" is a thousand to some.
    let is_grouped =
        |word: &Word| matches!(&word.kind, Kind::Figure(it) if it.places > 2 && !it.scaled);
    let has_grouped = heard.words[start..end].iter().any(is_grouped);
    has_grouped || is_led || last.is_tied || BEHIND.contains(&behind) || is_counting
}

fn is_plural(text: &str) -> bool {
    text.len() > 3
        && text.ends_with('s')
        && !text.ends_with("ss")
        && !NO_PLURALS.contains(&text)
        && !NOT_MONEY.contains(&text)
}

// "five dollars and five dollars" are ten, or the same five twice.
fn is_sum(heard: &Heard, first: &Mention, second: &Mention) -> bool {
    first.span.end + 1 == second.span.start
        && heard.text(first.span.end) == "and"
        && first.reading == second.reading
}
