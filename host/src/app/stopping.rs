//! The end of a host: in an order in which nobody who was taken is dropped, and in half a minute whatever happens.
//!
//! First `/readyz` says no while the door is still open, then the door closes, then what has begun comes to its end: requests, the
//! last words on websockets, turns and writes that nobody waits for any more, and what is queued for the database.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;

use super::systemd;
use crate::db::Db;
use crate::ingress::Shared;

/// From the order to stop until what has begun is left to itself: a turn takes a fraction of it.
const WORK_WITHIN: Duration = Duration::from_secs(22);
/// From the order to stop until what is queued for the database is given up.
const WRITTEN_WITHIN: Duration = Duration::from_secs(27);

/// Orders to stop: a service manager's SIGTERM, or Ctrl-C.
pub(super) struct Orders {
    terminated: Signal,
    interrupted: Signal,
}

impl Orders {
    /// From now on the process ends only as it is told to here.
    ///
    /// # Errors
    /// When the system takes no handler.
    pub(super) fn listen() -> Result<Self> {
        let of = |kind| signal(kind).context("signals cannot be listened for");
        Ok(Self {
            terminated: of(SignalKind::terminate())?,
            interrupted: of(SignalKind::interrupt())?,
        })
    }

    /// Waits for the next order.
    pub(super) async fn next(&mut self) {
        tokio::select! {
            _ = self.terminated.recv() => {}
            _ = self.interrupted.recv() => {}
        }
    }
}

/// What runs and has to end.
pub(super) struct Running {
    pub(super) shared: Arc<Shared>,
    pub(super) db: Db,
    /// Ends when the last connection has ended after [`Running::closing`].
    pub(super) door: JoinHandle<()>,
    /// Closes the door.
    pub(super) closing: CancellationToken,
    /// What goes on for ever.
    pub(super) background: JoinSet<()>,
}

impl Running {
    /// Ends everything.
    pub(super) async fn end(mut self) {
        let began = Instant::now();
        let drain = Duration::from_millis(self.shared.settings.drain_ms);
        tracing::info!("Orchestrator stopping: not ready any more");
        self.shared.leaving.cancel();
        systemd::stopping();
        tokio::time::sleep(drain).await;
        self.shared.sockets.stop();
        self.closing.cancel();
        let shared = Arc::clone(&self.shared);
        let work = async {
            // A door that panicked is closed as well.
            let _ = (&mut self.door).await;
            shared.sockets.all_left().await;
            shared.orchestrator.at_rest().await;
        };
        match timeout_at(began + WORK_WITHIN, work).await {
            Ok(()) => tracing::info!("Orchestrator stopping: requests are finished"),
            Err(_) => tracing::warn!("Orchestrator stopping with work unfinished"),
        }
        self.background.shutdown().await;
        if let Err(cause) = self.db.close_by(began + WRITTEN_WITHIN).await {
            tracing::error!("not everything was written out: {cause}");
        }
        let took_ms = began.elapsed().as_millis();
        tracing::info!(took_ms, "Orchestrator stopped");
    }
}
