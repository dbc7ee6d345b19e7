//! How many turns are worked on at once: those that are begun end in time, however many come.
//!
//! Asked when the call is held, so that commands which wait for one call take no places, and before anything is done: whoever finds
//! no place is told so while there is time to say it, and may ask again.

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, timeout_at};

use super::request::Error;

/// The places. Once per process.
#[derive(Debug)]
pub(super) struct Admission {
    places: Semaphore,
}

/// One turn's place, until it is dropped.
pub(super) type Place<'a> = SemaphorePermit<'a>;

impl Admission {
    /// For so many turns; at least one.
    pub(super) fn new(at_once_max: u32) -> Self {
        let places = usize::try_from(at_once_max).unwrap_or(Semaphore::MAX_PERMITS);
        Self {
            places: Semaphore::new(places.clamp(1, Semaphore::MAX_PERMITS)),
        }
    }

    /// A place, in the order of asking.
    ///
    /// # Errors
    /// [`Error::Overloaded`] where there was none until then.
    pub(super) async fn place(&self, until: Instant) -> Result<Place<'_>, Error> {
        // Nearly always: a timer costs more than the place.
        if let Ok(place) = self.places.try_acquire() {
            return Ok(place);
        }
        match timeout_at(until, self.places.acquire()).await {
            Ok(Ok(place)) => Ok(place),
            // Nobody closes it.
            Ok(Err(_)) | Err(_) => Err(overloaded()),
        }
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
}
