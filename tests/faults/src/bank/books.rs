//! The books: accounts in whole cents, payments in the order in which they were booked, and what arrived at the desk.
//!
//! Plain data under the bank's one lock. The truth of the bench: every check reads it, and nothing but a booking changes a balance.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use fastrand::Rng;

/// What every customer has.
pub(super) const ACCOUNTS: [&str; 2] = ["checking", "savings"];

/// One account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The customer.
    pub owner: String,
    /// When the bank opened.
    pub opening_cents: i64,
    /// Now.
    pub balance_cents: i64,
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Order {
    /// Money leaves it.
    pub from: String,
    /// Money comes to it.
    pub to: String,
    /// Above zero.
    pub cents: i64,
}

/// One booking.
#[derive(Debug, Clone)]
pub struct Payment {
    /// Of the bank's.
    pub id: String,
    /// What was booked.
    pub order: Order,
    /// As it came in the order, whether or not this bank shows it.
    pub reference: Option<String>,
}

/// Why a transfer is not booked; FastAPI's status and reason.
pub type Refusal = (u16, &'static str);

/// All of it.
#[derive(Debug, Default)]
pub struct Books {
    /// By id.
    pub accounts: BTreeMap<String, Account>,
    /// In order.
    pub payments: Vec<Payment>,
    /// How often an order with this reference reached the desk, booked or not.
    pub orders_seen: HashMap<String, u32>,
    /// How often each path was read.
    pub reads_seen: HashMap<String, u32>,
    kept: HashMap<String, (Order, Result<Payment, Refusal>)>,
}

impl Books {
    /// A checking and a savings account for each of these customers, `user_0` to `user_N`; what they hold comes from the seed.
    pub fn admit(&mut self, customers: Range<usize>, seed: u64) {
        let mut chance = Rng::with_seed(seed ^ customers.start as u64);
        for number in customers {
            for kind in ACCOUNTS {
                let opening_cents = chance.i64(1_000_000..2_000_000);
                let account = Account {
                    owner: format!("user_{number}"),
                    opening_cents,
                    balance_cents: opening_cents,
                };
                self.accounts.insert(format!("{kind}_{number}"), account);
            }
        }
    }

    /// Everything that all accounts hold.
    #[must_use]
    pub fn sum_cents(&self) -> i64 {
        self.accounts.values().map(|one| one.balance_cents).sum()
    }

    /// Everything that they held when the bank opened.
    #[must_use]
    pub fn opening_sum_cents(&self) -> i64 {
        self.accounts.values().map(|one| one.opening_cents).sum()
    }

    /// Books it, or says why not.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn book(&mut self, order: Order, reference: Option<String>) -> Result<Payment, Refusal> {
        let (from, to) = (self.accounts.get(&order.from), self.accounts.get(&order.to));
        let from = from.ok_or((404, "Source account not found"))?;
        to.ok_or((404, "Destination account not found"))?;
        if from.balance_cents < order.cents {
            return Err((400, "Insufficient funds"));
        }
        for (id, cents) in [(&order.from, -order.cents), (&order.to, order.cents)] {
            if let Some(account) = self.accounts.get_mut(id) {
                account.balance_cents += cents;
            }
        }
        let payment = Payment {
            id: format!("pay_{}", self.payments.len() + 1),
            order,
            reference,
        };
        self.payments.push(payment.clone());
        Ok(payment)
    }

    /// The same once for each key; another order under a key is a 422.
    ///
    /// # Errors
    /// [`Refusal`], the first one again for a key that was refused.
    pub fn book_once(
        &mut self,
        key: &str,
        order: Order,
        reference: Option<String>,
    ) -> Result<Payment, Refusal> {
        if let Some((known, answer)) = self.kept.get(key) {
            return if *known == order {
                answer.clone()
            } else {
                Err((422, "Idempotency-Key was used for another request"))
            };
        }
        let answer = self.book(order.clone(), reference);
        self.kept.insert(key.to_owned(), (order, answer.clone()));
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(customers: usize, seed: u64) -> Books {
        let mut books = Books::default();
        books.admit(0..customers, seed);
        books
    }

    fn order(cents: i64) -> Order {
        Order {
            from: "checking_0".to_owned(),
            to: "savings_1".to_owned(),
            cents,
        }
    }

    #[test]
    fn a_booking_moves_cents_and_makes_none() {
        let mut books = open(2, 5);
        let before = books.accounts["savings_1"].balance_cents;
        books.book(order(101), None).unwrap();
        assert_eq!(books.accounts["savings_1"].balance_cents - before, 101);
        assert_eq!(books.sum_cents(), books.opening_sum_cents());
        assert_eq!(books.book(order(i64::MAX), None).unwrap_err().0, 400);
        assert_eq!(books.payments.len(), 1);
    }

    #[test]
    fn a_key_is_booked_once_and_stands_for_one_order() {
        let mut books = open(2, 5);
        let first = books.book_once("k", order(101), None).unwrap();
        let again = books.book_once("k", order(101), None).unwrap();
        assert_eq!((first.id, books.payments.len()), (again.id, 1));
        assert_eq!(books.book_once("k", order(102), None).unwrap_err().0, 422);
    }

    #[test]
    fn the_same_seed_opens_the_same_bank() {
        assert_eq!(open(9, 1).accounts, open(9, 1).accounts);
        assert_ne!(open(9, 1).accounts, open(9, 2).accounts);
    }
}
