//! Whether a transfer is wanted on another day, or again and again: "tomorrow", "on the 5th", "fifty dollars a month".
//! Money moves at once and once; a wish for anything else must not become a transfer now.

use super::number::is_number_word;
use super::words::Heard;
use speech::date::MONTHS;

const NOT_NOW: &str = "tomorrow|tonight|later|next week|next month|next year|every|monthly|weekly|\
    daily|yearly|annually|recurring|regularly|schedule|scheduled|standing order|a month|a week|a year|a day|\
    per month|per week|per year|per day|each month|each week|each year|each day|each time|in an hour|\
    on the 1st|on the first|on payday|the day after|standing orders|direct debit";
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
    let is_date = |at: usize| {
        is_day(heard, at)
            || is_weekday_or_month(heard, at)
            || is_span(heard, at)
            || is_count(heard, at)
    };
    let is_twice = heard.has_any("twice") && !heard.has_any("twice as|twice that");
    is_twice || heard.has_any(NOT_NOW) || (0..heard.words.len()).any(is_date)
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

// "on the 5th".
fn is_day(heard: &Heard, at: usize) -> bool {
    let is_ordinal = ["st", "nd", "rd", "th"].iter().any(|end| {
        let day = heard.text(at).strip_suffix(end);
        day.is_some_and(|day| !day.is_empty() && day.bytes().all(|byte| byte.is_ascii_digit()))
    });
    is_ordinal && at > 0 && matches!(heard.text(at - 1), "the" | "on")
}
