//! Transfers and payments in the bank's JSON.
//!
//! A transfer's answer counts only for exactly the accounts and the amount that were ordered. A list of payments is read as far
//! as it can be: it serves to look for one, and what is missing from it proves nothing.

use serde_json::{Value, json};

use super::{Garbage, amount, clean, currency, id, item_id, number, same, text, unwrap_details};
use crate::backend::types::{PaymentList, PaymentSeen, PaymentState, Receipt, TransferOrder};
use crate::call::outcome::PaymentStatus;

/// What the bank said to a transfer.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::backend) enum Answer {
    /// It took it.
    Taken(Receipt),
    /// It canceled it at once; the bank's word.
    Canceled(String),
}

/// The request's body.
pub(in crate::backend) fn order(order: &TransferOrder) -> Value {
    json!({
        "from_account": order.from_account,
        "to_account": order.to_account,
        "amount": number(&order.amount),
        "reference": order.reference,
    })
}

/// `{id,…,status:"Completed"}` or `{status:"success",payment_id,…}`.
pub(in crate::backend) fn receipt(body: &[u8], order: &TransferOrder) -> Result<Answer, Garbage> {
    let value = super::json(body)?;
    let from = id(&value, &["from_account"])?.ok_or(Garbage::Field("from_account"))?;
    same(Some(from), &order.from_account, "from_account")?;
    let to = id(&value, &["to_account"])?.ok_or(Garbage::Field("to_account"))?;
    same(Some(to), &order.to_account, "to_account")?;
    same(id(&value, &["reference"])?, &order.reference, "reference")?;
    let figure = value.get("amount").ok_or(Garbage::Field("amount"))?;
    let currency = currency(&value, &order.amount.currency);
    if amount(figure, "amount", currency)? != order.amount {
        return Err(Garbage::OtherThanAsked("amount"));
    }
    let payment_id = id(&value, &["payment_id", "id"])?.ok_or(Garbage::Field("payment_id"))?;
    let word = text(&value, &["status"]).ok_or(Garbage::Field("status"))?;
    let status = match word.to_ascii_lowercase().as_str() {
        "completed" | "success" => PaymentStatus::Completed,
        "pending" | "scheduled" => PaymentStatus::Pending,
        "canceled" | "cancelled" | "failed" | "rejected" => return Ok(Answer::Canceled(word)),
        _ => return Err(Garbage::Word("status")),
    };
    Ok(Answer::Taken(Receipt { payment_id, status }))
}

/// The bank's payments, a list or a map. One that stands there twice is one; of those that cannot be read the references are kept.
pub(in crate::backend) fn payments(
    body: &[u8],
    default_currency: &str,
) -> Result<PaymentList, Garbage> {
    let value = super::json(body)?;
    let items: Vec<(Option<&str>, &Value)> = match value.get("payments").unwrap_or(&value) {
        Value::Array(list) => list.iter().map(|item| (None, item)).collect(),
        Value::Object(map) => map
            .iter()
            .map(|(key, item)| (Some(key.as_str()), item))
            .collect(),
        _ => return Err(Garbage::Field("payments")),
    };
    let mut listed = PaymentList::default();
    for (key, item) in items {
        match payment_of(item, key, default_currency) {
            Ok(seen) if listed.payments.contains(&seen) => {}
            Ok(seen) => listed.payments.push(seen),
            Err(cause) => {
                tracing::warn!(%cause, "a payment in the backend's list cannot be read");
                let (details, _) = unwrap_details(item);
                listed
                    .unreadable
                    .extend(id(details, &["reference"]).ok().flatten());
            }
        }
    }
    Ok(listed)
}

/// One payment.
pub(in crate::backend) fn payment(
    body: &[u8],
    asked: &str,
    default_currency: &str,
) -> Result<PaymentSeen, Garbage> {
    let value = super::json(body)?;
    same(id(&value, &["payment_id", "id"])?, asked, "payment_id")?;
    payment_of(&value, Some(asked), default_currency)
}

fn payment_of(
    item: &Value,
    key: Option<&str>,
    default_currency: &str,
) -> Result<PaymentSeen, Garbage> {
    let payment_id = item_id(item, &["payment_id", "id"], key)?;
    let (details, _) = unwrap_details(item);
    let figure = details.get("amount").ok_or(Garbage::Field("amount"))?;
    Ok(PaymentSeen {
        id: payment_id,
        from_account: id(details, &["from_account"])?.ok_or(Garbage::Field("from_account"))?,
        to_account: id(details, &["to_account"])?.ok_or(Garbage::Field("to_account"))?,
        amount: amount(figure, "amount", currency(details, default_currency))?,
        date: text(details, &["date"]),
        state: state(
            details
                .get("status")
                .and_then(clean)
                .ok_or(Garbage::Field("status"))?,
        ),
        reference: id(details, &["reference"])?,
    })
}

fn state(word: String) -> PaymentState {
    match word.to_ascii_lowercase().as_str() {
        "completed" | "success" => PaymentState::Completed,
        "pending" => PaymentState::Pending,
        "scheduled" => PaymentState::Scheduled,
        "canceled" | "cancelled" => PaymentState::Canceled,
        _ => PaymentState::Other(word),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::Money;

    fn the_order() -> TransferOrder {
        TransferOrder {
            key: "k".to_owned(),
            reference: "r".to_owned(),
            from_account: "checking_1".to_owned(),
            to_account: "savings_1".to_owned(),
            amount: Money::new(50_000, "USD"),
        }
    }

    #[test]
    fn an_order_carries_an_exact_amount_and_its_reference() {
        assert_eq!(
            order(&the_order()).to_string(),
            r#"{"amount":500.00,"from_account":"checking_1","reference":"r","to_account":"savings_1"}"#
        );
    }

    #[test]
    fn a_receipt_is_read_from_both_dialects() {
        let documented = br#"{"id":"payment_789","from_account":"checking_1","to_account":"savings_1","amount":500.00,"status":"Completed"}"#;
        let published = br#"{"status":"success","payment_id":"payment_789","from_account":"checking_1","to_account":"savings_1","amount":500.0}"#;
        let expected = Answer::Taken(Receipt {
            payment_id: "payment_789".to_owned(),
            status: PaymentStatus::Completed,
        });
        assert_eq!(receipt(documented, &the_order()).as_ref(), Ok(&expected));
        assert_eq!(receipt(published, &the_order()).as_ref(), Ok(&expected));
    }

    #[test]
    fn a_receipt_for_anything_else_is_none() {
        let answer = |from: &str, to: &str, amount: &str, status: &str| {
            let body = format!(
                r#"{{"id":"p","from_account":"{from}","to_account":"{to}","amount":{amount},"status":"{status}"}}"#
            );
            receipt(body.as_bytes(), &the_order())
        };
        let (a, b) = ("checking_1", "savings_1");
        assert_eq!(
            answer(b, a, "500", "Completed"),
            Err(Garbage::OtherThanAsked("from_account"))
        );
        assert_eq!(
            answer(a, "x", "500", "Completed"),
            Err(Garbage::OtherThanAsked("to_account"))
        );
        assert_eq!(
            answer(a, b, "500.01", "Completed"),
            Err(Garbage::OtherThanAsked("amount"))
        );
        assert_eq!(
            answer(a, b, "1e308", "Completed"),
            Err(Garbage::Amount("amount"))
        );
        assert_eq!(answer(a, b, "500", "Perhaps"), Err(Garbage::Word("status")));
        assert_eq!(
            answer(a, b, "500", "Canceled"),
            Ok(Answer::Canceled("Canceled".to_owned()))
        );
        assert!(matches!(
            answer(a, b, "500", "Scheduled"),
            Ok(Answer::Taken(Receipt {
                status: PaymentStatus::Pending,
                ..
            }))
        ));
        let others = br#"{"id":"p","from_account":"checking_1","to_account":"savings_1","reference":"another","amount":500,"status":"Completed"}"#;
        assert_eq!(
            receipt(others, &the_order()),
            Err(Garbage::OtherThanAsked("reference"))
        );
        assert_eq!(receipt(b"<html>", &the_order()), Err(Garbage::NotJson));
        assert_eq!(
            receipt(b"{}", &the_order()),
            Err(Garbage::Field("from_account"))
        );
    }

    #[test]
    fn payments_come_as_a_map_or_a_list_and_a_broken_one_hides_no_other() {
        let map = br#"{"payments":{"p1":{"from_account":"a","to_account":"b","amount":10.1,"date":"2026-11-22","status":"Pending"},
            "p2":{"amount":"x"}},"count":2}"#;
        let found = payments(map, "USD").unwrap().payments;
        assert_eq!(found.len(), 1);
        assert_eq!(
            (found[0].id.as_str(), &found[0].state),
            ("p1", &PaymentState::Pending)
        );
        assert_eq!((found[0].amount.minor, &found[0].reference), (1_010, &None));

        let list = br#"[{"id":"p1","from_account":"a","to_account":"b","amount":1,"status":"Frozen","reference":"r"}]"#;
        let found = payments(list, "USD").unwrap().payments;
        assert_eq!(found[0].reference.as_deref(), Some("r"));
        assert_eq!(found[0].state, PaymentState::Other("Frozen".to_owned()));

        let one = br#"{"payment_id":"p1","details":{"from_account":"a","to_account":"b","amount":1,"status":"Canceled"}}"#;
        assert_eq!(
            payment(one, "p1", "USD").unwrap().state,
            PaymentState::Canceled
        );
        assert!(payment(one, "p2", "USD").is_err());
    }

    #[test]
    fn a_payment_that_stands_there_twice_is_one_and_an_unreadable_one_is_not_forgotten() {
        let once = r#"{"id":"p1","from_account":"a","to_account":"b","amount":1,"status":"Pending","reference":"r"}"#;
        let odd = once.replace("p1", "p2").replace(":1,", ":\"lots\",");
        let other = once.replace("Pending", "Canceled");
        let list = format!("[{once},{odd},{once},{other}]");
        let found = payments(list.as_bytes(), "USD").unwrap();
        assert_eq!(found.payments.len(), 2, "they contradict each other");
        assert_eq!(found.unreadable, ["r"]);
    }
}
