//! How many frames a line may send: a bucket of tokens that fills up with time.
//!
//! A conversation has a few frames a second; a bucket's worth at once is a burst after a stall, and more than that is no
//! conversation. Time is an argument.

use std::time::Duration;

use tokio::time::Instant;

/// Frames at once.
const BURST: u32 = 500;
/// Time for one more.
const REFILL: Duration = Duration::from_millis(10);

/// One line's bucket.
#[derive(Debug)]
pub struct Bucket {
    tokens: u32,
    filled_at: Instant,
}

impl Bucket {
    /// A full one.
    pub fn full(now: Instant) -> Self {
        Self {
            tokens: BURST,
            filled_at: now,
        }
    }

    /// Takes a token; none left is a flood.
    pub fn take(&mut self, now: Instant) -> bool {
        let passed = now.saturating_duration_since(self.filled_at);
        let more = u32::try_from(passed.as_millis() / REFILL.as_millis()).unwrap_or(BURST);
        if more > 0 {
            self.tokens = self.tokens.saturating_add(more).min(BURST);
            self.filled_at = now;
        }
        let is_left = self.tokens > 0;
        self.tokens = self.tokens.saturating_sub(1);
        is_left
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_and_a_flood_does_not() {
        let began = Instant::now();
        let mut bucket = Bucket::full(began);
        assert!((0..BURST).all(|_| bucket.take(began)));
        assert!(!bucket.take(began), "one more at once is a flood");
        let later = began + REFILL;
        assert!(
            bucket.take(later) && !bucket.take(later),
            "time gives one more"
        );
        let rested = later + Duration::from_secs(3_600);
        assert!((0..BURST).all(|_| bucket.take(rested)) && !bucket.take(rested));
    }
}
