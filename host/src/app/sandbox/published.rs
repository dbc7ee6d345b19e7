//! The published dialect: `details` and maps, no kinds, no currencies, months as texts, references dropped, dates without a time.
//!
//! It shows social security numbers and dates of birth, as the code that is out there does; a test holds that they go no further.

use serde_json::{Map, Value, json};

use super::books::{Account, Books, Payment, User};
use super::shapes::{Answer, InOrder, Shapes, signed};
use super::world;

/// As the code that is out there has it.
pub(super) struct Published;

impl Shapes for Published {
    fn is_published(&self) -> bool {
        true
    }

    fn user(&self, user: &User) -> Value {
        json!({"user_id": user.id, "details": details(user)})
    }

    fn users(&self, books: &Books) -> Value {
        let listed: Map<String, Value> = books
            .users
            .values()
            .map(|user| (user.id.clone(), details(user)))
            .collect();
        json!({"count": listed.len(), "users": listed})
    }

    fn accounts(&self, user: &User, books: &Books) -> Answer {
        let listed: Vec<&Account> = user
            .account_ids
            .iter()
            .filter_map(|id| books.accounts.get(id))
            .collect();
        let count = listed.len();
        let accounts = listed
            .into_iter()
            .map(|account| (account.id.clone(), self.inside(account)));
        Answer::Ordered(InOrder::new([
            ("user_id", json!(user.id).into()),
            ("account_count", json!(count).into()),
            ("accounts", Answer::Ordered(InOrder::new(accounts))),
        ]))
    }

    fn account(&self, account: &Account) -> Answer {
        Answer::Ordered(InOrder::new([
            ("account_id", json!(account.id).into()),
            ("details", self.inside(account)),
        ]))
    }

    fn months(&self, kind: &str) -> InOrder {
        let text = |lines: &[world::SampleLine]| {
            let lines = lines
                .iter()
                .map(|(_, what, cents)| format!("{what} {}", signed(*cents)));
            lines.collect::<Vec<_>>().join(", ")
        };
        let months = world::statements(kind).iter();
        InOrder::new(months.map(|(name, lines)| (*name, json!(text(lines)).into())))
    }

    fn receipt(&self, payment: &Payment) -> Value {
        json!({
            "status": "success",
            "payment_id": payment.id,
            "from_account": payment.from_account,
            "to_account": payment.to_account,
            "amount": payment.amount.json(),
        })
    }

    fn payment(&self, payment: &Payment) -> Value {
        let day = payment.booked_at.split('T').next().unwrap_or_default();
        json!({
            "from_account": payment.from_account,
            "to_account": payment.to_account,
            "amount": payment.amount.json(),
            "date": day,
            "status": "Completed",
        })
    }
}

impl Published {
    fn inside(&self, account: &Account) -> Answer {
        Answer::Ordered(InOrder::new([
            ("balance", account.balance.json().into()),
            ("statements", Answer::Ordered(self.months(account.kind))),
        ]))
    }
}

fn details(user: &User) -> Value {
    json!({
        "name": user.sample.name,
        "accounts": user.account_ids,
        "ssn": user.sample.ssn,
        "email": user.sample.email,
        "phone": user.phone,
        "address": user.sample.address,
        "date_of_birth": user.sample.date_of_birth,
    })
}
