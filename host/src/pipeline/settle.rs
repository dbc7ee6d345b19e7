//! When changed files are at rest: what was seen of them, and when to look. Pure; time is an argument.
//!
//! A file that is being written is waited for until it is closed, renamed or gone. Files that change together are looked at once.
//! And somebody who saves without end is not waited for without end.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// What was seen of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
    /// Bytes were written; more may follow.
    Written,
    /// It was closed after writing, got or lost its name, or is gone.
    Complete,
}

/// A writer that neither goes on nor closes its file is not waited for any longer. Linux tells every closing, so half a file is not
/// taken for a whole one; other systems tell none.
const WRITER_PATIENCE: Duration = if cfg!(target_os = "linux") {
    WRITERS_PATIENCE
} else {
    DOUBT_PATIENCE
};
/// What may have been missed is looked at after this long.
const DOUBT_PATIENCE: Duration = Duration::from_secs(2);
/// Nor do writers that go on for ever keep others' changes from counting.
pub(super) const WRITERS_PATIENCE: Duration = Duration::from_secs(30);
/// With changes following each other faster than files come to rest, there is a look all the same.
const LOOK_AT_LEAST: Duration = Duration::from_millis(500);

/// Changes that were not looked at yet.
#[derive(Debug)]
pub(super) struct Settle {
    quiet: Duration,
    first: Option<Instant>,
    last: Option<Instant>,
    open: HashMap<PathBuf, Instant>,
    /// Something may have changed that nobody told.
    doubt: Option<Instant>,
}

impl Settle {
    /// Files are at rest when nothing was seen of them for `quiet`.
    pub(super) fn new(quiet: Duration) -> Self {
        Self {
            quiet,
            first: None,
            last: None,
            open: HashMap::new(),
            doubt: None,
        }
    }

    /// Something was seen.
    pub(super) fn see(&mut self, path: &Path, seen: Seen, now: Instant) {
        self.first.get_or_insert(now);
        self.last = Some(now);
        match seen {
            Seen::Written => {
                self.open.insert(path.to_owned(), now);
            }
            Seen::Complete => {
                self.open.remove(path);
            }
        }
    }

    /// Something may have changed, and nobody told whether it is whole: it gets a writer's time.
    pub(super) fn doubt(&mut self, now: Instant) {
        self.doubt.get_or_insert(now);
    }

    /// When to look; none while nothing is new.
    pub(super) fn due(&self) -> Option<Instant> {
        let doubted = self.doubt.map(|since| since + DOUBT_PATIENCE);
        match (self.told(), doubted) {
            (Some(told), Some(doubted)) if self.open.is_empty() => Some(told.min(doubted)),
            (told, doubted) => told.or(doubted),
        }
    }

    /// The file that is being written, of several the one that was written last; none once its writer is not waited for any longer.
    pub(super) fn writer(&self, now: Instant) -> Option<&Path> {
        self.told().filter(|until| now < *until)?;
        let last = self.open.iter().max_by_key(|(_, written)| **written);
        last.map(|(path, _)| path.as_path())
    }

    /// When what was told is at rest; none where nothing was.
    pub(super) fn told(&self) -> Option<Instant> {
        let (first, last) = (self.first?, self.last?);
        match self.open.values().max() {
            Some(written) => Some((*written + WRITER_PATIENCE).min(first + WRITERS_PATIENCE)),
            None => Some((last + self.quiet).min(first + LOOK_AT_LEAST)),
        }
    }

    /// The files are looked at now; whether all that changed was told.
    pub(super) fn looked(&mut self) -> bool {
        let is_told = self.first.is_some() && self.open.is_empty() && self.doubt.is_none();
        self.first = None;
        self.last = None;
        self.open.clear();
        self.doubt = None;
        is_told
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUIET: Duration = Duration::from_millis(10);

    fn ms(start: Instant, ms: u64) -> Instant {
        start + Duration::from_millis(ms)
    }

    #[test]
    fn files_that_change_together_are_looked_at_once_after_a_moment_of_rest() {
        let (mut settle, start) = (Settle::new(QUIET), Instant::now());
        assert_eq!(settle.due(), None);
        settle.see(Path::new("a"), Seen::Complete, start);
        settle.see(Path::new("b"), Seen::Complete, ms(start, 6));
        assert_eq!(settle.due(), Some(ms(start, 16)));
        settle.looked();
        assert_eq!(settle.due(), None);
    }

    #[test]
    fn a_file_that_is_being_written_is_waited_for_until_it_is_closed() {
        let (mut settle, start) = (Settle::new(QUIET), Instant::now());
        let file = Path::new("a");
        settle.see(file, Seen::Written, start);
        settle.see(file, Seen::Written, ms(start, 900));
        let of_writer = ms(start, 900) + WRITER_PATIENCE;
        assert_eq!(settle.due(), Some(of_writer.min(start + WRITERS_PATIENCE)));
        settle.see(file, Seen::Complete, ms(start, 950));
        // The first change is long ago, so there is no waiting for rest.
        assert_eq!(settle.due(), Some(ms(start, 500)));
    }

    #[test]
    fn what_nobody_told_gets_a_writers_time_and_keeps_nothing_else_waiting() {
        let (mut settle, start) = (Settle::new(QUIET), Instant::now());
        settle.doubt(start);
        assert_eq!(settle.due(), Some(start + DOUBT_PATIENCE));
        settle.see(Path::new("a"), Seen::Written, ms(start, 5));
        let of_writer = ms(start, 5) + WRITER_PATIENCE;
        assert_eq!(
            settle.due(),
            Some(of_writer.min(ms(start, 5) + WRITERS_PATIENCE))
        );
        settle.see(Path::new("a"), Seen::Complete, ms(start, 300));
        assert_eq!(settle.due(), Some(ms(start, 310)));
        settle.looked();
        assert_eq!(settle.due(), None);
    }

    #[test]
    fn a_writer_without_end_does_not_keep_the_others_waiting() {
        let (mut settle, start) = (Settle::new(QUIET), Instant::now());
        for at in (0..60_000).step_by(1_000) {
            settle.see(Path::new("a"), Seen::Written, ms(start, at));
        }
        assert_eq!(settle.due(), Some(start + WRITERS_PATIENCE));
    }

    #[test]
    fn who_saves_without_end_is_not_waited_for_without_end() {
        let (mut settle, start) = (Settle::new(QUIET), Instant::now());
        for at in (0..2_000).step_by(5) {
            settle.see(Path::new("a"), Seen::Complete, ms(start, at));
        }
        assert_eq!(settle.due(), Some(start + LOOK_AT_LEAST));
    }
}
