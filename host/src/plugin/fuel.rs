//! Counting instructions: what the counting engine does where the serving engine looks at the clock.
//!
//! Instantiation counts, waiting for the host does not. The same component, asked the same, uses the same on every machine.

use std::sync::atomic::Ordering;

use wasmtime::Store;

use super::engine::Engine;

/// Instructions of one invocation, far more than any deadline would allow.
const INSTRUCTIONS_MAX: u64 = 20_000_000_000;
/// Instructions between two looks at the turn's deadline.
const SLICE: u64 = 1_000_000;

/// Bounds a store of the counting engine; nothing in the serving one.
pub(super) fn fill<T: Send>(engine: &Engine, store: &mut Store<T>) {
    if engine.counter.is_some() {
        store
            .set_fuel(INSTRUCTIONS_MAX)
            .and_then(|()| store.fuel_async_yield_interval(Some(SLICE)))
            .expect("an engine with a counter is configured for fuel");
    }
}

/// Adds what was used in a store of the counting engine.
pub(super) fn count<T: Send>(engine: &Engine, store: &Store<T>) {
    if let Some(counter) = &engine.counter {
        let left = store.get_fuel().unwrap_or(INSTRUCTIONS_MAX);
        counter.fetch_add(INSTRUCTIONS_MAX.saturating_sub(left), Ordering::Relaxed);
    }
}

impl Engine {
    /// What guests have used since this was asked last; none in the serving engine.
    #[must_use]
    pub fn take_instructions(&self) -> Option<u64> {
        let counter = self.counter.as_ref()?;
        Some(counter.swap(0, Ordering::Relaxed))
    }
}
