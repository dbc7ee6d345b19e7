//! The engine: one per process, with the pool of instances and the ticker that makes deadlines bite.
//!
//! Memory budget: `instances_max` slots keep at most [`KEEP_RESIDENT_BYTES`] each resident between uses. A full pool is never a
//! plugin's failure: invocations wait for a place inside the turn's own deadline.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde::Deserialize;
use tokio::sync::Semaphore;
use wasmtime::{Config, InstanceAllocationStrategy, PoolingAllocationConfig};

/// Bytes of a used memory that stay mapped for its next user: a plugin's stack and data, so that a fresh instance costs no page
/// faults.
const KEEP_RESIDENT_BYTES: usize = 512 * 1024;
/// Core modules that one component may bring: its own and the adapters around it.
const CORE_INSTANCES_PER_COMPONENT: u32 = 8;
/// How often deadlines are looked at.
const TICK: Duration = Duration::from_millis(1);

/// Keys of section `[plugin]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Instances that may live at once, over all calls.
    pub instances_max: u32,
    /// Largest component file.
    pub component_bytes_max: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            instances_max: 64,
            component_bytes_max: 32 * 1024 * 1024,
        }
    }
}

/// Once per process.
#[derive(Clone)]
pub struct Engine {
    pub(super) wasm: wasmtime::Engine,
    /// One permit a slot of the pool.
    pub(super) places: Arc<Semaphore>,
    /// How many that are in all.
    pub(super) instances_max: u32,
    pub(super) component_bytes_max: usize,
    _ticker: Arc<Ticker>,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine")
            .field("places", &self.places)
            .finish_non_exhaustive()
    }
}

impl Engine {
    /// Makes the engine and starts its ticker.
    ///
    /// # Errors
    /// When this machine cannot run it, for example because address space is limited.
    pub fn new(settings: &Settings) -> Result<Self, EngineError> {
        let wasm =
            wasmtime::Engine::new(&config(settings)).map_err(|e| EngineError(e.to_string()))?;
        let ticker = Ticker::start(wasm.clone());
        Ok(Self {
            wasm,
            places: Arc::new(Semaphore::new(settings.instances_max as usize)),
            instances_max: settings.instances_max,
            component_bytes_max: settings.component_bytes_max,
            _ticker: Arc::new(ticker),
        })
    }
}

/// The engine could not be made.
#[derive(Debug, thiserror::Error)]
#[error("the WASM engine does not start on this machine: {0}")]
pub struct EngineError(String);

fn config(settings: &Settings) -> Config {
    let mut pool = PoolingAllocationConfig::new();
    let instances = settings.instances_max;
    pool.total_component_instances(instances)
        .total_core_instances(instances * CORE_INSTANCES_PER_COMPONENT)
        .max_core_instances_per_component(CORE_INSTANCES_PER_COMPONENT)
        .total_memories(instances * 2)
        .max_memories_per_component(2)
        .total_tables(instances * 4)
        .max_tables_per_component(4)
        .total_stacks(instances)
        .linear_memory_keep_resident(KEEP_RESIDENT_BYTES)
        .table_keep_resident(16 * 1024);
    let mut config = Config::new();
    config
        .allocation_strategy(InstanceAllocationStrategy::Pooling(pool))
        .epoch_interruption(true)
        .concurrency_support(false)
        .memory_init_cow(true)
        // A record must replay bit for bit on another machine.
        .cranelift_nan_canonicalization(true)
        .relaxed_simd_deterministic(true);
    config
}

/// Moves the engine's epoch on; ends with the last engine handle.
struct Ticker {
    stop: Arc<AtomicBool>,
}

impl Ticker {
    fn start(wasm: wasmtime::Engine) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        // A thread of its own: a busy async runtime must not delay the tick that would free it.
        std::thread::spawn(move || {
            while !stopped.load(Ordering::Relaxed) {
                std::thread::sleep(TICK);
                wasm.increment_epoch();
            }
        });
        Self { stop }
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}
