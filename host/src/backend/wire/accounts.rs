//! Accounts, balances and statements in the bank's JSON.
//!
//! A kind that the bank does not give stays empty, a currency that it does not give is the configured one. An account whose
//! figure is absurd makes the whole answer unreadable: half a list would be told as all of it.

use serde::Deserialize;
use serde_json::Value;

use super::ordered::Ordered;
use super::{
    Garbage, amount, checked_id, currency, id, id_in, item_id, json, same, text, unwrap_details,
};
use crate::backend::types::{AccountSeen, MonthStatement};
use crate::call::Money;
use crate::call::outcome::{Account, StatementLine};

/// A customer's accounts: a list or a map, bare or under `accounts`.
pub(in crate::backend) fn accounts(
    body: &[u8],
    asked_user: &str,
    default_currency: &str,
) -> Result<Vec<(Account, Option<Money>)>, Garbage> {
    let value = json(body)?;
    same(id(&value, &["user_id"])?, asked_user, "user_id")?;
    let found: Vec<Listed> = match value.get("accounts").unwrap_or(&value) {
        Value::Array(list) => list
            .iter()
            .map(|item| listed(item, None, default_currency))
            .collect::<Result<_, _>>()?,
        Value::Object(map) if map.values().all(Value::is_object) => map
            .iter()
            .map(|(account_id, item)| listed(item, Some(account_id), default_currency))
            .collect::<Result<_, _>>()?,
        _ => return Err(Garbage::Field("accounts")),
    };
    let own = found.into_iter().map(|one| {
        same(one.owner, asked_user, "user_id")?;
        Ok((one.account, one.balance))
    });
    once_each(own.collect::<Result<_, _>>()?)
}

/// Less what stands there twice; two figures for one account are none.
fn once_each(
    found: Vec<(Account, Option<Money>)>,
) -> Result<Vec<(Account, Option<Money>)>, Garbage> {
    let mut once: Vec<(Account, Option<Money>)> = Vec::with_capacity(found.len());
    for one in found {
        match once.iter().find(|(account, _)| account.id == one.0.id) {
            None => once.push(one),
            Some(other) if *other == one => {}
            Some(_) => return Err(Garbage::Contradiction("account_id")),
        }
    }
    Ok(once)
}

/// One account, and whether the answer had the published shape.
pub(in crate::backend) fn account(
    body: &[u8],
    asked: &str,
    default_currency: &str,
) -> Result<(AccountSeen, bool), Garbage> {
    let value = json(body)?;
    let (_, published) = unwrap_details(&value);
    let found = listed(&value, Some(asked), default_currency)?;
    let seen = AccountSeen {
        account: found.account,
        balance: found.balance.ok_or(Garbage::Field("balance"))?,
        owner: found.owner,
    };
    Ok((seen, published))
}

/// What an account's id is called.
const NAMES: [&str; 2] = ["account_id", "id"];

#[derive(Deserialize)]
struct StatementsJson {
    account_id: Option<Value>,
    id: Option<Value>,
    currency: Option<String>,
    statements: Ordered,
}

/// An account's statements: per month a text, or a list of lines.
pub(in crate::backend) fn statements(
    body: &[u8],
    asked: &str,
    default_currency: &str,
) -> Result<Vec<MonthStatement>, Garbage> {
    let answer: StatementsJson = serde_json::from_slice(body).map_err(|_| Garbage::NotJson)?;
    for id in [&answer.account_id, &answer.id] {
        same(id_in(id.as_ref(), "account_id")?, asked, "account_id")?;
    }
    let currency = answer.currency.as_deref().unwrap_or(default_currency);
    answer
        .statements
        .0
        .iter()
        .map(|(month, value)| {
            let lines = match value {
                Value::Array(lines) => lines
                    .iter()
                    .map(|item| line(item, currency))
                    .collect::<Result<_, _>>()?,
                one => vec![line(one, currency)?],
            };
            Ok(MonthStatement {
                month: month.clone(),
                lines,
            })
        })
        .collect()
}

/// An account as one item of the bank's says it.
struct Listed {
    account: Account,
    balance: Option<Money>,
    owner: Option<String>,
}

fn listed(item: &Value, key: Option<&str>, default_currency: &str) -> Result<Listed, Garbage> {
    // A list of nothing but ids.
    if let Value::String(account_id) = item {
        let account_id = checked_id(account_id, "account_id")?;
        return Ok(Listed {
            account: plain_account(account_id, default_currency),
            balance: None,
            owner: None,
        });
    }
    let account_id = item_id(item, &NAMES, key)?;
    let (details, _) = unwrap_details(item);
    same(id(details, &NAMES)?, &account_id, "account_id")?;
    let currency = currency(details, default_currency);
    let balance = |of: &Value| match of.get("balance") {
        None | Some(Value::Null) => Ok(None),
        Some(figure) => amount(figure, "balance", currency).map(Some),
    };
    let owner = |of| id(of, &["user_id", "owner_id", "owner"]);
    let account = Account {
        kind: text(details, &["type", "account_type", "kind"]).unwrap_or_default(),
        nickname: text(details, &["nickname"]),
        ..plain_account(account_id, currency)
    };
    Ok(Listed {
        account,
        balance: told_alike(balance(details)?, balance(item)?, "balance")?,
        owner: told_alike(owner(details)?, owner(item)?, "user_id")?,
    })
}

/// What is said within `details` and beside it.
fn told_alike<T: PartialEq>(
    within: Option<T>,
    beside: Option<T>,
    field: &'static str,
) -> Result<Option<T>, Garbage> {
    match (within, beside) {
        (Some(one), Some(other)) if one != other => Err(Garbage::Contradiction(field)),
        (one, other) => Ok(one.or(other)),
    }
}

fn plain_account(id: String, currency: &str) -> Account {
    Account {
        id,
        kind: String::new(),
        nickname: None,
        currency: currency.to_owned(),
    }
}

fn line(item: &Value, currency: &str) -> Result<StatementLine, Garbage> {
    if item.is_string() {
        let description = super::clean(item).unwrap_or_default();
        return Ok(StatementLine {
            date: String::new(),
            description,
            amount: None,
        });
    }
    if !item.is_object() {
        return Err(Garbage::Field("statements"));
    }
    let amount = match item.get("amount") {
        None | Some(Value::Null) => None,
        Some(figure) => Some(amount(figure, "amount", currency)?),
    };
    Ok(StatementLine {
        date: text(item, &["date"]).unwrap_or_default(),
        description: text(item, &["description"]).unwrap_or_default(),
        amount,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usd(minor: i64) -> Money {
        Money::new(minor, "USD")
    }

    #[test]
    fn a_published_map_has_neither_kind_nor_currency() {
        let body = br#"{"user_id":"+1-408","account_count":2,"accounts":{
            "checking_1":{"balance":2469.7000000000003,"statements":{"January":"text"}},
            "savings_1":{"balance":100}}}"#;
        let found = accounts(body, "+1-408", "USD").unwrap();
        assert_eq!(
            found[0],
            (
                plain_account("checking_1".to_owned(), "USD"),
                Some(usd(246_970))
            )
        );
        assert_eq!(found[1].1, Some(usd(10_000)));
    }

    #[test]
    fn documented_accounts_come_as_a_list_or_a_map_with_kind_and_currency() {
        let list = br#"[{"account_id":"a b/c","balance":"5000.50","type":"checking","currency":"EUR"},"bare_1"]"#;
        let found = accounts(list, "user_1", "USD").unwrap();
        assert_eq!(found[0].0.id, "a b/c");
        assert_eq!(
            (found[0].0.kind.as_str(), found[0].0.currency.as_str()),
            ("checking", "EUR")
        );
        assert_eq!(found[0].1, Some(Money::new(500_050, "EUR")));
        assert_eq!(found[1], (plain_account("bare_1".to_owned(), "USD"), None));

        let map = br#"{"savings_1":{"type":"savings","currency":"JPY","balance":500}}"#;
        let found = accounts(map, "user_1", "USD").unwrap();
        assert_eq!(found[0].1, Some(Money::new(500, "JPY")));
    }

    #[test]
    fn one_absurd_balance_or_another_customer_makes_the_answer_unreadable() {
        let absurd = br#"{"accounts":{"a":{"balance":1e308}}}"#;
        assert_eq!(
            accounts(absurd, "u", "USD").unwrap_err(),
            Garbage::Amount("balance")
        );
        let other = br#"{"user_id":"user_2","accounts":[]}"#;
        assert_eq!(
            accounts(other, "user_1", "USD").unwrap_err(),
            Garbage::OtherThanAsked("user_id")
        );
        let unknown = br#"{"accounts":[{"id":"a","balance":1,"currency":"dollars"}]}"#;
        assert_eq!(
            accounts(unknown, "u", "USD").unwrap_err(),
            Garbage::Amount("balance")
        );
        for odd in ["{\"accounts\":7}", "7", "null", "{\"a\":1}"] {
            assert!(accounts(odd.as_bytes(), "u", "USD").is_err(), "{odd}");
        }
    }

    #[test]
    fn one_account_is_read_from_both_dialects() {
        let documented = br#"{"account_id":"checking_1","user_id":"user_1","balance":-12.50,"type":"checking","currency":"USD"}"#;
        let (seen, published) = account(documented, "checking_1", "USD").unwrap();
        assert!(!published);
        assert_eq!(
            (seen.balance, seen.owner.as_deref()),
            (usd(-1_250), Some("user_1"))
        );

        let wrapped = br#"{"account_id":"checking_1","details":{"balance":0.1,"statements":{}}}"#;
        let (seen, published) = account(wrapped, "checking_1", "USD").unwrap();
        assert!(published);
        assert_eq!((seen.balance, seen.owner), (usd(10), None));

        assert!(account(wrapped, "checking_2", "USD").is_err());
        assert_eq!(
            account(b"{\"account_id\":\"x\"}", "x", "USD").unwrap_err(),
            Garbage::Field("balance")
        );
    }

    #[test]
    fn a_bank_that_contradicts_itself_has_said_nothing() {
        for (body, expected) in [
            (
                r#"[{"id":"a","balance":1},{"id":"a","balance":2}]"#,
                Garbage::Contradiction("account_id"),
            ),
            (
                r#"{"a":{"account_id":"b","balance":5},"b":{"balance":6}}"#,
                Garbage::OtherThanAsked("account_id"),
            ),
            (r#"[{"id":["a"],"balance":1}]"#, Garbage::Field("id")),
        ] {
            assert_eq!(accounts(body.as_bytes(), "u", "USD").unwrap_err(), expected);
        }
        let twice = br#"[{"id":"a","balance":1},{"id":"a","balance":1}]"#;
        assert_eq!(accounts(twice, "u", "USD").unwrap().len(), 1);
        for (body, expected) in [
            (
                r#"{"account_id":"a","details":{"account_id":"b","balance":7}}"#,
                Garbage::OtherThanAsked("account_id"),
            ),
            (
                r#"{"balance":1.00,"details":{"balance":7}}"#,
                Garbage::Contradiction("balance"),
            ),
            (
                r#"{"user_id":"u","details":{"owner":"v","balance":7}}"#,
                Garbage::Contradiction("user_id"),
            ),
        ] {
            assert_eq!(account(body.as_bytes(), "a", "USD").unwrap_err(), expected);
        }
        let others = br#"{"user_id":"v","balance":7.00,"details":{"balance":7}}"#;
        let (seen, _) = account(others, "a", "USD").unwrap();
        assert_eq!(seen.owner.as_deref(), Some("v"));
    }

    #[test]
    fn another_customers_account_makes_the_list_unreadable() {
        let own = |owner: &str| {
            let item = format!(r#"{{"id":"a","balance":1,{owner}}}"#);
            accounts(format!("[{item}]").as_bytes(), "user_1", "USD")
        };
        assert!(own(r#""user_id":"user_1""#).is_ok());
        for owner in [
            r#""user_id":"user_2""#,
            r#""owner_id":"user_2""#,
            r#""details":{"owner":"user_2"}"#,
        ] {
            assert_eq!(own(owner), Err(Garbage::OtherThanAsked("user_id")));
        }
        let both = br#"[{"id":"a","balance":5,"details":{"balance":6}}]"#;
        assert_eq!(
            accounts(both, "user_1", "USD"),
            Err(Garbage::Contradiction("balance"))
        );
    }

    #[test]
    fn statements_of_another_account_are_none() {
        for id in [r#""account_id":999"#, r#""id":"b""#] {
            let body = format!(r#"{{{id},"statements":{{}}}}"#);
            let found = statements(body.as_bytes(), "a", "USD");
            assert_eq!(found, Err(Garbage::OtherThanAsked("account_id")), "{id}");
        }
    }

    #[test]
    fn months_keep_the_banks_order_whether_they_are_texts_or_lists() {
        let body = br#"{"account_id":"a","statements":{"March":"Opening\n100","January":
            [{"date":"2026-01-05","description":"Groceries","amount":-82.30},{"description":"Note"}],"April":[]}}"#;
        let found = statements(body, "a", "USD").unwrap();
        let months: Vec<&str> = found.iter().map(|month| month.month.as_str()).collect();
        assert_eq!(months, ["March", "January", "April"]);
        assert_eq!(found[0].lines[0].description, "Opening 100");
        assert_eq!(found[0].lines[0].amount, None);
        assert_eq!(found[1].lines[0].amount, Some(usd(-8_230)));
        assert_eq!(found[1].lines[1].amount, None);
        assert!(found[2].lines.is_empty());
        assert!(statements(b"{\"statements\":{\"May\":7}}", "a", "USD").is_err());
        assert!(statements(b"{\"account_id\":\"b\",\"statements\":{}}", "a", "USD").is_err());
    }
}
