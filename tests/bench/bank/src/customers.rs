//! Whom the bank knows: every number of one area is a customer, and all of a customer follows from the number.
//!
//! Ten million customers without a table.

use serde_json::{Value, json};

const AREA: &str = "+1415";
const DIGITS: usize = 7;
const KINDS: [(&str, &str); 2] = [("checking", "5000.50"), ("savings", "15000.00")];

/// Seven digits make one.
#[derive(Debug, PartialEq, Eq)]
pub struct Customer {
    digits: String,
}

impl Customer {
    /// By telephone number or by the id that this bank gives.
    pub fn find(id: &str) -> Option<Self> {
        let digits = id.strip_prefix(AREA).or_else(|| id.strip_prefix("user_"))?;
        is_number(digits).then(|| Self {
            digits: digits.to_owned(),
        })
    }

    /// As the contract has one customer.
    pub fn details(&self) -> Value {
        let digits = &self.digits;
        json!({
            "id": format!("user_{digits}"),
            "name": "Alice Johnson",
            "phone": format!("{AREA}{digits}"),
            "email": "alice@example.com",
        })
    }

    /// As the contract lists accounts, balances with them.
    pub fn accounts(&self) -> Value {
        let digits = &self.digits;
        let accounts = KINDS.map(|(kind, balance)| {
            json!({
                "account_id": format!("{kind}_{digits}"),
                "type": kind,
                "currency": "USD",
                "balance": balance,
            })
        });
        json!({ "user_id": format!("user_{digits}"), "accounts": accounts })
    }
}

/// Whether somebody has an account of this id.
pub fn is_account(id: &str) -> bool {
    id.split_once('_').is_some_and(|(kind, digits)| {
        KINDS.iter().any(|(known, _)| *known == kind) && is_number(digits)
    })
}

fn is_number(digits: &str) -> bool {
    digits.len() == DIGITS && digits.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_and_an_id_are_the_same_customer() {
        let by_number = Customer::find("+14155000007");
        assert_eq!(by_number, Customer::find("user_5000007"));
        let accounts = by_number.expect("a number of the area").accounts();
        assert_eq!(accounts["accounts"][0]["account_id"], "checking_5000007");
        assert_eq!(Customer::find("+491700000000"), None);
        assert_eq!(Customer::find("user_1"), None);
    }

    #[test]
    fn accounts_are_known_by_kind_and_number() {
        assert!(is_account("savings_5000007"));
        assert!(!is_account("gold_5000007"));
        assert!(!is_account("savings_7"));
    }
}
