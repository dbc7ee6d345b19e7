//! Turn, intent and constants of each case in the generated types, made before anything is measured.
//!
//! So the floor converts nothing on the way in; its answer is read as the host reads it.

use std::sync::Arc;

use anyhow::{Context, Result};
use orchestrator::pipeline::Stage;
use orchestrator::plugin::StageSettings;
use rule::{Answer, Kind};

use super::bindings::bank::voice::{clock, history, types};
use super::bindings::exports::bank::voice::policy::Decision;
use crate::cases::Case;

/// What the host functions answer in one case.
pub struct Constants {
    /// Of the stage.
    pub settings: Arc<StageSettings>,
    /// The caller's.
    pub accounts: Vec<types::Account>,
    /// Of the account that pays.
    pub balance: types::Balance,
    /// Of today.
    pub totals: history::Totals,
    /// The turn's.
    pub now: clock::Instant,
}

/// One case.
pub struct Prepared {
    /// What is asked about.
    pub turn: types::Turn,
    /// What is wanted.
    pub intent: types::Intent,
    /// What is answered.
    pub constants: Arc<Constants>,
}

impl Prepared {
    /// Of this case, with the settings of that stage.
    pub fn new(case: &Case, stage: &Stage) -> Result<Self> {
        let facts = &case.facts;
        let accounts: Vec<_> = facts
            .accounts
            .iter()
            .map(|account| types::Account {
                id: account.id.clone(),
                kind: account.kind.clone(),
                nickname: None,
                currency: account.currency.clone(),
            })
            .collect();
        let source = accounts
            .iter()
            .find(|account| account.id == facts.transfer.from_account);
        let constants = Constants {
            settings: Arc::clone(&stage.settings),
            balance: types::Balance {
                account: source.context("no such account")?.clone(),
                available: money(&facts.available),
            },
            accounts,
            totals: history::Totals {
                count: facts.moved.count,
                sum: types::Money {
                    minor: facts.moved.sum_minor,
                    currency: "USD".to_owned(),
                },
            },
            now: clock::Instant {
                unix_ms: case.turn.now.unix_ms.try_into()?,
                utc_offset_minutes: case.turn.now.utc_offset_minutes,
            },
        };
        Ok(Self {
            turn: turn(case),
            intent: types::Intent::Transfer(transfer(&facts.transfer)),
            constants: Arc::new(constants),
        })
    }
}

fn money(money: &rule::Money) -> types::Money {
    types::Money {
        minor: money.minor,
        currency: money.currency.clone(),
    }
}

fn transfer(wanted: &rule::Transfer) -> types::Transfer {
    types::Transfer {
        from_account: wanted.from_account.clone(),
        to_account: wanted.to_account.clone(),
        payee: match wanted.payee {
            rule::Payee::SameOwner => types::Payee::SameOwner,
            rule::Payee::Known => types::Payee::Known,
            rule::Payee::FirstTime => types::Payee::FirstTime,
        },
        amount: money(&wanted.amount),
        memo: None,
    }
}

fn turn(case: &Case) -> types::Turn {
    let turn = &case.turn;
    types::Turn {
        call: types::Call {
            id: turn.call_id.clone(),
            agent: turn.agent.clone(),
            direction: types::Direction::Inbound,
            line: turn.line.clone(),
            age: turn.age,
        },
        number: turn.number,
        channel: types::Channel::Invocation,
        text: turn.text.clone(),
        invocation: turn.invocation.as_ref().map(|it| types::Invocation {
            name: it.name.clone(),
            arguments: it.arguments.clone(),
        }),
        caller: types::Caller {
            known: true,
            name: turn.caller.name.clone(),
            trust: types::Trust::Pin,
            pin_age: turn.caller.pin_age,
            language: turn.caller.language.clone(),
        },
        pending: None,
        confirmed: turn.confirmed,
        stepped_up: turn.stepped_up,
        misunderstood: 0,
        extra: Vec::new(),
    }
}

/// What the component decided.
pub fn answer(decision: Decision) -> Result<Answer> {
    let (kind, said) = match decision {
        Decision::Allow(caps) => {
            let cap = caps.first().context("allowed without a cap")?;
            let total = cap.total.as_ref().context("a cap without a total")?;
            let count = cap.count.context("a cap without a count")?;
            return Ok(Answer::allow(total.minor, count));
        }
        Decision::Confirm(said) => (Kind::Confirm, said),
        Decision::StepUp(said) => (Kind::StepUp, said),
        Decision::HandOff(said) => (Kind::HandOff, said),
        Decision::Deny(said) => (Kind::Deny, said),
    };
    Ok(Answer::said(kind, said.code))
}
