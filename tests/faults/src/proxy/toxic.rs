//! The eight toxics, and what each asks of the bytes of one way.
//!
//! Plain data and arithmetic; sleeping and cutting is the pump's.

use std::ops::Range;
use std::time::Duration;

use fastrand::Rng;

/// What is done to one way of every connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Toxic {
    /// Bytes arrive later, by `delay` give or take `jitter`, and in order.
    Latency {
        /// Always.
        delay: Duration,
        /// At most so much more or less.
        jitter: Duration,
    },
    /// The port is closed, and every connection with it.
    Down,
    /// No more than so many bytes a second.
    Bandwidth {
        /// At least one.
        bytes_per_s: u64,
    },
    /// The end of the connection is told later.
    SlowClose {
        /// By so much.
        delay: Duration,
    },
    /// Nothing passes; then the connection is closed, or never where there is no time.
    Timeout {
        /// When it is closed.
        after: Option<Duration>,
    },
    /// The connection is reset.
    ResetPeer {
        /// So long after it began or this was set.
        after: Duration,
    },
    /// Bytes pass in small pieces.
    Slicer {
        /// Bytes of a piece.
        size: usize,
        /// At most so many more or less.
        spread: usize,
        /// Pause after each.
        pause: Duration,
    },
    /// The connection is closed once so many bytes have passed.
    LimitData {
        /// Counted from the connection's begin.
        bytes: u64,
    },
}

impl Toxic {
    /// In reports.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Latency { .. } => "latency",
            Self::Down => "down",
            Self::Bandwidth { .. } => "bandwidth",
            Self::SlowClose { .. } => "slow-close",
            Self::Timeout { .. } => "timeout",
            Self::ResetPeer { .. } => "reset-peer",
            Self::Slicer { .. } => "slicer",
            Self::LimitData { .. } => "limit-data",
        }
    }
}

/// How long bytes that just came are kept.
pub(super) fn latency(toxics: &[Toxic], chance: &mut Rng) -> Option<Duration> {
    toxics.iter().find_map(|toxic| match toxic {
        Toxic::Latency { delay, jitter } => {
            let spread = u64::try_from(jitter.as_micros()).unwrap_or(u64::MAX / 4);
            let extra = Duration::from_micros(chance.u64(0..=spread * 2));
            Some((*delay + extra).saturating_sub(*jitter))
        }
        _ => None,
    })
}

/// The next piece of bytes that starts at `from`, and the pause after it.
pub(super) fn piece(
    toxics: &[Toxic],
    from: usize,
    len: usize,
    chance: &mut Rng,
) -> (Range<usize>, Duration) {
    let mut size = len - from;
    let mut pause = Duration::ZERO;
    for toxic in toxics {
        match toxic {
            Toxic::Slicer {
                size: wanted,
                spread,
                pause: between,
            } => {
                let least = wanted.saturating_sub(*spread).max(1);
                size = size.min(chance.usize(least..=(wanted + spread).max(least)));
                pause += *between;
            }
            Toxic::Bandwidth { bytes_per_s } => {
                // A tenth of a second's worth at once, so that the flow is even.
                let portion = usize::try_from(bytes_per_s.div_ceil(10)).unwrap_or(usize::MAX);
                size = size.min(portion.max(1));
            }
            _ => {}
        }
    }
    if let Some(rate) = bandwidth(toxics) {
        pause += Duration::from_secs_f64(size as f64 / rate as f64);
    }
    (from..from + size, pause)
}

fn bandwidth(toxics: &[Toxic]) -> Option<u64> {
    toxics.iter().find_map(|toxic| match toxic {
        Toxic::Bandwidth { bytes_per_s } => Some((*bytes_per_s).max(1)),
        _ => None,
    })
}

/// How many bytes may pass in all.
pub(super) fn limit(toxics: &[Toxic]) -> Option<u64> {
    toxics.iter().find_map(|toxic| match toxic {
        Toxic::LimitData { bytes } => Some(*bytes),
        _ => None,
    })
}

/// How late the end is told.
pub(super) fn slow_close(toxics: &[Toxic]) -> Option<Duration> {
    toxics.iter().find_map(|toxic| match toxic {
        Toxic::SlowClose { delay } => Some(*delay),
        _ => None,
    })
}

/// Whether nothing passes.
pub(super) fn is_silent(toxics: &[Toxic]) -> bool {
    toxics
        .iter()
        .any(|toxic| matches!(toxic, Toxic::Timeout { .. }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_pieces_and_delays() {
        let toxics = [
            Toxic::Latency {
                delay: Duration::from_millis(10),
                jitter: Duration::from_millis(5),
            },
            Toxic::Slicer {
                size: 50,
                spread: 49,
                pause: Duration::from_millis(1),
            },
        ];
        let drawn = |seed| {
            let mut chance = Rng::with_seed(seed);
            let delay = latency(&toxics, &mut chance);
            let sizes: Vec<usize> = (0..20)
                .map(|_| piece(&toxics, 0, 1_000, &mut chance).0.len())
                .collect();
            (delay, sizes)
        };
        assert_eq!(drawn(1), drawn(1));
        assert_ne!(drawn(1), drawn(2));
    }
}
