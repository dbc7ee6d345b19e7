//! What an operator has halted: money transfers, or single plugins. Pure; the rows are the database's.
//!
//! A halted plugin is not asked, which counts as a failure of its stage: a policy that is halted denies, a shaper leaves the host's
//! own sentence.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use arc_swap::ArcSwap;
use serde::{Deserialize, Serialize};

use crate::db::Halt;

/// What may be halted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "what", content = "name")]
pub enum Target {
    /// Every transfer, whatever rules say.
    Transfers,
    /// One plugin, wherever it runs.
    Plugin(String),
}

impl Target {
    /// As the database keeps it: what, and the name of which.
    pub(super) fn parts(&self) -> (&'static str, &str) {
        match self {
            Self::Transfers => ("transfers", ""),
            Self::Plugin(name) => ("plugin", name),
        }
    }
}

/// What is halted, to be asked at any moment. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct HaltSwitch(Arc<ArcSwap<Halts>>);

impl HaltSwitch {
    /// What is halted now.
    #[must_use]
    pub fn now(&self) -> Arc<Halts> {
        self.0.load_full()
    }

    pub(super) fn set(&self, halts: Halts) {
        self.0.store(Arc::new(halts));
    }
}

/// What is halted at one moment.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Halts {
    /// Whether no money may move.
    pub transfers: bool,
    plugins: HashSet<String>,
    /// The rows that say so.
    pub rows: Vec<Halt>,
}

impl Halts {
    /// From all rows, newest first: the newest of each thing counts.
    pub(super) fn of(rows: Vec<Halt>) -> Self {
        let mut newest = BTreeMap::new();
        for row in rows {
            newest
                .entry((row.what.clone(), row.name.clone()))
                .or_insert(row);
        }
        let rows: Vec<Halt> = newest.into_values().filter(|row| row.halted).collect();
        let plugins = rows.iter().filter(|row| row.what == "plugin");
        Self {
            transfers: rows.iter().any(|row| row.what == "transfers"),
            plugins: plugins.map(|row| row.name.clone()).collect(),
            rows,
        }
    }

    /// Whether just this is halted.
    pub(super) fn has(&self, target: &Target) -> bool {
        match target {
            Target::Transfers => self.transfers,
            Target::Plugin(name) => self.has_plugin(name),
        }
    }

    /// Whether this plugin is not to be asked.
    #[must_use]
    pub fn has_plugin(&self, name: &str) -> bool {
        self.plugins.contains(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(what: &str, name: &str, halted: bool) -> Halt {
        Halt {
            what: what.into(),
            name: name.into(),
            halted,
            who: String::new(),
            why: String::new(),
            at_ms: 0,
        }
    }

    #[test]
    fn what_was_said_last_of_each_thing_counts() {
        let halts = Halts::of(vec![
            row("plugin", "a", false),
            row("transfers", "", true),
            row("plugin", "b", true),
            row("plugin", "a", true),
            row("transfers", "", false),
        ]);
        assert!(halts.transfers && halts.has_plugin("b") && !halts.has_plugin("a"));
        assert_eq!(halts.rows.len(), 2);
        assert_eq!(Halts::of(Vec::new()), Halts::default());
    }
}
