//! A word from one host to the others that something about the rules is new, where the database carries one: PostgreSQL's
//! LISTEN/NOTIFY.
//!
//! Nothing rests on it. A pooler may swallow it and SQLite has none, so everybody also looks by themselves; a notice only makes
//! them look at once.

use sea_orm::ConnectionTrait;
use sea_orm::sqlx::postgres::{PgListener, PgPoolOptions};
use tokio::time::timeout;

use super::pools::Kind;
use super::pulse::Pulse;
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

/// Listens, on one connection beside the pool: one to a server that is gone must not take a place there.
pub struct Notices {
    listener: PgListener,
    pulse: Pulse,
}

impl std::fmt::Debug for Notices {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Notices").finish_non_exhaustive()
    }
}

impl Notices {
    /// Waits for the next notice; false when the connection was lost, and what was said meanwhile with it.
    pub async fn next(&mut self) -> bool {
        tokio::select! {
            heard = self.listener.try_recv() => matches!(heard, Ok(Some(_))),
            _ = self.pulse.stopped() => false,
        }
    }
}

impl Db {
    /// Listens for notices, where this database carries any.
    pub async fn notices(&self) -> Option<Notices> {
        let server = self.pools.server.clone()?;
        self.pools.pulse.check().ok()?;
        let listening = async {
            let pool = PgPoolOptions::new()
                .max_connections(1)
                .idle_timeout(None)
                .max_lifetime(None)
                .connect_with(server)
                .await?;
            let mut listener = PgListener::connect_with(&pool).await?;
            // A lost one is made anew by whoever asks for it, in its own time.
            listener.eager_reconnect(false);
            listener.listen(CHANNEL).await?;
            Ok::<_, sea_orm::sqlx::Error>(listener)
        };
        let listener = timeout(self.pools.statement_timeout, listening).await;
        Some(Notices {
            listener: listener.ok()?.ok()?,
            pulse: self.pools.pulse.clone(),
        })
    }
}
