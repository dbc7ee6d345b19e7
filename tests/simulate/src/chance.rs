//! All chance of a world, from one seed.
//!
//! `ChaCha8` gives the same numbers in every version and on every machine, so a seed that failed once fails again.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore as _, SeedableRng as _};

/// A source of chance.
#[derive(Debug)]
pub struct Chance(ChaCha8Rng);

impl Chance {
    /// The same seed is the same chance.
    #[must_use]
    pub fn of(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// Whether something happens that happens so often in a thousand times.
    pub fn happens(&mut self, per_mille: u64) -> bool {
        self.0.next_u64() % 1_000 < per_mille
    }

    /// A number in between, both ends included.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        let span = high.abs_diff(low) + 1;
        low.saturating_add_unsigned(self.0.next_u64() % span)
    }

    /// A place in a list that is not empty.
    pub fn index(&mut self, len: usize) -> usize {
        let len = u64::try_from(len).expect("a list fits into the memory");
        usize::try_from(self.0.next_u64() % len).expect("less than the list is long")
    }
}
