//! The rule as a function of this program: what no sandbox costs.
//!
//! Nothing is kept but the figures.

use anyhow::Result;
use rule::{Answer, Limits};

use crate::cases::Case;
use crate::contestant::{Contestant, Role};

/// Plain Rust.
pub struct Native {
    limits: Limits,
}

impl Native {
    /// With the figures of the bench.
    pub fn new() -> Self {
        Self {
            limits: Limits::of_the_bench(),
        }
    }
}

impl Contestant for Native {
    fn name(&self) -> &'static str {
        "native Rust, no sandbox"
    }

    fn role(&self) -> Role {
        Role::Other
    }

    fn decide(&mut self, case: &Case) -> Result<Answer> {
        Ok(rule::decide(&case.facts, &self.limits))
    }
}
