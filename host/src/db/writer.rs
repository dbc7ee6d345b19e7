//! The writer that commits in groups: whatever is queued goes into one transaction, and every waiter hears when it is durable.
//!
//! One flush to disk serves all turns that end at about the same time. A commit starts as soon as somebody waits; records that
//! nobody waits for ride along with the next commit, or get their own after [`RIDE`]. A write that the database refuses fails
//! alone; while the database is away, waiters are told at once, and what nobody waits for is kept for later, as far as it fits.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout_at};

use super::Error;
use super::pools::Pools;
use super::transaction::{Tries, end};
use super::work::{self, Work};
use crate::call::Call;

/// Writes that may wait in the queue.
const QUEUE_MAX: usize = 4_096;
/// Records that are kept while the database is away, and as many calls: ten seconds of a busy host.
const KEPT_MAX: usize = 8_192;
/// Writes in one transaction.
const GROUP_MAX: usize = 192;
/// Of these so many may have been kept while the database was away: whoever waits now must not wait for all of that.
const KEPT_IN_GROUP_MAX: usize = GROUP_MAX / 2;
/// Longest wait of a record for a commit to ride along with; the goal is 50 ms with the commit itself.
const RIDE: Duration = Duration::from_millis(30);
/// Longest wait of a turn for a place in a full queue.
const PLACE_WAIT: Duration = Duration::from_millis(250);
/// Between two tries while the database is away.
const AWAY_WAIT: Duration = Duration::from_millis(200);

/// `true` where the write changed something, `false` for a duplicate.
type Answer = oneshot::Sender<Result<bool, Error>>;

#[derive(Debug)]
pub(super) struct Item {
    pub(super) work: Work,
    /// None for a record, which nobody waits for.
    pub(super) answer: Option<Answer>,
}

/// The way to the writer; the last one dropped ends it after its last commit.
#[derive(Debug, Clone)]
pub(super) struct Handle {
    queue: mpsc::Sender<Item>,
    /// Said once until the queue moves again.
    fullness_is_logged: Arc<AtomicBool>,
}

impl Handle {
    pub(super) fn start(pools: Arc<Pools>) -> Self {
        let (queue, items) = mpsc::channel(QUEUE_MAX);
        tokio::spawn(
            Writer {
                pools,
                items,
                records: Vec::new(),
                calls: HashMap::new(),
                is_away: false,
            }
            .run(),
        );
        Self {
            queue,
            fullness_is_logged: Arc::default(),
        }
    }

    /// Queues a write and waits until it is durable.
    pub(super) async fn write(&self, work: Work) -> Result<bool, Error> {
        let (answer, answered) = oneshot::channel();
        self.queue_item(Item {
            work,
            answer: Some(answer),
        })
        .await?;
        answered.await.unwrap_or(Err(Error::Closed))
    }

    pub(super) async fn queue_item(&self, item: Item) -> Result<(), Error> {
        match self.queue.send_timeout(item, PLACE_WAIT).await {
            Ok(()) => {
                self.fullness_is_logged.store(false, Ordering::Relaxed);
                Ok(())
            }
            Err(mpsc::error::SendTimeoutError::Closed(_)) => Err(Error::Closed),
            Err(mpsc::error::SendTimeoutError::Timeout(_)) => {
                metrics::counter!("orchestrator_db_queue_full_total").increment(1);
                if !self.fullness_is_logged.swap(true, Ordering::Relaxed) {
                    tracing::error!(queue_max = QUEUE_MAX, "the queue to the database is full");
                }
                Err(Error::QueueFull)
            }
        }
    }
}

struct Writer {
    pools: Arc<Pools>,
    items: mpsc::Receiver<Item>,
    /// Records that an unreachable database did not take.
    records: Vec<Item>,
    /// Calls likewise, the newest state of each.
    calls: HashMap<String, Box<Call>>,
    /// The last commit failed for want of a database.
    is_away: bool,
}

impl Writer {
    async fn run(mut self) {
        while let Some(group) = self.next_group().await {
            self.commit(group).await;
        }
    }

    /// Everything that is queued; none when the last handle is gone and nothing is left.
    async fn next_group(&mut self) -> Option<Vec<Item>> {
        let mut group = self.some_kept(KEPT_IN_GROUP_MAX);
        if group.is_empty() {
            let first = self.items.recv().await?;
            self.add(&mut group, first);
        } else if self.is_away {
            match timeout_at(Instant::now() + AWAY_WAIT, self.items.recv()).await {
                Ok(Some(item)) => self.add(&mut group, item),
                Ok(None) => return self.given_up(&group),
                Err(_) => return Some(group),
            }
        }
        let deadline = Instant::now() + RIDE;
        while group.len() < GROUP_MAX {
            let somebody_waits = group.iter().any(|item| item.answer.is_some());
            let next = if somebody_waits || self.is_away || self.keeps_something() {
                self.items.try_recv().ok()
            } else {
                timeout_at(deadline, self.items.recv()).await.ok().flatten()
            };
            match next {
                Some(item) => self.add(&mut group, item),
                None => break,
            }
        }
        // A flush speaks for everything before it, so what is kept goes with it, however much.
        if group.iter().any(|item| matches!(item.work, Work::Flush)) {
            let kept = self.some_kept(2 * KEPT_MAX);
            group.splice(0..0, kept);
        }
        Some(group)
    }

    /// A newer state of a call takes the place of one that is kept, which must not come after it.
    fn add(&mut self, group: &mut Vec<Item>, item: Item) {
        if let Some(call) = item.work.saved() {
            self.calls.remove(&call.id);
        }
        group.push(item);
    }

    fn keeps_something(&self) -> bool {
        !self.records.is_empty() || !self.calls.is_empty()
    }

    fn some_kept(&mut self, most: usize) -> Vec<Item> {
        let rest = self.records.split_off(most.min(self.records.len()));
        let mut kept = std::mem::replace(&mut self.records, rest);
        let ids: Vec<String> = self.calls.keys().take(most - kept.len()).cloned().collect();
        let calls = ids.iter().filter_map(|id| self.calls.remove(id));
        kept.extend(calls.map(|call| Item {
            work: Work::Save(call),
            answer: None,
        }));
        kept
    }

    /// The host ended while the database was away, and whoever flushed was told so.
    fn given_up(&self, group: &[Item]) -> Option<Vec<Item>> {
        let writes = group.len() + self.records.len() + self.calls.len();
        tracing::error!(
            writes,
            "the host ends with writes that the database did not take"
        );
        None
    }

    async fn commit(&mut self, group: Vec<Item>) {
        let mut groups = vec![group];
        while let Some(mut group) = groups.pop() {
            match self.commit_with_tries(&group).await {
                Ok(outcomes) => {
                    self.is_away = false;
                    for (item, outcome) in group.into_iter().zip(outcomes) {
                        acknowledge(item, outcome);
                    }
                }
                Err(error) if error.is_repeat_safe() => self.put_off(group, &error),
                // One of them is at fault, and halves show which in few commits: a way to the database may be slow.
                Err(_) if group.len() > 1 => {
                    let later = group.split_off(group.len() / 2);
                    groups.extend([later, group]);
                }
                Err(error) => {
                    for item in group {
                        acknowledge(item, Err(error.clone()));
                    }
                }
            }
        }
    }

    /// The database is away: waiters hear it now, and what nobody waits for is kept as far as there is room.
    fn put_off(&mut self, group: Vec<Item>, error: &Error) {
        self.is_away = true;
        let mut lost: u64 = 0;
        for item in group {
            // Whoever stopped waiting does not try again.
            let is_left = item
                .answer
                .is_none_or(|answer| answer.send(Err(error.clone())).is_err());
            match item.work {
                Work::Record(_) if is_left && self.records.len() < KEPT_MAX => {
                    self.records.push(Item {
                        work: item.work,
                        answer: None,
                    });
                }
                Work::Save(call) if is_left && self.calls.len() < KEPT_MAX => {
                    // Groups keep their order, so this one is newer than what is kept.
                    self.calls.insert(call.id.clone(), call);
                }
                Work::Record(_) | Work::Save(_) if is_left => lost += 1,
                // An end or an event is the provider's to repeat, and whoever moves money asks how the row stands.
                Work::Record(_)
                | Work::Save(_)
                | Work::End(_)
                | Work::Effect(_)
                | Work::Event(_)
                | Work::Applied(..)
                | Work::Sent { .. }
                | Work::Settled(..)
                | Work::TurnedAway(_)
                | Work::Flush => {}
            }
        }
        if lost > 0 {
            metrics::counter!("orchestrator_db_records_lost_total").increment(lost);
            tracing::error!(
                lost,
                kept_max = KEPT_MAX,
                "writes that nobody waits for are lost: the database is away for too long"
            );
        }
    }

    async fn commit_with_tries(&self, group: &[Item]) -> Result<Vec<Result<bool, Error>>, Error> {
        let mut tries = Tries::new();
        loop {
            match self.pools.within(self.try_commit(group)).await {
                Ok(outcomes) => return Ok(outcomes),
                // Which of them it is shows when they are tried in halves.
                Err(error @ Error::Taken(_)) if group.len() > 1 => return Err(error),
                Err(error) => tries.again(error).await?,
            }
        }
    }

    async fn try_commit(&self, group: &[Item]) -> Result<Vec<Result<bool, Error>>, Error> {
        if group.iter().all(|item| matches!(item.work, Work::Flush)) {
            return Ok(vec![Ok(true); group.len()]);
        }
        let transaction = self.pools.begin(&[]).await?;
        let works: Vec<&Work> = group.iter().map(|item| &item.work).collect();
        let work = work::write_all(&transaction, &works).await;
        end(transaction, work).await
    }
}

/// Tells whoever waits what came of a write: it is durable, or the database will never take it.
fn acknowledge(item: Item, outcome: Result<bool, Error>) {
    match (item.answer, outcome) {
        (Some(answer), outcome) => {
            // Whoever does not wait any more has been served all the same.
            let _ = answer.send(outcome);
        }
        // What has overtaken it says all that it would.
        (None, Ok(_)) | (None, Err(Error::Stale)) => {}
        (None, Err(error)) => {
            metrics::counter!("orchestrator_db_records_lost_total").increment(1);
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "a record was refused"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::{Db, Settings};

    fn applied(key: &str) -> Work {
        Work::Applied(key.to_owned(), 0)
    }

    #[tokio::test]
    async fn who_waits_has_a_place_beside_what_was_kept_while_the_database_was_away() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}/file.sqlite", folder.path().display());
        let settings = Settings {
            url: url.as_str().into(),
            ..Settings::default()
        };
        let db = Db::connect(&settings).await.unwrap();
        let (queue, items) = mpsc::channel(QUEUE_MAX);
        let kept = |_| Item {
            work: applied("kept"),
            answer: None,
        };
        let mut writer = Writer {
            pools: Arc::clone(&db.pools),
            items,
            records: (0..KEPT_MAX).map(kept).collect(),
            calls: HashMap::new(),
            is_away: true,
        };
        let waiting = GROUP_MAX - KEPT_IN_GROUP_MAX;
        for _ in 0..waiting {
            let (answer, _) = oneshot::channel();
            let item = Item {
                work: applied("waits"),
                answer: Some(answer),
            };
            queue.send(item).await.unwrap();
        }
        let group = writer.next_group().await.unwrap();
        let waits = group.iter().filter(|item| item.answer.is_some()).count();
        assert_eq!((group.len(), waits), (GROUP_MAX, waiting));
    }
}
