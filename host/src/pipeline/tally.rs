//! How often a stage was asked and how often it failed, on this host, since its revision was made the active one.
//!
//! For the one who looks at the rules: a rule that fails at every turn still answers in the way its phase prescribes, so callers
//! hear nothing odd.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;

/// The figures of one stage.
#[derive(Debug, Default)]
pub(super) struct Tally(Mutex<Counted>);

/// How often a stage was asked, and how that went.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Counted {
    /// Turns that came to it.
    pub asked: u64,
    /// Of those, the ones in which it failed.
    pub failed: u64,
    /// The last of those.
    pub last: Option<LastFailure>,
}

/// A failure of a stage; what it said stands in the log and in the turn's record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LastFailure {
    /// As in `stage_failures_total`.
    pub kind: &'static str,
    /// When.
    pub at_ms: i64,
}

impl Tally {
    /// It was asked, at this time; `failed`: and failed in this way.
    pub(super) fn count(&self, failed: Option<&'static str>, at_ms: i64) {
        let mut counted = self.lock();
        counted.asked += 1;
        if let Some(kind) = failed {
            counted.failed += 1;
            counted.last = Some(LastFailure { kind, at_ms });
        }
    }

    /// Begins anew.
    pub(super) fn clear(&self) {
        *self.lock() = Counted::default();
    }

    pub(super) fn counted(&self) -> Counted {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Counted> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_counted_among_the_turns_and_the_last_one_is_known_by_its_kind() {
        let tally = Tally::default();
        tally.count(None, 1);
        tally.count(Some("trap"), 2);
        tally.count(Some("deadline"), 3);
        tally.count(None, 1);
        let counted = tally.counted();
        assert_eq!((counted.asked, counted.failed), (4, 2));
        let last = LastFailure {
            kind: "deadline",
            at_ms: 3,
        };
        assert_eq!(counted.last, Some(last));
        tally.clear();
        assert_eq!(tally.counted(), Counted::default());
    }
}
