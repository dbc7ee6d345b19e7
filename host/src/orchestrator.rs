//! One turn, from request to reply, and the life of a call around it.
//!
//! Read [`Orchestrator::turn`] first: it is the seven steps of a turn in order. What each step means is in the files below;
//! what a stage's failure means is in `pipeline`; what may be reached is in `scope`; money is in `write`.

mod act;
mod admission;
mod application;
mod begun;
mod greeting;
mod hearing;
mod held;
mod inbox;
mod lifecycle;
mod listener;
mod memory;
mod months;
mod open_question;
mod opening;
mod outdated;
mod pending;
mod pin_mark;
mod pin_turn;
mod promise;
mod proof;
mod reaper;
mod repeat;
mod request;
mod resolution;
mod review;
mod scope;
mod settings;
mod settle;
mod too_late;
mod truth;
mod turn;
mod turned_away;
mod unanswered;
mod unasked;
mod under_way;
mod voice;
mod vouch;
mod waiting;
mod working;
mod write;

use tokio_util::task::TaskTracker;

use crate::backend::Backend;
use crate::call::User;
use crate::caller::{Callers, Owner};
use crate::db::Db;
use crate::ledger::Ceilings;
use crate::live::Live;
use crate::pipeline::Pipeline;

pub use greeting::Greeting;
pub use held::numbers;
pub use inbox::Inbox;
pub use lifecycle::{CallEvent, Kind as EventKind};
pub use listener::{Attention, Listener, listen};
pub use reaper::Reaper;
pub use request::{Answer, Ask, CallFacts, Error, Request};
pub use settings::Settings;
pub use unasked::Unasked;

/// Everything that turns share. Once per process.
pub struct Orchestrator {
    db: Db,
    backend: Backend,
    /// Asked for proof: what fails there says nothing to callers.
    search: Backend,
    pipeline: Pipeline,
    live: Live,
    callers: Callers,
    ceilings: Ceilings,
    clock: settings::Clock,
    admission: admission::Admission,
    untold: turned_away::Untold,
    /// Turns and writes, which go on when nobody waits for them any more.
    tasks: TaskTracker,
}

impl std::fmt::Debug for Orchestrator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Orchestrator")
            .field("live", &self.live.len())
            .finish_non_exhaustive()
    }
}

impl Orchestrator {
    /// Puts the parts together.
    #[must_use]
    pub fn new(
        db: Db,
        backend: Backend,
        pipeline: Pipeline,
        live: Live,
        callers: Callers,
        ceilings: Ceilings,
        settings: &Settings,
    ) -> Self {
        Self {
            db,
            search: backend.apart(),
            backend,
            pipeline,
            live,
            callers,
            ceilings,
            clock: settings.clock(),
            admission: admission::Admission::new(settings.at_once_max),
            untold: turned_away::Untold::default(),
            tasks: TaskTracker::new(),
        }
    }

    fn writer(&self, backend: &Backend) -> write::Writer {
        write::Writer {
            db: self.db.clone(),
            backend: backend.clone(),
            ceilings: self.ceilings.clone(),
            tasks: self.tasks.clone(),
        }
    }

    /// Returns when no turn and no write is under way. Asked once nothing new comes in: money in flight is settled by then, or
    /// stands in the ledger as sent.
    pub async fn at_rest(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }

    /// How many calls this process holds.
    fn gauge_calls_at_hand(&self) {
        let calls = u32::try_from(self.live.len()).unwrap_or(u32::MAX);
        metrics::gauge!("calls_at_hand").set(f64::from(calls));
    }

    /// The longest that a turn takes.
    #[must_use]
    pub fn turn_time(&self) -> std::time::Duration {
        self.clock.turn_time()
    }

    /// The database, for what is only shown.
    #[must_use]
    pub fn db(&self) -> &Db {
        &self.db
    }

    /// Whether Redis answers, for health; none where live calls are in memory.
    #[must_use]
    pub fn redis_answers(&self) -> Option<bool> {
        self.live.redis_answers()
    }

    /// The bank, for health.
    #[must_use]
    pub fn backend(&self) -> &Backend {
        &self.backend
    }

    /// ISO 4217, where a request names none.
    #[must_use]
    pub fn currency(&self) -> &str {
        &self.ceilings.transfer_max.currency
    }

    /// Whether calls from this number are not taken; no where that cannot be found out.
    pub async fn is_blocked(&self, number: &str) -> bool {
        let Some(number) = held::e164(number) else {
            return false;
        };
        self.db.is_blocked(&number).await.unwrap_or_else(|cause| {
            tracing::warn!("a caller is taken unchecked: {cause}");
            false
        })
    }

    /// The customer with this number, for a greeting; nobody where that cannot be found out in time.
    pub async fn recognise(&self, number: &str, within: tokio::time::Instant) -> Option<User> {
        let number = held::e164(number)?;
        let now_ms = self.clock.now().unix_ms;
        match self.callers.find(&number, now_ms, within).await {
            Ok(Owner::Known(user)) => Some(user),
            Ok(Owner::Stranger | Owner::Unasked) => None,
            Err(cause) => {
                tracing::warn!("caller not recognised: {cause}");
                None
            }
        }
    }

    /// The rules, for what is only shown.
    #[must_use]
    pub fn pipeline(&self) -> &Pipeline {
        &self.pipeline
    }
}
