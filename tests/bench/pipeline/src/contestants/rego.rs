//! The rule in Rego, run by `regorus`: policy and figures are kept prepared, the input document is made for each evaluation.
//!
//! Twice: by its interpreter, and by its virtual machine, which runs the policy compiled beforehand. Values are built directly
//! and not by way of JSON, which would cost more.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context, Result};
use regorus::languages::rego::compiler::Compiler;
use regorus::rvm::vm::RegoVM;
use regorus::{Engine, Value};
use rule::{Answer, Channel, Facts, Kind, Limits};

use crate::cases::Case;
use crate::contestant::{Contestant, Role};

const DECISION: &str = "data.transfer.decision";

/// The interpreter.
pub struct Interpreted {
    engine: Engine,
}

impl Interpreted {
    /// Prepares the policy.
    pub fn new() -> Result<Self> {
        Ok(Self { engine: engine()? })
    }
}

impl Contestant for Interpreted {
    fn name(&self) -> &'static str {
        "Rego (regorus), interpreter"
    }

    fn role(&self) -> Role {
        Role::Rego
    }

    fn decide(&mut self, case: &Case) -> Result<Answer> {
        self.engine.set_input(input(&case.facts));
        read(&self.engine.eval_rule(DECISION.to_owned())?)
    }
}

/// The virtual machine.
pub struct Compiled {
    machine: RegoVM,
}

impl Compiled {
    /// Compiles the policy.
    pub fn new() -> Result<Self> {
        let policy = engine()?.compile_with_entrypoint(&Arc::from(DECISION))?;
        let program = Compiler::compile_from_policy(&policy, &[DECISION])?;
        let mut machine = RegoVM::new();
        machine.load_program(program);
        machine.set_data(figures(&Limits::of_the_bench()))?;
        Ok(Self { machine })
    }
}

impl Contestant for Compiled {
    fn name(&self) -> &'static str {
        "Rego (regorus), virtual machine"
    }

    fn role(&self) -> Role {
        Role::RegoCompiled
    }

    fn decide(&mut self, case: &Case) -> Result<Answer> {
        self.machine.set_input(input(&case.facts));
        read(&self.machine.execute()?)
    }
}

fn engine() -> Result<Engine> {
    let mut engine = Engine::new();
    let policy = include_str!("../../rule/rule.rego");
    engine.add_policy("rule.rego".to_owned(), policy.to_owned())?;
    engine.add_data(figures(&Limits::of_the_bench()))?;
    Ok(engine)
}

fn object<const N: usize>(fields: [(&str, Value); N]) -> Value {
    let named = fields
        .into_iter()
        .map(|(name, value)| (Value::from(name), value));
    Value::from(named.collect::<BTreeMap<_, _>>())
}

fn figures(limits: &Limits) -> Value {
    let confirm_above = object([
        ("voice", limits.confirm_voice_above.into()),
        ("invocation", limits.confirm_invocation_above.into()),
    ]);
    let known = limits.payees_known.iter().cloned().map(Value::from);
    let limits = object([
        ("currency", limits.currency.as_str().into()),
        ("payees", "known".into()),
        ("payees_known", known.collect::<Vec<_>>().into()),
        ("transfer_max", limits.transfer_max.into()),
        ("day_total_max", limits.day_total_max.into()),
        ("day_count_max", limits.day_count_max.into()),
        ("confirm_above", confirm_above),
        ("pin_above", limits.pin_above.into()),
        ("night_from_hour", limits.night_from_hour.into()),
        ("night_to_hour", limits.night_to_hour.into()),
        ("night_max", limits.night_max.unwrap_or(i64::MAX).into()),
        (
            "hand_off_above",
            limits.hand_off_above.unwrap_or(i64::MAX).into(),
        ),
    ]);
    object([("limits", limits)])
}

fn input(facts: &Facts) -> Value {
    let wanted = &facts.transfer;
    let transfer = object([
        ("from_account", wanted.from_account.as_str().into()),
        ("to_account", wanted.to_account.as_str().into()),
        ("payee", wanted.payee.name().into()),
        ("amount", wanted.amount.minor.into()),
        ("currency", wanted.amount.currency.as_str().into()),
    ]);
    let accounts = facts
        .accounts
        .iter()
        .map(|account| Value::from(account.id.as_str()));
    let channel = match facts.channel {
        Channel::Voice => "voice",
        Channel::Invocation => "invocation",
    };
    object([
        ("is_known", facts.is_known.into()),
        ("channel", channel.into()),
        ("confirmed", facts.confirmed.into()),
        ("stepped_up", facts.stepped_up.into()),
        ("transfer", transfer),
        ("accounts", accounts.collect::<Vec<_>>().into()),
        (
            "available",
            object([
                ("minor", facts.available.minor.into()),
                ("currency", facts.available.currency.as_str().into()),
            ]),
        ),
        (
            "moved",
            object([
                ("count", facts.moved.count.into()),
                ("sum", facts.moved.sum_minor.into()),
            ]),
        ),
        ("hour", facts.hour.into()),
    ])
}

fn read(answer: &Value) -> Result<Answer> {
    let kind = Kind::named(answer["kind"].as_string()?).context("no kind")?;
    match kind {
        Kind::Allow => Ok(Answer::allow(
            answer["total"].as_i64()?,
            answer["count"].as_u32()?,
        )),
        kind => Ok(Answer::said(kind, answer["code"].as_string()?.to_string())),
    }
}
