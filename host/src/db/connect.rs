//! Opening a database and making its tables.
//!
//! SQLite has one connection that writes and several that read, so that no reader ever waits; PostgreSQL has one pool for both.
//! Nothing of a session is relied on, so that a transaction pooler may stand in between.

use std::path::Path;
use std::str::FromStr as _;
use std::sync::Arc;
use std::time::Duration;

use migrations::MigratorTrait as _;
use sea_orm::sqlx::postgres::PgConnectOptions;
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sea_orm::{ConnectOptions, ConnectionTrait as _, Database, TransactionTrait as _};
use secrecy::ExposeSecret as _;

use super::pools::{Kind, Pools};
use super::transaction::Tries;
use super::{Db, Error, Settings, writer};

/// A connection that has been idle so long is tried before it is used: the server may have been restarted.
const TRUSTED_IDLE: Duration = Duration::from_secs(1);
/// Fewest connections: making the tables holds a lock on one and works on another.
const CONNECTIONS_MIN: u32 = 2;
/// Tries to bring a file up to date while other processes do so too.
const MIGRATION_TRIES: u32 = 5;
const MIGRATION_WAIT: Duration = Duration::from_millis(50);

impl Db {
    /// Opens the database and starts the writer that commits in groups.
    ///
    /// # Errors
    /// [`Error::BadUrl`], [`Error::File`], or [`Error::Unreachable`].
    pub async fn connect(settings: &Settings) -> Result<Self, Error> {
        let url = settings.url.expose_secret();
        let pools = if url.starts_with("sqlite:") {
            sqlite(settings, url).await?
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            postgres(settings, url).await?
        } else {
            // The address itself may hold a password and is not repeated.
            return Err(Error::BadUrl(
                "expected sqlite://path/to/file or postgres://user:password@host:port/name".into(),
            ));
        };
        let pools = Arc::new(pools);
        let writer = writer::Handle::start(pools.clone());
        Ok(Self { pools, writer })
    }

    /// Which database it is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.pools.kind
    }

    /// Makes or completes the tables; several hosts may do so at once.
    ///
    /// # Errors
    /// [`Error`] of the statement that failed.
    pub async fn migrate(&self) -> Result<(), Error> {
        match self.pools.kind {
            Kind::Sqlite => self.migrate_file().await?,
            Kind::Postgres => self.migrate_server().await?,
        }
        tracing::info!("Database schema initialized successfully");
        Ok(())
    }

    /// Hosts take turns on a lock that ends with its transaction, which stands open beside the migrations' own.
    async fn migrate_server(&self) -> Result<(), Error> {
        let turn = self.pools.write.begin().await?;
        turn.execute_unprepared("SELECT pg_advisory_xact_lock(7205759403792793)")
            .await?;
        migrations::Migrator::up(&self.pools.write, None).await?;
        turn.commit().await?;
        Ok(())
    }

    /// A file's lock is taken by the migrations themselves; whoever loses the race finds nothing left to do the next time.
    async fn migrate_file(&self) -> Result<(), Error> {
        let mut tries_left = MIGRATION_TRIES;
        while let Err(cause) = migrations::Migrator::up(&self.pools.write, None).await {
            tries_left -= 1;
            if tries_left == 0 {
                return Err(cause.into());
            }
            tokio::time::sleep(MIGRATION_WAIT).await;
        }
        Ok(())
    }

    /// Asks the database for a sign of life, for `/readyz`.
    ///
    /// # Errors
    /// [`Error::Unreachable`] or [`Error::TimedOut`].
    pub async fn ping(&self) -> Result<(), Error> {
        self.pools.reader().execute_unprepared("SELECT 1").await?;
        Ok(())
    }

    /// Writes out what is queued and closes every connection.
    ///
    /// # Errors
    /// [`Error`] of the last write.
    pub async fn close(&self) -> Result<(), Error> {
        let flushed = self.flush().await;
        let _ = self.pools.read.close_by_ref().await;
        let _ = self.pools.write.close_by_ref().await;
        flushed
    }
}

async fn sqlite(settings: &Settings, url: &str) -> Result<Pools, Error> {
    let bad = |cause: &dyn std::fmt::Display| Error::BadUrl(cause.to_string());
    let options = SqliteConnectOptions::from_str(url).map_err(|cause| bad(&cause))?;
    let path = options.get_filename().to_owned();
    if url.contains(":memory:") || url.contains("mode=memory") || path.as_os_str().is_empty() {
        return Err(bad(
            &"a SQLite database must be a file; the ledger must outlive the process",
        ));
    }
    make_file(&path)?;
    let busy = Duration::from_millis(settings.statement_timeout_ms);
    let open = move |connections: u32, reads_only: bool| {
        let mut options = ConnectOptions::new(url);
        options
            .max_connections(connections)
            .acquire_timeout(Duration::from_millis(settings.acquire_timeout_ms))
            .idle_timeout(None)
            .max_lifetime(None)
            .test_before_acquire(false)
            .sqlx_logging(false)
            .record_stmt_in_spans(false)
            .map_sqlx_sqlite_opts(move |sqlite| {
                sqlite
                    .journal_mode(SqliteJournalMode::Wal)
                    .synchronous(SqliteSynchronous::Full)
                    .busy_timeout(busy)
                    .foreign_keys(true)
                    .pragma("query_only", if reads_only { "ON" } else { "OFF" })
            });
        Database::connect(options)
    };
    // Two processes that open a new file at once collide on its switch to a write-ahead log, for which SQLite does not wait.
    let mut tries = Tries::new();
    let write = loop {
        match open(1, false).await {
            Ok(write) => break write,
            Err(cause) => tries.again(cause.into()).await?,
        }
    };
    let read = open(settings.connections_max.max(1), true).await?;
    tracing::info!("Connected to SQLite database: {}", path.display());
    let statement_timeout = Duration::from_millis(settings.statement_timeout_ms);
    Ok(Pools {
        kind: Kind::Sqlite,
        write,
        read,
        statement_timeout,
    })
}

async fn postgres(settings: &Settings, url: &str) -> Result<Pools, Error> {
    let parsed = PgConnectOptions::from_str(url)
        .map_err(|_| Error::BadUrl("not an address of a PostgreSQL database".to_owned()))?;
    let mut options = ConnectOptions::new(url);
    options
        // And one that listens for notices.
        .max_connections(settings.connections_max.max(CONNECTIONS_MIN) + 1)
        .acquire_timeout(Duration::from_millis(settings.acquire_timeout_ms))
        .test_before_acquire_if_idle_for(TRUSTED_IDLE)
        .set_application_name("orchestrator")
        .sqlx_logging(false)
        .record_stmt_in_spans(false)
        // A pooler refuses a start-up parameter that it does not know; no float is ever read anyway.
        .map_sqlx_postgres_opts(|postgres| postgres.extra_float_digits(None));
    let pool = Database::connect(options).await?;
    let name = parsed.get_database().unwrap_or(parsed.get_username());
    tracing::info!("Connected to PostgreSQL database: {name}");
    let statement_timeout = Duration::from_millis(settings.statement_timeout_ms);
    Ok(Pools {
        kind: Kind::Postgres,
        write: pool.clone(),
        read: pool,
        statement_timeout,
    })
}

/// Makes the file and its folder, readable for the host's own account only: PIN hashes and keys are in it.
fn make_file(path: &Path) -> Result<(), Error> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let failed = |source| Error::File {
        path: path.display().to_string(),
        source: Arc::new(source),
    };
    if let Some(folder) = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    std::fs::OpenOptions::new()
        .read(true)
        .append(true)
        .create(true)
        .mode(0o600)
        .open(path)
        .map_err(failed)
        .map(drop)
}
