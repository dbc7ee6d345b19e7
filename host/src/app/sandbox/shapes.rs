//! What the two dialects have in common: the list of answers that each of them shapes.
//!
//! Routes ask for an answer by name; which JSON that is, the dialect says. Answers that are alike in both stand here.

use serde::ser::{Serialize, Serializer};
use serde_json::{Value, json};

use super::books::{Account, Books, Payment, User};
use super::figure::Figure;

/// One dialect's JSON.
pub(super) trait Shapes: Send + Sync {
    /// Floats for amounts, telephone numbers for ids.
    fn is_published(&self) -> bool;
    /// One customer.
    fn user(&self, user: &User) -> Value;
    /// All customers.
    fn users(&self, books: &Books) -> Value;
    /// A customer's accounts.
    fn accounts(&self, user: &User, books: &Books) -> Answer;
    /// One account.
    fn account(&self, account: &Account) -> Answer;
    /// An account's months, in order.
    fn months(&self, kind: &str) -> InOrder;
    /// The answer to a transfer.
    fn receipt(&self, payment: &Payment) -> Value;
    /// A payment in a list.
    fn payment(&self, payment: &Payment) -> Value;
}

/// JSON whose objects may have an order.
pub(super) enum Answer {
    /// Any.
    Plain(Value),
    /// Fields as they follow each other.
    Ordered(InOrder),
}

/// An object in this order; months would otherwise be sorted by name.
pub(super) struct InOrder(Vec<(String, Answer)>);

impl InOrder {
    pub(super) fn new<N: Into<String>>(fields: impl IntoIterator<Item = (N, Answer)>) -> Self {
        Self(
            fields
                .into_iter()
                .map(|(name, value)| (name.into(), value))
                .collect(),
        )
    }
}

impl Serialize for InOrder {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

impl Serialize for Answer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Plain(value) => value.serialize(serializer),
            Self::Ordered(fields) => fields.serialize(serializer),
        }
    }
}

impl From<Value> for Answer {
    fn from(value: Value) -> Self {
        Self::Plain(value)
    }
}

/// `{user_id,name,email,phone,address}`.
pub(super) fn profile(user: &User) -> Value {
    json!({
        "user_id": user.id,
        "name": user.sample.name,
        "email": user.sample.email,
        "phone": user.phone,
        "address": user.sample.address,
    })
}

/// `{account_id,balance}`.
pub(super) fn balance(account: &Account) -> Value {
    json!({"account_id": account.id, "balance": account.balance.json()})
}

/// `{account_id,statements}`.
pub(super) fn statements(account: &Account, shapes: &dyn Shapes) -> Answer {
    let months = Answer::Ordered(shapes.months(account.kind));
    Answer::Ordered(InOrder::new([
        ("account_id", json!(account.id).into()),
        ("statements", months),
    ]))
}

/// `{payments,count}`.
pub(super) fn payments(books: &Books, shapes: &dyn Shapes, reference: Option<&str>) -> Value {
    let is_asked = |payment: &&Payment| {
        reference.is_none_or(|wanted| payment.reference.as_deref() == Some(wanted))
    };
    let listed: serde_json::Map<String, Value> = books
        .payments
        .values()
        .filter(is_asked)
        .map(|payment| (payment.id.clone(), shapes.payment(payment)))
        .collect();
    json!({"count": listed.len(), "payments": listed})
}

/// `+2400.00`: an amount inside a statement's text.
pub(super) fn signed(cents: i64) -> String {
    let figure = Figure::Minor(cents).json().to_string();
    if cents < 0 {
        figure
    } else {
        format!("+{figure}")
    }
}
