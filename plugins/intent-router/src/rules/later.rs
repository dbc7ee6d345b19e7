//! Whether a transfer is wanted on another day, or again and again: "tomorrow", "on the 5th", "fifty dollars a month".
//! Money moves at once and once; a wish for anything else must not become a transfer now.

use super::moving::VERBS;
use super::number::is_number_word;
use super::words::Heard;
use speech::date::MONTHS;
use speech::number::ordinal_words;
use std::ops::Range;

const NOT_NOW: &str = "tomorrow|tonight|later|next week|next month|next year|every|monthly|weekly|\
    daily|yearly|annually|recurring|regularly|schedule|scheduled|standing order|a month|a week|a year|a day|\
    per month|per week|per year|per day|each month|each week|each year|each day|each time|in an hour|\
    on the 1st|on the first|on payday|the day after|standing orders|direct debit|this evening|this afternoon|\
    in the morning|in the evening|end of the month|end of month|end of the week|end of the year|after the weekend|at noon|\
    at midnight|after work|oclock";
// So begins what a caller tells of themselves.
const TELLING: &str = "im|ill|were|well|every time i|every time you";
// With one of these it may be the wish after all: "I'm setting this up every month, move fifty dollars".
const WISHING: &str =
    "want|need|like|month|monthly|week|weekly|day|daily|it|this|that|them|money|set|setting";
const DAYS: &[&str] = &[
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "weekend",
];

/// Whether it is not to happen now, once.
pub fn is_meant(heard: &Heard) -> bool {
    let begins = wish_begins(heard);
    let is_date = |at: usize| {
        is_day(heard, at)
            || is_weekday_or_month(heard, at)
            || is_span(heard, at)
            || is_count(heard, at)
            || is_hour(heard, at)
    };
    let is_twice = heard.has_any("twice") && !heard.has_any("twice as|twice that");
    let is_other_time = |place: &Range<usize>| place.start >= begins;
    is_twice
        || heard.places(NOT_NOW).iter().any(is_other_time)
        || (begins..heard.words.len()).any(is_date)
}

// "I'm travelling tomorrow, move twenty dollars": what is told before the wish is no time for it.
fn wish_begins(heard: &Heard) -> usize {
    let is_telling = || heard.places(TELLING).iter().any(|place| place.start == 0);
    let told = (0..heard.words.len()).find(|at| heard.ends_clause(*at));
    let Some(end) = told.filter(|_| is_telling()) else {
        return 0;
    };
    let is_wish = |at: usize| {
        heard.is_one_of(at, VERBS)
            || heard.is_one_of(at, WISHING)
            || is_number_word(&heard.words[at])
    };
    let is_followed = (end + 1..heard.words.len()).any(|at| heard.is_one_of(at, VERBS));
    if is_followed && !(0..=end).any(is_wish) {
        end + 1
    } else {
        0
    }
}

// "five times".
fn is_count(heard: &Heard, at: usize) -> bool {
    heard.text(at) == "times" && at > 0 && is_number_word(&heard.words[at - 1])
}

// "on Friday", "next Friday", "on December first".
fn is_weekday_or_month(heard: &Heard, at: usize) -> bool {
    let text = heard.text(at);
    let is_weekday = DAYS
        .iter()
        .any(|day| text.strip_suffix('s').unwrap_or(text) == *day);
    let is_month = MONTHS.iter().any(|month| month.eq_ignore_ascii_case(text));
    let before = at.checked_sub(1).map_or("", |before| heard.text(before));
    let is_in = is_month && before == "in";
    is_in
        || (is_weekday || is_month)
            && matches!(before, "on" | "next" | "this" | "coming" | "until" | "by")
}

// "in two weeks".
fn is_span(heard: &Heard, at: usize) -> bool {
    let is_unit = matches!(
        heard.text(at),
        "minutes" | "hours" | "days" | "weeks" | "months" | "years"
    );
    is_unit && at >= 2 && heard.text(at - 2) == "in"
}

// "at 5 pm", "at five pm", "at 5pm".
fn is_hour(heard: &Heard, at: usize) -> bool {
    let text = heard.text(at);
    let digits = text.strip_suffix("pm").or_else(|| text.strip_suffix("am"));
    match digits {
        Some("") => at > 0 && is_number_word(&heard.words[at - 1]),
        Some(hour) => hour.bytes().all(|byte| byte.is_ascii_digit()),
        None => false,
    }
}

// "on the 5th", "on the fifth".
fn is_day(heard: &Heard, at: usize) -> bool {
    let is_spoken =
        || (1..=31).any(|day| ordinal_words(day).is_some_and(|it| it == heard.text(at)));
    if at > 1 && heard.text(at - 1) == "the" && heard.text(at - 2) == "on" && is_spoken() {
        return true;
    }
    let is_ordinal = ["st", "nd", "rd", "th"].iter().any(|end| {
        let day = heard.text(at).strip_suffix(end);
        day.is_some_and(|day| !day.is_empty() && day.bytes().all(|byte| byte.is_ascii_digit()))
    });
    is_ordinal && at > 0 && matches!(heard.text(at - 1), "the" | "on")
}
