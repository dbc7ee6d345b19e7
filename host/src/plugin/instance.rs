//! One invocation's store: what it may reach, what it has used, and how its end is read.
//!
//! Invariant: no plugin runs without a deadline and a memory bound (`no_plugin_runs_without_a_deadline_and_a_memory_bound`): the
//! only place that makes a store sets both, before instantiation, because start functions run then.
//! Invariant: no plugin state survives a turn (`no_plugin_state_survives_a_turn`): the store is dropped with the invocation.

use std::sync::Arc;
use std::time::{Duration, Instant as Moment};

use serde_json::Value;
use tokio::time::Instant as Deadline;
use wasmtime::{Store, UpdateDeadline};

use super::bindings::wit;
use super::capabilities::Capabilities;
use super::engine::Engine;
use super::error::Error;
use super::fuel;
use super::limits::{Limiter, Limits};
use crate::call::bounds::OutOfBounds;
use crate::call::turn::Instant;

/// Guest time between two looks at the clock; the guest yields to other turns at each.
const SLICE_TICKS: u64 = 2;
/// As long as they take.
const SLICE: Duration = Duration::from_millis(2);
/// Log lines of one invocation.
const LOG_LINES_MAX: u32 = 50;

/// What one invocation may reach, and until when. Once per stage.
#[derive(Clone)]
pub struct Scope {
    /// The caller's own things.
    pub capabilities: Arc<dyn Capabilities>,
    /// This stage's settings.
    pub settings: Arc<serde_json::Map<String, Value>>,
    /// The instant of the turn.
    pub now: Instant,
    /// The turn's end, whatever this stage still does.
    pub turn_deadline: Deadline,
    /// For log lines.
    pub call_id: String,
}

/// The store's state during one invocation.
pub(super) struct State {
    pub(super) scope: Scope,
    pub(super) plugin: Arc<str>,
    pub(super) limiter: Limiter,
    limits: Limits,
    host_calls: u32,
    log_lines: u32,
    /// When the guest's time was last looked at, and how long it has waited for the host since.
    looked: Moment,
    waited: Duration,
    used: Duration,
    /// Why the host ended the invocation; a trap alone does not tell.
    ended: Option<Error>,
}

impl State {
    /// Counts a host call.
    pub(super) fn enter(&mut self) -> wasmtime::Result<()> {
        self.host_calls += 1;
        if self.host_calls > self.limits.host_calls_max {
            let max = self.limits.host_calls_max;
            return Err(self.end(Error::HostCallsExceeded { max }));
        }
        Ok(())
    }

    /// Time spent waiting for the host is not the guest's.
    pub(super) fn waited(&mut self, since: Moment) {
        self.waited += since.elapsed();
    }

    /// Checks an argument of a host call.
    pub(super) fn check(&mut self, checked: Result<(), OutOfBounds>) -> wasmtime::Result<()> {
        checked.map_err(|cause| self.end(Error::BadAnswer(cause)))
    }

    /// Whether one more log line is taken.
    pub(super) fn may_log(&mut self) -> bool {
        self.log_lines += 1;
        self.log_lines <= LOG_LINES_MAX
    }

    /// Ends the invocation; the returned error unwinds the guest.
    pub(super) fn end(&mut self, cause: Error) -> wasmtime::Error {
        let text = cause.to_string();
        self.ended.get_or_insert(cause);
        wasmtime::Error::msg(text)
    }

    fn out_of_time(&mut self) -> wasmtime::Result<UpdateDeadline> {
        // At most a slice: what is more was spent waiting for a processor, which other guests may have held.
        self.used += self.looked.elapsed().saturating_sub(self.waited).min(SLICE);
        (self.looked, self.waited) = (Moment::now(), Duration::ZERO);
        if self.used >= Duration::from_millis(self.limits.deadline_ms) {
            let deadline_ms = self.limits.deadline_ms;
            return Err(self.end(Error::DeadlineExceeded { deadline_ms }));
        }
        Ok(UpdateDeadline::Yield(SLICE_TICKS))
    }

    /// What the invocation's end means.
    pub(super) fn explain(&mut self, cause: &wasmtime::Error) -> Error {
        if let Some(ended) = self.ended.take() {
            return ended;
        }
        if let Some((what, max)) = self.limiter.refused() {
            return Error::ResourceExceeded { what, max };
        }
        Error::Trapped(cause.root_cause().to_string())
    }
}

/// A store for one invocation, bounded before anything runs in it.
pub(super) fn store(
    engine: &Engine,
    plugin: &Arc<str>,
    limits: Limits,
    scope: Scope,
) -> Store<State> {
    let state = State {
        scope,
        plugin: Arc::clone(plugin),
        limiter: Limiter::new(limits),
        limits,
        host_calls: 0,
        log_lines: 0,
        looked: Moment::now(),
        waited: Duration::ZERO,
        used: Duration::ZERO,
        ended: None,
    };
    let mut store = Store::new(&engine.wasm, state);
    store.limiter(|state| &mut state.limiter);
    store.set_epoch_deadline(SLICE_TICKS);
    store.epoch_deadline_callback(|mut context| context.data_mut().out_of_time());
    fuel::fill(engine, &mut store);
    store
}

impl wit::types::Host for State {}
