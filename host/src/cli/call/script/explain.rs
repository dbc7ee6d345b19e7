//! One sentence for a script that cannot be read: the line, what is wrong, and the nearest known name.
//!
//! The reader's own excerpts are left out: a line number says enough, and a script may hold a PIN.

use serde_saphyr::{Error, UserMessageFormatter};

use crate::spelling;

/// The sentence of an error.
pub(super) fn sentence(cause: &Error) -> String {
    let cause = cause.without_snippet();
    let what = match cause {
        Error::SerdeUnknownField {
            field, expected, ..
        } => match spelling::nearest(field, expected.iter().copied()) {
            Some(near) => format!("unknown key `{field}`, did you mean `{near}`?"),
            None => format!("unknown key `{field}`; known are {}", expected.join(", ")),
        },
        Error::SerdeMissingField { field, .. } => format!("`{field}` is missing"),
        Error::DuplicateMappingKey { key, .. } => match key {
            Some(key) => format!("`{key}` stands here twice"),
            None => "a key stands here twice".to_owned(),
        },
        other => plain(other),
    };
    let is_placed = what.starts_with("line ");
    match cause.location().filter(|_| !is_placed) {
        Some(location) if location.line() > 0 => format!("line {}: {what}", location.line()),
        _ => what,
    }
}

/// The reader's words without the place, which is said in front.
fn plain(cause: &Error) -> String {
    let text = cause.render_with_formatter(&UserMessageFormatter);
    let first = text.lines().next().unwrap_or_default();
    let end = [" at line ", ": line "]
        .iter()
        .filter_map(|place| first.rfind(place))
        .min();
    first[..end.unwrap_or(first.len())].to_owned()
}
