//! The words of the contract, and what a `plugin.toml` may say: one list for the host, which reads it out of a component, and for
//! `cargo xtask plugins`, which puts it there.
//!
//! Knows nothing of components; the records and functions stand in the `.wit` files beside it.

mod spelling;

pub use spelling::{advice, nearest};

/// The phases, in the order of a turn.
pub const PHASES: [&str; 4] = ["route", "decide", "fulfil", "shape"];

/// The capabilities that a stage may be granted.
pub const GRANTS: [&str; 7] = [
    "accounts",
    "profile",
    "payments",
    "applications",
    "history",
    "transcript",
    "assistant",
];

/// Interfaces that every plugin may import.
pub const ALWAYS: [&str; 4] = ["types", "settings", "clock", "log"];

/// What a plugin.toml may say.
pub const KEYS: [&str; 7] = [
    "name",
    "version",
    "phase",
    "world",
    "capabilities",
    "summary",
    "self-test",
];

/// Longest plugin.toml, in bytes.
pub const BYTES_MAX: usize = 256 * 1024;

/// Letters of an unknown word that are shown.
const SHOWN_MAX: usize = 40;

/// What is wrong with the words of a plugin.toml.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Fault {
    /// A key that means nothing, and is meant for another.
    #[error("an unknown key `{found}`{advice}")]
    Key {
        /// What stands there.
        found: String,
        /// What was probably meant, and what is known.
        advice: String,
    },
    /// A word that this contract does not have.
    #[error("{key} `{found}`{advice}")]
    Word {
        /// `phase` or `capability`.
        key: &'static str,
        /// What stands there.
        found: String,
        /// What was probably meant, and what is known.
        advice: String,
    },
    /// A value of another kind.
    #[error("a `{key}` that is no {expected}")]
    Kind {
        /// The key.
        key: &'static str,
        /// What is expected there.
        expected: &'static str,
    },
}

impl Fault {
    /// The word that it is about, as it stands in the text.
    #[must_use]
    pub fn word(&self) -> &str {
        match self {
            Self::Key { found, .. } | Self::Word { found, .. } => found,
            Self::Kind { key, .. } => key,
        }
    }
}

/// Whether every key means something, and what names a thing of the contract names one that there is: whoever reads it later relies
/// on that.
///
/// # Errors
/// The first [`Fault`].
pub fn check(plugin_toml: &toml::Table) -> Result<(), Fault> {
    if let Some(unknown) = plugin_toml.keys().find(|it| !KEYS.contains(&it.as_str())) {
        let found = shown(unknown);
        let advice = advice(&found, &KEYS);
        return Err(Fault::Key { found, advice });
    }
    for key in ["name", "version", "world", "summary"] {
        if !plugin_toml.get(key).is_none_or(toml::Value::is_str) {
            let expected = "text";
            return Err(Fault::Kind { key, expected });
        }
    }
    if let Some(phase) = plugin_toml.get("phase") {
        known("phase", phase, &PHASES)?;
    }
    let capabilities = match plugin_toml.get("capabilities") {
        None => &[],
        Some(toml::Value::Array(list)) => list.as_slice(),
        Some(_) => {
            let (key, expected) = ("capabilities", "list");
            return Err(Fault::Kind { key, expected });
        }
    };
    let names = [GRANTS.as_slice(), &ALWAYS].concat();
    capabilities
        .iter()
        .try_for_each(|capability| known("capability", capability, &names))
}

fn known(key: &'static str, found: &toml::Value, names: &[&'static str]) -> Result<(), Fault> {
    let found = match found.as_str() {
        Some(name) if names.contains(&name) => return Ok(()),
        Some(name) => shown(name),
        None => found.type_str().to_owned(),
    };
    let advice = advice(&found, names);
    Err(Fault::Word { key, found, advice })
}

/// A word that somebody else wrote, as far as it may be repeated.
#[must_use]
pub fn shown(word: &str) -> String {
    let letters: String = word.chars().take(SHOWN_MAX).collect();
    letters.escape_debug().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_that_means_nothing_is_named_with_the_one_that_was_meant() {
        let said = |text: &str| {
            let table: toml::Table = text.parse().expect("TOML");
            check(&table).expect_err(text).to_string()
        };
        for (text, words) in [
            ("phase = 'decid'", "phase `decid`, did you mean `decide`"),
            ("phase = 7", "phase `integer`"),
            ("capabilities = ['moon']", "capability `moon`; known are"),
            (
                "capabilities = ['acounts']",
                "capability `acounts`, did you mean `accounts`?",
            ),
            ("capabilities = [7]", "capability `integer`; known are"),
            (
                "capabilities = 'accounts'",
                "a `capabilities` that is no list",
            ),
            ("name = 7", "a `name` that is no text"),
            ("nam = 'a'", "unknown key `nam`, did you mean `name`? Known"),
            (
                "sumary = 'a'",
                "unknown key `sumary`, did you mean `summary`?",
            ),
            ("zzz = 1", "unknown key `zzz`; known are name, version,"),
        ] {
            let said = said(text);
            assert!(said.contains(words), "{said}");
        }
        let good = "name = 'a'\nphase = 'shape'\ncapabilities = ['accounts', 'clock']";
        assert_eq!(check(&good.parse().expect("TOML")), Ok(()));
    }
}
