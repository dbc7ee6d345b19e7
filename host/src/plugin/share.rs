//! One plugin's part of what all plugins share: places in the pool, and processors for what runs longer than a slice.
//!
//! A bulkhead: whatever a plugin does, the rest is left to the others. Waiting here is no failure of the plugin; it ends with the
//! turn's deadline. Once per loaded plugin.

use std::sync::Arc;

use tokio::sync::Semaphore;

/// What is this plugin's.
#[derive(Debug)]
pub(super) struct Share {
    /// One permit a place in the pool.
    pub(super) places: Semaphore,
    /// One permit a processor. Needed from the second slice on, which a rule of microseconds never sees.
    pub(super) processors: Arc<Semaphore>,
}

impl Share {
    /// `instances_max` places out of `pool`, or half of them; half the processors.
    pub(super) fn new(pool: u32, instances_max: Option<u32>) -> Self {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            places: Semaphore::new(places(pool, instances_max) as usize),
            processors: Arc::new(Semaphore::new((processors / 2).max(1))),
        }
    }
}

fn places(pool: u32, instances_max: Option<u32>) -> u32 {
    instances_max.unwrap_or(pool / 2).clamp(1, pool.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plugin_has_half_the_pool_or_what_was_set_and_at_least_one_place() {
        for (pool, set, expected) in [
            (64, None, 32),
            (3, None, 1),
            (1, None, 1),
            (64, Some(5), 5),
            (64, Some(1_000), 64),
        ] {
            assert_eq!(places(pool, set), expected, "{pool} {set:?}");
        }
    }
}
