//! Opening a database and making its tables.
//!
//! SQLite has one connection that writes and several that read, so that no reader ever waits; PostgreSQL has one pool for both,
//! and beside it one connection for its pulse and one for notices.
//! Nothing of a session is relied on, so that a transaction pooler may stand in between.

use std::path::Path;
use std::str::FromStr as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use migrations::MigratorTrait as _;
use sea_orm::sqlx::postgres::PgConnectOptions;
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sea_orm::{ConnectOptions, ConnectionTrait as _, Database, TransactionTrait as _};
use secrecy::ExposeSecret as _;
use tokio::time::{Instant, timeout_at};

use super::pools::{Kind, Pools};
use super::pulse::{Pulse, Silence};
use super::transaction::Tries;
use super::{Db, Error, Settings, writer};

/// A connection that has been idle so long is tried before it is used: the server may have been restarted.
const TRUSTED_IDLE: Duration = Duration::from_secs(1);
/// Fewest connections: making the tables holds a lock on one and works on another.
const CONNECTIONS_MIN: u32 = 2;
/// Tries to bring a file up to date while other processes do so too.
const MIGRATION_TRIES: u32 = 5;
const MIGRATION_WAIT: Duration = Duration::from_millis(50);
/// Between two tries to write out what is left.
const FLUSH_AGAIN: Duration = Duration::from_millis(250);
/// How long closing the connections may take.
const GOODBYE_WITHIN: Duration = Duration::from_secs(1);
/// How long a command waits for the end of its writes.
const CLOSED_WITHIN: Duration = Duration::from_secs(5);

/// The write-ahead log is copied into the file when it has so many pages of 4 KiB. The same pages are written again and again, so
/// copying them a quarter as often costs a turn less, and a transfer seldom waits for it.
const WAL_PAGES: &str = "4000";

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

    /// Whether the database is of use now: of a server what is known of it already, of a file a question.
    ///
    /// # Errors
    /// Why not.
    pub async fn answers(&self) -> Result<(), Silence> {
        if let Some(silence) = self.pools.pulse.silence() {
            return Err(silence);
        }
        match self.pools.kind {
            Kind::Postgres => Ok(()),
            Kind::Sqlite => self.ping().await.map_err(|_| Silence::Unanswered),
        }
    }

    /// Writes out what is queued and closes every connection.
    ///
    /// # Errors
    /// [`Error`] of the last write.
    pub async fn close(&self) -> Result<(), Error> {
        self.close_by(Instant::now() + CLOSED_WITHIN).await
    }

    /// The same, trying again until then where the database is away.
    ///
    /// # Errors
    /// [`Error`] of the last write.
    pub async fn close_by(&self, until: Instant) -> Result<(), Error> {
        self.pools.closing.store(true, Ordering::Release);
        let flushed = timeout_at(until, self.flush_in_time(until)).await;
        // A server that says nothing does not say goodbye either.
        let closing = async {
            self.leave().await;
            let _ = self.pools.read.close_by_ref().await;
            let _ = self.pools.write.close_by_ref().await;
        };
        let _ = tokio::time::timeout(GOODBYE_WITHIN, closing).await;
        flushed.unwrap_or(Err(Error::TimedOut))
    }

    /// Whether it is being closed: whoever is still asking has come too late, and nothing is wrong.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.pools.closing.load(Ordering::Acquire)
    }

    async fn flush_in_time(&self, until: Instant) -> Result<(), Error> {
        loop {
            match self.flush().await {
                Err(cause) if cause.is_repeat_safe() && Instant::now() + FLUSH_AGAIN < until => {
                    tokio::time::sleep(FLUSH_AGAIN).await;
                }
                flushed => return flushed,
            }
        }
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
                    .pragma("wal_autocheckpoint", WAL_PAGES)
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
        pulse: Pulse::steady(),
        server: None,
        file: Some(path),
        place: OnceLock::new(),
        closing: AtomicBool::new(false),
    })
}

async fn postgres(settings: &Settings, url: &str) -> Result<Pools, Error> {
    let server = PgConnectOptions::from_str(url)
        .map_err(|_| Error::BadUrl("not an address of a PostgreSQL database".to_owned()))?
        .application_name("orchestrator");
    let server = fit_for_a_pooler(server);
    let pulse = Pulse::of(server.clone());
    let proof = pulse.clone();
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(settings.connections_max.max(CONNECTIONS_MIN))
        .acquire_timeout(Duration::from_millis(settings.acquire_timeout_ms))
        .test_before_acquire_if_idle_for(TRUSTED_IDLE)
        .set_application_name("orchestrator")
        .sqlx_logging(false)
        .record_stmt_in_spans(false)
        .map_sqlx_postgres_opts(fit_for_a_pooler)
        .map_sqlx_postgres_pool_opts(move |pool| {
            let proof = proof.clone();
            pool.after_release(move |connection, _| {
                let proof = proof.clone();
                Box::pin(async move { proof.proves(connection).await })
            })
        });
    let pool = Database::connect(options).await?;
    let name = server.get_database().unwrap_or(server.get_username());
    tracing::info!("Connected to PostgreSQL database: {name}");
    let statement_timeout = Duration::from_millis(settings.statement_timeout_ms);
    Ok(Pools {
        kind: Kind::Postgres,
        write: pool.clone(),
        read: pool,
        statement_timeout,
        pulse,
        server: Some(server),
        file: None,
        place: OnceLock::new(),
        closing: AtomicBool::new(false),
    })
}

/// A pooler refuses a start-up parameter that it does not know; no float is ever read anyway.
fn fit_for_a_pooler(server: PgConnectOptions) -> PgConnectOptions {
    server.extra_float_digits(None)
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
