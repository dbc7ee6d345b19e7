//! What the pipeline is meant to reach, as ratios within one run, and what it reached in this one.
//!
//! Ratios of medians: a machine that is busy or slow slows both sides.

use crate::contestant::Role;
use crate::rounds::Measured;

/// One goal.
pub struct Goal {
    /// What is compared.
    pub name: &'static str,
    /// At most this.
    pub asked: f64,
    /// In this run.
    pub measured: f64,
}

/// All of them.
pub fn all(measured: &[Measured]) -> Vec<Goal> {
    let goal = |name, asked, ours, theirs| Goal {
        name,
        asked,
        measured: median(measured, ours) / median(measured, theirs),
    };
    vec![
        goal("1 stage : the floor", 1.3, Role::OneStage, Role::Floor),
        goal("4 stages : the floor", 5.0, Role::FourStages, Role::Floor),
        goal("1 stage : Cedar", 1.0, Role::OneStage, Role::Cedar),
        goal(
            "1 stage : Rego, interpreter",
            0.6,
            Role::OneStage,
            Role::Rego,
        ),
        goal(
            "1 stage : Rego, virtual machine",
            0.6,
            Role::OneStage,
            Role::RegoCompiled,
        ),
        goal(
            "1 stage : Extism, fresh plugin",
            0.2,
            Role::OneStage,
            Role::FreshExtism,
        ),
    ]
}

/// In microseconds.
pub fn median(measured: &[Measured], role: Role) -> f64 {
    let found = measured.iter().find(|one| one.role == role);
    found.map_or(f64::NAN, |one| one.figures.micros(500))
}
