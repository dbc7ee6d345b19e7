//! Which hosts use this database: where one keeps live calls in its own memory, it must be the only one.
//!
//! Beside a file lies a lock, which is gone with its process however that ended. A server has a row for each host, renewed by its
//! own clock, since no lock of a session's survives a pooler; a row that nobody renews counts for nothing soon. What a host that
//! slept meanwhile still believes, it cannot write: `saves` refuses what is older.

use std::collections::BTreeSet;
use std::fs::{OpenOptions, TryLockError};
use std::io::Write as _;
use std::path::Path;
use std::sync::{Arc, Weak};
use std::time::Duration;

use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _,
    Statement,
};
use tokio::time::Instant;

use super::place::Place;
use super::pools::Pools;
use super::terms::Terms;
use super::transaction::{Lock, end};
use super::{Db, Error, entity};
use entity::host;

/// From one sign of life to the next.
const SEEN_EVERY: Duration = Duration::from_millis(700);
/// A host that was not seen for so long is gone.
const GONE_AFTER_MS: i64 = 3_000;
/// Long enough for the row of a host that was killed a moment ago, and for one that is about to end.
const WAIT_MAX: Duration = Duration::from_secs(4);
/// Between two looks while a start waits.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// Milliseconds since 1970 by the server's clock: those of the hosts may differ.
const NOW_MS: &str = "(extract(epoch FROM clock_timestamp()) * 1000)::bigint";

/// How many hosts the place of live calls is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hosts {
    /// They are in the host's own memory.
    One,
    /// They are where every host finds them.
    Several,
}

impl Db {
    /// Takes a place for a host that is going to serve, waiting a little for one that has just died or is about to end.
    ///
    /// `terms` is what the others must have set alike; at a server, one that has not is named in the log and counted.
    ///
    /// Invariant: a host with live calls in memory is the only one (`live_calls_in_memory_are_one_hosts_alone`).
    ///
    /// # Errors
    /// [`Error::OtherHost`], or [`Error`] of the database.
    pub async fn join(&self, hosts: Hosts, terms: &Terms) -> Result<(), Error> {
        let until = Instant::now() + WAIT_MAX;
        let place = loop {
            let taken = match &self.pools.file {
                Some(file) => beside(file, hosts),
                None => at_server(&self.pools, hosts, terms).await,
            };
            match taken {
                Err(Error::OtherHost(_)) if Instant::now() < until => {
                    tokio::time::sleep(LOOK_EVERY).await;
                }
                taken => break taken?,
            }
        };
        // One that joined twice has its place already.
        let _ = self.pools.place.set(place);
        Ok(())
    }

    /// Gives the place up, so that the next host need not wait.
    pub(super) async fn leave(&self) {
        if let Some(Place::Row { id, renewal }) = self.pools.place.get() {
            renewal.abort();
            let gone = host::Entity::delete_by_id(id.as_str());
            // A row that stays is soon too old to count.
            let _ = gone.exec(&self.pools.single()).await;
        }
    }
}

/// How others find this host.
fn own_name() -> String {
    let machine = rustix::system::uname();
    let machine = machine.nodename().to_string_lossy();
    format!("process {} on {machine}", std::process::id())
}

fn beside(file: &Path, hosts: Hosts) -> Result<Place, Error> {
    // Never the file itself: closing any handle of it would let go of SQLite's own locks.
    let mut path = file.as_os_str().to_owned();
    path.push("-host");
    let path = Path::new(&path);
    let failed = |source| Error::File {
        path: path.display().to_string(),
        source: Arc::new(source),
    };
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    let mut lock = options.open(path).map_err(failed)?;
    let taken = match hosts {
        Hosts::One => lock.try_lock(),
        Hosts::Several => lock.try_lock_shared(),
    };
    match taken {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let other = std::fs::read_to_string(path).map_err(failed)?;
            return Err(Error::OtherHost(other));
        }
        Err(TryLockError::Error(cause)) => return Err(failed(cause)),
    }
    lock.set_len(0)
        .and_then(|()| lock.write_all(own_name().as_bytes()))
        .map_err(failed)?;
    Ok(Place::Beside { _lock: lock })
}

async fn at_server(pools: &Arc<Pools>, hosts: Hosts, terms: &Terms) -> Result<Place, Error> {
    let guest = Guest {
        id: uuid::Uuid::new_v4().to_string(),
        hosts,
        terms: terms.clone(),
    };
    let id = guest.id.clone();
    guest.sit_down(pools).await?;
    let renewal = tokio::spawn(guest.stay(Arc::downgrade(pools)));
    Ok(Place::Row {
        id,
        renewal: renewal.abort_handle(),
    })
}

/// This host, as its row shows it.
struct Guest {
    id: String,
    hosts: Hosts,
    terms: Terms,
}

impl Guest {
    /// Makes this host's row, unless it and another cannot be here together.
    async fn sit_down(&self, pools: &Pools) -> Result<(), Error> {
        pools
            .within(async {
                let transaction = pools.begin(&[Lock::new("hosts", "", true)]).await?;
                let seated = self.seat(&transaction).await;
                end(transaction, seated).await
            })
            .await
    }

    async fn seat(&self, db: &impl ConnectionTrait) -> Result<(), Error> {
        use host::Column as C;
        let clock = Statement::from_string(
            db.get_database_backend(),
            format!("SELECT {NOW_MS} AS now_ms"),
        );
        let row = db.query_one_raw(clock).await?;
        let row = row.ok_or(Error::Unreadable("clock of the server"))?;
        let now_ms: i64 = row.try_get("", "now_ms")?;
        host::Entity::delete_many()
            .filter(C::SeenAtMs.lt(now_ms - GONE_AFTER_MS))
            .exec(db)
            .await?;
        let is_other = C::Id.ne(self.id.as_str());
        let others = host::Entity::find().filter(is_other).all(db).await?;
        let is_alone = i64::from(self.hosts == Hosts::One);
        if let Some(other) = others.iter().find(|other| other.alone + is_alone > 0) {
            return Err(Error::OtherHost(other.name.clone()));
        }
        let row = host::ActiveModel {
            id: Set(self.id.clone()),
            name: Set(own_name()),
            alone: Set(is_alone),
            seen_at_ms: Set(now_ms),
            terms: Set(self.terms.text()),
        };
        host::Entity::insert(row).exec_without_returning(db).await?;
        Ok(())
    }

    /// Shows that the host lives, for as long as it does.
    async fn stay(self, pools: Weak<Pools>) {
        let (mut is_told, mut differ) = (false, BTreeSet::new());
        loop {
            {
                let Some(pools) = pools.upgrade() else { return };
                self.compare(&pools, &mut differ).await;
            }
            tokio::time::sleep(SEEN_EVERY).await;
            let Some(pools) = pools.upgrade() else { return };
            let seen = host::Entity::update_many()
                .col_expr(host::Column::SeenAtMs, Expr::cust(NOW_MS))
                .filter(host::Column::Id.eq(self.id.as_str()));
            if pools.change(seen).await.ok() != Some(0) {
                // Of a database that is away its pulse tells.
                continue;
            }
            // It slept, or the database was away, and another start took it for gone.
            match self.sit_down(&pools).await {
                Err(cause @ Error::OtherHost(_)) if !is_told => {
                    is_told = true;
                    tracing::error!("{cause}");
                }
                seated => is_told &= seated.is_err(),
            }
        }
    }

    /// Names every host whose terms are others; `told` are those that were named before.
    async fn compare(&self, pools: &Pools, told: &mut BTreeSet<String>) {
        use host::Column as C;
        let lives = Expr::cust(format!("seen_at_ms >= {NOW_MS} - {GONE_AFTER_MS}"));
        let reader = pools.reader();
        let differ = host::Entity::find()
            .filter(C::Id.ne(self.id.as_str()))
            .filter(C::Terms.ne(self.terms.text()))
            .filter(lives)
            .all(&reader);
        let Ok(others) = differ.await else { return };
        let differ: BTreeSet<String> = others
            .iter()
            .filter_map(|other| {
                let differences = self.terms.differences(&other.terms);
                (!differences.is_empty()).then(|| {
                    let name = &other.name;
                    format!(
                        "another host ({name}) has other settings: {}",
                        differences.join(", ")
                    )
                })
            })
            .collect();
        for said in differ.difference(told) {
            tracing::error!("{said}; set them alike on every host of this database");
        }
        let count = u32::try_from(differ.len()).unwrap_or(u32::MAX);
        metrics::gauge!("orchestrator_hosts_that_differ").set(f64::from(count));
        *told = differ;
    }
}
