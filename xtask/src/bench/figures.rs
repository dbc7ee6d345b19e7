//! Percentiles of measured times, and the table they are printed in.
//!
//! Nearest rank on the sorted samples: every figure printed is a time that was really measured.

use std::time::Duration;

/// Times of one kind, in the order they were measured.
#[derive(Debug, Default, Clone)]
pub struct Figures {
    samples_us: Vec<u64>,
}

impl Figures {
    /// Adds one.
    pub fn add(&mut self, time: Duration) {
        self.samples_us
            .push(u64::try_from(time.as_micros()).unwrap_or(u64::MAX));
    }

    /// Adds one that was told in milliseconds; what is no time is left out.
    pub fn add_ms(&mut self, time_ms: f64) {
        if let Ok(time) = Duration::try_from_secs_f64(time_ms / 1000.0) {
            self.add(time);
        }
    }

    /// In milliseconds, the smallest sample that at least `rank_permille` of all samples do not exceed.
    pub fn ms(&self, rank_permille: usize) -> f64 {
        let mut sorted = self.samples_us.clone();
        sorted.sort_unstable();
        let time_us = percentile(&sorted, rank_permille).unwrap_or_default();
        Duration::from_micros(time_us).as_secs_f64() * 1000.0
    }

    /// How many.
    pub fn count(&self) -> usize {
        self.samples_us.len()
    }

    /// One line of the table, in milliseconds.
    pub fn line(&self, name: &str) -> String {
        let mut sorted = self.samples_us.clone();
        sorted.sort_unstable();
        let mut line = format!("{name:<24}");
        for rank_permille in [500, 900, 990, 999, 1000] {
            match percentile(&sorted, rank_permille) {
                Some(time_us) => {
                    let time = Duration::from_micros(time_us);
                    line.push_str(&format!("{:>9.3}", time.as_secs_f64() * 1000.0));
                }
                None => line.push_str("        -"),
            }
        }
        line
    }
}

/// What stands above the lines.
pub fn heading() -> String {
    format!(
        "{:<24}{:>9}{:>9}{:>9}{:>9}{:>9}",
        "ms", "p50", "p90", "p99", "p99.9", "max"
    )
}

/// The smallest sample that at least `rank_permille` of all samples do not exceed.
fn percentile(sorted: &[u64], rank_permille: usize) -> Option<u64> {
    let rank = (sorted.len() * rank_permille).div_ceil(1000);
    sorted.get(rank.saturating_sub(1)).copied()
}

/// The time that `server-timing` gives to `name`, in milliseconds: `host;dur=1.234, backend;dur=0.567`.
pub fn server_timing(header: &str, name: &str) -> Option<f64> {
    let metric = header.split(',').map(str::trim).find(|metric| {
        metric
            .split(';')
            .next()
            .is_some_and(|first| first.trim() == name)
    })?;
    let time = metric
        .split(';')
        .find_map(|part| part.trim().strip_prefix("dur="))?;
    time.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_the_nearest_rank() {
        let sorted: Vec<u64> = (1..=1000).collect();
        assert_eq!(percentile(&sorted, 500), Some(500));
        assert_eq!(percentile(&sorted, 990), Some(990));
        assert_eq!(percentile(&sorted, 999), Some(999));
        assert_eq!(percentile(&sorted, 1000), Some(1000));
        assert_eq!(percentile(&[7], 1), Some(7));
        assert_eq!(percentile(&[], 500), None);
    }

    #[test]
    fn the_hosts_own_share_is_read_from_its_header() {
        let header = "host;dur=1.234, backend;desc=\"the bank\";dur=0.567";
        assert_eq!(server_timing(header, "host"), Some(1.234));
        assert_eq!(server_timing(header, "backend"), Some(0.567));
        assert_eq!(server_timing(header, "db"), None);
        assert_eq!(server_timing("", "host"), None);
    }

    #[test]
    fn a_line_is_in_milliseconds() {
        let mut figures = Figures::default();
        figures.add(Duration::from_micros(1500));
        figures.add_ms(2.25);
        figures.add_ms(f64::NAN);
        assert!(
            figures
                .line("socket")
                .ends_with("1.500    2.250    2.250    2.250    2.250")
        );
    }
}
