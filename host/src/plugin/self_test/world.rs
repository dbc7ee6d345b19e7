//! What the bank answers in a scenario: a customer with two accounts, unless the scenario says otherwise.
//!
//! Every answer may be a failure instead, in the form of records: `payment = { failure = "unavailable" }`.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::error::InvalidScenario;
use super::{notation, strict};
use crate::call::outcome::{Account, Application, PaymentStatus, Profile, StatementLine};
use crate::call::session::Utterance;
use crate::call::{Failure, Money};

/// An answer of the bank.
pub(super) type Answer<T> = Result<T, Failure>;

/// Everything that can be asked for.
#[derive(Debug)]
pub(super) struct World {
    pub(super) accounts: Answer<Vec<OwnAccount>>,
    pub(super) transfers: Vec<Made>,
    pub(super) profile: Answer<Profile>,
    /// The newest first.
    pub(super) statements: Answer<Vec<Month>>,
    pub(super) payment: Answer<Paid>,
    pub(super) application: Answer<Application>,
    pub(super) transcript: Vec<Utterance>,
    pub(super) last_reply: Option<String>,
    pub(super) assistant: Answer<String>,
}

/// An account of the caller's.
#[derive(Debug)]
pub(super) struct OwnAccount {
    pub(super) account: Account,
    pub(super) available: Answer<Money>,
}

/// Transfers that the caller made before.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Made {
    pub(super) amount: Money,
    #[serde(default = "first_account")]
    pub(super) from_account: String,
    /// Whole hours; just now, where none are named.
    #[serde(default)]
    pub(super) hours_ago: u32,
    /// As many of them.
    #[serde(default = "one")]
    pub(super) count: u32,
}

/// A statement; of any account where none is named.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Month {
    pub(super) account: Option<String>,
    pub(super) month: String,
    pub(super) lines: Vec<StatementLine>,
}

/// How a payment ends.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Paid {
    pub(super) id: String,
    pub(super) status: PaymentStatus,
}

/// An account as it is written.
#[derive(Serialize, Deserialize)]
struct WrittenAccount {
    id: String,
    #[serde(default)]
    kind: String,
    nickname: Option<String>,
    currency: Option<String>,
    balance: Value,
}

/// The whole as it is written.
#[derive(Serialize, Deserialize)]
struct Written {
    accounts: Value,
    transfers: Vec<Made>,
    profile: Value,
    statements: Value,
    payment: Value,
    application: Value,
    transcript: Vec<Utterance>,
    last_reply: Option<String>,
    assistant: Value,
}

fn first_account() -> String {
    "checking_1".to_owned()
}

fn one() -> u32 {
    1
}

fn usual() -> Value {
    json!({
        "accounts": [
            {"id": "checking_1", "kind": "checking", "balance": "5000.50 USD"},
            {"id": "savings_1", "kind": "savings", "balance": "12500.75 USD"},
        ],
        "transfers": [],
        "profile": {
            "name": "Alice Johnson",
            "email": "alice.johnson@example.com",
            "phone": "+14155552671",
            "address": "12 Market Street, San Francisco, CA 94105",
        },
        "statements": [{"month": "2026-03", "lines": [
            {"date": "2026-03-02", "description": "Salary", "amount": "2400.00 USD"},
            {"date": "2026-03-30", "description": "Rent", "amount": "-1150.00 USD"},
        ]}],
        "payment": {"id": "payment_789", "status": "completed"},
        "application": {
            "id": "application_501",
            "status": "Pending",
            "message": "Your application was received.",
        },
        "transcript": [],
        "last_reply": null,
        "assistant": {"failure": "unsupported"},
    })
}

impl World {
    /// What is written, over what is usual.
    pub(super) fn read(written: Map<String, Value>) -> Result<Self, InvalidScenario> {
        let mut whole = usual();
        for (name, value) in written {
            match whole.get_mut(&name) {
                // A failure replaces the answer; another table adds to it.
                Some(there) if !is_failure(&value) && !is_failure(there) => {
                    notation::put_over(there, value);
                }
                _ => whole[&name] = value,
            }
        }
        notation::lengthen("bank", &mut whole)?;
        let whole: Written = strict::read("bank", &whole)?;
        Ok(Self {
            accounts: accounts(&whole.accounts)?,
            transfers: whole.transfers,
            profile: answer("bank.profile", &whole.profile)?,
            statements: answer("bank.statements", &whole.statements)?,
            payment: answer("bank.payment", &whole.payment)?,
            application: answer("bank.application", &whole.application)?,
            transcript: whole.transcript,
            last_reply: whole.last_reply,
            assistant: answer("bank.assistant", &whole.assistant)?,
        })
    }
}

fn is_failure(value: &Value) -> bool {
    value.get("failure").is_some()
}

fn answer<T: DeserializeOwned + Serialize>(
    key: &str,
    value: &Value,
) -> Result<Answer<T>, InvalidScenario> {
    if is_failure(value) {
        return strict::read(key, value).map(Err);
    }
    strict::read(key, value).map(Ok)
}

fn accounts(value: &Value) -> Result<Answer<Vec<OwnAccount>>, InvalidScenario> {
    let written: Vec<WrittenAccount> = match answer("bank.accounts", value)? {
        Ok(written) => written,
        Err(failure) => return Ok(Err(failure)),
    };
    let held = written.into_iter().enumerate().map(|(at, account)| {
        let available: Answer<Money> =
            answer(&format!("bank.accounts.{at}.balance"), &account.balance)?;
        let its_own = available.as_ref().map(|money| money.currency.clone()).ok();
        let currency = account.currency.or(its_own);
        Ok(OwnAccount {
            account: Account {
                id: account.id,
                kind: account.kind,
                nickname: account.nickname,
                currency: currency.unwrap_or_else(|| "USD".to_owned()),
            },
            available,
        })
    });
    held.collect::<Result<_, _>>().map(Ok)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<World, InvalidScenario> {
        let table: toml::Table = toml::from_str(text).expect("TOML");
        match notation::to_json("", &toml::Value::Table(table))? {
            Value::Object(bank) => World::read(bank),
            other => panic!("{other}"),
        }
    }

    #[test]
    fn what_is_not_written_is_usual() {
        let world = read("payment = { status = 'pending' }").expect("good");
        let accounts = world.accounts.expect("two accounts");
        assert_eq!(accounts[0].account.id, "checking_1");
        assert_eq!(accounts[0].available, Ok(Money::new(500_050, "USD")));
        assert_eq!(accounts[1].available, Ok(Money::new(1_250_075, "USD")));
        let paid = world.payment.expect("paid");
        assert_eq!(
            (paid.id.as_str(), paid.status),
            ("payment_789", PaymentStatus::Pending)
        );
        assert_eq!(world.assistant, Err(Failure::Unsupported));
    }

    #[test]
    fn every_answer_may_be_a_failure_and_a_failure_an_answer() {
        let world = read(
            "accounts = [{ id = 'a', balance = { failure = 'unavailable' } }]
             profile = { failure = 'not-found', detail = 'user' }
             payment = { failure = 'uncertain' }
             statements = { failure = 'unsupported' }
             application = { failure = 'rejected', detail = 'no' }
             assistant = 'We open at nine.'
             transfers = [{ amount = '10.00 USD', count = 3 }]",
        )
        .expect("good");
        let accounts = world.accounts.expect("one account");
        assert_eq!(accounts[0].available, Err(Failure::Unavailable));
        assert_eq!(accounts[0].account.currency, "USD");
        assert_eq!(world.profile, Err(Failure::NotFound("user".to_owned())));
        assert_eq!(world.assistant.as_deref(), Ok("We open at nine."));
        assert_eq!(
            (world.transfers[0].count, world.transfers[0].hours_ago),
            (3, 0)
        );
        let none = read("accounts = { failure = 'unavailable' }").expect("good");
        assert_eq!(
            none.accounts.map(|held| held.len()),
            Err(Failure::Unavailable)
        );
    }

    #[test]
    fn what_is_misspelt_is_named() {
        for (text, fault) in [
            (
                "acounts = []",
                "unknown key `bank.acounts`, did you mean `accounts`?",
            ),
            (
                "accounts = [{ id = 'a', balance = '1.00 USD', nick = 'b' }]",
                "unknown key `bank.accounts.0.nick`, did you mean `nickname`?",
            ),
            (
                "payment = { statsu = 'pending' }",
                "unknown key `bank.payment.statsu`, did you mean `status`?",
            ),
            (
                "accounts = [{ id = 'a' }]",
                "`bank.accounts`: missing field `balance`",
            ),
        ] {
            assert_eq!(read(text).expect_err(text).to_string(), fault);
        }
    }
}
