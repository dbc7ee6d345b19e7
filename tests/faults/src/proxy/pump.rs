//! One way of one connection: reads, keeps, cuts into pieces, writes.
//!
//! Reading goes on while bytes are kept, so that latency does not become a bound of the throughput; what is kept is bounded. A cut
//! or a reset of one way ends the whole connection at once.

use std::time::Duration;

use fastrand::Rng;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep, sleep_until};

use super::toxic::{self, Toxic};

/// Chunks that wait; a reader that is further ahead waits too.
const KEPT_MAX: usize = 64;
const CHUNK_BYTES: usize = 16 * 1024;

/// Why a connection ends before its peers want it to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// Closed, as a peer would.
    Cut,
    /// Reset.
    Reset,
}

type Toxics = watch::Receiver<Vec<Toxic>>;

/// Until the sender closes and all is written, or a toxic ends it.
pub(super) async fn run(
    from: ReadHalf<'_>,
    to: WriteHalf<'_>,
    toxics: Toxics,
    chance: Rng,
) -> Result<(), End> {
    let (keep, kept) = mpsc::channel(KEPT_MAX);
    let carried = async { tokio::try_join!(read(from, keep), write(kept, to, &toxics, chance)) };
    tokio::select! {
        done = carried => done.map(drop),
        end = sentence(toxics.clone()) => Err(end),
    }
}

async fn read(mut from: ReadHalf<'_>, keep: mpsc::Sender<(Instant, Vec<u8>)>) -> Result<(), End> {
    loop {
        let mut chunk = vec![0; CHUNK_BYTES];
        match from.read(&mut chunk).await {
            Ok(0) => return Ok(()),
            Ok(count) => chunk.truncate(count),
            Err(_) => return Err(End::Cut),
        }
        if keep.send((Instant::now(), chunk)).await.is_err() {
            return Ok(());
        }
    }
}

async fn write(
    mut kept: mpsc::Receiver<(Instant, Vec<u8>)>,
    mut to: WriteHalf<'_>,
    toxics: &Toxics,
    mut chance: Rng,
) -> Result<(), End> {
    let mut passed = 0_u64;
    while let Some((came_at, bytes)) = kept.recv().await {
        let delay = toxic::latency(&toxics.borrow(), &mut chance);
        if let Some(delay) = delay {
            sleep_until(came_at + delay).await;
        }
        let mut from = 0;
        while from < bytes.len() {
            until_not_silent(toxics.clone()).await;
            let now = toxics.borrow().clone();
            let (mut piece, pause) = toxic::piece(&now, from, bytes.len(), &mut chance);
            let limit = toxic::limit(&now);
            if let Some(limit) = limit {
                let left = usize::try_from(limit.saturating_sub(passed)).unwrap_or(usize::MAX);
                piece.end = piece.end.min(piece.start.saturating_add(left));
            }
            let count = piece.len();
            to.write_all(&bytes[piece]).await.map_err(|_| End::Cut)?;
            from += count;
            passed += count as u64;
            if limit.is_some_and(|limit| passed >= limit) {
                return Err(End::Cut);
            }
            if !pause.is_zero() {
                sleep(pause).await;
            }
        }
    }
    let late = toxic::slow_close(&toxics.borrow());
    sleep(late.unwrap_or_default()).await;
    let _ = to.shutdown().await;
    Ok(())
}

async fn until_not_silent(mut toxics: Toxics) {
    if toxics
        .wait_for(|toxics| !toxic::is_silent(toxics))
        .await
        .is_err()
    {
        std::future::pending::<()>().await;
    }
}

/// When and how the toxics end this way; never where none does.
async fn sentence(mut toxics: Toxics) -> End {
    loop {
        let next = ending(&toxics.borrow_and_update());
        let Some((after, end)) = next else {
            if toxics.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
            continue;
        };
        tokio::select! {
            () = sleep(after) => return end,
            changed = toxics.changed() => if changed.is_err() {
                sleep(after).await;
                return end;
            }
        }
    }
}

fn ending(toxics: &[Toxic]) -> Option<(Duration, End)> {
    toxics.iter().find_map(|toxic| match toxic {
        Toxic::Timeout { after: Some(after) } => Some((*after, End::Cut)),
        Toxic::ResetPeer { after } => Some((*after, End::Reset)),
        _ => None,
    })
}
