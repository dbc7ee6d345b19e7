//! What one invocation may use: time, memory, tables, host calls, what it hands over; and how many of a plugin live at once.
//!
//! The limiter remembers what it refused, because the guest's own reaction to a refused growth is just some trap.

use serde::{Deserialize, Serialize};
use wasmtime::ResourceLimiter;

/// Bounds of one invocation; settable per stage in the pipeline manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Guest time, waiting for the host not counted.
    pub deadline_ms: u64,
    /// Linear memory, all memories of the component together.
    pub memory_bytes_max: usize,
    /// Elements of each table.
    pub table_elements_max: usize,
    /// Host calls, `settings`, `clock` and `log` included.
    pub host_calls_max: u32,
    /// Bytes that the host copies out of the guest at one crossing of the border: an answer, or the arguments of one host call.
    pub border_bytes_max: usize,
    /// Instances of this plugin that may live at once; half the pool where it is not set. More wait for their turn.
    pub instances_max: Option<u32>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            deadline_ms: 50,
            memory_bytes_max: 16 * 1024 * 1024,
            table_elements_max: 10_000,
            host_calls_max: 200,
            border_bytes_max: 256 * 1024,
            instances_max: None,
        }
    }
}

/// Enforces [`Limits`] on one store.
#[derive(Debug)]
pub(super) struct Limiter {
    limits: Limits,
    memory_bytes: usize,
    refused: Option<(&'static str, usize)>,
}

impl Limiter {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            memory_bytes: 0,
            refused: None,
        }
    }

    /// What was refused, with its bound.
    pub(super) fn refused(&self) -> Option<(&'static str, usize)> {
        self.refused
    }
}

impl ResourceLimiter for Limiter {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let total = self
            .memory_bytes
            .saturating_add(desired.saturating_sub(current));
        if total > self.limits.memory_bytes_max {
            self.refused = Some(("memory", self.limits.memory_bytes_max));
            return Ok(false);
        }
        self.memory_bytes = total;
        Ok(true)
    }

    fn table_growing(
        &mut self,
        _current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let allowed = desired <= self.limits.table_elements_max;
        if !allowed {
            self.refused = Some(("table", self.limits.table_elements_max));
        }
        Ok(allowed)
    }

    fn instances(&self) -> usize {
        20
    }

    fn memories(&self) -> usize {
        4
    }

    fn tables(&self) -> usize {
        10
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_counted_over_all_memories_and_what_was_refused_is_remembered() {
        let mut limiter = Limiter::new(Limits {
            memory_bytes_max: 128 * 1024,
            ..Limits::default()
        });
        assert!(
            limiter
                .memory_growing(0, 65_536, None)
                .is_ok_and(|allowed| allowed)
        );
        assert!(
            limiter
                .memory_growing(0, 65_536, None)
                .is_ok_and(|allowed| allowed)
        );
        assert!(
            limiter
                .memory_growing(65_536, 131_072, None)
                .is_ok_and(|allowed| !allowed)
        );
        assert_eq!(limiter.refused(), Some(("memory", 128 * 1024)));
    }

    #[test]
    fn a_table_may_grow_to_its_bound_and_no_further() {
        let mut limiter = Limiter::new(Limits {
            table_elements_max: 10,
            ..Limits::default()
        });
        assert!(
            limiter
                .table_growing(0, 10, None)
                .is_ok_and(|allowed| allowed)
        );
        assert!(
            limiter
                .table_growing(10, 11, None)
                .is_ok_and(|allowed| !allowed)
        );
        assert_eq!(limiter.refused(), Some(("table", 10)));
    }
}
