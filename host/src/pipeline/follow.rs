//! Following the database: whatever another host or an operator made active or halted holds here within a second.
//!
//! A notice makes this host look at once; without one it looks every `pipeline.poll_ms`. A revision that cannot be loaded here is
//! tried again and again while the old one decides; that this host is behind can be seen.

use std::time::{Duration, Instant};

use super::Pipeline;
use tokio::task::JoinHandle;

use super::active::Active;
use super::error::Error;
use crate::db::{Marks, Notices};

/// A revision that failed to load is tried again after this.
const AGAIN_AFTER: Duration = Duration::from_secs(5);
/// A lost connection for notices is made anew after this.
const LISTEN_AGAIN_AFTER: Duration = Duration::from_secs(10);

/// How far the database was followed.
#[derive(Debug, Default)]
pub(super) struct Followed {
    pub(super) marks: Marks,
    /// Why the newest activation does not hold here.
    pub(super) behind: Option<String>,
    /// Which was tried last, and when.
    tried: Option<(i64, Instant)>,
}

/// Follows until the process ends, or stops and closes its database.
pub(super) async fn run(pipeline: Pipeline) {
    let mut rounds = tokio::time::interval(Duration::from_millis(pipeline.settings().poll_ms));
    rounds.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut notices = pipeline.shared.db.notices().await;
    let mut listened = Instant::now();
    let mut following: Option<JoinHandle<()>> = None;
    while !pipeline.shared.db.is_closed() {
        tokio::select! {
            _ = rounds.tick() => {}
            goes_on = next(&mut notices) => if !goes_on {
                notices = None;
                listened = Instant::now();
            },
        }
        if notices.is_none() && listened.elapsed() > LISTEN_AGAIN_AFTER {
            notices = pipeline.shared.db.notices().await;
            listened = Instant::now();
        }
        // Apart from halts, which must not wait for a revision to compile.
        let is_idle = following.as_ref().is_none_or(JoinHandle::is_finished);
        match pipeline.look().await {
            Ok(marks) if is_idle => {
                let pipeline = pipeline.clone();
                following = Some(tokio::spawn(async move {
                    if let Err(cause) = pipeline.follow(marks).await {
                        pipeline.cannot_follow(&cause);
                    }
                }));
            }
            Ok(_) => {}
            Err(cause) => pipeline.cannot_follow(&cause),
        }
        pipeline.sweep();
    }
}

async fn next(notices: &mut Option<Notices>) -> bool {
    match notices {
        Some(notices) => notices.next().await,
        None => std::future::pending().await,
    }
}

impl Pipeline {
    /// Takes over what is new in the database; for a start, which has nobody to answer to yet.
    pub(super) async fn catch_up(&self) -> Result<(), Error> {
        let marks = self.look().await?;
        self.follow(marks).await
    }

    /// A database that this host itself has closed is no fault.
    fn cannot_follow(&self, cause: &Error) {
        if !self.shared.db.is_closed() {
            tracing::warn!("the rules cannot be followed: {}", cause.sentence());
        }
    }

    /// How far the database has got; what is halted holds when this returns.
    async fn look(&self) -> Result<Marks, Error> {
        let marks = self.shared.db.marks().await?;
        if marks.halt != self.followed().marks.halt {
            self.read_halts().await?;
            self.followed().marks.halt = marks.halt;
        }
        Ok(marks)
    }

    async fn follow(&self, marks: Marks) -> Result<(), Error> {
        {
            let followed = self.followed();
            let was_tried = followed.tried.is_some_and(|(number, at)| {
                number == marks.activation && at.elapsed() < AGAIN_AFTER
            });
            let is_known = marks.activation == followed.marks.activation;
            if is_known || (followed.behind.is_some() && was_tried) {
                return Ok(());
            }
        }
        let taken = self.take_over().await;
        let behind = taken.as_ref().err().map(Error::sentence);
        metrics::gauge!("pipeline_behind").set(if behind.is_some() { 1.0 } else { 0.0 });
        let mut state = self.followed();
        state.tried = Some((marks.activation, Instant::now()));
        if behind.is_none() {
            state.marks.activation = marks.activation;
        }
        state.behind = behind;
        taken
    }

    async fn take_over(&self) -> Result<(), Error> {
        let Some((activation, revision, repinnings)) = self.shared.db.active_revision().await?
        else {
            return Ok(());
        };
        let active = self.active();
        let is_known =
            activation.number == active.activation.number && repinnings == active.repinnings;
        if !is_known {
            let revision = self.loaded(&revision.id).await?;
            self.install(Active {
                revision,
                activation,
                repinnings,
            });
        }
        Ok(())
    }
}
