//! The sandbox bank's books: customers, accounts, payments, applications. Plain data and pure steps; no HTTP and no clock.
//!
//! Routes hold them behind one lock, so that a transfer is whole or did not happen. Amounts are cents, or floats where the bank
//! is to compute as the published one does.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use super::figure::Figure;
use super::world::{self, SampleUser};

/// A customer of the bank.
pub(super) struct User {
    pub id: String,
    pub phone: String,
    pub sample: &'static SampleUser,
    /// In the order of the sample world.
    pub account_ids: Vec<String>,
}

/// An account.
pub(super) struct Account {
    pub id: String,
    pub owner: String,
    pub kind: &'static str,
    pub balance: Figure,
}

/// A payment that was booked.
pub(super) struct Payment {
    pub id: String,
    pub from_account: String,
    pub to_account: String,
    pub amount: Figure,
    /// RFC 3339, seconds.
    pub booked_at: String,
    pub reference: Option<String>,
}

/// What was applied for.
pub(super) struct Application {
    pub id: String,
    /// `loan` or `credit card`.
    pub product: &'static str,
}

/// Why the bank says no, as status and FastAPI's detail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Refusal(pub u16, pub &'static str);

/// What a key was used for, and what was answered.
pub(super) struct Kept {
    /// Path and body.
    pub request: String,
    pub status: u16,
    pub answer: Value,
}

/// A transfer that is asked for.
pub(super) struct Order {
    pub from_account: String,
    pub to_account: String,
    pub amount: Figure,
    pub reference: Option<String>,
}

/// Everything that the bank knows.
pub(super) struct Books {
    pub users: BTreeMap<String, User>,
    pub accounts: BTreeMap<String, Account>,
    pub payments: BTreeMap<String, Payment>,
    pub applications: BTreeMap<String, Application>,
    pub kept: HashMap<String, Kept>,
    pub numbers_from: u64,
}

impl Books {
    /// The sample world. With `published`, ids of customers are telephone numbers with dashes and amounts are floats.
    pub(super) fn sample(published: bool) -> Self {
        let mut books = Self {
            users: BTreeMap::new(),
            accounts: BTreeMap::new(),
            payments: BTreeMap::new(),
            applications: BTreeMap::new(),
            kept: HashMap::new(),
            numbers_from: 0,
        };
        for sample in &world::USERS {
            let number = sample.number;
            let dashed = format!("+1-415-555-267{number}");
            let (id, phone) = if published {
                (dashed.clone(), dashed)
            } else {
                (format!("user_{number}"), format!("+1415555267{number}"))
            };
            let mut account_ids = Vec::new();
            for (kind, cents) in sample.accounts {
                let account_id = format!("{kind}_{number}");
                account_ids.push(account_id.clone());
                let account = Account {
                    id: account_id.clone(),
                    owner: id.clone(),
                    kind,
                    balance: Figure::of_cents(*cents, published),
                };
                books.accounts.insert(account_id, account);
            }
            books.users.insert(
                id.clone(),
                User {
                    id,
                    phone,
                    sample,
                    account_ids,
                },
            );
        }
        books
    }

    /// Moves money, all of it or none.
    pub(super) fn transfer(&mut self, order: Order, now: &str) -> Result<&Payment, Refusal> {
        let source = self
            .accounts
            .get(&order.from_account)
            .ok_or(Refusal(404, "Source account not found"))?
            .balance;
        let destination = self
            .accounts
            .get(&order.to_account)
            .ok_or(Refusal(404, "Destination account not found"))?
            .balance;
        if order.from_account == order.to_account {
            return Err(Refusal(400, "Source and destination must differ"));
        }
        if !order.amount.is_positive() {
            return Err(Refusal(400, "Amount must be positive"));
        }
        if !source.covers(order.amount) {
            return Err(Refusal(400, "Insufficient funds"));
        }
        self.set_balance(&order.from_account, source.minus(order.amount));
        self.set_balance(&order.to_account, destination.plus(order.amount));
        let id = format!(
            "payment_{}",
            self.numbers_from + world::FIRST_PAYMENT + self.payments.len() as u64
        );
        Ok(self.payments.entry(id.clone()).or_insert(Payment {
            id,
            from_account: order.from_account,
            to_account: order.to_account,
            amount: order.amount,
            booked_at: now.to_owned(),
            reference: order.reference,
        }))
    }

    /// Takes an application.
    pub(super) fn apply(
        &mut self,
        user_id: &str,
        product: &'static str,
        amount: Figure,
    ) -> Result<&Application, Refusal> {
        if !self.users.contains_key(user_id) {
            return Err(Refusal(404, "User not found"));
        }
        if !amount.is_positive() {
            return Err(Refusal(400, "Amount must be positive"));
        }
        let number = self.numbers_from + world::FIRST_APPLICATION + self.applications.len() as u64;
        let id = format!("application_{number}");
        Ok(self
            .applications
            .entry(id.clone())
            .or_insert(Application { id, product }))
    }

    fn set_balance(&mut self, account_id: &str, balance: Figure) {
        if let Some(account) = self.accounts.get_mut(account_id) {
            account.balance = balance;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(from: &str, to: &str, amount: Figure) -> Order {
        Order {
            from_account: from.to_owned(),
            to_account: to.to_owned(),
            amount,
            reference: None,
        }
    }

    #[test]
    fn the_example_of_the_readme_works_as_printed() {
        let mut books = Books::sample(false);
        let payment = books
            .transfer(
                order("checking_1", "savings_1", Figure::Minor(50_000)),
                "2026-11-22",
            )
            .map(|payment| payment.id.clone());
        assert_eq!(payment.as_deref(), Ok("payment_789"));
        assert_eq!(books.accounts["checking_1"].balance, Figure::Minor(450_050));
        assert_eq!(
            books.accounts["savings_1"].balance,
            Figure::Minor(1_300_000)
        );
    }

    #[test]
    fn three_transfers_of_ten_ten_make_the_published_banks_noise() {
        let mut books = Books::sample(true);
        for _ in 0..3 {
            let ten = order("checking_5", "savings_5", Figure::Float(10.10));
            assert!(books.transfer(ten, "").is_ok());
        }
        assert_eq!(
            books.accounts["checking_5"].balance.json().to_string(),
            "2469.7000000000003"
        );
    }

    #[test]
    fn a_refused_transfer_changes_nothing() {
        let mut books = Books::sample(false);
        let mut refused = |from, to, cents| {
            books
                .transfer(order(from, to, Figure::Minor(cents)), "")
                .err()
                .map(|no| (no.0, no.1))
        };
        assert_eq!(
            refused("x", "savings_1", 1),
            Some((404, "Source account not found"))
        );
        assert_eq!(
            refused("checking_1", "x", 1),
            Some((404, "Destination account not found"))
        );
        assert_eq!(
            refused("checking_1", "savings_1", 0),
            Some((400, "Amount must be positive"))
        );
        assert_eq!(
            refused("checking_1", "savings_1", 500_051),
            Some((400, "Insufficient funds"))
        );
        assert_eq!(books.accounts["checking_1"].balance, Figure::Minor(500_050));
        assert!(books.payments.is_empty());
    }
}
