//! What a host says was decided and moved in a call: its decision records, and the balances of the caller where they can be asked for.
//!
//! Records are `GET /admin/decisions`, balances `POST /orchestrate/get-accounts`; a sandbox answers both to anybody, elsewhere the
//! admin token opens both. A record says what the host believes; balances say what the bank did.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::script::Moved;
use crate::call::money::Money;
use crate::cli::remote::Remote;

/// The facts of one turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Decision {
    /// From 1 within the call.
    pub number: u64,
    /// Its name.
    pub intent: String,
    /// The code of its outcome.
    pub code: String,
    id: String,
    transfer_id: Option<String>,
}

/// The record of one call's money.
pub(super) struct Books<'a> {
    host: &'a Remote,
    call_id: String,
    customer: Option<String>,
    currency: String,
    /// Ledger rows that were looked at.
    told: BTreeSet<String>,
    balances: BTreeMap<String, i64>,
    /// The call of its own was opened.
    is_open: bool,
}

/// What moved since the last look.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Movement {
    /// By the call's records.
    pub payments: Vec<Payment>,
    /// By the balances: account and minor units, the changed ones; none where they cannot be asked for.
    pub changes: Option<BTreeMap<String, i64>>,
}

/// One payment of a record's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Payment {
    from: String,
    to: String,
    amount: Money,
}

impl<'a> Books<'a> {
    /// Nothing is asked before somebody wants to know.
    pub(super) fn of(
        host: &'a Remote,
        call_id: &str,
        customer: Option<String>,
        currency: &str,
    ) -> Self {
        Self {
            host,
            call_id: call_id.to_owned(),
            customer,
            currency: currency.to_owned(),
            told: BTreeSet::new(),
            balances: BTreeMap::new(),
            is_open: false,
        }
    }

    /// The id of the call through which the balances were asked for, where they were: somebody has to end it.
    pub(super) fn opened(&self) -> Option<String> {
        self.is_open.then(|| self.own_call())
    }

    /// Notes the balances before anything moves.
    pub(super) async fn open(&mut self) -> Result<()> {
        if let Some(customer) = &self.customer {
            let context = json!({"call_id": self.own_call(), "user_id": customer});
            self.host
                .post("/orchestrate/load-context", &context)
                .await?;
            self.is_open = true;
            self.balances = self.ask_balances(customer).await?;
        }
        Ok(())
    }

    /// The turns of the call so far, in order.
    pub(super) async fn decisions(&self) -> Result<Vec<Decision>> {
        let path = format!("/admin/decisions?call_id={}", self.call_id);
        let answer = self.host.get(&path).await.context(
            "the host's decision records are needed to see an intent, a code or a transfer",
        )?;
        let all = answer["decisions"].as_array();
        let all = all.context("the host's list of decisions has another form")?;
        let mut decisions: Vec<Decision> = all.iter().map(decision).collect();
        decisions.sort_by_key(|decision| decision.number);
        Ok(decisions)
    }

    /// What moved since this was asked before.
    pub(super) async fn look(&mut self) -> Result<Movement> {
        let mut movement = Movement::default();
        for decision in self.decisions().await? {
            let Some(transfer_id) = decision.transfer_id else {
                continue;
            };
            if self.told.contains(&transfer_id) {
                continue;
            }
            let path = format!("/admin/decisions/{}", decision.id);
            let record = self.host.get(&path).await?;
            if let Some(payment) = payment(&record["outcome_value"]) {
                self.told.insert(transfer_id);
                movement.payments.push(payment);
            }
        }
        if let Some(customer) = &self.customer {
            let now = self.ask_balances(customer).await?;
            movement.changes = Some(changes(&self.balances, &now));
            self.balances = now;
        }
        Ok(movement)
    }

    async fn ask_balances(&self, customer: &str) -> Result<BTreeMap<String, i64>> {
        let asked = json!({"call_id": self.own_call(), "user_id": customer});
        let answer = self.host.post("/orchestrate/get-accounts", &asked).await?;
        let accounts = answer["accounts"].as_object();
        let accounts = accounts.context("the host's list of accounts has another form")?;
        let balance = |(id, account): (&String, &Value)| {
            let amount = Money::parse(&account["balance"].to_string(), &self.currency)?;
            Ok((id.clone(), amount.minor))
        };
        accounts.iter().map(balance).collect()
    }

    /// Looking at the books is no part of the call that is looked at.
    fn own_call(&self) -> String {
        format!("{}_books", self.call_id)
    }
}

fn decision(facts: &Value) -> Decision {
    let text = |key: &str| facts[key].as_str().map(str::to_owned);
    Decision {
        number: facts["number"].as_u64().unwrap_or_default(),
        intent: text("intent").unwrap_or_default(),
        code: text("outcome").unwrap_or_default(),
        id: text("id").unwrap_or_default(),
        transfer_id: text("transfer_id"),
    }
}

fn payment(outcome: &Value) -> Option<Payment> {
    let transfer = (outcome["outcome"] == "paid").then(|| &outcome["value"]["transfer"])?;
    let text = |key: &str| transfer[key].as_str().map(str::to_owned);
    Some(Payment {
        from: text("from_account")?,
        to: text("to_account")?,
        amount: serde_json::from_value(transfer["amount"].clone()).ok()?,
    })
}

fn changes(before: &BTreeMap<String, i64>, now: &BTreeMap<String, i64>) -> BTreeMap<String, i64> {
    let ids: BTreeSet<&String> = before.keys().chain(now.keys()).collect();
    let of = |balances: &BTreeMap<String, i64>, id: &String| balances.get(id).copied().unwrap_or(0);
    let changed = ids.into_iter().map(|id| (id, of(now, id) - of(before, id)));
    changed
        .filter(|(_, change)| *change != 0)
        .map(|(id, change)| (id.clone(), change))
        .collect()
}

impl Movement {
    /// Nothing moved.
    pub(super) fn is_none(&self) -> bool {
        self.payments.is_empty() && self.changes.as_ref().is_none_or(BTreeMap::is_empty)
    }

    /// This and what moved after it.
    pub(super) fn and(mut self, more: Self) -> Self {
        self.payments.extend(more.payments);
        if let (Some(changes), Some(more)) = (&mut self.changes, more.changes) {
            for (id, change) in more {
                *changes.entry(id).or_default() += change;
            }
            changes.retain(|_, change| *change != 0);
        }
        self
    }

    /// Exactly this moved; accounts that are not the caller's own are not among the balances.
    pub(super) fn is(&self, moved: &Moved, currency: &str) -> Result<bool> {
        let amount = Money::parse(&moved.amount, currency)
            .with_context(|| format!("`amount: {}`", moved.amount))?;
        let minor = amount.minor;
        let payment = Payment {
            from: moved.from.clone(),
            to: moved.to.clone(),
            amount,
        };
        let by_balances = self.changes.as_ref().is_none_or(|changes| {
            let own = |id: &String, change| changes.get(id).is_none_or(|it| *it == change);
            changes.get(&moved.from) == Some(&-minor)
                && own(&moved.to, minor)
                && changes
                    .keys()
                    .all(|id| *id == moved.from || *id == moved.to)
        });
        Ok(by_balances && self.payments == [payment])
    }
}

impl fmt::Display for Movement {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.payments.as_slice() {
            [] => write!(formatter, "no payment in the call's records")?,
            payments => {
                let all = payments.iter().map(|it| {
                    let (amount, from, to) = (it.amount.to_decimal(), &it.from, &it.to);
                    format!("{amount} {} from {from} to {to}", it.amount.currency)
                });
                let all: Vec<String> = all.collect();
                write!(formatter, "in the call's records {}", all.join(" and "))?;
            }
        }
        match &self.changes {
            None => Ok(()),
            Some(changes) if changes.is_empty() => write!(formatter, "; no balance changed"),
            Some(changes) => {
                let all = changes
                    .iter()
                    .map(|(id, change)| format!("{id} {change:+}"));
                let all: Vec<String> = all.collect();
                write!(formatter, "; balances in minor units: {}", all.join(", "))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moved(amount: &str) -> Moved {
        Moved {
            from: "checking_1".to_owned(),
            to: "savings_1".to_owned(),
            amount: amount.to_owned(),
        }
    }

    fn paid(minor: i64) -> Payment {
        Payment {
            from: "checking_1".to_owned(),
            to: "savings_1".to_owned(),
            amount: Money::new(minor, "USD"),
        }
    }

    fn movement(payments: &[Payment], changes: Option<&[(&str, i64)]>) -> Movement {
        let changes =
            changes.map(|all| all.iter().map(|(id, by)| ((*id).to_owned(), *by)).collect());
        Movement {
            payments: payments.to_vec(),
            changes,
        }
    }

    #[test]
    fn a_transfer_counts_when_records_and_balances_both_say_so() {
        let both: &[(&str, i64)] = &[("checking_1", -5_000), ("savings_1", 5_000)];
        for (payments, changes, is_it) in [
            (vec![paid(5_000)], None, true),
            (vec![paid(5_000)], Some(both), true),
            (vec![paid(5_000)], Some(&[("checking_1", -5_000)][..]), true),
            (vec![paid(5_000), paid(5_000)], None, false),
            (vec![paid(5_001)], None, false),
            (vec![], Some(both), false),
            (vec![paid(5_000)], Some(&[][..]), false),
            (
                vec![paid(5_000)],
                Some(&[("checking_1", -10_000), ("savings_1", 10_000)][..]),
                false,
            ),
            (
                vec![paid(5_000)],
                Some(
                    &[
                        ("checking_1", -5_000),
                        ("savings_1", 5_000),
                        ("market_1", 1),
                    ][..],
                ),
                false,
            ),
        ] {
            let movement = movement(&payments, changes);
            assert_eq!(
                movement.is(&moved("50.00"), "USD").unwrap(),
                is_it,
                "{movement}"
            );
        }
        assert!(movement(&[], None).is(&moved("fifty"), "USD").is_err());
    }

    #[test]
    fn nothing_moved_only_where_neither_says_so() {
        assert!(movement(&[], None).is_none());
        assert!(movement(&[], Some(&[])).is_none());
        assert!(!movement(&[paid(1)], Some(&[])).is_none());
        assert!(!movement(&[], Some(&[("checking_1", -1)])).is_none());
    }

    #[test]
    fn changes_are_those_of_every_account_that_was_or_is() {
        let of = |all: &[(&str, i64)]| -> BTreeMap<String, i64> {
            all.iter().map(|(id, by)| ((*id).to_owned(), *by)).collect()
        };
        let found = changes(
            &of(&[("a", 1), ("b", 2), ("c", 3)]),
            &of(&[("a", 1), ("b", 5), ("d", 4)]),
        );
        assert_eq!(found, of(&[("b", 3), ("c", -3), ("d", 4)]));
    }
}
