//! The database's operations against real databases: a SQLite file, and PostgreSQL where `ORCHESTRATOR_TEST_POSTGRES_BIN` names
//! a folder with `initdb` and `postgres`.
//!
//! Each behaviour is written once and run on both, with two hosts open on the same database.

mod calls;
mod events;
mod groups;
mod ledger;
mod outage;
mod postgres;
mod revisions;
mod settle;
mod users;

use super::{Db, Settings};
use crate::call::{Cap, CapScope, Money};
use crate::ledger::{Ceilings, Kind, NewEntry, key};

/// Two hosts on one fresh database, and whatever keeps it alive.
struct Bench {
    db: Db,
    other: Db,
    _keep: Box<dyn std::any::Any + Send>,
}

impl Bench {
    async fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}/deep/er/file.sqlite", folder.path().display());
        Self::open(&url, Box::new(folder)).await
    }

    /// None where no PostgreSQL is to be had.
    async fn postgres() -> Option<Self> {
        let server = postgres::shared()?;
        let url = server.fresh_database();
        Some(Self::open(&url, Box::new(())).await)
    }

    async fn open(url: &str, keep: Box<dyn std::any::Any + Send>) -> Self {
        // As two hosts start: at once, on an empty database.
        let (db, other) = tokio::join!(started(url), started(url));
        Self {
            db,
            other,
            _keep: keep,
        }
    }

    /// The hosts in turn.
    fn host(&self, at: usize) -> Db {
        if at.is_multiple_of(2) {
            self.db.clone()
        } else {
            self.other.clone()
        }
    }
}

fn settings(url: &str) -> Settings {
    // A loaded machine must not decide a test.
    Settings {
        url: url.into(),
        statement_timeout_ms: 30_000,
        acquire_timeout_ms: 30_000,
        ..Settings::default()
    }
}

async fn started(url: &str) -> Db {
    let db = Db::connect(&settings(url)).await.unwrap();
    db.migrate().await.unwrap();
    db
}

/// Runs each behaviour on both databases.
macro_rules! on_both {
    ($($name:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $name() {
                super::$name(&crate::db::tests::Bench::sqlite().await).await;
            })*
        }
        mod postgresql {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $name() {
                if let Some(bench) = crate::db::tests::Bench::postgres().await {
                    super::$name(&bench).await;
                }
            })*
        }
    };
}
use on_both;

/// All of `count` pieces of work at once, their results in order.
async fn at_once<T: Send + 'static, W: Future<Output = T> + Send + 'static>(
    count: usize,
    work: impl Fn(usize) -> W,
) -> Vec<T> {
    let tasks: Vec<_> = (0..count).map(|at| tokio::spawn(work(at))).collect();
    let mut results = Vec::with_capacity(count);
    for task in tasks {
        results.push(task.await.unwrap());
    }
    results
}

const NOW_MS: i64 = 1_900_000_000_000;
const HOUR_MS: i64 = 3_600_000;

fn usd(minor: i64) -> Money {
    Money::new(minor, "USD")
}

fn ceilings() -> Ceilings {
    Ceilings {
        transfer_max: usd(5_000_000),
        day_max: usd(10_000_000),
    }
}

fn cap(scope: CapScope, total: Option<i64>, count: Option<u32>) -> Cap {
    Cap {
        scope,
        window_hours: 24,
        total: total.map(usd),
        count,
    }
}

/// A transfer of its own key and id, from `checking_1` of `user_1`.
fn entry(name: &str, to: &str, minor: i64) -> NewEntry {
    let body = serde_json::json!({"to": to, "amount": minor});
    NewEntry {
        id: uuid::Uuid::now_v7().to_string(),
        key: name.to_owned(),
        fingerprint: key::fingerprint(&body),
        kind: Kind::Transfer,
        call_id: Some("call_1".to_owned()),
        user_id: "user_1".to_owned(),
        from_account: "checking_1".to_owned(),
        to_account: to.to_owned(),
        amount: usd(minor),
        memo: None,
        body,
        revision: Some("r1".to_owned()),
        turn_id: None,
    }
}
