//! Masks for what may be shown of a person: the last four characters, never more.
//!
//! For logs, admin answers and sentences. Masking is by shape, so it also catches what nobody thought of as personal.

use std::sync::LazyLock;

use regex::Regex;

/// Telephone numbers, card and account numbers: seven digits or more, however they are spaced; not digits inside a word, such as
/// a digest.
static LONG_NUMBER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(^|[^0-9A-Za-z])(\+?\d(?:[ .()\-]{0,2}\d){6,})\b")
        .expect("a constant pattern, compiled in a test")
});

/// Ids of the host's own (UUIDs in time order), which name nobody and are looked up by: digits in them stay.
static OWN_ID: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\b[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\b")
        .expect("a constant pattern, compiled in a test")
});

/// All but the last four characters as stars: `+14155552671` becomes `********2671`.
#[must_use]
pub fn tail(value: &str) -> String {
    let count = value.chars().count();
    let hidden = if count > 4 { count - 4 } else { count };
    value
        .chars()
        .enumerate()
        .map(|(at, c)| if at < hidden { '*' } else { c })
        .collect()
}

/// Long numbers inside a text as stars; everything else as it was.
#[must_use]
pub fn numbers(text: &str) -> String {
    LONG_NUMBER
        .replace_all(text, |found: &regex::Captures<'_>| {
            if is_in_own_id(text, found) {
                return found[0].to_owned();
            }
            format!("{}{}", &found[1], tail(&found[2]))
        })
        .into_owned()
}

fn is_in_own_id(text: &str, found: &regex::Captures<'_>) -> bool {
    found.get(2).is_some_and(|number| {
        let mut ids = OWN_ID.find_iter(text);
        ids.any(|id| id.start() <= number.start() && number.end() <= id.end())
    })
}

/// The same of a sentence of the program's own about its files and settings, in which figures count: the id of a revision and an
/// amount of money stay. Not for words of callers, of the bank, or of plugins in a turn.
#[must_use]
pub fn numbers_but_figures(text: &str) -> String {
    LONG_NUMBER
        .replace_all(text, |found: &regex::Captures<'_>| {
            let (whole, number) = (&found[0], &found[2]);
            let at = found.get(2).map_or(0, |number| number.start());
            if AMOUNT.is_match(number)
                || is_in_own_id(text, found)
                || (is_revision(&text[..at]) && is_digits(number))
            {
                return whole.to_owned();
            }
            format!("{}{}", &found[1], tail(number))
        })
        .into_owned()
}

/// An amount as settings have it.
static AMOUNT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^\d{1,9}\.\d{2,3}$").expect("a constant pattern, compiled in a test")
});

/// Digits of a revision's id.
const REVISION_DIGITS: usize = 12;

fn is_revision(before: &str) -> bool {
    let before = before.strip_suffix("r-");
    before.is_some_and(|it| !it.ends_with(|c: char| c.is_alphanumeric() || c == '-'))
}

fn is_digits(number: &str) -> bool {
    number.len() == REVISION_DIGITS && number.bytes().all(|byte| byte.is_ascii_digit())
}

/// A whole number of the program's own, such as a bound in bytes, in the form that is never masked: 16,777,216. No number of a
/// person or an account is written so.
#[must_use]
pub fn grouped(figure: u64) -> String {
    let digits = figure.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A line for the log: bounded, one line, numbers masked.
#[must_use]
pub fn log_line(text: &str) -> String {
    let bounded: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(500)
        .collect();
    numbers(&bounded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_than_four_characters_are_left() {
        assert_eq!(tail("+14155552671"), "********2671");
        assert_eq!(tail("1234"), "****");
        assert_eq!(tail(""), "");
    }

    #[test]
    fn figures_of_the_program_stay_and_numbers_beside_them_do_not() {
        let told = "no revision `r-000000000000`: such as \"10000.00\", found 4111111111111111";
        assert_eq!(
            numbers_but_figures(told),
            "no revision `r-000000000000`: such as \"10000.00\", found ************1111"
        );
        for number in [
            "r-4111111111111111",
            "xr-000000000000",
            "415.555.2671",
            "14155552671.00",
        ] {
            assert_ne!(numbers_but_figures(number), number);
        }
        assert_eq!(numbers("\"10000.00\""), "\"****0.00\"");
    }

    #[test]
    fn an_id_of_the_hosts_own_stays_and_a_number_that_goes_on_after_it_does_not() {
        let id = "01a22173-4051-7362-8514-0012345678ff";
        assert_eq!(numbers(id), id);
        assert_eq!(numbers_but_figures(id), id);
        let beside = "01a22173-4051-7362-8514-001234567812 4155552671";
        assert!(
            numbers(beside).ends_with("******2671"),
            "{}",
            numbers(beside)
        );
        let other = "01a22173-4051-4362-8514-0012345678ff";
        assert_ne!(numbers(other), other);
    }

    #[test]
    fn figures_are_grouped_by_thousands_and_never_masked() {
        let said = [0, 999, 1_000, 12_345, 1_234_567, 16_777_216].map(grouped);
        assert_eq!(
            said,
            ["0", "999", "1,000", "12,345", "1,234,567", "16,777,216"]
        );
        for figure in said {
            assert_eq!(numbers(&figure), figure);
        }
    }

    #[test]
    fn numbers_in_a_text_are_masked_and_amounts_are_not() {
        assert_eq!(
            numbers("call +1 415-555-2671 now"),
            "call ***********2671 now"
        );
        assert_eq!(numbers("checking_000123456789"), "checking_********6789");
        for text in ["paid 5000.50 on 2026", "digest a12345678901b", "r-1a2b3c"] {
            assert_eq!(numbers(text), text);
        }
        assert_eq!(log_line("a\nb 4111111111111111"), "a b ************1111");
    }
}
