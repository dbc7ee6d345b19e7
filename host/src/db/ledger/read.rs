//! Reading the ledger: by key, by state, and the totals that caps are held against.
//!
//! The same totals serve the capability `history`, so that a policy sees what the ledger will count.

use sea_orm::sea_query::{Alias, Expr, ExprTrait as _, SimpleExpr, UnionType};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, FromQueryResult, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, QueryTrait,
};

use super::rows;
use crate::call::{CapScope, Money};
use crate::db::entity::transfer::{Column, Entity};
use crate::db::{Db, Error};
use crate::ledger::caps::Totals;
use crate::ledger::entry::TURNED_AWAY;
use crate::ledger::written::{never_reached_the_bank, numbered, unnumbered};
use crate::ledger::{Kind, NewEntry, Row, State};

const HOUR_MS: i64 = 60 * 60 * 1_000;
/// Of one customer.
const APPLICATIONS_MAX: u64 = 100;

impl Db {
    /// One row.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn transfer(&self, id: &str) -> Result<Option<Row>, Error> {
        let row = Entity::find_by_id(id).one(&self.pools.reader()).await?;
        row.map(rows::read).transpose()
    }

    /// The row as the writer sees it; a reader may lag by the commit that is just going on.
    pub(super) async fn find(&self, id: &str) -> Result<Option<Row>, Error> {
        let row = Entity::find_by_id(id).one(&self.pools.single()).await?;
        row.map(rows::read).transpose()
    }

    /// The row of an idempotency key.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn transfer_by_key(&self, key: &str) -> Result<Option<Row>, Error> {
        by_key(&self.pools.reader(), key).await
    }

    /// The newest row of a wish, and which of its rows that is, from 0: each but the newest never reached the bank.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn newest_of_wish(&self, key: &str) -> Result<Option<(u32, Row)>, Error> {
        let reader = self.pools.reader();
        let at = async |number| by_key(&reader, &numbered(key, number)).await;
        let Some(mut newest) = at(0).await?.map(|row| (0, row)) else {
            return Ok(None);
        };
        // They have no gap, so the end is found by doubling, then by halving; mostly it is the first.
        let mut beyond: u32 = 1;
        while never_reached_the_bank(&newest.1)
            && let Some(row) = at(beyond).await?
        {
            newest = (beyond, row);
            beyond = beyond.saturating_mul(2);
        }
        while beyond - newest.0 > 1 {
            let middle = newest.0.midpoint(beyond);
            match at(middle).await? {
                Some(row) => newest = (middle, row),
                None => beyond = middle,
            }
        }
        Ok(Some(newest))
    }

    /// The newest rows, newest first; all states, or one, and only those older than `before`. What was turned away was no transfer yet.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn transfers(
        &self,
        limit: u64,
        state: Option<State>,
        before: Option<&Row>,
    ) -> Result<Vec<Row>, Error> {
        let is_wish = Column::Reason.is_null().or(Column::Reason.ne(TURNED_AWAY));
        let mut query = Entity::find().filter(is_wish);
        if let Some(state) = state {
            query = query.filter(Column::State.eq(state.as_str()));
        }
        if let Some(row) = before {
            let at_once = Column::CreatedAtMs.eq(row.created_at_ms);
            let is_older = Column::CreatedAtMs.lt(row.created_at_ms);
            query = query.filter(is_older.or(at_once.and(Column::Id.lt(&row.id))));
        }
        let found = query
            .order_by_desc(Column::CreatedAtMs)
            .order_by_desc(Column::Id)
            .limit(limit)
            .all(&self.pools.reader())
            .await?;
        found.into_iter().map(rows::read).collect()
    }

    /// The keys of what a customer's call has begun and what is not settled, each as it was wished under.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn unsettled_of_call(
        &self,
        call_id: &str,
        user_id: &str,
    ) -> Result<Vec<String>, Error> {
        let settled = [State::Completed.as_str(), State::Refused.as_str()];
        let keys = Entity::find()
            .select_only()
            .column(Column::IdempotencyKey)
            .filter(Column::UserId.eq(user_id))
            .filter(Column::CallId.eq(call_id))
            .filter(Column::State.is_not_in(settled))
            .order_by_asc(Column::CreatedAtMs)
            .into_tuple::<String>()
            .all(&self.pools.reader())
            .await?;
        Ok(keys.iter().map(|key| unnumbered(key).to_owned()).collect())
    }

    /// A customer's transfers of the last hours, all or from one account; those still open included.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn totals(
        &self,
        user_id: &str,
        window_hours: u32,
        from_account: Option<&str>,
        now_ms: i64,
    ) -> Result<Totals, Error> {
        let mut counted = Column::UserId.eq(user_id);
        if let Some(from) = from_account {
            counted = counted.and(Column::FromAccount.eq(from));
        }
        totals(&self.pools.reader(), counted, window_hours, now_ms).await
    }

    /// Whether a transfer of this customer's to this account was ever completed: a known payee.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn has_paid(&self, user_id: &str, to_account: &str) -> Result<bool, Error> {
        let found = Entity::find()
            .select_only()
            .column(Column::Id)
            .filter(Column::UserId.eq(user_id))
            .filter(Column::ToAccount.eq(to_account))
            .filter(Column::Kind.eq(Kind::Transfer.as_str()))
            .filter(Column::State.eq(State::Completed.as_str()))
            .limit(1)
            .into_tuple::<String>()
            .one(&self.pools.reader())
            .await?;
        Ok(found.is_some())
    }

    /// The bank's ids of what this customer applied for through this host, the newest first; as many as anybody remembers.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn applications(&self, user_id: &str) -> Result<Vec<String>, Error> {
        let ids = Entity::find()
            .select_only()
            .column(Column::BankPaymentId)
            .filter(Column::UserId.eq(user_id))
            .filter(Column::BankPaymentId.is_not_null())
            .filter(Column::Kind.ne(Kind::Transfer.as_str()))
            .order_by_desc(Column::CreatedAtMs)
            .limit(APPLICATIONS_MAX)
            .into_tuple::<String>()
            .all(&self.pools.reader())
            .await?;
        Ok(ids)
    }
}

pub(super) async fn by_key(db: &impl ConnectionTrait, key: &str) -> Result<Option<Row>, Error> {
    let row = Entity::find()
        .filter(Column::IdempotencyKey.eq(key))
        .one(db)
        .await?;
    row.map(rows::read).transpose()
}

pub(super) async fn by_payment(
    db: &impl ConnectionTrait,
    kind: Kind,
    payment: &str,
) -> Result<Option<Row>, Error> {
    let row = Entity::find()
        .filter(Column::Kind.eq(kind.as_str()))
        .filter(Column::BankPaymentId.eq(payment))
        .one(db)
        .await?;
    row.map(rows::read).transpose()
}

/// The row of an entry's key, and one that asks for the same and is still open; one question, since each of them mostly is not there.
pub(super) async fn key_and_twin(
    db: &impl ConnectionTrait,
    entry: &NewEntry,
) -> Result<(Option<Row>, Option<Row>), Error> {
    let settled = [State::Completed.as_str(), State::Refused.as_str()];
    let twin = Entity::find()
        .filter(Column::UserId.eq(&entry.user_id))
        .filter(Column::Kind.eq(entry.kind.as_str()))
        .filter(Column::FromAccount.eq(&entry.from_account))
        .filter(Column::ToAccount.eq(&entry.to_account))
        .filter(Column::AmountMinor.eq(entry.amount.minor))
        .filter(Column::Currency.eq(&entry.amount.currency))
        .filter(Column::State.is_not_in(settled));
    let mut both = Entity::find().filter(Column::IdempotencyKey.eq(&entry.key));
    // Not one condition or the other: each part has an index of its own.
    QueryTrait::query(&mut both).union(UnionType::All, twin.into_query());
    let (mut by_key, mut twin) = (None, None);
    for model in both.all(db).await? {
        let row = rows::read(model)?;
        if row.key == entry.key {
            by_key = Some(row);
        } else {
            twin = Some(row);
        }
    }
    Ok((by_key, twin))
}

pub(super) fn scope_of(scope: CapScope, subject: &str) -> SimpleExpr {
    match scope {
        CapScope::Caller => Column::UserId.eq(subject),
        CapScope::FromAccount => Column::FromAccount.eq(subject),
        CapScope::ToAccount => Column::ToAccount.eq(subject),
    }
}

#[derive(FromQueryResult)]
struct Sum {
    currency: String,
    rows_counted: i64,
    sum_minor: i64,
}

/// What is counted by caps, of `counted`, in the last `hours`. A sum that is beyond 64 bits is an error of the database's and so
/// refuses.
pub(super) async fn totals(
    db: &impl ConnectionTrait,
    counted: SimpleExpr,
    hours: u32,
    now_ms: i64,
) -> Result<Totals, Error> {
    let since_ms = now_ms.saturating_sub(i64::from(hours).saturating_mul(HOUR_MS));
    let sum = Expr::col(Column::AmountMinor)
        .sum()
        .cast_as(Alias::new("BIGINT"));
    let sums = Entity::find()
        .select_only()
        .column(Column::Currency)
        .column_as(Expr::col(Column::Id).count(), "rows_counted")
        .column_as(sum, "sum_minor")
        .filter(counted)
        .filter(Column::Kind.eq(Kind::Transfer.as_str()))
        .filter(Column::State.ne(State::Refused.as_str()))
        .filter(Column::CreatedAtMs.gt(since_ms))
        .group_by(Column::Currency)
        .into_model::<Sum>()
        .all(db)
        .await?;
    Ok(Totals {
        count: sums
            .iter()
            .filter_map(|sum| u64::try_from(sum.rows_counted).ok())
            .sum(),
        sums: sums
            .into_iter()
            .map(|sum| Money::new(sum.sum_minor, sum.currency))
            .collect(),
    })
}
