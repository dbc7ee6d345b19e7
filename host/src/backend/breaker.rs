//! Gives a bank that keeps failing a rest, and notices when it is well again.
//!
//! Asked before every request, told after it. After so many failures in a row only one request per probe interval goes through;
//! the first answer closes it. Holds no request back in time: who is refused hears so at once.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// What a request may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Permit {
    /// Go.
    Go,
    /// Go, and find out whether the bank is well again.
    Probe,
    /// Not now.
    Rest,
}

/// Counts failures in a row.
pub(super) struct Breaker {
    /// Whose requests it holds back, as metrics name them.
    of: &'static str,
    failures_max: u32,
    probe_every: Duration,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    failures: u32,
    /// When the next probe may go; none while closed.
    probe_at: Option<Instant>,
}

impl Breaker {
    pub(super) fn new(failures_max: u32, probe_ms: u64, of: &'static str) -> Self {
        Self {
            of,
            failures_max: failures_max.max(1),
            probe_every: Duration::from_millis(probe_ms),
            state: Mutex::default(),
        }
    }

    /// May a request go now?
    pub(super) fn permit(&self, now: Instant) -> Permit {
        let mut state = self.lock();
        match state.probe_at {
            None => Permit::Go,
            Some(at) if now >= at => {
                // The next probe does not wait for this one: it may hang for as long as the bank likes.
                state.probe_at = Some(now + self.probe_every);
                Permit::Probe
            }
            Some(_) => Permit::Rest,
        }
    }

    /// The bank answered.
    pub(super) fn succeeded(&self) {
        let mut state = self.lock();
        state.failures = 0;
        if state.probe_at.take().is_some() {
            metrics::gauge!("backend_breaker_open", "of" => self.of).set(0.0);
            tracing::info!(of = self.of, "the backend answers again");
        }
    }

    /// It did not, or nothing that can be used.
    pub(super) fn failed(&self, now: Instant) {
        let mut state = self.lock();
        state.failures = state.failures.saturating_add(1);
        if state.failures >= self.failures_max && state.probe_at.is_none() {
            state.probe_at = Some(now + self.probe_every);
            metrics::gauge!("backend_breaker_open", "of" => self.of).set(1.0);
            let (of, failures) = (self.of, state.failures);
            tracing::warn!(of, failures, "the backend is given a rest");
        }
    }

    pub(super) fn is_open(&self) -> bool {
        self.lock().probe_at.is_some()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing in here can panic half-way, so a poisoned lock still holds a whole state.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_opens_at_its_bound_lets_one_probe_through_and_closes_at_the_first_answer() {
        let breaker = Breaker::new(3, 1_000, "calls");
        let start = Instant::now();
        for _ in 0..2 {
            breaker.failed(start);
        }
        assert_eq!(breaker.permit(start), Permit::Go);
        breaker.failed(start);
        assert!(breaker.is_open());
        assert_eq!(breaker.permit(start), Permit::Rest);
        let later = start + Duration::from_secs(1);
        assert_eq!(breaker.permit(later), Permit::Probe);
        assert_eq!(breaker.permit(later), Permit::Rest);
        assert_eq!(
            breaker.permit(later + Duration::from_secs(1)),
            Permit::Probe
        );
        breaker.succeeded();
        assert_eq!(breaker.permit(later), Permit::Go);
    }

    #[test]
    fn one_answer_in_between_starts_the_count_again() {
        let breaker = Breaker::new(2, 1_000, "calls");
        for _ in 0..5 {
            breaker.failed(Instant::now());
            breaker.succeeded();
        }
        assert!(!breaker.is_open());
    }
}
