//! A connection on which every statement has a limit, and none is sent to a server that has fallen silent.
//!
//! PostgreSQL's own limit is a setting of the session, which a pooler may hand to somebody else, and SQLite has none; so the
//! limit is the host's. Transactions carry theirs in [`super::transaction`].

use std::time::Duration;

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, DbErr, ExecResult, QueryResult, Statement,
};

use super::error::{CUT_MAX, Error, TIMED_OUT};
use super::pulse::Pulse;

/// One statement at a time, each within the limit.
pub(super) struct Bounded<'a> {
    pub(super) connection: &'a DatabaseConnection,
    pub(super) limit: Duration,
    pub(super) pulse: &'a Pulse,
    /// Nothing but reads goes through it, so what a cut connection did not answer is asked on another one.
    pub(super) only_reads: bool,
}

impl Bounded<'_> {
    async fn within<T>(&self, work: impl Future<Output = Result<T, DbErr>>) -> Result<T, DbErr> {
        self.pulse.check()?;
        tokio::time::timeout(self.limit, self.pulse.while_it_beats(work))
            .await
            .unwrap_or_else(|_| Err(DbErr::Custom(TIMED_OUT.to_owned())))
    }

    async fn query<T, F>(&self, ask: impl Fn() -> F) -> Result<T, DbErr>
    where
        F: Future<Output = Result<T, DbErr>>,
    {
        let mut cut = 0;
        loop {
            match self.within(ask()).await {
                Err(cause)
                    if self.only_reads && cut < CUT_MAX && Error::from(cause.clone()).is_cut() =>
                {
                    cut += 1;
                }
                answer => return answer,
            }
        }
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for Bounded<'_> {
    fn get_database_backend(&self) -> DbBackend {
        self.connection.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.within(self.connection.execute_raw(statement)).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.within(self.connection.execute_unprepared(sql)).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.query(|| self.connection.query_one_raw(statement.clone()))
            .await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.query(|| self.connection.query_all_raw(statement.clone()))
            .await
    }
}
