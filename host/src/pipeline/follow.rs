//! Following the database: whatever another host or an operator made active or halted holds here within a second.
//!
//! A notice makes this host look at once; without one it looks every `pipeline.poll_ms`. A revision that cannot be loaded here is
//! tried again and again while the old one decides; that this host is behind can be seen.

use std::time::{Duration, Instant};

use super::Pipeline;
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
    tried: Option<Instant>,
}

/// Follows until the process ends.
pub(super) async fn run(pipeline: Pipeline) {
    let mut rounds = tokio::time::interval(Duration::from_millis(pipeline.settings().poll_ms));
    rounds.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut notices = pipeline.shared.db.notices().await;
    let mut listened = Instant::now();
    loop {
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
        if let Err(cause) = pipeline.catch_up().await {
            tracing::warn!("the rules cannot be followed: {}", cause.sentence());
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
    /// Takes over what is new in the database.
    pub(super) async fn catch_up(&self) -> Result<(), Error> {
        let marks = self.shared.db.marks().await?;
        let (known, wait) = {
            let followed = self.followed();
            let wait = followed
                .tried
                .is_some_and(|tried| tried.elapsed() < AGAIN_AFTER);
            (followed.marks, followed.behind.is_some() && wait)
        };
        if marks.halt != known.halt {
            self.read_halts().await?;
            self.followed().marks.halt = marks.halt;
        }
        if marks.activation == known.activation || wait {
            return Ok(());
        }
        let followed = self.follow().await;
        let behind = followed.as_ref().err().map(Error::sentence);
        metrics::gauge!("pipeline_behind").set(if behind.is_some() { 1.0 } else { 0.0 });
        let mut state = self.followed();
        state.tried = Some(Instant::now());
        if behind.is_none() {
            state.marks.activation = marks.activation;
        }
        state.behind = behind;
        followed
    }

    async fn follow(&self) -> Result<(), Error> {
        let Some((activation, revision, repins_since)) = self.shared.db.active_revision().await?
        else {
            return Ok(());
        };
        let active = self.active();
        let known = (active.activation.number, active.repins_since);
        if (activation.number, repins_since) != known {
            let revision = self.loaded(&revision.id).await?;
            self.install(Active {
                revision,
                activation,
                repins_since,
            });
        }
        Ok(())
    }
}
