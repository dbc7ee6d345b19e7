//! Transactions that write: how they begin on each database, what they lock, and how often they are tried.
//!
//! SQLite begins `IMMEDIATE`, so a second writer waits before it has read anything. PostgreSQL takes transaction locks on what
//! is counted (a caller, an account) and then reads with a fresh snapshot per statement: serial where it matters, without the
//! repeats that serializable isolation costs under contention, and safe behind a transaction pooler.

use std::fmt::Write as _;
use std::time::Duration;

use sea_orm::{
    ConnectionTrait as _, DatabaseTransaction, EntityTrait, SqliteTransactionMode,
    TransactionOptions, TransactionTrait as _, UpdateMany,
};
use sha2::{Digest as _, Sha256};

use super::error::{CUT_MAX, Error};
use super::pools::{Kind, Pools};

/// Tries of one transaction, the first included.
const TRIES_MAX: u32 = 10;

/// Something that transactions take turns on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Lock {
    number: i64,
    /// Counts it, and so must see every other row; otherwise only adds to it.
    counts: bool,
}

impl Lock {
    pub(super) fn new(what: &str, id: &str, counts: bool) -> Self {
        let hash = Sha256::new()
            .chain_update(what)
            .chain_update([0])
            .chain_update(id)
            .finalize();
        let mut first = [0; 8];
        first.copy_from_slice(&hash[..8]);
        Self {
            number: i64::from_be_bytes(first),
            counts,
        }
    }
}

impl Pools {
    /// Begins a transaction that will write; not on a server that has fallen silent.
    pub(super) async fn begin(&self, locks: &[Lock]) -> Result<DatabaseTransaction, Error> {
        self.pulse.check()?;
        match self.kind {
            Kind::Sqlite => {
                let options = TransactionOptions {
                    sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
                    ..TransactionOptions::default()
                };
                Ok(self.write.begin_with_options(options).await?)
            }
            Kind::Postgres => {
                let mut cut = 0;
                loop {
                    match self.begin_at_server(locks).await {
                        // Cut while it was trusted, by a server that was restarted: nothing was done on it, so another one is taken.
                        Err(error) if error.is_cut() && cut < CUT_MAX => cut += 1,
                        begun => return begun,
                    }
                    self.pulse.check()?;
                }
            }
        }
    }

    async fn begin_at_server(&self, locks: &[Lock]) -> Result<DatabaseTransaction, Error> {
        let transaction = self.write.begin().await?;
        let preamble = preamble(self.statement_timeout, locks);
        transaction.execute_unprepared(&preamble).await?;
        Ok(transaction)
    }

    /// Changes rows in one statement, durable when this returns, and counts them. On PostgreSQL a transaction goes around it:
    /// alone, it would be as durable as the server's setting of the day.
    pub(super) async fn change<E: EntityTrait>(&self, update: UpdateMany<E>) -> Result<u64, Error> {
        if self.kind == Kind::Sqlite {
            return Ok(update.exec(&self.single()).await?.rows_affected);
        }
        self.within(async {
            let transaction = self.begin(&[]).await?;
            let changed = update.exec(&transaction).await.map_err(Error::from);
            Ok(end(transaction, changed).await?.rows_affected)
        })
        .await
    }

    /// Gives up work that takes longer than a transaction may.
    pub(super) async fn within<T>(
        &self,
        work: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        tokio::time::timeout(self.statement_timeout, self.pulse.while_it_beats(work))
            .await
            .unwrap_or(Err(Error::TimedOut))
    }
}

/// Ends a transaction as its work went: durable, or undone.
pub(super) async fn end<T>(
    transaction: DatabaseTransaction,
    work: Result<T, Error>,
) -> Result<T, Error> {
    match work {
        Ok(value) => {
            transaction.commit().await?;
            Ok(value)
        }
        Err(error) => {
            // The connection may be the very thing that failed; the cause says more than this.
            let _ = transaction.rollback().await;
            Err(error)
        }
    }
}

/// Counts the tries of one transaction.
pub(super) struct Tries {
    done: u32,
}

impl Tries {
    pub(super) fn new() -> Self {
        Self { done: 0 }
    }

    /// Waits a little where another try may help; otherwise gives the error back.
    pub(super) async fn again(&mut self, error: Error) -> Result<(), Error> {
        self.done += 1;
        if !error.is_race() || self.done >= TRIES_MAX {
            return Err(error);
        }
        let spread = u64::from(getrandom::u32().map_err(|_| Error::Randomness)? % 8);
        tokio::time::sleep(Duration::from_millis(u64::from(self.done) * 2 + spread)).await;
        Ok(())
    }
}

/// What stands at the beginning of every writing transaction, as one message to the server. Everything in it ends with the
/// transaction; the isolation is named because a database may have another default, and under a snapshot taken before the locks
/// were had, the others' rows would not be seen.
///
/// A host that stops in the middle, or whose machine is gone without a word, keeps no locks: the server ends a transaction that has
/// been idle for half the limit, so that whoever waits for it has the other half.
///
/// Invariant: a transaction of a host that sleeps holds nobody up
/// (`a_host_that_sleeps_in_a_transaction_holds_nobody_up`).
fn preamble(statement_timeout: Duration, locks: &[Lock]) -> String {
    let mut sql = format!(
        "SET TRANSACTION ISOLATION LEVEL READ COMMITTED; SET LOCAL statement_timeout = {}; \
         SET LOCAL idle_in_transaction_session_timeout = {}; \
         SELECT set_config('synchronous_commit', 'on', true) \
         WHERE current_setting('synchronous_commit') = 'off'",
        statement_timeout.as_millis(),
        (statement_timeout / 2).as_millis().max(1)
    );
    for lock in in_order(locks) {
        let shared = if lock.counts { "" } else { "_shared" };
        // Writing to a String cannot fail.
        let _ = write!(
            sql,
            "; SELECT pg_advisory_xact_lock{shared}({})",
            lock.number
        );
    }
    sql
}

/// Each number once, the stricter kind of it, in one order for everybody: nobody waits in a circle.
fn in_order(locks: &[Lock]) -> Vec<Lock> {
    let mut locks = locks.to_vec();
    locks.sort_unstable_by_key(|lock| (lock.number, !lock.counts));
    locks.dedup_by_key(|lock| lock.number);
    locks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locks_are_taken_once_in_one_order_and_the_stricter_wins() {
        let (a, b) = (
            Lock::new("account", "a", false),
            Lock::new("account", "b", true),
        );
        let strict_a = Lock { counts: true, ..a };
        let one = in_order(&[a, b, strict_a]);
        assert_eq!(one, in_order(&[strict_a, b, a, b]));
        assert_eq!(one.len(), 2);
        assert!(one.iter().all(|lock| lock.counts));
        assert_ne!(Lock::new("user", "a", true).number, strict_a.number);
    }

    #[test]
    fn nothing_of_the_preamble_outlives_its_transaction() {
        let sql = preamble(Duration::from_secs(3), &[Lock::new("user", "u", true)]);
        assert!(sql.contains("SET LOCAL statement_timeout = 3000"));
        assert!(sql.contains("SET LOCAL idle_in_transaction_session_timeout = 1500"));
        assert!(sql.contains("pg_advisory_xact_lock("));
        assert!(!sql.contains("pg_advisory_lock"));
    }
}
