//! What may be spoken: short, plain, and without anything that is only for machines.
//!
//! The figures are those of the contract with plugins and of the voice provider's own advice.

use std::sync::LazyLock;

use regex::Regex;

static ID: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"[A-Za-z]+_\w+|[0-9a-f]{8}-[0-9a-f]{4}|\d{7,}").expect("a constant pattern")
});

/// Fails unless the text can be read out as it stands.
#[track_caller]
pub fn assert_speakable(text: &str) {
    assert!(!text.trim().is_empty(), "nothing is said");
    assert!(text.len() < 600, "{} bytes are said: {text}", text.len());
    assert!(
        text.split_whitespace().count() < 60,
        "too long for the ear: {text}"
    );
    assert!(
        !text.chars().any(char::is_control),
        "a control character is said: {text:?}"
    );
    assert!(
        !text.contains(['*', '_', '#', '`', '[', ']', '{', '}', '<', '>', '|', '\\']),
        "markup is said: {text}"
    );
    assert!(!ID.is_match(text), "an id is said: {text}");
    assert!(text.ends_with(['.', '?', '!']), "no sentence: {text}");
}
