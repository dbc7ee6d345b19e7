//! The search for proof, as the database sees it: which rows are due, who may ask about one, when it is looked at again.
//!
//! Several hosts search the same table. A claim is a compare-and-set on the number of looks, so of many one asks; one that dies
//! meanwhile leaves a row that is due again when its claim is over.

use sea_orm::sea_query::{Expr, ExprTrait as _, SimpleExpr};
use sea_orm::{
    ColumnTrait as _, Condition, EntityTrait as _, FromQueryResult, QueryFilter as _,
    QueryOrder as _, QuerySelect as _,
};

use super::rows;
use crate::db::entity::transfer::{Column, Entity};
use crate::db::{Db, Error};
use crate::ledger::entry::WRITTEN_OFF;
use crate::ledger::proof::{LATE_MS, Later};
use crate::ledger::{Kind, Row, State};

impl Db {
    /// Open rows that something is to be done about: those that have not moved since `abandoned_before_ms`, then those of `unknown`
    /// outcome that are due at `now_ms`, then the due transfers that wait for a person; of each the oldest first. So many that wait
    /// for a person keep no fresh one waiting.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn unsettled(
        &self,
        now_ms: i64,
        abandoned_before_ms: i64,
        limit: u64,
    ) -> Result<Vec<Row>, Error> {
        let never_told = [State::Requested, State::Authorised, State::Sent].map(State::as_str);
        let abandoned = Condition::all()
            .add(Column::State.is_in(never_told))
            .add(Column::UpdatedAtMs.lte(abandoned_before_ms));
        let late = still_listed(now_ms).add(Column::State.eq(State::NeedsReview.as_str()));
        let searched = Condition::any()
            .add(Column::State.eq(State::Unknown.as_str()))
            .add(late);
        let unknown = Condition::all().add(searched).add(due(now_ms));
        let urgency = Expr::case(Column::State.eq(State::NeedsReview.as_str()), 2)
            .case(Column::State.eq(State::Unknown.as_str()), 1)
            .finally(0);
        let found = Entity::find()
            .filter(Condition::any().add(abandoned).add(unknown))
            .order_by_asc(SimpleExpr::Case(Box::new(urgency)))
            .order_by_asc(Column::UpdatedAtMs)
            .limit(limit)
            .all(&self.pools.reader())
            .await?;
        found.into_iter().map(rows::read).collect()
    }

    /// Transfers that a person wrote off and that are due to be looked for at `now_ms`, oldest first.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn written_off_due(&self, now_ms: i64, limit: u64) -> Result<Vec<Row>, Error> {
        // Its literal, not a parameter: that the index of just these rows serves is seen when the statement is planned.
        let written_off = Expr::cust(format!("reason = '{WRITTEN_OFF}'"));
        let found = Entity::find()
            .filter(written_off)
            .filter(Column::State.eq(State::Refused.as_str()))
            .filter(still_listed(now_ms))
            .filter(due(now_ms))
            .order_by_asc(Column::UpdatedAtMs)
            .limit(limit)
            .all(&self.pools.reader())
            .await?;
        found.into_iter().map(rows::read).collect()
    }

    /// Claims a row until `until_ms`: true for the one process that may ask the bank about it now.
    ///
    /// Invariant: of many one asks (`of_many_who_want_to_ask_about_a_row_one_may`).
    ///
    /// # Errors
    /// [`Error`] of the database. After one the row may be claimed; it is due again when that is over.
    pub async fn claim_search(&self, row: &Row, until_ms: i64) -> Result<bool, Error> {
        let looks = i64::from(row.search.looks);
        let change = Entity::update_many()
            .col_expr(Column::Looks, Expr::value(looks.saturating_add(1)))
            .col_expr(Column::NextLookMs, Expr::value(until_ms))
            .filter(Column::Id.eq(&row.id))
            .filter(Column::State.eq(row.state.as_str()))
            .filter(Column::Looks.eq(looks));
        Ok(self.pools.change(change).await? == 1)
    }

    /// Leaves a claimed row, as it is known under the claim, to be looked at again: a claim that is over changes nothing, nor does one
    /// to a row that has moved.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn search_later(&self, row: &Row, later: &Later) -> Result<(), Error> {
        let mut change = Entity::update_many()
            .col_expr(Column::NextLookMs, Expr::value(later.at_ms))
            .col_expr(
                Column::FruitlessSinceMs,
                Expr::value(later.fruitless_since_ms),
            )
            .filter(Column::Id.eq(&row.id))
            .filter(Column::State.eq(row.state.as_str()))
            .filter(Column::Looks.eq(i64::from(row.search.looks)));
        if let Some(evidence) = &later.evidence {
            change = change.col_expr(Column::Evidence, Expr::value(evidence.to_string()));
        }
        self.pools.change(change).await.map(drop)
    }

    /// Which of these payments of the bank's settle a row already.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn held_payments(&self, ids: &[String]) -> Result<Vec<String>, Error> {
        let found: Vec<Option<String>> = Entity::find()
            .select_only()
            .column(Column::BankPaymentId)
            .filter(Column::Kind.eq(Kind::Transfer.as_str()))
            .filter(Column::BankPaymentId.is_in(ids))
            .into_tuple()
            .all(&self.pools.reader())
            .await?;
        Ok(found.into_iter().flatten().collect())
    }

    /// How many rows are in each state that is not settled.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn count_unsettled(&self) -> Result<Vec<(State, u64)>, Error> {
        #[derive(FromQueryResult)]
        struct Counted {
            state: String,
            rows_counted: i64,
        }
        let open: Vec<State> = State::ALL
            .into_iter()
            .filter(|state| state.is_unsettled())
            .collect();
        let counted = Entity::find()
            .select_only()
            .column(Column::State)
            .column_as(Expr::col(Column::Id).count(), "rows_counted")
            .filter(Column::State.is_in(open.iter().map(|state| state.as_str())))
            .group_by(Column::State)
            .into_model::<Counted>()
            .all(&self.pools.reader())
            .await?;
        let count_of = |state: State| {
            let found = counted.iter().find(|one| one.state == state.as_str());
            found.map_or(0, |one| u64::try_from(one.rows_counted).unwrap_or(0))
        };
        Ok(open
            .into_iter()
            .map(|state| (state, count_of(state)))
            .collect())
    }
}

/// Nobody asks about it before.
fn due(now_ms: i64) -> Condition {
    Condition::any()
        .add(Column::NextLookMs.is_null())
        .add(Column::NextLookMs.lte(now_ms))
}

/// A transfer that the bank's list of payments may still come to name.
fn still_listed(now_ms: i64) -> Condition {
    Condition::all()
        .add(Column::Kind.eq(Kind::Transfer.as_str()))
        .add(Column::SentAtMs.gt(now_ms.saturating_sub(LATE_MS)))
}
