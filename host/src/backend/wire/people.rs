//! Customers in the bank's JSON.
//!
//! Read field by field, so that a social security number or a date of birth is skipped in the text and never becomes a value.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::{Garbage, clean, id, id_in};
use crate::backend::types::Customer;

/// The fields of a customer that anybody here needs, flat or under `details`.
#[derive(Deserialize)]
struct UserJson {
    user_id: Option<Value>,
    id: Option<Value>,
    details: Option<PersonJson>,
    name: Option<Value>,
    phone: Option<Value>,
    email: Option<Value>,
    address: Option<Value>,
    accounts: Option<Value>,
}

#[derive(Deserialize)]
struct PersonJson {
    name: Option<Value>,
    phone: Option<Value>,
    email: Option<Value>,
    address: Option<Value>,
    accounts: Option<Value>,
}

#[derive(Deserialize)]
struct Listing<T> {
    users: T,
}

/// One customer, and whether the answer had the published shape. A telephone number that was asked for may come back written
/// otherwise; any other id must be the same.
pub(in crate::backend) fn customer(body: &[u8], asked: &str) -> Result<(Customer, bool), Garbage> {
    let user: UserJson = serde_json::from_slice(body).map_err(|_| Garbage::NotJson)?;
    let published = user.details.is_some();
    let customer = user.into_customer(asked)?;
    let same_number = is_phone(asked) && digits(&customer.user_id) == digits(asked);
    let found_by_number = is_phone(asked)
        && customer
            .phone
            .as_deref()
            .is_some_and(|phone| digits(phone) == digits(asked));
    if customer.user_id != asked && !same_number && !found_by_number {
        return Err(Garbage::OtherThanAsked("user_id"));
    }
    Ok((customer, published))
}

/// The only customer of a listing whose telephone or id has these digits; none where nobody or more than one has.
pub(in crate::backend) fn with_digits(
    body: &[u8],
    wanted: &str,
) -> Result<Option<Customer>, Garbage> {
    let mut found = listing(body)?.into_iter().filter(|customer| {
        digits(&customer.user_id) == wanted
            || customer
                .phone
                .as_deref()
                .is_some_and(|phone| digits(phone) == wanted)
    });
    let first = found.next();
    Ok(if found.next().is_some() { None } else { first })
}

/// Its digits, whatever stands between them.
pub(in crate::backend) fn digits(phone: &str) -> String {
    phone.chars().filter(char::is_ascii_digit).collect()
}

/// Whether this is written as a telephone number and nothing else.
pub(in crate::backend) fn is_phone(text: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, '+' | '-' | ' ' | '(' | ')' | '.'))
}

fn listing(body: &[u8]) -> Result<Vec<Customer>, Garbage> {
    if let Ok(map) = serde_json::from_slice::<Listing<BTreeMap<String, UserJson>>>(body) {
        // A customer that cannot be read must not hide the others.
        return Ok(map
            .users
            .into_iter()
            .filter_map(|(user_id, user)| user.into_customer(&user_id).ok())
            .collect());
    }
    let list: Listing<Vec<UserJson>> =
        serde_json::from_slice(body).map_err(|_| Garbage::Field("users"))?;
    Ok(list
        .users
        .into_iter()
        .filter_map(|user| user.into_customer("").ok())
        .collect())
}

impl UserJson {
    fn into_customer(self, asked: &str) -> Result<Customer, Garbage> {
        // What is there and cannot be an id is another customer's, if anybody's.
        let given = match id_in(self.user_id.as_ref(), "user_id")? {
            Some(id) => Some(id),
            None => id_in(self.id.as_ref(), "id")?,
        };
        let user_id = given.unwrap_or_else(|| asked.to_owned());
        let person = self.details.unwrap_or(PersonJson {
            name: self.name,
            phone: self.phone,
            email: self.email,
            address: self.address,
            accounts: self.accounts,
        });
        let name = person
            .name
            .as_ref()
            .and_then(clean)
            .ok_or(Garbage::Field("name"))?;
        if user_id.is_empty() {
            return Err(Garbage::Field("user_id"));
        }
        Ok(Customer {
            user_id,
            name,
            phone: person.phone.as_ref().and_then(clean),
            email: person.email.as_ref().and_then(clean),
            address: person.address.as_ref().and_then(clean),
            account_ids: person
                .accounts
                .as_ref()
                .map(account_ids)
                .unwrap_or_default(),
        })
    }
}

/// A list of ids, a list of accounts, or a map of them.
fn account_ids(accounts: &Value) -> Vec<String> {
    match accounts {
        Value::Array(list) => list
            .iter()
            .filter_map(|item| match item {
                Value::Object(_) => id(item, &["account_id", "id"]).ok()?,
                item => id_in(Some(item), "id").ok()?,
            })
            .collect(),
        Value::Object(map) => map.keys().cloned().collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PUBLISHED: &[u8] = br#"{"user_id":"+1-408-585-8267","details":{"name":"Alice Johnson",
        "accounts":["checking_1","savings_1"],"ssn":"123-45-6789","email":"alice@example.com",
        "phone":"+1-408-585-8267","address":"1 Main St","date_of_birth":"1980-01-01"}}"#;

    #[test]
    fn a_customer_is_read_from_both_dialects_and_never_with_a_social_security_number() {
        let (customer, published) = super::customer(PUBLISHED, "+1-408-585-8267").unwrap();
        assert!(published);
        assert_eq!(customer.account_ids, ["checking_1", "savings_1"]);
        assert_eq!(customer.email.as_deref(), Some("alice@example.com"));
        assert!(!format!("{customer:?}").contains("6789"));
        assert!(!format!("{customer:?}").contains("1980"));

        let documented =
            br#"{"id":"user_1","name":"Alice Johnson","phone":"+14155552671","extra":1}"#;
        let (customer, published) = super::customer(documented, "user_1").unwrap();
        assert!(!published);
        assert_eq!(
            (customer.user_id.as_str(), customer.email),
            ("user_1", None)
        );
    }

    #[test]
    fn another_customer_than_the_one_asked_for_is_refused() {
        let other = br#"{"id":"user_2","name":"Bob Smith"}"#;
        assert_eq!(
            super::customer(other, "user_1").unwrap_err(),
            Garbage::OtherThanAsked("user_id")
        );
        assert_eq!(
            super::customer(b"{}", "user_1").unwrap_err(),
            Garbage::Field("name")
        );
    }

    #[test]
    fn a_number_asked_for_may_come_back_with_dashes() {
        assert!(super::customer(PUBLISHED, "+14085858267").is_ok());
        assert!(super::customer(PUBLISHED, "+14085858268").is_err());
    }

    #[test]
    fn a_caller_is_found_by_the_digits_of_telephone_or_id_and_only_when_there_is_one() {
        let users = br#"{"users":{
            "+1-408-585-8267":{"name":"Alice","phone":"(408) 555-0000"},
            "user_7":{"name":"Bob","phone":"+1 (415) 555-2672"},
            "user_8":{"name":"Carol","phone":"+14155552673"},
            "user_9":{"name":"Carol again","phone":"+1-415-555-2673"},
            "broken":{"phone":"+14155552672"}},"count":5}"#;
        let id = |digits| {
            with_digits(users, digits)
                .unwrap()
                .map(|customer| customer.user_id)
        };
        assert_eq!(id("14085858267").as_deref(), Some("+1-408-585-8267"));
        assert_eq!(id("14155552672").as_deref(), Some("user_7"));
        assert_eq!(id("14155552673"), None);
        assert_eq!(id("19999999999"), None);
    }

    #[test]
    fn only_numbers_are_numbers() {
        assert!(is_phone("+1-415-555-2671") && is_phone("(415) 555.2671"));
        assert!(!is_phone("user_2") && !is_phone("anonymous") && !is_phone(""));
    }
}
