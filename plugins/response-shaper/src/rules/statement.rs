//! A statement for the ear: how many entries, and the newest two or three; the bank's own text where it gives one.
//! Entries are left out from the oldest on, so that a reply stays within its bound.

use super::{Bounds, names};
use crate::bindings::bank::voice::types::{Statement, StatementLine};
use speech::{account, date, money, number, sentence};

/// Says a statement in one reply.
pub fn say(statement: &Statement, bounds: &Bounds) -> String {
    let label = names::labels(std::slice::from_ref(&statement.account)).remove(0);
    let of_month = match date::month_words(&sentence::clean(&statement.month)) {
        month if month.is_empty() => String::new(),
        month => format!(" for {month}"),
    };
    match statement.lines.as_slice() {
        [] => format!("There is nothing on the {label} statement{of_month}."),
        // A bank that writes its statements as a text sends one line without an amount.
        [text] if text.amount.is_none() => {
            format!("{label} statement{of_month}: {}.", text_of(text)).replacen("..", ".", 1)
        }
        lines => {
            let newest = newest_first(lines);
            let count = counted(lines.len());
            let most = newest.len().min(bounds.named_max);
            let said = |named: usize| {
                let items: Vec<String> =
                    newest.iter().take(named).map(|line| entry(line)).collect();
                let place = account::with_owner(&label);
                let listed = sentence::list(&items, "and");
                format!("I see {count} on {place}{of_month}. The newest: {listed}.")
            };
            names::fewest(most, bounds, said)
        }
    }
}

fn counted(count: usize) -> String {
    let unit = if count == 1 { "entry" } else { "entries" };
    format!("{} {unit}", number::words(count as u64))
}

// Dates sort as texts where the bank writes them year first; a stable sort keeps the bank's order otherwise.
fn newest_first(lines: &[StatementLine]) -> Vec<&StatementLine> {
    let mut newest: Vec<&StatementLine> = lines.iter().collect();
    let is_sortable = lines
        .iter()
        .all(|line| line.date.get(..7).is_some_and(is_year_and_month));
    if is_sortable {
        newest.sort_by(|left, right| right.date.cmp(&left.date));
    }
    newest
}

fn is_year_and_month(text: &str) -> bool {
    date::year_and_month(text).is_some()
}

fn entry(line: &StatementLine) -> String {
    let what = sentence::cut(&sentence::clean(&line.description), 4);
    let what = what.trim_end_matches('.');
    let day = date::day_words(&sentence::clean(&line.date));
    let mut said = if what.is_empty() {
        "one entry".to_owned()
    } else {
        what.to_owned()
    };
    if let Some(amount) = &line.amount {
        said = format!("{said}, {}", money::words(amount.minor, &amount.currency));
    }
    if day.is_empty() {
        said
    } else {
        format!("{said} on {day}")
    }
}

fn text_of(line: &StatementLine) -> String {
    sentence::clean(&line.description)
        .trim_end_matches('.')
        .to_owned()
}
