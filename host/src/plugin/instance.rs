//! One invocation's store: what it may reach, what it has used, and how its end is read.
//!
//! Invariant: no plugin runs without a deadline and a memory bound (`no_plugin_runs_without_a_deadline_and_a_memory_bound`): the
//! only place that makes a store sets both, before instantiation, because start functions run then.
//! Invariant: no plugin state survives a turn (`no_plugin_state_survives_a_turn`): the store is dropped with the invocation.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant as Deadline;
use wasmtime::{Store, UpdateDeadline};

use super::bindings::wit;
use super::capabilities::Capabilities;
use super::engine::Engine;
use super::error::Error;
use super::fuel;
use super::limits::{Limiter, Limits};
use super::pace::{Pace, SLICE_TICKS};
use super::share::Share;
use super::stage_settings::StageSettings;
use crate::call::bounds::OutOfBounds;
use crate::call::turn::Instant;

/// Log lines of one invocation.
const LOG_LINES_MAX: u32 = 50;

/// What one invocation may reach, and until when. Once per stage.
#[derive(Clone)]
pub struct Scope {
    /// The caller's own things.
    pub capabilities: Arc<dyn Capabilities>,
    /// This stage's settings.
    pub settings: Arc<StageSettings>,
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
    pace: Pace,
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

    /// Waits for the host, which is the turn's time and not the guest's.
    pub(super) async fn wait<T>(&mut self, answer: impl Future<Output = T>) -> T {
        self.pace.stop();
        let answer = answer.await;
        self.pace.start();
        answer
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

    /// The end of a slice.
    fn look_at_the_clock(&mut self) -> wasmtime::Result<UpdateDeadline> {
        self.pace.stop();
        let deadline_ms = self.limits.deadline_ms;
        let left = Duration::from_millis(deadline_ms).saturating_sub(self.pace.used());
        if left.is_zero() {
            return Err(self.end(Error::DeadlineExceeded { deadline_ms }));
        }
        let way = self.pace.clone().make_way();
        let ticks = Pace::next_slice(left);
        Ok(UpdateDeadline::YieldCustom(ticks, Box::pin(way)))
    }

    /// What the invocation's end means.
    pub(super) fn explain(&mut self, cause: &wasmtime::Error) -> Error {
        if let Some(ended) = self.ended.take() {
            return ended;
        }
        if let Some((what, max)) = self.limiter.refused() {
            return Error::ResourceExceeded { what, max };
        }
        if is_too_much_at_once(cause) {
            let max = self.limits.border_bytes_max;
            return Error::BorderBytesExceeded { max };
        }
        let trap = cause.root_cause().to_string();
        if cause.downcast_ref() == Some(&wasmtime::Trap::UnreachableCodeReached) {
            let hint = "a panic, or a call of something that is not here, such as files or the system's clock";
            return Error::Trapped(format!("{trap} ({hint})"));
        }
        Error::Trapped(trap)
    }
}

/// Whether the engine refused to copy more out of the guest. Its type is private, so its name is all there is to tell it by
/// (`a_guest_without_a_compiler_fails_as_it_should` notices where that changes).
fn is_too_much_at_once(cause: &wasmtime::Error) -> bool {
    format!("{:?}", cause.root_cause()) == "HostcallFuelExhausted"
}

/// A store for one invocation, bounded before anything runs in it.
pub(super) fn store(
    engine: &Engine,
    plugin: &Arc<str>,
    limits: Limits,
    share: &Share,
    scope: Scope,
) -> Store<State> {
    let state = State {
        scope,
        plugin: Arc::clone(plugin),
        limiter: Limiter::new(limits),
        limits,
        host_calls: 0,
        log_lines: 0,
        pace: Pace::new(&share.processors),
        ended: None,
    };
    let mut store = Store::new(&engine.wasm, state);
    store.limiter(|state| &mut state.limiter);
    store.set_hostcall_fuel(limits.border_bytes_max);
    store.set_epoch_deadline(SLICE_TICKS);
    store.epoch_deadline_callback(|mut context| context.data_mut().look_at_the_clock());
    fuel::fill(engine, &mut store);
    store
}

impl wit::types::Host for State {}
