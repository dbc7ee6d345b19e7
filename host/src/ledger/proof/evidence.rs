//! What a person sees who has to decide: what was asked, what came back, and which payments look alike.
//!
//! Bounded, and without anything that the row does not hold already.

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Value, json};

use super::super::Row;
use super::OURS_UNREADABLE;
use crate::backend::{PaymentSeen, PaymentState};

/// Payments that one piece of evidence lists.
const LISTED_MAX: usize = 10;
/// Clocks of host and bank may differ by this.
const SKEW_MS: i64 = 60_000;
/// A day is over everywhere so long after it began in UTC.
const DAY_EVERYWHERE_MS: i64 = 38 * 60 * 60 * 1_000;

/// Payments that may be this row's: same accounts and amount, no other reference, not before it was sent.
#[must_use]
pub fn alike<'a>(row: &Row, payments: &'a [PaymentSeen]) -> Vec<&'a PaymentSeen> {
    let sent_at_ms = row.sent_at_ms.unwrap_or(row.created_at_ms);
    payments
        .iter()
        .filter(|payment| is_same(row, payment))
        .filter(|payment| payment.reference.as_ref().is_none_or(|id| *id == row.id))
        .filter(|payment| !is_before(payment.date.as_deref(), sent_at_ms))
        .collect()
}

/// Same accounts, same amount.
pub(super) fn is_same(row: &Row, payment: &PaymentSeen) -> bool {
    payment.from_account == row.from_account
        && payment.to_account == row.to_account
        && payment.amount == row.amount
}

/// Certainly before; a date that cannot be read is not.
fn is_before(date: Option<&str>, at_ms: i64) -> bool {
    let Some(date) = date else { return false };
    let latest_ms = if let Ok(moment) = date.parse::<Timestamp>() {
        moment.as_millisecond().saturating_add(SKEW_MS)
    } else if let Ok(day) = date.parse::<Date>() {
        let Ok(begins) = day.in_tz("UTC") else {
            return false;
        };
        let begins_ms = begins.timestamp().as_millisecond();
        begins_ms.saturating_add(DAY_EVERYWHERE_MS)
    } else {
        return false;
    };
    latest_ms < at_ms
}

/// The evidence; `code` says what came of asking.
pub(super) fn of(row: &Row, code: &str, seen: &[PaymentSeen], now_ms: i64) -> Value {
    let payments: Vec<Value> = seen.iter().take(LISTED_MAX).map(shown).collect();
    // What a person decided before stays to be seen.
    let before = |field: &str| row.evidence.as_ref().and_then(|it| it.get(field)).cloned();
    json!({
        "written_off": before("written_off"),
        "found": code,
        "explained": explained(code),
        "reference": row.id,
        "sent": row.body,
        "sent_at_ms": row.sent_at_ms,
        "asked": row.search.looks,
        "given_up_at_ms": before("given_up_at_ms").unwrap_or_else(|| now_ms.into()),
        "seen_at_ms": now_ms,
        "payments": payments,
        "payments_not_listed": seen.len().saturating_sub(LISTED_MAX),
    })
}

fn shown(payment: &PaymentSeen) -> Value {
    let state = match &payment.state {
        PaymentState::Completed => "completed",
        PaymentState::Pending => "pending",
        PaymentState::Scheduled => "scheduled",
        PaymentState::Canceled => "canceled",
        PaymentState::Other(word) => word,
    };
    json!({
        "payment_id": payment.id,
        "from_account": payment.from_account,
        "to_account": payment.to_account,
        "amount": payment.amount.to_decimal(),
        "date": payment.date,
        "state": state,
        "reference": payment.reference,
    })
}

fn explained(code: &str) -> &'static str {
    match code {
        "no_payment_with_our_reference" => {
            "The bank lists no payment with this reference, which proves nothing. `payments` are those with the same accounts and \
             amount that no other transfer holds."
        }
        "several_payments_with_our_reference" => {
            "The bank lists several payments with this reference: it may have moved the money more than once."
        }
        "our_reference_on_another_payment" => {
            "The bank lists this reference with other accounts or another amount."
        }
        OURS_UNREADABLE => {
            "The bank lists a payment with this reference that cannot be read, perhaps beside another."
        }
        "status_unknown_to_us" => {
            "The bank lists the payment with a status that its contract does not have."
        }
        "payment_settles_another_row" => "The payment that the bank names is another transfer's.",
        "key_stands_for_another_request" => {
            "The bank says that this key was used for another request."
        }
        "no_list_of_applications" => {
            "The bank gave no answer, and it has no list in which an application could be found."
        }
        "no_answer" | "not_let_in" | "not_sent" | "resting" | "connect" | "timed_out"
        | "broken" | "busy" => "The bank has not answered since the request was sent.",
        _ => "The bank's answers cannot be used to find out what became of the request.",
    }
}
