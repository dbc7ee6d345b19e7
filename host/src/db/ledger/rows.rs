//! The ledger's rows to and from the table.
//!
//! Which row follows from an event is the ledger's word; here is only which columns may have changed.

use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue::Set, ColumnTrait as _, EntityTrait as _, QueryFilter as _, UpdateMany};
use serde_json::Value;

use crate::call::Money;
use crate::db::Error;
use crate::db::entity::transfer::{ActiveModel, Column, Entity, Model};
use crate::ledger::entry::Search;
use crate::ledger::{Kind, Row, State};

/// Writes what an event may change, if the row is still in state `from`.
pub(super) fn update(from: State, row: &Row) -> UpdateMany<Entity> {
    Entity::update_many()
        .col_expr(Column::State, Expr::value(row.state.as_str()))
        .col_expr(
            Column::BankPaymentId,
            Expr::value(row.bank_payment_id.clone()),
        )
        .col_expr(Column::Reason, Expr::value(row.reason.clone()))
        .col_expr(
            Column::Answer,
            Expr::value(row.answer.as_ref().map(Value::to_string)),
        )
        .col_expr(
            Column::Evidence,
            Expr::value(row.evidence.as_ref().map(Value::to_string)),
        )
        .col_expr(Column::ReviewedBy, Expr::value(row.reviewed_by.clone()))
        .col_expr(Column::ReviewReason, Expr::value(row.review_reason.clone()))
        .col_expr(Column::SentAtMs, Expr::value(row.sent_at_ms))
        .col_expr(
            Column::Repeatable,
            Expr::value(i64::from(row.is_repeatable)),
        )
        .col_expr(Column::SettledAtMs, Expr::value(row.settled_at_ms))
        .col_expr(Column::UpdatedAtMs, Expr::value(row.updated_at_ms))
        .filter(Column::Id.eq(&row.id))
        .filter(Column::State.eq(from.as_str()))
}

pub(super) fn active(row: &Row) -> ActiveModel {
    ActiveModel {
        id: Set(row.id.clone()),
        idempotency_key: Set(row.key.clone()),
        fingerprint: Set(row.fingerprint.clone()),
        kind: Set(row.kind.as_str().to_owned()),
        state: Set(row.state.as_str().to_owned()),
        call_id: Set(row.call_id.clone()),
        user_id: Set(row.user_id.clone()),
        from_account: Set(row.from_account.clone()),
        to_account: Set(row.to_account.clone()),
        amount_minor: Set(row.amount.minor),
        currency: Set(row.amount.currency.clone()),
        memo: Set(row.memo.clone()),
        body: Set(row.body.to_string()),
        revision: Set(row.revision.clone()),
        turn_id: Set(row.turn_id.clone()),
        bank_payment_id: Set(row.bank_payment_id.clone()),
        reason: Set(row.reason.clone()),
        answer: Set(row.answer.as_ref().map(Value::to_string)),
        evidence: Set(row.evidence.as_ref().map(Value::to_string)),
        reviewed_by: Set(row.reviewed_by.clone()),
        review_reason: Set(row.review_reason.clone()),
        created_at_ms: Set(row.created_at_ms),
        sent_at_ms: Set(row.sent_at_ms),
        repeatable: Set(i64::from(row.is_repeatable)),
        settled_at_ms: Set(row.settled_at_ms),
        updated_at_ms: Set(row.updated_at_ms),
        looks: Set(i64::from(row.search.looks)),
        next_look_ms: Set(row.search.next_at_ms),
        fruitless_since_ms: Set(row.search.fruitless_since_ms),
    }
}

pub(super) fn read(row: Model) -> Result<Row, Error> {
    let json = |text: Option<String>| {
        text.map(|text| serde_json::from_str(&text))
            .transpose()
            .map_err(|_| Error::Unreadable("ledger row"))
    };
    Ok(Row {
        kind: Kind::from_name(&row.kind).ok_or(Error::Unreadable("kind of a ledger row"))?,
        state: State::from_name(&row.state).ok_or(Error::Unreadable("state of a ledger row"))?,
        body: json(Some(row.body))?.unwrap_or_default(),
        answer: json(row.answer)?,
        evidence: json(row.evidence)?,
        id: row.id,
        key: row.idempotency_key,
        fingerprint: row.fingerprint,
        call_id: row.call_id,
        user_id: row.user_id,
        from_account: row.from_account,
        to_account: row.to_account,
        amount: Money::new(row.amount_minor, row.currency),
        memo: row.memo,
        revision: row.revision,
        turn_id: row.turn_id,
        bank_payment_id: row.bank_payment_id,
        reason: row.reason,
        reviewed_by: row.reviewed_by,
        review_reason: row.review_reason,
        created_at_ms: row.created_at_ms,
        sent_at_ms: row.sent_at_ms,
        is_repeatable: row.repeatable != 0,
        settled_at_ms: row.settled_at_ms,
        updated_at_ms: row.updated_at_ms,
        search: Search {
            looks: u32::try_from(row.looks).unwrap_or(u32::MAX),
            next_at_ms: row.next_look_ms,
            fruitless_since_ms: row.fruitless_since_ms,
        },
    })
}
