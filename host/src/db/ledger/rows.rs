//! The ledger's rows to and from the table.
//!
//! Which row follows from an event is the ledger's word; here is only which columns may have changed.

use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait as _, UpdateStatement};
use serde_json::Value;

use crate::call::Money;
use crate::db::entity::transfer::{ActiveModel, Column, Entity, Model};
use crate::db::{Error, each};
use crate::ledger::entry::Search;
use crate::ledger::{Kind, Row, State};

/// What an event may change, in the order of [`moved`].
const MOVED: [Column; 11] = [
    Column::State,
    Column::BankPaymentId,
    Column::Reason,
    Column::Answer,
    Column::Evidence,
    Column::ReviewedBy,
    Column::ReviewReason,
    Column::SentAtMs,
    Column::Repeatable,
    Column::SettledAtMs,
    Column::UpdatedAtMs,
];

/// The id of a row, what an event has left in it, and the state that it was in before.
fn moved(from: State, row: &Row) -> Vec<sea_orm::Value> {
    let text = |json: &Option<Value>| json.as_ref().map(Value::to_string);
    vec![
        row.id.clone().into(),
        row.state.as_str().into(),
        row.bank_payment_id.clone().into(),
        row.reason.clone().into(),
        text(&row.answer).into(),
        text(&row.evidence).into(),
        row.reviewed_by.clone().into(),
        row.review_reason.clone().into(),
        row.sent_at_ms.into(),
        i64::from(row.is_repeatable).into(),
        row.settled_at_ms.into(),
        row.updated_at_ms.into(),
        from.as_str().into(),
    ]
}

/// Writes what events may have changed, of each row that is still in the state before; a row must not be named twice.
pub(super) fn update(rows: &[(State, &Row)]) -> UpdateStatement {
    let rows = rows.iter().map(|(from, row)| moved(*from, row));
    let mut update = each::update(Entity, Column::Id, MOVED, rows);
    let state = Expr::col((Entity, Column::State));
    update.and_where(state.eq(each::given(MOVED.len() + 2)));
    update
}

/// Marks rows as sent that nobody has taken to the bank: of each its id, whether it may be repeated, and when.
pub(super) fn send(rows: &[(&str, bool, i64)]) -> UpdateStatement {
    use Column as C;
    let given = |(id, is_repeatable, at_ms): &(&str, bool, i64)| {
        let repeatable = i64::from(*is_repeatable);
        let sent = State::Sent.as_str();
        let values: [sea_orm::Value; 5] = [
            (*id).into(),
            sent.into(),
            (*at_ms).into(),
            repeatable.into(),
            (*at_ms).into(),
        ];
        values.to_vec()
    };
    let columns = [C::State, C::SentAtMs, C::Repeatable, C::UpdatedAtMs];
    let mut update = each::update(Entity, C::Id, columns, rows.iter().map(given));
    let state = Expr::col((Entity, C::State));
    update.and_where(state.eq(State::Authorised.as_str()));
    update
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
