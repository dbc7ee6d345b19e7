//! Many rows changed in one statement, each to values of its own, and which of them were.
//!
//! A database is as far away as one question and its answer: asked row by row, a busy host waits for that alone.

use std::collections::HashSet;

use sea_orm::sea_query::{
    Alias, Expr, ExprTrait as _, IntoIden as _, OnConflict, Query, SimpleExpr, TableRef,
    UpdateStatement, ValueTuple,
};
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, EntityTrait, Iden, Insert, QueryTrait, StatementBuilder,
    Value,
};

use super::Error;
use super::portions::portions;

/// The name of what the rows are given.
const GIVEN: &str = "given";

/// What a row is given in this place, from 1; the first is its key.
pub(super) fn given(place: usize) -> SimpleExpr {
    Expr::col((Alias::new(GIVEN), Alias::new(format!("column{place}"))))
}

/// Sets `columns` of the rows to what stands behind the key in each of `rows`. A row must not be named twice.
pub(super) fn update<E: EntityTrait>(
    entity: E,
    key: E::Column,
    columns: impl IntoIterator<Item = E::Column>,
    rows: impl IntoIterator<Item = Vec<Value>>,
) -> UpdateStatement {
    let columns = columns.into_iter().zip(2..);
    let rows = rows.into_iter().map(ValueTuple::Many).collect();
    Query::update()
        .table(entity)
        .values(columns.map(|(column, place)| (column, given(place))))
        .from(TableRef::ValuesList(rows, Alias::new(GIVEN).into_iden()))
        .and_where(Expr::col((entity, key)).eq(given(1)))
        .returning_col(key)
        .to_owned()
}

/// Makes rows where nobody has their key yet, of those with the same key the first; the keys of those that are new.
pub(super) async fn insert<A: ActiveModelTrait + Send>(
    db: &impl ConnectionTrait,
    key: <A::Entity as EntityTrait>::Column,
    rows: Vec<A>,
) -> Result<HashSet<String>, Error> {
    let mut new = HashSet::new();
    for portion in portions(rows) {
        let known = OnConflict::column(key).do_nothing().to_owned();
        let mut insert = Insert::many(portion).on_conflict(known);
        let insert = QueryTrait::query(&mut insert).returning_col(key);
        new.extend(changed(db, key, insert).await?);
    }
    Ok(new)
}

/// Runs a statement that returns the keys of the rows that it changed or made.
pub(super) async fn changed(
    db: &impl ConnectionTrait,
    key: impl Iden,
    statement: &impl StatementBuilder,
) -> Result<HashSet<String>, Error> {
    let rows = db.query_all(statement).await?;
    let key = key.unquoted();
    let keys = rows.iter().map(|row| row.try_get::<String>("", key));
    Ok(keys.collect::<Result<_, _>>()?)
}
