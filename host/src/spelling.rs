//! What somebody wrote by hand and no parser understood: the known name that was probably meant, and one sentence for TOML.
//!
//! Knows no file and no key of its own; whoever reads a text says what is known there.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

pub use contract::{advice, nearest};

/// Longest name that a sentence repeats, in bytes.
const NAME_SHOWN_MAX: usize = 80;
/// Longest sentence, in letters.
const SENTENCE_MAX: usize = 1_000;

/// serde's sentence for a name that it does not know.
static UNKNOWN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new("^unknown (field|variant) `([^`]*)`, expected (?:one of )?(.*)$")
        .expect("a constant pattern, compiled in a test")
});

/// Why a text is not the TOML that was expected, in one line: where, what, and the nearest known name.
#[must_use]
pub fn toml_sentence(text: &str, cause: &toml::de::Error) -> String {
    let what = match cause.message() {
        "duplicate key" => match cause.span().and_then(|span| named_at(text, &span)) {
            Some(name) => format!("`{name}` stands in the file twice"),
            None => "what begins here stands in the file twice".to_owned(),
        },
        // The reader gives up without a place.
        "recursion limit" => {
            let line = deepest_line(text);
            return sentence(format!("line {line}: the tables are nested too deep"));
        }
        message => match cause.span().and_then(|span| key_before(text, &span)) {
            Some(key) => of_kind(key, message).unwrap_or_else(|| of_value(key, message)),
            None => explained(message),
        },
    };
    sentence(match cause.span() {
        Some(span) => format!("line {}: {what}", line(text, &span)),
        None => what,
    })
}

/// The line with the most names and brackets in a row, from 1.
fn deepest_line(text: &str) -> usize {
    let depth = |line: &str| line.matches(['.', '[', '{']).count();
    let deepest = text.lines().zip(1..).max_by_key(|(line, _)| depth(line));
    deepest.map_or(1, |(_, number)| number)
}

/// A sentence about a text, with pieces of it: one line that no terminal obeys, and whose length the text does not choose.
#[must_use]
pub fn sentence(said: String) -> String {
    if said.len() <= SENTENCE_MAX && !said.contains(char::is_control) {
        return said;
    }
    let plain = said.chars().map(|letter| {
        if letter.is_control() {
            '\u{fffd}'
        } else {
            letter
        }
    });
    let mut shown: String = plain.take(SENTENCE_MAX).collect();
    if said.chars().nth(SENTENCE_MAX).is_some() {
        shown.push('…');
    }
    shown
}

/// The key at a place, where it is short enough to be repeated.
fn named_at<'a>(text: &'a str, place: &Range<usize>) -> Option<&'a str> {
    let name = text.get(place.clone())?.trim();
    (!name.is_empty() && name.len() <= NAME_SHOWN_MAX && !name.contains('\n')).then_some(name)
}

/// The line of a place in a text, from 1.
#[must_use]
pub fn line(text: &str, place: &Range<usize>) -> usize {
    let before = text.bytes().take(place.start);
    1 + before.filter(|byte| *byte == b'\n').count()
}

/// The key whose value stands at a place.
fn key_before<'a>(text: &'a str, place: &Range<usize>) -> Option<&'a str> {
    let before = text.get(..place.start)?.trim_end().strip_suffix('=')?;
    let is_of_key = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let before = before.trim_end();
    let key = &before[before.trim_end_matches(is_of_key).len()..];
    (!key.is_empty() && key.len() <= NAME_SHOWN_MAX).then_some(key)
}

/// serde's sentence for a value of another kind, in the words of whoever wrote it.
fn of_kind(key: &str, message: &str) -> Option<String> {
    if message == "wanted string or table" {
        return Some(format!("`{key}`: expected a text in quotes"));
    }
    let said = message.strip_prefix("invalid type: ");
    let (found, expected) = said
        .or_else(|| message.strip_prefix("invalid value: "))?
        .split_once(", expected ")?;
    let is_out_of_range = said.is_none();
    let (kind, value) = found.split_once(' ').unwrap_or((found, ""));
    let found = match kind {
        "string" => format!("the text {value}"),
        "integer" | "floating" => format!("the number {}", value.trim_start_matches("point ")),
        "boolean" => value.to_owned(),
        "sequence" => "a list".to_owned(),
        "map" => "a table".to_owned(),
        _ => return None,
    };
    let expected = match expected {
        "usize" | "u8" | "u16" | "u32" | "u64" | "i32" | "i64" if is_out_of_range => {
            "a whole number that is not negative and not as large"
        }
        "usize" | "u8" | "u16" | "u32" | "u64" | "i32" | "i64" => "a whole number without quotes",
        "a sequence" => "a list in brackets, such as [\"a\", \"b\"]",
        "a map" => "a table",
        "a string" => "a text in quotes",
        "a boolean" => "true or false",
        expected if expected.starts_with("struct ") => "a table",
        expected => expected,
    };
    Some(format!("`{key}`: expected {expected}, found {found}"))
}

/// serde's sentence for a value that it does not know, with the key that has it.
fn of_value(key: &str, message: &str) -> String {
    let said = explained(message);
    match message.starts_with("unknown variant") {
        true => format!("`{key}`: {said}"),
        false => said,
    }
}

fn explained(message: &str) -> String {
    let Some(found) = UNKNOWN.captures(message) else {
        return message.lines().collect::<Vec<_>>().join(" ");
    };
    // Every other piece between backticks is a name.
    let known: Vec<&str> = found[3].split('`').skip(1).step_by(2).collect();
    let what = if &found[1] == "field" { "key" } else { "value" };
    let name = &found[2];
    format!("unknown {what} `{name}`{}", advice(name, &known))
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Page {
        #[expect(dead_code, reason = "only the key counts")]
        colour: Colour,
        #[expect(dead_code, reason = "only the key counts")]
        size: Option<u8>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    enum Colour {
        Green,
        Red,
    }

    #[test]
    fn a_sentence_has_the_line_what_is_wrong_and_what_was_meant() {
        for (text, expected) in [
            (
                "\ncolor = 'red'",
                "line 2: unknown key `color`, did you mean `colour`? Known are colour, size",
            ),
            (
                "colour = 'gren'",
                "line 1: `colour`: unknown value `gren`, did you mean `green`? Known are green, red",
            ),
            (
                "\n\nzzz = 1",
                "line 3: unknown key `zzz`; known are colour, size",
            ),
            (
                "size = 1\nsize = 2",
                "line 2: `size` stands in the file twice",
            ),
            ("[a.b]\n[ a.b ]", "line 2: `b` stands in the file twice"),
            (
                "a = { b = 1, \"b\" = 2 }",
                "line 1: `\"b\"` stands in the file twice",
            ),
            ("[[a", "line 1: unclosed array table, expected `]]`"),
            (
                "size = \"16MB\"",
                "line 1: `size`: expected a whole number without quotes, found the text \"16MB\"",
            ),
            (
                "size = -1",
                "line 1: `size`: expected a whole number that is not negative and not as large, found the number `-1`",
            ),
            ("colour = 3", "line 1: `colour`: expected a text in quotes"),
            (
                "size = [1]",
                "line 1: `size`: expected a whole number without quotes, found a list",
            ),
        ] {
            let cause = toml::from_str::<Page>(text).expect_err(expected);
            assert_eq!(toml_sentence(text, &cause), expected);
        }
    }

    #[test]
    fn no_text_makes_a_sentence_long_or_lets_it_speak_to_a_terminal() {
        for name in ["\\u001b[2J".to_owned(), "x".repeat(100_000)] {
            let text = format!("\"{name}\" = 1");
            let cause = toml::from_str::<Page>(&text).expect_err("unknown");
            let said = toml_sentence(&text, &cause);
            assert!(said.starts_with("line 1: unknown key `"), "{said}");
            assert!(!said.contains(char::is_control), "{said:?}");
            assert!(said.chars().count() <= SENTENCE_MAX + 1, "{}", said.len());
        }
    }

    #[test]
    fn what_is_nested_too_deep_has_a_line() {
        let deep = format!("size = 1\n[{}]\n", vec!["page"; 200].join("."));
        let cause = toml::from_str::<Page>(&deep).unwrap_err();
        let said = toml_sentence(&deep, &cause);
        assert_eq!(said, "line 2: the tables are nested too deep");
    }
}
