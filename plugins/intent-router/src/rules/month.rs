//! Months in an utterance or an argument: "last month", "march", "march twenty twenty-six", "2026-03" become `YYYY-MM`.
//! A month without a year is the latest one that is not in the future. "may" the verb is no month.

use super::number::small_word;
use super::words::Heard;
use speech::date::{MONTHS, Moment, year_and_month};

/// The month that was said, if one was.
pub fn said(heard: &Heard, today: Moment) -> Option<String> {
    if heard.has_any("last month|previous month|past month") {
        return Some(relative(today, 1));
    }
    if heard.has_any("month before last") {
        return Some(relative(today, 2));
    }
    if heard.has_any("this month|current month") {
        return Some(relative(today, 0));
    }
    (0..heard.words.len()).find_map(|at| month_at(heard, at, today))
}

fn month_at(heard: &Heard, at: usize, today: Moment) -> Option<String> {
    let text = heard.text(at);
    if let Some((year, month)) = year_and_month(text) {
        return Some(format!("{year:04}-{month:02}"));
    }
    let month = month_number(text)?;
    let year = year_at(heard, at + 1);
    if text == "may" && year.is_none() && !is_may_a_month(heard, at) {
        return None;
    }
    let latest = if month > today.month {
        today.year - 1
    } else {
        today.year
    };
    Some(format!("{:04}-{month:02}", year.unwrap_or(latest)))
}

fn month_number(text: &str) -> Option<u32> {
    let text = if text == "sept" { "sep" } else { text };
    let is_month = |name: &&str| {
        let name = name.to_lowercase();
        name == text || text.len() == 3 && name.starts_with(text)
    };
    let position = MONTHS.iter().position(is_month)?;
    u32::try_from(position + 1).ok()
}

// "for may", "may's" and a lone "may" are the month; "may i" is not.
fn is_may_a_month(heard: &Heard, at: usize) -> bool {
    let before = at.checked_sub(1).map_or("", |before| heard.text(before));
    let is_lone = heard.words.len() == 1;
    let is_named = matches!(
        before,
        "for" | "in" | "of" | "from" | "last" | "this" | "the" | "my"
    );
    let is_verb = matches!(heard.text(at + 1), "i" | "we" | "you" | "be");
    is_lone || is_named && !is_verb || heard.text(at + 1).starts_with("statement")
}

// "2026", "twenty twenty six", "two thousand five".
fn year_at(heard: &Heard, at: usize) -> Option<u32> {
    let number =
        |offset: usize| small_word(heard.text(at + offset)).and_then(|n| u32::try_from(n).ok());
    if let Ok(year) = heard.text(at).parse::<u32>() {
        return (1990..=2099).contains(&year).then_some(year);
    }
    let rest = |offset: usize| match (number(offset), number(offset + 1)) {
        (Some(tens), Some(unit)) if tens >= 20 && (1..10).contains(&unit) => Some(tens + unit),
        (first, _) => first,
    };
    match (number(0)?, heard.text(at + 1)) {
        (20, _) => rest(1).filter(|rest| *rest >= 10).map(|rest| 2_000 + rest),
        (2, "thousand") => Some(2_000 + rest(2).or_else(|| rest(3)).unwrap_or(0)),
        _ => None,
    }
}

fn relative(today: Moment, months_back: u32) -> String {
    let months = today.year * 12 + today.month - 1 - months_back;
    format!("{:04}-{:02}", months / 12, months % 12 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOVEMBER: Moment = Moment {
        year: 2026,
        month: 11,
        day: 22,
        hour: 12,
    };
    const JANUARY: Moment = Moment {
        year: 2026,
        month: 1,
        day: 3,
        hour: 0,
    };

    #[test]
    fn months_are_read_against_the_day_of_the_call() {
        for (text, today, month) in [
            ("last month", NOVEMBER, Some("2026-10")),
            ("statement for last month", JANUARY, Some("2025-12")),
            ("this month", NOVEMBER, Some("2026-11")),
            ("the month before last", JANUARY, Some("2025-11")),
            ("march", NOVEMBER, Some("2026-03")),
            ("December", NOVEMBER, Some("2025-12")),
            ("November", NOVEMBER, Some("2026-11")),
            ("march 2024", NOVEMBER, Some("2024-03")),
            ("March twenty twenty-six", NOVEMBER, Some("2026-03")),
            ("june two thousand and five", NOVEMBER, Some("2005-06")),
            ("2026-03", NOVEMBER, Some("2026-03")),
            ("sept", NOVEMBER, Some("2026-09")),
            ("may", NOVEMBER, Some("2026-05")),
            ("statement for may", NOVEMBER, Some("2026-05")),
            ("my may statement", NOVEMBER, Some("2026-05")),
            ("may 2026", NOVEMBER, Some("2026-05")),
            ("may i have a statement", NOVEMBER, None),
            ("I may want a statement", NOVEMBER, None),
            ("2026-13", NOVEMBER, None),
            ("my latest statement", NOVEMBER, None),
        ] {
            assert_eq!(said(&Heard::new(text), today).as_deref(), month, "{text}");
        }
    }
}
