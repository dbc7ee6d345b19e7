//! The known name that was probably meant by one that nobody knows.
//!
//! Knows no name of its own; whoever asks says what is known there.

/// How alike two names must be for the one to be meant by the other; 1 is equal.
const ALIKE: f64 = 0.75;

/// The known name that was probably meant; none where nothing is like it.
pub fn nearest<'a>(found: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|name| (strsim::jaro_winkler(name, found), name))
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, name)| name)
}

/// What follows an unknown name: `, did you mean `history`? Known are accounts, history`.
#[must_use]
pub fn advice(found: &str, known: &[&str]) -> String {
    let all = known.join(", ");
    match nearest(found, known.iter().copied()) {
        Some(name) => format!(", did you mean `{name}`? Known are {all}"),
        None => format!("; known are {all}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_suggested_for_what_is_like_nothing() {
        let known = ["accounts", "history"];
        assert_eq!(nearest("histroy", known), Some("history"));
        assert_eq!(nearest("moon", known), None);
        assert_eq!(advice("moon", &known), "; known are accounts, history");
    }
}
