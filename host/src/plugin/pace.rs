//! How a guest's time is counted, and how it makes way for others.
//!
//! The clock runs only while the guest does: not while it waits for the host, for a processor or for its place among the
//! instances of its own plugin. What it waits is charged to the turn, whose deadline stands around the whole invocation.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant as Moment};

use cpu_time::ThreadTime;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Ticks between two looks at the clock; the guest makes way at each.
pub(super) const SLICE_TICKS: u64 = 2;
/// The same for a guest whose time is nearly up, so that it is stopped soon after.
const LAST_SLICE_TICKS: u64 = 1;
/// As soon as less is left than a slice takes.
const LAST_SLICE: Duration = Duration::from_millis(SLICE_TICKS);
/// Most that is charged for a first slice. Two ticks are over in less, so what is more the guest spent waiting for a processor that
/// the system had given away.
const FIRST_SLICE_MAX: Duration = Duration::from_micros(2_500);

/// One guest's clock. Once per invocation; shared with the future in which the guest makes way.
#[derive(Debug, Clone)]
pub(super) struct Pace {
    clock: Arc<Mutex<Clock>>,
    processors: Arc<Semaphore>,
}

#[derive(Debug)]
struct Clock {
    used: Duration,
    running: Option<Since>,
    /// Held by a guest that runs longer than a slice.
    processor: Option<OwnedSemaphorePermit>,
}

/// Since when a guest runs.
#[derive(Debug, Clone, Copy)]
enum Since {
    /// In its first slice, in which nearly all end: the cheap clock.
    Start(Moment),
    /// In a later one: the processor time of its thread, which it does not leave within a slice. Exact on a busy machine too.
    Later(Duration),
}

/// Of this thread; none where the system does not count it.
fn processor_time() -> Option<Duration> {
    ThreadTime::try_now().ok().map(|time| time.as_duration())
}

impl Since {
    fn later() -> Self {
        processor_time().map_or_else(|| Self::Start(Moment::now()), Self::Later)
    }

    fn elapsed(self) -> Duration {
        match self {
            Self::Start(moment) => moment.elapsed().min(FIRST_SLICE_MAX),
            Self::Later(before) => processor_time().unwrap_or_default().saturating_sub(before),
        }
    }
}

impl Clock {
    fn stop(&mut self) {
        if let Some(since) = self.running.take() {
            self.used += since.elapsed();
        }
        self.processor = None;
    }
}

impl Pace {
    /// Runs from now on.
    pub(super) fn new(processors: &Arc<Semaphore>) -> Self {
        let clock = Clock {
            used: Duration::ZERO,
            running: Some(Since::Start(Moment::now())),
            processor: None,
        };
        Self {
            clock: Arc::new(Mutex::new(clock)),
            processors: Arc::clone(processors),
        }
    }

    /// The guest does not run: it waits for the host. What it held is free for others.
    pub(super) fn stop(&self) {
        self.clock().stop();
    }

    /// It runs again.
    pub(super) fn start(&self) {
        self.clock().running = Some(Since::Start(Moment::now()));
    }

    /// What it has used, as of the last stop.
    pub(super) fn used(&self) -> Duration {
        self.clock().used
    }

    /// Ticks until the next look at the clock, of a guest that has this much time left.
    pub(super) fn next_slice(left: Duration) -> u64 {
        if left < LAST_SLICE {
            LAST_SLICE_TICKS
        } else {
            SLICE_TICKS
        }
    }

    /// Lets others run, then waits for one of the processors that its plugin may have.
    pub(super) async fn make_way(self) {
        tokio::task::yield_now().await;
        // Never closed; without a permit it would merely run on.
        let processor = Arc::clone(&self.processors).acquire_owned().await.ok();
        let mut clock = self.clock();
        clock.processor = processor;
        clock.running = Some(Since::later());
    }

    fn clock(&self) -> MutexGuard<'_, Clock> {
        // A clock cannot be left half changed.
        self.clock.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_running_counts_and_a_first_slice_never_counts_more_than_it_can_last() {
        let long_ago = Moment::now().checked_sub(Duration::from_secs(1));
        let mut clock = Clock {
            used: Duration::ZERO,
            running: long_ago.map(Since::Start),
            processor: None,
        };
        clock.stop();
        assert_eq!(clock.used, FIRST_SLICE_MAX);
        clock.stop();
        assert_eq!(clock.used, FIRST_SLICE_MAX, "it did not run");
        clock.running = processor_time().map(|_| Since::Later(Duration::ZERO));
        clock.stop();
        assert!(clock.used > FIRST_SLICE_MAX, "this thread has run before");
    }

    #[tokio::test]
    async fn a_guest_that_runs_long_holds_a_processor_until_it_waits() {
        let processors = Arc::new(Semaphore::new(1));
        let pace = Pace::new(&processors);
        assert_eq!(processors.available_permits(), 1, "not in its first slice");
        pace.clone().make_way().await;
        assert_eq!(processors.available_permits(), 0);
        pace.stop();
        assert_eq!(processors.available_permits(), 1);
    }
}
