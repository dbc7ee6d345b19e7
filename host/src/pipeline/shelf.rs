//! The loaded revisions of this process, and the calls that hold them.
//!
//! A revision stays as long as it is active, a turn runs in it, or a call is pinned to it; then it is freed. A call that has been
//! silent for long lets go of its revision, not of its pin: the database knows which it is, and it is loaded again.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::recipe::Ingredient;
use super::revision::Revision;
use crate::plugin::Plugin;

/// A call that was silent for so long does not keep its revision loaded.
const IDLE_MAX: Duration = Duration::from_secs(900);
/// The one on the shelf.
const NOBODY_ELSE: usize = 1;

#[derive(Debug)]
struct Hold {
    revision: Arc<Revision>,
    used: Instant,
}

#[derive(Debug, Default)]
struct Contents {
    revisions: HashMap<String, Arc<Revision>>,
    calls: HashMap<String, Hold>,
}

/// Loaded revisions; once per process.
#[derive(Debug, Default)]
pub(super) struct Shelf(Mutex<Contents>);

impl Shelf {
    fn contents(&self) -> MutexGuard<'_, Contents> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn get(&self, id: &str) -> Option<Arc<Revision>> {
        self.contents().revisions.get(id).cloned()
    }

    /// Puts a revision there; if two were loaded at once, both get the first.
    pub(super) fn put(&self, revision: Revision) -> Arc<Revision> {
        let mut contents = self.contents();
        let id = revision.id.clone();
        Arc::clone(
            contents
                .revisions
                .entry(id)
                .or_insert_with(|| Arc::new(revision)),
        )
    }

    /// A plugin that is loaded with just these grants and limits.
    pub(super) fn like(&self, wanted: &Ingredient) -> Option<Arc<Plugin>> {
        let contents = self.contents();
        let mut stages = contents.revisions.values().flat_map(|it| &it.stages);
        let found = stages.find(|stage| {
            let made_of = &stage.made_of;
            (made_of.phase, &made_of.plugin, &made_of.digest)
                == (wanted.phase, &wanted.plugin, &wanted.digest)
                && (&made_of.grants, made_of.limits) == (&wanted.grants, wanted.limits)
        });
        found.map(|stage| Arc::clone(&stage.plugin))
    }

    /// Keeps a call's revision loaded.
    pub(super) fn hold(&self, call_id: &str, revision: &Arc<Revision>) {
        let held = Hold {
            revision: Arc::clone(revision),
            used: Instant::now(),
        };
        self.contents().calls.insert(call_id.to_owned(), held);
    }

    /// A call has ended.
    pub(super) fn release(&self, call_id: &str) {
        self.contents().calls.remove(call_id);
    }

    /// Frees what nobody holds any more, and tells which revisions are loaded and how many calls hold each.
    pub(super) fn sweep(&self, active: &str, now: Instant) -> Swept {
        let mut contents = self.contents();
        let Contents { revisions, calls } = &mut *contents;
        calls.retain(|_, held| now.saturating_duration_since(held.used) < IDLE_MAX);
        let mut freed = Vec::new();
        revisions.retain(|id, revision| {
            let is_held = id == active || Arc::strong_count(revision) > NOBODY_ELSE;
            if !is_held {
                freed.push(id.clone());
            }
            is_held
        });
        Swept {
            loaded: self.counted(&contents),
            freed,
        }
    }

    /// Which revisions are loaded, and how many calls hold each.
    pub(super) fn loaded(&self) -> Vec<(String, usize)> {
        self.counted(&self.contents())
    }

    fn counted(&self, contents: &Contents) -> Vec<(String, usize)> {
        let mut counts: HashMap<&str, usize> = contents
            .revisions
            .keys()
            .map(|id| (id.as_str(), 0))
            .collect();
        for held in contents.calls.values() {
            *counts.entry(&held.revision.id).or_default() += 1;
        }
        let mut counts: Vec<(String, usize)> = counts
            .into_iter()
            .map(|(id, calls)| (id.to_owned(), calls))
            .collect();
        counts.sort_unstable();
        counts
    }
}

/// What a sweep found.
pub(super) struct Swept {
    /// Revisions with the number of calls that hold them.
    pub(super) loaded: Vec<(String, usize)>,
    /// Gone.
    pub(super) freed: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::super::manifest::Pin;
    use super::*;

    fn revision(id: &str) -> Revision {
        Revision {
            id: id.to_owned(),
            pin: Pin::Call,
            stages: Vec::new(),
            content: serde_json::Value::Null,
        }
    }

    #[test]
    fn a_retired_revision_is_freed_when_its_last_call_ends() {
        let shelf = Shelf::default();
        let old = shelf.put(revision("r-1"));
        shelf.hold("call_1", &old);
        shelf.hold("call_2", &old);
        drop(old);
        drop(shelf.put(revision("r-2")));
        shelf.release("call_1");
        let swept = shelf.sweep("r-2", Instant::now());
        assert!(swept.freed.is_empty());
        assert_eq!(swept.loaded, [("r-1".into(), 1), ("r-2".into(), 0)]);
        shelf.release("call_2");
        let swept = shelf.sweep("r-2", Instant::now());
        assert_eq!(swept.freed, ["r-1"]);
        assert_eq!(swept.loaded, [("r-2".into(), 0)]);
        assert!(shelf.get("r-1").is_none());
    }

    #[test]
    fn a_running_turn_keeps_its_revision() {
        let shelf = Shelf::default();
        let of_a_turn = shelf.put(revision("r-1"));
        assert!(shelf.sweep("r-2", Instant::now()).freed.is_empty());
        drop(of_a_turn);
        assert_eq!(shelf.sweep("r-2", Instant::now()).freed, ["r-1"]);
    }

    #[test]
    fn a_call_that_was_silent_for_long_lets_go_of_its_revision() {
        let shelf = Shelf::default();
        shelf.hold("call_1", &shelf.put(revision("r-1")));
        drop(shelf.put(revision("r-2")));
        let soon = Instant::now() + IDLE_MAX / 2;
        assert!(shelf.sweep("r-2", soon).freed.is_empty());
        let late = Instant::now() + IDLE_MAX;
        assert_eq!(shelf.sweep("r-2", late).freed, ["r-1"]);
        assert_eq!(shelf.loaded(), [("r-2".into(), 0)]);
    }
}
