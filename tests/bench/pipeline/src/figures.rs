//! Percentiles of measured times.
//!
//! Nearest rank on the sorted samples: every figure is a time that was really measured.

use std::time::Duration;

/// What was measured of one contestant.
pub struct Figures {
    sorted_ns: Vec<u64>,
    total: Duration,
}

impl Figures {
    /// Of these samples, at least one.
    pub fn new(samples: &[Duration]) -> Self {
        let nanos = |sample: &Duration| u64::try_from(sample.as_nanos()).unwrap_or(u64::MAX);
        let mut sorted_ns: Vec<u64> = samples.iter().map(nanos).collect();
        sorted_ns.sort_unstable();
        Self {
            sorted_ns,
            total: samples.iter().sum(),
        }
    }

    /// In microseconds, the smallest sample that at least `rank_permille` of all samples do not exceed.
    pub fn micros(&self, rank_permille: usize) -> f64 {
        let rank = (self.sorted_ns.len() * rank_permille).div_ceil(1000);
        let nanos = self.sorted_ns.get(rank.saturating_sub(1)).copied();
        Duration::from_nanos(nanos.unwrap_or_default()).as_secs_f64() * 1e6
    }

    /// One after another on one core.
    pub fn per_second(&self) -> f64 {
        let count = u32::try_from(self.sorted_ns.len()).unwrap_or(u32::MAX);
        f64::from(count) / self.total.as_secs_f64()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_the_nearest_rank_and_the_rate_comes_from_all_samples() {
        let samples: Vec<_> = (1..=1000).map(Duration::from_micros).collect();
        let figures = Figures::new(&samples);
        assert!((figures.micros(500) - 500.0).abs() < 1e-9);
        assert!((figures.micros(999) - 999.0).abs() < 1e-9);
        assert!((figures.per_second() - 1e6 / 500.5).abs() < 1e-6);
    }
}
