//! What a contestant is, and the check that it decides the rule.
//!
//! An evaluation starts at facts that lie in memory and ends at an answer in memory; whatever lies between is the contestant's.

use anyhow::{Context, Result, ensure};
use rule::Answer;

use crate::cases::Case;

/// One way to run the rule.
pub trait Contestant {
    /// As the table names it.
    fn name(&self) -> &'static str;
    /// For the chart's colours and the table's ratios.
    fn role(&self) -> Role;
    /// Decides once. This is what is measured.
    fn decide(&mut self, case: &Case) -> Result<Answer>;
    /// What else it knows of its evaluations, as a sentence.
    fn note(&self) -> Option<String> {
        None
    }
}

/// What a contestant is there for: the goals compare some with others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// What everything is compared with.
    Floor,
    /// This pipeline, one stage.
    OneStage,
    /// This pipeline, a whole turn.
    FourStages,
    /// Cedar.
    Cedar,
    /// Rego, by its interpreter.
    Rego,
    /// Rego, compiled for its virtual machine.
    RegoCompiled,
    /// A fresh Extism plugin.
    FreshExtism,
    /// Another way.
    Other,
}

/// Every case, answered as all must answer it.
pub fn check(contestant: &mut dyn Contestant, cases: &[Case]) -> Result<()> {
    let name = contestant.name();
    for case in cases {
        // Twice: what is kept from one evaluation must not change the next.
        for _ in 0..2 {
            let answer = contestant
                .decide(case)
                .with_context(|| format!("{name} fails at `{}`", case.name))?;
            ensure!(
                answer == case.expected,
                "{name} decides `{}` as {answer:?}, not as {:?}",
                case.name,
                case.expected
            );
        }
    }
    Ok(())
}
