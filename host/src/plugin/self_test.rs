//! Self-tests: the scenarios that a plugin brings along in its `plugin.toml`, run before a revision with it may become active.
//!
//! Each runs in a fresh instance under the stage's limits, in a world of its own, with the plugin's default settings or the
//! scenario's and never with the stage's: a figure that a policy owner sets is no fault of the plugin.

mod error;
mod matching;
mod notation;
mod scenario;
mod scripted;
mod strict;
mod world;

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

pub use error::{How, InvalidScenario, ScenarioError, SelfTestError, Unmet};
pub use scenario::Scenario;

use self::scenario::Asked;
use self::scripted::Scripted;
use super::error::Error;
use super::instance::Scope;
use super::load::Plugin;

/// How long all scenarios of a plugin may take together.
pub const SELF_TESTS_WITHIN: Duration = Duration::from_secs(2);

/// All scenarios came out as expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Passed {
    /// How many.
    pub scenarios: usize,
}

impl Plugin {
    /// Runs all scenarios, also after one that fails, so that an author reads all of it at once.
    ///
    /// # Errors
    /// [`SelfTestError`] with every scenario that came out otherwise, or that time was up.
    pub async fn self_test(&self, scenarios: &[Scenario]) -> Result<Passed, SelfTestError> {
        let until = Instant::now() + SELF_TESTS_WITHIN;
        let mut unmet = Vec::new();
        for (done, scenario) in scenarios.iter().enumerate() {
            match self.try_scenario(scenario, until).await {
                Ok(()) => {}
                Err(failed) if failed.is_out_of_time() => {
                    let of = scenarios.len();
                    return Err(SelfTestError::OutOfTime { done, of });
                }
                Err(failed) => unmet.push(failed),
            }
        }
        if unmet.is_empty() {
            let scenarios = scenarios.len();
            return Ok(Passed { scenarios });
        }
        Err(SelfTestError::Unmet {
            of: scenarios.len(),
            unmet,
        })
    }

    /// Runs one scenario, to its end or until time is up, and compares the answer.
    ///
    /// # Errors
    /// [`Unmet`] says what was expected, and what was answered instead or how it failed.
    pub async fn try_scenario(&self, scenario: &Scenario, until: Instant) -> Result<(), Unmet> {
        let unmet = |how| Unmet {
            scenario: scenario.name.clone(),
            how,
        };
        if !scenario.settings.is_empty() {
            let settings = scenario.settings.object();
            let problems = self.check_settings_until(settings, until).await;
            let problems = problems.map_err(|cause| unmet(How::Settings(Box::new(cause))))?;
            if !problems.is_empty() {
                return Err(unmet(How::SettingsRefused(problems)));
            }
        }
        let answered = self.run_scenario(scenario, until).await;
        let answered = answered.map_err(|source| unmet(How::Failed(source)))?;
        match matching::difference(&scenario.expect, &answered) {
            None => Ok(()),
            Some(at) => Err(unmet(How::Otherwise {
                at,
                expected: matching::short(&scenario.expect),
                answered: matching::short(&answered),
            })),
        }
    }

    /// Asks what a scenario asks, once, and gives the answer in the form of records.
    ///
    /// # Errors
    /// As any invocation's.
    pub async fn run_scenario(&self, scenario: &Scenario, until: Instant) -> Result<Value, Error> {
        let turn = &scenario.turn;
        let scope = Scope {
            capabilities: Arc::new(Scripted::new(scenario)),
            settings: Arc::clone(&scenario.settings),
            now: turn.now,
            turn_deadline: until,
            call_id: turn.call_id.clone(),
        };
        Ok(match &scenario.asked {
            Asked::Route => json!(self.route(scope, turn).await?),
            Asked::Decide(intent) => json!(self.decide(scope, turn, intent).await?),
            Asked::Fulfil(intent) => json!(self.fulfil(scope, turn, intent).await?),
            Asked::Shape(outcome, draft) => json!(self.shape(scope, turn, outcome, draft).await?),
        })
    }
}
