//! What hosts on one database must have set alike: what an amount means, what the bank can do, and how much may be moved.
//!
//! Each host shows its own beside its sign of life. One that differs is not refused, since a rolling change makes two of a kind
//! for a while; it is named until it is gone.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Settings by key, as texts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms(BTreeMap<String, String>);

impl Terms {
    /// The terms of these settings.
    #[must_use]
    pub fn of<'a>(settings: impl IntoIterator<Item = (&'a str, String)>) -> Self {
        let settings = settings.into_iter();
        Self(settings.map(|(key, is)| (key.to_owned(), is)).collect())
    }

    /// As they are kept.
    pub(super) fn text(&self) -> String {
        serde_json::json!(self).to_string()
    }

    /// Each key that both have, differently: `backend.currency is EUR here and USD there`.
    pub(super) fn differences(&self, there: &str) -> Vec<String> {
        let there: Self = serde_json::from_str(there).unwrap_or_default();
        let differs = |(key, here): (&String, &String)| {
            let there = there.0.get(key).filter(|there| *there != here)?;
            Some(format!("{key} is {here} here and {there} there"))
        };
        self.0.iter().filter_map(differs).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_both_know_and_have_set_otherwise_differs() {
        let here = Terms::of([("a", "1".to_owned()), ("b", "2".to_owned())]);
        let there = Terms::of([("a", "1".to_owned()), ("b", "3".to_owned())]);
        assert_eq!(here.differences(&there.text()), ["b is 2 here and 3 there"]);
        let newer = Terms::of([("c", "9".to_owned())]);
        assert!(here.differences(&newer.text()).is_empty());
        // A host from before there were terms.
        assert!(here.differences("{}").is_empty() && here.differences("").is_empty());
    }
}
