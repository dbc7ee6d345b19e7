//! The documented dialect: flat answers with kinds and currencies, exact amounts, references kept.
//!
//! Shapes only: what is answered comes from the books.

use serde_json::{Map, Value, json};

use super::books::{Account, Books, Payment, User};
use super::figure::{CURRENCY, Figure};
use super::shapes::{Answer, InOrder, Shapes};
use super::world;

/// As the predecessor's README has it.
pub(super) struct Documented;

impl Shapes for Documented {
    fn is_published(&self) -> bool {
        false
    }

    fn user(&self, user: &User) -> Value {
        json!({
            "id": user.id,
            "name": user.sample.name,
            "phone": user.phone,
            "email": user.sample.email,
            "address": user.sample.address,
            "accounts": user.account_ids,
        })
    }

    fn users(&self, books: &Books) -> Value {
        let listed: Map<String, Value> = books
            .users
            .values()
            .map(|user| (user.id.clone(), self.user(user)))
            .collect();
        json!({"count": listed.len(), "users": listed})
    }

    fn accounts(&self, user: &User, books: &Books) -> Answer {
        let listed: Vec<Value> = user
            .account_ids
            .iter()
            .filter_map(|id| books.accounts.get(id))
            .map(|account| {
                json!({
                    "account_id": account.id,
                    "type": account.kind,
                    "currency": CURRENCY,
                    "balance": account.balance.json(),
                })
            })
            .collect();
        json!({"user_id": user.id, "account_count": listed.len(), "accounts": listed}).into()
    }

    fn account(&self, account: &Account) -> Answer {
        json!({
            "account_id": account.id,
            "user_id": account.owner,
            "type": account.kind,
            "currency": CURRENCY,
            "balance": account.balance.json(),
        })
        .into()
    }

    fn months(&self, kind: &str) -> InOrder {
        let month = |lines: &[world::SampleLine]| -> Answer {
            let lines = lines.iter().map(|(date, description, cents)| {
                let amount = Figure::Minor(*cents).json();
                json!({"date": date, "description": description, "amount": amount})
            });
            Value::Array(lines.collect()).into()
        };
        let months = world::statements(kind).iter();
        InOrder::new(months.map(|(name, lines)| (*name, month(lines))))
    }

    fn receipt(&self, payment: &Payment) -> Value {
        json!({
            "id": payment.id,
            "from_account": payment.from_account,
            "to_account": payment.to_account,
            "amount": payment.amount.json(),
            "status": "Completed",
        })
    }

    fn payment(&self, payment: &Payment) -> Value {
        json!({
            "from_account": payment.from_account,
            "to_account": payment.to_account,
            "amount": payment.amount.json(),
            "currency": CURRENCY,
            "date": payment.booked_at,
            "status": "Completed",
            "reference": payment.reference,
        })
    }
}
