//! Whether the server answers, found out on a connection of its own, several times a second.
//!
//! While it does not, statements fail at once instead of each waiting for its limit, `/readyz` says why, and connections that will
//! never answer are let go. A SQLite file always beats. What failed is not repeated here: its owner hears of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sea_orm::sqlx::postgres::{PgConnectOptions, PgConnection};
use sea_orm::sqlx::{Connection as _, Error as Sqlx, query_scalar};
use sea_orm::{DbErr, RuntimeErr};
use tokio::sync::watch;
use tokio::time::{Instant, timeout};

/// From one answer to the next question.
const EVERY: Duration = Duration::from_millis(300);
/// How long an answer may take; with [`EVERY`] below the two seconds in which `/readyz` has to tell.
const ANSWER_WITHIN: Duration = Duration::from_millis(1_200);
/// An answer is as good as new for so long.
const FRESH: Duration = Duration::from_millis(700);
/// How long a connection that is given back may take to prove that it lives.
const PROOF_WITHIN: Duration = Duration::from_secs(1);

/// Why the database is of no use now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Silence {
    /// Nobody takes the connection, or it broke.
    #[error("the database cannot be reached")]
    Unreachable,
    /// Somebody took it and says nothing.
    #[error("the database does not answer")]
    Unanswered,
    /// It answers, but is a copy that takes no writes.
    #[error("the database takes no writes")]
    ReadOnly,
}

#[derive(Debug, Clone, Copy)]
struct Beat {
    at: Instant,
    silence: Option<Silence>,
}

/// The newest beat; ends with the last clone.
#[derive(Debug, Clone)]
pub(super) struct Pulse {
    beats: watch::Receiver<Beat>,
    last_answer: LastAnswer,
}

/// When the server last answered a statement of anybody's.
#[derive(Debug, Clone)]
struct LastAnswer {
    since: Instant,
    last_ms: Arc<AtomicU64>,
}

impl LastAnswer {
    fn of_now() -> Self {
        Self {
            since: Instant::now(),
            last_ms: Arc::default(),
        }
    }

    fn now_ms(&self) -> u64 {
        u64::try_from(self.since.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn note(&self) {
        self.last_ms.store(self.now_ms(), Ordering::Relaxed);
    }

    fn is_after(&self, moment_ms: u64) -> bool {
        self.last_ms.load(Ordering::Relaxed) > moment_ms
    }
}

impl Pulse {
    /// Of a file.
    pub(super) fn steady() -> Self {
        Self {
            beats: watch::channel(beat(None)).1,
            last_answer: LastAnswer::of_now(),
        }
    }

    /// Of a server that has just answered.
    pub(super) fn of(server: PgConnectOptions) -> Self {
        let (tell, beats) = watch::channel(beat(None));
        let last_answer = LastAnswer::of_now();
        tokio::spawn(feel(server, tell, last_answer.clone()));
        Self { beats, last_answer }
    }

    /// Why nothing can be asked now.
    pub(super) fn silence(&self) -> Option<Silence> {
        self.beats.borrow().silence
    }

    /// The same as an error of a statement that was not sent.
    pub(super) fn check(&self) -> Result<(), DbErr> {
        self.silence().map_or(Ok(()), |silence| Err(lost(silence)))
    }

    /// Does this as long as the server beats; it is given up when the server falls silent.
    pub(super) async fn while_it_beats<T, E: From<DbErr>>(
        &self,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        tokio::select! {
            biased;
            done = work => {
                if done.is_ok() {
                    self.last_answer.note();
                }
                done
            }
            silence = self.stopped() => Err(lost(silence).into()),
        }
    }

    /// Returns when the server has fallen silent.
    pub(super) async fn stopped(&self) -> Silence {
        let mut beats = self.beats.clone();
        let stopped = beats.wait_for(|beat| beat.silence.is_some()).await;
        match stopped.ok().and_then(|beat| beat.silence) {
            Some(silence) => silence,
            // Of a file: it beats as long as anybody asks.
            None => std::future::pending().await,
        }
    }

    /// Whether a connection may go back to the pool, whose own test has no limit: one to a server that is gone without a word would
    /// hold its place until the system gives it up, a quarter of an hour later.
    pub(super) async fn proves(&self, connection: &mut PgConnection) -> Result<bool, Sqlx> {
        let is_fresh = {
            let newest = self.beats.borrow();
            newest.silence.is_none() && newest.at.elapsed() < FRESH
        };
        if is_fresh {
            return Ok(true);
        }
        match timeout(PROOF_WITHIN, connection.ping()).await {
            Ok(proved) => proved.map(|()| true),
            Err(_) => Err(Sqlx::WorkerCrashed),
        }
    }
}

fn lost(silence: Silence) -> DbErr {
    DbErr::Conn(RuntimeErr::Internal(silence.to_string()))
}

fn beat(silence: Option<Silence>) -> Beat {
    Beat {
        at: Instant::now(),
        silence,
    }
}

/// Feels until nobody wants to know any more.
async fn feel(server: PgConnectOptions, tell: watch::Sender<Beat>, last_answer: LastAnswer) {
    let mut connection = None;
    loop {
        tokio::select! {
            () = tell.closed() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
        let asked_ms = last_answer.now_ms();
        let asked = timeout(ANSWER_WITHIN, ask(&server, &mut connection)).await;
        let silence = match asked {
            Ok(Ok(true)) => None,
            Ok(Ok(false)) => Some(Silence::ReadOnly),
            Ok(Err(_)) => Some(Silence::Unreachable),
            // It is only slow with this one.
            Err(_) if last_answer.is_after(asked_ms) => None,
            Err(_) => Some(Silence::Unanswered),
        };
        if silence.is_some() || asked.is_err() {
            // Whatever it was, the next one is asked on a new connection: another server may have taken over.
            connection = None;
        }
        let before = tell.send_replace(beat(silence)).silence;
        if before != silence {
            changed(silence);
        }
    }
}

/// Whether the server takes writes.
async fn ask(
    server: &PgConnectOptions,
    connection: &mut Option<PgConnection>,
) -> Result<bool, Sqlx> {
    // A connection that broke between two beats says nothing of the server: a new one is tried before it is called silent.
    if let Some(open) = connection
        && let Ok(takes_writes) = takes_writes(open).await
    {
        return Ok(takes_writes);
    }
    let open = connection.insert(PgConnection::connect_with(server).await?);
    takes_writes(open).await
}

async fn takes_writes(connection: &mut PgConnection) -> Result<bool, Sqlx> {
    // Unprepared, so that a pooler may stand in between.
    query_scalar("SELECT current_setting('transaction_read_only') = 'off'")
        .persistent(false)
        .fetch_one(connection)
        .await
}

fn changed(silence: Option<Silence>) {
    metrics::gauge!("orchestrator_db_up").set(if silence.is_none() { 1.0 } else { 0.0 });
    match silence {
        None => tracing::info!("the database answers again"),
        Some(why) => tracing::error!("{why}; callers and services are told so until it is back"),
    }
}
