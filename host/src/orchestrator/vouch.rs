//! Whether an action's outcome says only what the host itself has answered in this turn.
//!
//! A plugin's answer is input like any other: a balance that the bank did not give, or a payment that was not made, is a failed
//! stage and never reaches the caller.

use serde_json::json;

use super::scope::{BALANCE, LISTED, Listed, STATEMENTS, TurnScope};
use crate::call::Money;
use crate::call::outcome::{Account, Balance, Outcome, Statement};
use crate::call::record::HostCall;
use crate::ledger::Written;
use crate::pipeline::Recorded;

impl Recorded for TurnScope {
    fn take_host_calls(&self) -> Vec<HostCall> {
        self.memory.take()
    }

    fn vouch_for(&self, outcome: &Outcome) -> Result<(), String> {
        let listed: Vec<Listed> = self
            .memory
            .remembered(LISTED, &json!({}))
            .and_then(Result::ok)
            .unwrap_or_default();
        match outcome {
            Outcome::Balances(all) => match all.iter().find(|it| !self.has_balance(&listed, it)) {
                Some(claimed) => Err(format!("a balance of {:?}", claimed.account.kind)),
                None => Ok(()),
            },
            Outcome::Accounts(all) => {
                let is_own = |it: &Account| listed.iter().any(|own| own.account == *it);
                match all.iter().find(|it| !is_own(it)) {
                    Some(_) => Err("an account that is not the caller's".to_owned()),
                    None => Ok(()),
                }
            }
            Outcome::Statement(claimed) if !self.has_statement(claimed) => {
                Err("a statement that the bank did not give".to_owned())
            }
            Outcome::Profile(claimed) if !self.memory.has_answered(claimed) => {
                Err("a profile that the bank did not give".to_owned())
            }
            Outcome::Paid(claimed) if self.written() != Some(Written::Paid(claimed.clone())) => {
                Err("a payment that was not made".to_owned())
            }
            Outcome::Applied(claimed)
                if self.written() != Some(Written::Applied(claimed.clone()))
                    && !self.memory.has_answered(claimed) =>
            {
                Err("an application that the bank did not give".to_owned())
            }
            _ => Ok(()),
        }
    }
}

impl TurnScope {
    fn has_balance(&self, listed: &[Listed], claimed: &Balance) -> bool {
        let asked = || {
            self.memory
                .remembered::<Money>(BALANCE, &json!({ "account": claimed.account.id }))
                .and_then(Result::ok)
        };
        listed
            .iter()
            .find(|own| own.account == claimed.account)
            .and_then(|own| own.balance.clone().or_else(asked))
            .is_some_and(|available| available == claimed.available)
    }

    fn has_statement(&self, claimed: &Statement) -> bool {
        let arguments = json!({ "account": claimed.account.id });
        self.memory
            .remembered::<Vec<Statement>>(STATEMENTS, &arguments)
            .and_then(Result::ok)
            .is_some_and(|all| all.contains(claimed))
    }
}
