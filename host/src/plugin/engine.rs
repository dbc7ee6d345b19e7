//! The engine: one per process, with the pool of instances and the ticker that makes deadlines bite.
//!
//! Memory budget: `instances_max` slots keep at most [`KEEP_RESIDENT_BYTES`] each resident between uses. A full pool is never a
//! plugin's failure: invocations wait for a place inside the turn's own deadline.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde::Deserialize;
use tokio::sync::Semaphore;
use wasmtime::component::Component;
use wasmtime::{Config, Enabled, InstanceAllocationStrategy, PoolingAllocationConfig};

use super::cache::Cache;
use super::code;
use super::compile::Bounds;
use super::compiler::Compiler;
use super::error::LoadError;

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
    /// The host's own folder of compiled components.
    pub cache_dir: PathBuf,
    /// How much it may hold; what was not used for longest goes first.
    pub cache_bytes_max: u64,
    /// How long one component may take to compile.
    pub compile_ms_max: u64,
    /// What the compiler may use of memory meanwhile.
    pub compile_memory_bytes_max: u64,
    /// The binary that compiles, where it is not the one that runs: for programs that use this crate as a library.
    #[serde(skip)]
    pub compiler: Option<PathBuf>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            instances_max: 64,
            component_bytes_max: 32 * 1024 * 1024,
            cache_dir: "data/compiled".into(),
            cache_bytes_max: 1024 * 1024 * 1024,
            compile_ms_max: 60_000,
            compile_memory_bytes_max: 2 * 1024 * 1024 * 1024,
            compiler: None,
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
    compiler: Arc<Compiler>,
    /// What guests used so far, in an engine that counts instead of looking at the clock.
    pub(super) counter: Option<Arc<AtomicU64>>,
    _ticker: Option<Arc<Ticker>>,
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
        Self::serving(settings, |made_by| {
            Cache::open(&settings.cache_dir, made_by, settings.cache_bytes_max)
        })
    }

    /// The same without a folder of compiled code: for tools that look at one component and leave nothing behind.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn without_cache(settings: &Settings) -> Result<Self, EngineError> {
        Self::serving(settings, |_| Cache::nowhere())
    }

    fn serving(
        settings: &Settings,
        cache: impl FnOnce(String) -> Cache,
    ) -> Result<Self, EngineError> {
        let wasm =
            wasmtime::Engine::new(&config(settings)).map_err(|e| EngineError(e.to_string()))?;
        let ticker = Ticker::start(wasm.clone());
        let mut made_by = DefaultHasher::new();
        wasm.precompile_compatibility_hash().hash(&mut made_by);
        let cache = cache(format!("{:016x}", made_by.finish()));
        Ok(Self {
            places: Arc::new(Semaphore::new(settings.instances_max as usize)),
            instances_max: settings.instances_max,
            compiler: Arc::new(compiler(settings, cache)),
            wasm,
            counter: None,
            _ticker: Some(Arc::new(ticker)),
        })
    }

    /// Makes the engine that counts instructions, for tools and replay; it serves no calls and keeps no code.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn counting(settings: &Settings) -> Result<Self, EngineError> {
        let mut config = code::deterministic();
        config.consume_fuel(true);
        let wasm = wasmtime::Engine::new(&config).map_err(|e| EngineError(e.to_string()))?;
        Ok(Self {
            places: Arc::new(Semaphore::new(1)),
            instances_max: 1,
            compiler: Arc::new(compiler(settings, Cache::nowhere())),
            wasm,
            counter: Some(Arc::default()),
            _ticker: None,
        })
    }

    /// Largest component file.
    #[must_use]
    pub fn component_bytes_max(&self) -> u64 {
        self.compiler.component_bytes_max as u64
    }

    /// Refuses a file that is too large.
    pub(super) fn check_size(&self, bytes: &[u8]) -> Result<(), LoadError> {
        self.compiler.check_size(bytes)
    }

    /// The code of a component: kept from before, or else compiled from `bytes` in a child process.
    ///
    /// # Errors
    /// [`LoadError::BytesNeeded`] where it is not kept and no bytes are given; otherwise why they are no component.
    pub(super) async fn compiled(
        &self,
        digest: &str,
        bytes: Option<&[u8]>,
    ) -> Result<Component, LoadError> {
        self.compiler.compiled(&self.wasm, digest, bytes).await
    }
}

fn compiler(settings: &Settings, cache: Cache) -> Compiler {
    Compiler {
        program: settings.compiler.clone(),
        component_bytes_max: settings.component_bytes_max,
        bounds: Bounds {
            time_ms_max: settings.compile_ms_max,
            memory_bytes_max: settings.compile_memory_bytes_max,
        },
        cache: Arc::new(cache),
        places: Semaphore::new(std::thread::available_parallelism().map_or(1, usize::from)),
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
        .table_keep_resident(16 * 1024)
        // Where Linux can tell which pages were written, only those are put back.
        .pagemap_scan(Enabled::Auto);
    let mut config = code::config();
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
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
            let mut next = Instant::now() + TICK;
            while !stopped.load(Ordering::Relaxed) {
                std::thread::sleep(next.saturating_duration_since(Instant::now()));
                wasm.increment_epoch();
                // By the clock, so that sleeping too long does not add up; what was missed is skipped.
                next = (next + TICK).max(Instant::now());
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
