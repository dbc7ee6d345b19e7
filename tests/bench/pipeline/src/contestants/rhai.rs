//! The rule in Rhai: the syntax tree is kept, the scope with the facts is made for each evaluation.
//!
//! Figures are constants of the script, so that the optimiser sees them.

use anyhow::{Context, Result, anyhow};
use rhai::{AST, Array, Dynamic, Engine, Map, Scope};
use rule::{Answer, Channel, Facts, Kind};

use crate::cases::Case;
use crate::contestant::{Contestant, Role};

/// A compiled script.
pub struct Rhai {
    engine: Engine,
    script: AST,
}

impl Rhai {
    /// Compiles the script.
    pub fn new() -> Result<Self> {
        let engine = Engine::new();
        let script = engine.compile(include_str!("../../rule/rule.rhai"))?;
        Ok(Self { engine, script })
    }
}

impl Contestant for Rhai {
    fn name(&self) -> &'static str {
        "Rhai, compiled script"
    }

    fn role(&self) -> Role {
        Role::Other
    }

    fn decide(&mut self, case: &Case) -> Result<Answer> {
        let mut scope = scope(&case.facts);
        let answer: Map = self
            .engine
            .eval_ast_with_scope(&mut scope, &self.script)
            .map_err(|cause| anyhow!("{cause}"))?;
        read(&answer)
    }
}

fn scope(facts: &Facts) -> Scope<'static> {
    let transfer = &facts.transfer;
    let accounts: Array = facts
        .accounts
        .iter()
        .map(|account| Dynamic::from(account.id.clone()))
        .collect();
    let mut scope = Scope::new();
    scope
        .push("is_known", facts.is_known)
        .push("is_voice", facts.channel == Channel::Voice)
        .push("confirmed", facts.confirmed)
        .push("stepped_up", facts.stepped_up)
        .push("from_account", transfer.from_account.clone())
        .push("to_account", transfer.to_account.clone())
        .push("payee", transfer.payee.name())
        .push("amount", transfer.amount.minor)
        .push("currency", transfer.amount.currency.clone())
        .push("accounts", accounts)
        .push("available", facts.available.minor)
        .push("available_currency", facts.available.currency.clone())
        .push("moved_count", i64::from(facts.moved.count))
        .push("moved_sum", facts.moved.sum_minor)
        .push("hour", i64::from(facts.hour));
    scope
}

fn read(answer: &Map) -> Result<Answer> {
    let text = |key: &str| {
        let value = answer.get(key)?;
        value.clone().into_immutable_string().ok()
    };
    let whole = |key: &str| answer.get(key)?.as_int().ok();
    let kind = text("kind").and_then(|kind| Kind::named(&kind));
    match kind.context("no kind")? {
        Kind::Allow => Ok(Answer::allow(
            whole("total").context("no total")?,
            whole("count").context("no count")?.try_into()?,
        )),
        kind => Ok(Answer::said(
            kind,
            text("code").context("no code")?.to_string(),
        )),
    }
}
