//! A word from one host to the others that something about the rules is new, where the database carries one: PostgreSQL's
//! LISTEN/NOTIFY.
//!
//! Nothing rests on it. A pooler may swallow it and SQLite has none, so everybody also looks by themselves; a notice only makes
//! them look at once.

use sea_orm::ConnectionTrait;
use sea_orm::sqlx::postgres::PgListener;

use super::pools::Kind;
use super::{Db, Error};

const CHANNEL: &str = "orchestrator_pipeline";

/// Tells every host when the transaction commits.
pub(super) async fn tell(kind: Kind, transaction: &impl ConnectionTrait) -> Result<(), Error> {
    if kind == Kind::Postgres {
        let sql = format!("SELECT pg_notify('{CHANNEL}', '')");
        transaction.execute_unprepared(&sql).await?;
    }
    Ok(())
}

/// Listens; holds one connection.
pub struct Notices(PgListener);

impl std::fmt::Debug for Notices {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Notices").finish_non_exhaustive()
    }
}

impl Notices {
    /// Waits for the next notice; false when the connection was lost, and what was said meanwhile with it.
    pub async fn next(&mut self) -> bool {
        matches!(self.0.try_recv().await, Ok(Some(_)))
    }
}

impl Db {
    /// Listens for notices, where this database carries any.
    pub async fn notices(&self) -> Option<Notices> {
        if self.pools.kind != Kind::Postgres {
            return None;
        }
        let pool = self.pools.read.get_postgres_connection_pool();
        let mut listener = PgListener::connect_with(pool).await.ok()?;
        listener.listen(CHANNEL).await.ok()?;
        Some(Notices(listener))
    }
}
