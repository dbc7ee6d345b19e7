//! When the files of the rules are at rest, as far as the watcher was told: noted by it, asked by whoever is about to read them.
//!
//! When that is, is [`Settle`]'s word; here is only the waiting.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use super::settle::{Seen, Settle, WRITERS_PATIENCE};

/// A writer that is found so long after the last one is another.
const ANOTHER_AFTER: Duration = Duration::from_secs(10);

/// What was told of the files, shared.
#[derive(Debug)]
pub(super) struct Rest {
    settle: Mutex<Settle>,
    /// Something was told.
    told: Notify,
    /// When somebody was first and last found writing who was not heard of.
    found: Mutex<Option<(Instant, Instant)>>,
}

impl Rest {
    /// Files are at rest when nothing was seen of them for `quiet`.
    pub(super) fn new(quiet: Duration) -> Self {
        Self {
            settle: Mutex::new(Settle::new(quiet)),
            told: Notify::new(),
            found: Mutex::default(),
        }
    }

    /// Something was seen of a file.
    pub(super) fn see(&self, path: &Path, seen: Seen) {
        self.with(|settle| settle.see(path, seen, Instant::now()));
        self.told.notify_waiters();
    }

    /// Something may have changed that nobody told.
    pub(super) fn doubt(&self) {
        self.with(|settle| settle.doubt(Instant::now()));
        self.told.notify_waiters();
    }

    /// The files are read now: what was told of them so far is taken with it. Whether that was all that changed.
    pub(super) fn looked(&self) -> bool {
        self.with(Settle::looked)
    }

    /// Somebody writes who was not heard of; whether they are still waited for.
    pub(super) fn is_waited_for(&self, now: Instant) -> bool {
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        let (first, _) = found
            .filter(|(_, last)| now.saturating_duration_since(*last) < ANOTHER_AFTER)
            .unwrap_or((now, now));
        *found = Some((first, now));
        now.saturating_duration_since(first) < WRITERS_PATIENCE
    }

    /// Nobody writes who was not heard of.
    pub(super) fn nobody_found(&self) {
        *self.found.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// The file that is being written, as far as was told.
    pub(super) fn writer(&self) -> Option<PathBuf> {
        self.with(|settle| settle.writer(Instant::now()).map(Path::to_owned))
    }

    /// Waits until there is something to look at.
    pub(super) async fn due(&self) {
        self.wait(Settle::due, None).await;
    }

    /// Waits until nobody is at the files any more that was heard of.
    ///
    /// # Errors
    /// The file that is still being written after `patience`.
    pub(super) async fn reached(&self, patience: Duration) -> Result<(), PathBuf> {
        let until = Instant::now() + patience;
        let at_rest = |settle: &Settle| settle.told().or_else(|| Some(Instant::now()));
        self.wait(at_rest, Some(until)).await;
        self.writer().map_or(Ok(()), Err)
    }

    /// Waits for a moment that moves with all that is told, and not beyond `until`.
    async fn wait(&self, moment: impl Fn(&Settle) -> Option<Instant>, until: Option<Instant>) {
        loop {
            // Told between the question and the waiting is told, too.
            let mut told = std::pin::pin!(self.told.notified());
            told.as_mut().enable();
            let at = self.with(|settle| moment(settle));
            let at = at.into_iter().chain(until).min();
            let now = Instant::now();
            match at {
                Some(at) if at <= now => return,
                Some(at) => tokio::select! {
                    () = told => {}
                    () = tokio::time::sleep_until(at.into()) => {}
                },
                None => told.await,
            }
        }
    }

    fn with<T>(&self, use_it: impl FnOnce(&mut Settle) -> T) -> T {
        use_it(&mut self.settle.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUIET: Duration = Duration::from_millis(1);
    const SOON: Duration = Duration::from_millis(20);
    /// Far more than any of this takes.
    const LONG: Duration = Duration::from_secs(10);

    #[tokio::test]
    async fn who_reads_waits_for_a_writer_and_is_told_which_file_takes_too_long() {
        let rest = Rest::new(QUIET);
        assert_eq!(rest.reached(LONG).await, Ok(()));
        let file = Path::new("a.wasm");
        rest.see(file, Seen::Written);
        assert_eq!(rest.reached(SOON).await, Err(file.to_owned()));
        let closing = async {
            tokio::time::sleep(SOON).await;
            rest.see(file, Seen::Complete);
        };
        let (reached, ()) = tokio::join!(rest.reached(LONG), closing);
        assert_eq!(reached, Ok(()));
    }

    #[tokio::test]
    async fn there_is_something_to_look_at_once_what_was_told_is_at_rest() {
        let rest = Rest::new(QUIET);
        let is_due = async |within| tokio::time::timeout(within, rest.due()).await.is_ok();
        assert!(!is_due(SOON).await);
        rest.see(Path::new("a"), Seen::Complete);
        assert!(is_due(LONG).await);
        rest.looked();
        assert!(!is_due(SOON).await);
    }

    #[test]
    fn a_writer_who_was_not_heard_of_is_waited_for_half_a_minute_and_the_next_again() {
        let (rest, start) = (Rest::new(QUIET), Instant::now());
        for s in (0..30).step_by(3) {
            assert!(rest.is_waited_for(start + Duration::from_secs(s)), "{s}");
        }
        assert!(!rest.is_waited_for(start + Duration::from_secs(30)));
        assert!(rest.is_waited_for(start + Duration::from_secs(60)));
        rest.nobody_found();
        assert!(rest.is_waited_for(start + Duration::from_secs(90)));
    }
}
