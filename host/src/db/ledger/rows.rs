//! The ledger's rows to and from the table, and what an event writes into one.
//!
//! Which state follows is `ledger::step`'s word; here is only which columns change with it.

use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue::Set, ColumnTrait as _, EntityTrait as _, QueryFilter as _, UpdateMany};
use serde_json::Value;

use crate::call::Money;
use crate::db::Error;
use crate::db::entity::transfer::{ActiveModel, Column, Entity, Model};
use crate::ledger::{Event, Kind, NewEntry, Row, State};

/// The row of a new entry: caps hold, so it goes from `requested` to `authorised` in the transaction that makes it.
pub(super) fn opened(entry: &NewEntry, now_ms: i64) -> Row {
    Row {
        id: entry.id.clone(),
        key: entry.key.clone(),
        fingerprint: entry.fingerprint.clone(),
        kind: entry.kind,
        state: State::Authorised,
        call_id: entry.call_id.clone(),
        user_id: entry.user_id.clone(),
        from_account: entry.from_account.clone(),
        to_account: entry.to_account.clone(),
        amount: entry.amount.clone(),
        memo: entry.memo.clone(),
        body: entry.body.clone(),
        revision: entry.revision.clone(),
        turn_id: entry.turn_id.clone(),
        bank_payment_id: None,
        reason: None,
        answer: None,
        evidence: None,
        reviewed_by: None,
        review_reason: None,
        created_at_ms: now_ms,
        sent_at_ms: None,
        settled_at_ms: None,
        updated_at_ms: now_ms,
    }
}

/// The bank's payment that an event names.
pub(super) fn payment_of(event: &Event) -> Option<&str> {
    match event {
        Event::Complete {
            bank_payment_id, ..
        }
        | Event::Confirm {
            bank_payment_id, ..
        } => bank_payment_id.as_deref(),
        _ => None,
    }
}

/// The row after `event`, which moves it to `to`.
pub(super) fn moved(row: &Row, to: State, event: &Event, now_ms: i64) -> Row {
    let mut row = Row {
        state: to,
        updated_at_ms: now_ms,
        ..row.clone()
    };
    if let Some(payment) = payment_of(event) {
        row.bank_payment_id = Some(payment.to_owned());
    }
    match event {
        Event::Authorise => {}
        Event::Send => row.sent_at_ms = Some(now_ms),
        Event::Drop { reason } | Event::LoseTrack { reason } => row.reason = Some(reason.clone()),
        Event::Complete { answer, .. } => {
            row.reason = None;
            row.answer = Some(answer.clone());
        }
        Event::Refuse { reason, answer } => {
            row.reason = Some(reason.clone());
            row.answer = Some(answer.clone());
        }
        Event::GiveUp { evidence } => row.evidence = Some(evidence.clone()),
        Event::Confirm { by, reason, .. } | Event::WriteOff { by, reason } => {
            row.reviewed_by = Some(by.clone());
            row.review_reason = Some(reason.clone());
        }
    }
    if !to.is_unsettled() {
        row.settled_at_ms = Some(now_ms);
    }
    row
}

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
        settled_at_ms: Set(row.settled_at_ms),
        updated_at_ms: Set(row.updated_at_ms),
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
        settled_at_ms: row.settled_at_ms,
        updated_at_ms: row.updated_at_ms,
    })
}
