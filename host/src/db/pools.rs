//! The open connections of this process, and their limits.
//!
//! SQLite has one connection that writes and several that read; PostgreSQL has one pool for both.

use std::path::PathBuf;
use std::sync::OnceLock;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use sea_orm::DatabaseConnection;
use sea_orm::sqlx::postgres::PgConnectOptions;

use super::bounded::Bounded;
use super::place::Place;
use super::pulse::Pulse;

/// Which database it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A file beside the host.
    Sqlite,
    /// A server.
    Postgres,
}

/// The open connections and their limits; once per process.
#[derive(Debug)]
pub(super) struct Pools {
    pub(super) kind: Kind,
    pub(super) write: DatabaseConnection,
    pub(super) read: DatabaseConnection,
    pub(super) statement_timeout: Duration,
    pub(super) pulse: Pulse,
    /// How a connection beside the pool is made; none for a file.
    pub(super) server: Option<PgConnectOptions>,
    /// The file; none for a server.
    pub(super) file: Option<PathBuf>,
    /// Of a host that serves.
    pub(super) place: OnceLock<Place>,
    /// Somebody closes it.
    pub(super) closing: AtomicBool,
}

impl Pools {
    /// For reading, each statement within the limit.
    pub(super) fn reader(&self) -> Bounded<'_> {
        Bounded {
            connection: &self.read,
            limit: self.statement_timeout,
            pulse: &self.pulse,
            only_reads: true,
        }
    }

    /// For a single statement that writes, within the limit.
    pub(super) fn single(&self) -> Bounded<'_> {
        Bounded {
            connection: &self.write,
            limit: self.statement_timeout,
            pulse: &self.pulse,
            only_reads: false,
        }
    }
}
