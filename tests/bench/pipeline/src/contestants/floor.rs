//! The floor: the same component on bare wasmtime, with the host's engine configuration and the least that it needs to run.
//!
//! Kept: the component, compiled and linked. Made for each evaluation: store and instance, and the call through the bindings that
//! wasmtime generates. There is no limiter, no deadline, no check and no conversion. What is slower here than in the host: generated
//! bindings compare the types of all exports in every fresh instance, the host that of its one function once.

mod answers;
mod bindings;
mod prepared;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use orchestrator::pipeline::Revision;
use orchestrator::plugin::Phase;
use rule::Answer;
use tokio::runtime::Runtime;
use wasmtime::component::{Component, HasSelf, Linker};
use wasmtime::{
    Config, Enabled, Engine, InstanceAllocationStrategy, PoolingAllocationConfig, Store,
};

use self::answers::State;
use self::bindings::exports::bank::voice::policy::Decision;
use self::bindings::{Policies, PoliciesPre};
use self::prepared::Prepared;
use crate::cases::Case;
use crate::contestant::{Contestant, Role};

/// Bare wasmtime.
pub struct Floor {
    runtime: Arc<Runtime>,
    engine: Engine,
    linked: PoliciesPre<State>,
    prepared: Vec<Prepared>,
    stop: Arc<AtomicBool>,
}

impl Floor {
    /// Compiles and links the component of the pipeline's policy.
    pub fn new(
        runtime: &Arc<Runtime>,
        plugins: &Path,
        revision: &Revision,
        cases: &[Case],
    ) -> Result<Self> {
        let stage = revision
            .phase(Phase::Decide)
            .next()
            .context("no policy in the pipeline")?;
        let engine = Engine::new(&config()).map_err(told)?;
        let file = plugins.join(format!("{}.wasm", stage.name));
        let linked = link(&engine, &file).map_err(told)?;
        Ok(Self {
            runtime: Arc::clone(runtime),
            stop: tick(&engine),
            engine,
            linked,
            prepared: cases
                .iter()
                .map(|case| Prepared::new(case, stage))
                .collect::<Result<_>>()?,
        })
    }

    async fn run(&self, case: &Prepared) -> wasmtime::Result<Decision> {
        let state = State(Arc::clone(&case.constants));
        let mut store = Store::new(&self.engine, state);
        // Never reached, but the code that looks at it is compiled in.
        store.set_epoch_deadline(u64::MAX / 2);
        let guest = self.linked.instantiate_async(&mut store).await?;
        guest
            .bank_voice_policy()
            .call_decide(&mut store, &case.turn, &case.intent)
            .await
    }
}

impl Contestant for Floor {
    fn name(&self) -> &'static str {
        "bare wasmtime 48, fresh instance"
    }

    fn role(&self) -> Role {
        Role::Floor
    }

    fn decide(&mut self, case: &Case) -> Result<Answer> {
        let decision = self.run(&self.prepared[case.number]);
        prepared::answer(self.runtime.block_on(decision).map_err(told)?)
    }
}

impl Drop for Floor {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

fn link(engine: &Engine, file: &Path) -> wasmtime::Result<PoliciesPre<State>> {
    let component = Component::from_file(engine, file)?;
    let mut linker = Linker::new(engine);
    Policies::add_to_linker::<_, HasSelf<_>>(&mut linker, |state: &mut State| state)?;
    PoliciesPre::new(linker.instantiate_pre(&component)?)
}

fn told(cause: wasmtime::Error) -> anyhow::Error {
    anyhow!("{cause:#}")
}

/// As `host/src/plugin/engine.rs` has it.
fn config() -> Config {
    let (instances, cores) = (64, 8);
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(instances)
        .total_core_instances(instances * cores)
        .max_core_instances_per_component(cores)
        .total_memories(instances * 2)
        .max_memories_per_component(2)
        .total_tables(instances * 4)
        .max_tables_per_component(4)
        .total_stacks(instances)
        .linear_memory_keep_resident(512 * 1024)
        .table_keep_resident(16 * 1024)
        .pagemap_scan(Enabled::Auto);
    let mut config = Config::new();
    config
        .allocation_strategy(InstanceAllocationStrategy::Pooling(pool))
        .epoch_interruption(true)
        .concurrency_support(false)
        .memory_init_cow(true)
        .cranelift_nan_canonicalization(true)
        .relaxed_simd_deterministic(true);
    config
}

fn tick(engine: &Engine) -> Arc<AtomicBool> {
    let stop = Arc::new(AtomicBool::new(false));
    let (stopped, engine) = (Arc::clone(&stop), engine.clone());
    std::thread::spawn(move || {
        while !stopped.load(Ordering::Relaxed) {
            std::thread::sleep(Duration::from_millis(1));
            engine.increment_epoch();
        }
    });
    stop
}
