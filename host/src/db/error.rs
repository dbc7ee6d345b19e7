//! What can go wrong with the database: whether a repeat is safe, and whose fault it was.
//!
//! Drivers' errors are sorted here by their SQL state, once. A duplicate or a cap is an answer and no error.

use std::sync::Arc;

use sea_orm::{DbErr, RuntimeErr, SqlErr};

/// A failed database operation.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// The address is none that can be opened.
    #[error("the database address is not usable: {0}")]
    BadUrl(String),
    /// No connection could be had, or it was lost.
    #[error(
        "the database cannot be reached; check that it runs and that DATABASE_URL or DB_* name it"
    )]
    Unreachable(#[source] DbErr),
    /// The folder or the file of a SQLite database cannot be made.
    #[error("the database file {path} cannot be opened; check the folder and its permissions")]
    File {
        /// As configured.
        path: String,
        /// What the system said.
        #[source]
        source: Arc<std::io::Error>,
    },
    /// It took longer than `database.statement_timeout_ms`.
    #[error("the database did not answer in time")]
    TimedOut,
    /// Others kept writing the same rows until the repeats were used up.
    #[error("the database is too busy with the same rows")]
    Contended(#[source] DbErr),
    /// A value that must be unique is taken.
    #[error("{0} is already in use")]
    Taken(&'static str),
    /// What a row must belong to does not exist.
    #[error("no such {0}")]
    Missing(&'static str),
    /// A stored value that cannot be read back; the database is newer, or was changed by hand.
    #[error("the stored {0} cannot be read")]
    Unreadable(&'static str),
    /// Somebody else changed meanwhile what this rested on.
    #[error("somebody else changed the rules meanwhile; look again")]
    Overtaken,
    /// A newer version of the call is kept already, or the event that changes it has had its effect: whoever saves this was overtaken.
    #[error("a newer version of the call, or the effect of this event, is kept already")]
    Stale,
    /// A host with live calls in memory is the only one on its database; the operator's to solve.
    #[error(
        "another host ({0}) uses this database, and live calls in memory are one host's alone; stop that one, or set CALL_STATE_DB=redis and REDIS_URL on every host"
    )]
    OtherHost(String),
    /// The system gave no randomness for a key.
    #[error("no random numbers from the system")]
    Randomness,
    /// The host is ending; nothing is taken any more.
    #[error("the database writer has ended")]
    Closed,
    /// Records come faster than the database takes them.
    #[error("the queue to the database is full")]
    QueueFull,
    /// Anything else that the database said.
    #[error("the database refused the statement")]
    Refused(#[source] DbErr),
}

/// Connections of the pool that a restarted server may have cut.
pub(super) const CUT_MAX: u32 = 64;

/// Whose fault an error was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The configuration's, or an operator's input.
    Operator,
    /// The database's, or the way to it.
    Database,
    /// Ours.
    Host,
}

impl Error {
    /// Whether a connection of the pool was broken, rather than none to be had.
    pub(super) fn is_cut(&self) -> bool {
        matches!(self, Self::Unreachable(DbErr::Exec(_) | DbErr::Query(_)))
    }

    /// Whether the same operation may be tried again later with hope of success. Every operation of [`super::Db`] is safe to
    /// repeat, since each is keyed or sets what it says.
    #[must_use]
    pub fn is_repeat_safe(&self) -> bool {
        match self {
            Self::Unreachable(_) | Self::TimedOut | Self::Contended(_) | Self::QueueFull => true,
            Self::BadUrl(_)
            | Self::File { .. }
            | Self::Taken(_)
            | Self::Missing(_)
            | Self::Overtaken
            | Self::OtherHost(_)
            | Self::Stale
            | Self::Unreadable(_)
            | Self::Randomness
            | Self::Closed
            | Self::Refused(_) => false,
        }
    }

    /// Whose fault it was.
    #[must_use]
    pub fn fault(&self) -> Fault {
        match self {
            Self::BadUrl(_)
            | Self::File { .. }
            | Self::Taken(_)
            | Self::Missing(_)
            | Self::Overtaken
            | Self::OtherHost(_) => Fault::Operator,
            Self::Unreachable(_)
            | Self::TimedOut
            | Self::Contended(_)
            | Self::QueueFull
            | Self::Randomness => Fault::Database,
            Self::Stale | Self::Unreadable(_) | Self::Closed | Self::Refused(_) => Fault::Host,
        }
    }

    /// Lost a race that the next try may win: serialization, deadlock, a busy file, a row that another has just made.
    pub(super) fn is_race(&self) -> bool {
        matches!(self, Self::Contended(_) | Self::Taken(_))
    }
}

/// What the statement limit in [`super::bounded`] raises.
pub(super) const TIMED_OUT: &str = "statement limit";

impl From<DbErr> for Error {
    fn from(cause: DbErr) -> Self {
        match &cause {
            DbErr::Conn(RuntimeErr::SqlxError(driver))
                if matches!(kind_of(driver), DriverFault::Race) =>
            {
                Self::Contended(cause)
            }
            DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => Self::Unreachable(cause),
            DbErr::Custom(text) if text == TIMED_OUT => Self::TimedOut,
            DbErr::Exec(RuntimeErr::SqlxError(driver))
            | DbErr::Query(RuntimeErr::SqlxError(driver)) => match kind_of(driver) {
                DriverFault::Connection => Self::Unreachable(cause),
                DriverFault::Race => Self::Contended(cause),
                DriverFault::Cancelled => Self::TimedOut,
                DriverFault::Other => match cause.sql_err() {
                    Some(SqlErr::UniqueConstraintViolation(_)) => Self::Taken("a unique value"),
                    _ => Self::Refused(cause),
                },
            },
            _ => Self::Refused(cause),
        }
    }
}

enum DriverFault {
    Connection,
    Race,
    Cancelled,
    Other,
}

fn kind_of(driver: &sea_orm::sqlx::Error) -> DriverFault {
    use sea_orm::sqlx::Error as Sqlx;
    let Sqlx::Database(said) = driver else {
        return match driver {
            Sqlx::Io(_)
            | Sqlx::Tls(_)
            | Sqlx::Protocol(_)
            | Sqlx::PoolTimedOut
            | Sqlx::PoolClosed
            | Sqlx::WorkerCrashed => DriverFault::Connection,
            _ => DriverFault::Other,
        };
    };
    match said.code().as_deref() {
        // PostgreSQL: serialization failure, deadlock, lock timeout. SQLite: busy and locked, with their extended codes.
        Some("40001" | "40P01" | "55P03" | "5" | "6" | "261" | "262" | "517" | "773") => {
            DriverFault::Race
        }
        Some("57014") => DriverFault::Cancelled,
        // Shutting down, starting up, too many clients, a transaction that was idle for too long, or a standby that was promoted
        // elsewhere.
        Some("57P01" | "57P02" | "57P03" | "53300" | "25P03" | "25006") => DriverFault::Connection,
        Some(state) if state.len() == 5 && state.starts_with("08") => DriverFault::Connection,
        _ => DriverFault::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unreachable_database_says_what_to_do_and_may_be_tried_again() {
        let error = Error::from(DbErr::Conn(RuntimeErr::Internal("refused".to_owned())));
        assert!(error.is_repeat_safe() && error.fault() == Fault::Database);
        assert!(error.to_string().contains("DATABASE_URL"));
        assert!(!error.is_race());
    }

    #[test]
    fn a_statement_over_its_limit_timed_out() {
        assert!(matches!(
            Error::from(DbErr::Custom(TIMED_OUT.to_owned())),
            Error::TimedOut
        ));
    }
}
