//! Whether a transfer is wanted on another day, or again and again: "tomorrow", "on the 5th", "fifty dollars a month".
//! Money moves at once and once; a wish for anything else must not become a transfer now.

use super::words::Heard;

const NOT_NOW: &str = "tomorrow|tonight|later|next week|next month|next year|every|monthly|weekly|\
    daily|yearly|annually|twice|recurring|regularly|schedule|scheduled|standing order|a month|a week|a year|a day|\
    per month|per week|per year|per day|each month|each week|each year|each day|each time|in an hour|\
    on monday|on tuesday|on wednesday|on thursday|on friday|on saturday|on sunday|on mondays|on fridays|\
    on the 1st|on the first|on payday|the day after";

/// Whether it is not to happen now, once.
pub fn is_meant(heard: &Heard) -> bool {
    heard.has_any(NOT_NOW) || (0..heard.words.len()).any(|at| is_day(heard, at))
}

// "on the 5th".
fn is_day(heard: &Heard, at: usize) -> bool {
    let is_ordinal = ["st", "nd", "rd", "th"].iter().any(|end| {
        let day = heard.text(at).strip_suffix(end);
        day.is_some_and(|day| !day.is_empty() && day.bytes().all(|byte| byte.is_ascii_digit()))
    });
    is_ordinal && at > 0 && matches!(heard.text(at - 1), "the" | "on")
}
