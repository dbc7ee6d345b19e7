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
            format!("{}{}", &found[1], tail(&found[2]))
        })
        .into_owned()
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
