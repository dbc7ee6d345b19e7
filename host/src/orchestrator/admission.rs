//! How many turns are worked on at once: those that are begun end in time, however many come.
//!
//! Asked when the call is held, so that commands which wait for one call take no places, and before anything is looked up or done:
//! whoever finds no place is told so while there is time to say it, and may ask again. A rush may wait long for its places; where
//! they have all been taken for a while, so that waiting only makes everybody late, the wait is short (after "controlled delay", as
//! "Fail at Scale", ACM Queue 13(8), 2015, uses it).

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, timeout_at};

use super::request::Error;

/// No place was free for so long: that is no rush any more.
const CROWDED_AFTER: Duration = Duration::from_millis(500);
/// The longest wait then. What is begun has nearly all of its time.
const WAIT_IN_A_CROWD: Duration = Duration::from_millis(250);

/// The places. Once per process.
#[derive(Debug)]
pub(super) struct Admission {
    places: Semaphore,
    began: Instant,
    /// When somebody last found a place at once; milliseconds since it began.
    free_at_ms: AtomicU64,
}

/// One turn's place, until it is dropped.
pub(super) type Place<'a> = SemaphorePermit<'a>;

impl Admission {
    /// For so many turns; at least one.
    pub(super) fn new(at_once_max: u32) -> Self {
        let places = usize::try_from(at_once_max).unwrap_or(Semaphore::MAX_PERMITS);
        Self {
            places: Semaphore::new(places.clamp(1, Semaphore::MAX_PERMITS)),
            began: Instant::now(),
            free_at_ms: AtomicU64::new(0),
        }
    }

    /// A place, in the order of asking.
    ///
    /// # Errors
    /// [`Error::Overloaded`] where there was none until then, or none soon in a crowd.
    pub(super) async fn place(&self, until: Instant) -> Result<Place<'_>, Error> {
        let now = Instant::now();
        // Nearly always: a timer costs more than the place.
        if let Ok(place) = self.places.try_acquire() {
            self.free_at_ms.store(self.ms_at(now), Ordering::Relaxed);
            return Ok(place);
        }
        let until = if self.is_crowded(now) {
            until.min(now + WAIT_IN_A_CROWD)
        } else {
            until
        };
        match timeout_at(until, self.places.acquire()).await {
            Ok(Ok(place)) => Ok(place),
            // Nobody closes it.
            Ok(Err(_)) | Err(_) => Err(overloaded()),
        }
    }

    /// A place that is given back goes to who waits longest: while somebody does, nobody finds one free.
    fn is_crowded(&self, now: Instant) -> bool {
        let free_at = Duration::from_millis(self.free_at_ms.load(Ordering::Relaxed));
        now.duration_since(self.began).saturating_sub(free_at) > CROWDED_AFTER
    }

    fn ms_at(&self, now: Instant) -> u64 {
        u64::try_from(now.duration_since(self.began).as_millis()).unwrap_or(u64::MAX)
    }
}

/// Counted where it is found out, since no record is written of a turn that did nothing.
pub(super) fn overloaded() -> Error {
    metrics::counter!("turns_overloaded_total").increment(1);
    Error::Overloaded
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn who_finds_no_place_in_time_is_told_so_and_a_place_that_is_left_is_taken() {
        let admission = Admission::new(1);
        let soon = || Instant::now() + Duration::from_millis(10);
        let first = admission.place(soon()).await.expect("a free place");
        assert!(matches!(
            admission.place(soon()).await,
            Err(Error::Overloaded)
        ));
        drop(first);
        assert!(admission.place(soon()).await.is_ok());
    }

    #[tokio::test]
    async fn a_rush_waits_long_and_a_crowd_waits_shortly() {
        const LONG: Duration = Duration::from_secs(1);
        let admission = Admission::new(1);
        let waited_in_vain = async || {
            let began = Instant::now();
            assert!(admission.place(began + LONG).await.is_err());
            began.elapsed()
        };
        let first = admission.place(Instant::now()).await.expect("a free place");
        assert!(waited_in_vain().await >= LONG, "a rush");
        assert!(waited_in_vain().await < LONG, "a crowd");
        drop(first);
        // Somebody finds one free: the crowd is gone.
        let _next = admission.place(Instant::now()).await.expect("a free place");
        assert!(waited_in_vain().await >= LONG, "a rush again");
    }
}
