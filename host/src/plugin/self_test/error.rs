//! What can be wrong with a scenario as it is written, and how one comes out otherwise than expected.
//!
//! Read by the plugin's author and by the one who installs it: each names the scenario, and what to look at.

use super::super::carried::CarriedError;
use super::super::error::{Error, LoadError};
use super::super::load::Problem;

/// Why scenarios cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioError {
    /// The component's own `plugin.toml`.
    #[error(transparent)]
    Carried(#[from] CarriedError),
    /// Not a list of tables.
    #[error("its plugin.toml has a `self-test` that is no list; write `[[self-test]]`")]
    NotAList,
    /// More than are run.
    #[error("its plugin.toml has {found} self-tests, at most {max} are run")]
    TooMany {
        /// What there is.
        found: usize,
        /// What is run.
        max: usize,
    },
    /// One of them.
    #[error("self-test {number} (\"{name}\"): {fault}")]
    Scenario {
        /// From 1, in the file's order.
        number: usize,
        /// As far as it has one.
        name: String,
        /// What is wrong.
        fault: InvalidScenario,
    },
}

/// What is wrong with one scenario.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidScenario {
    /// Nothing has this name there.
    #[error("unknown key `{key}`{}", meant(.nearest.as_deref()))]
    UnknownKey {
        /// With the tables around it: `turn.caller.trsut`.
        key: String,
        /// The known name that was probably meant.
        nearest: Option<String>,
    },
    /// Something must stand here.
    #[error("`{key}` is missing: {why}")]
    Missing {
        /// The key.
        key: &'static str,
        /// What for.
        why: &'static str,
    },
    /// A key of another phase.
    #[error("`{key}` has no meaning in phase `{phase}`")]
    OtherPhase {
        /// The key.
        key: &'static str,
        /// The plugin's.
        phase: &'static str,
    },
    /// Not of the form that is expected there.
    #[error("`{key}`: {message}")]
    Misfit {
        /// The key.
        key: String,
        /// What was found and what was expected.
        message: String,
    },
}

fn meant(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |name| format!(", did you mean `{name}`?"))
}

/// Why a plugin did not pass.
#[derive(Debug, thiserror::Error)]
pub enum SelfTestError {
    /// Some came out otherwise.
    #[error("it fails its self-tests, {} of {of}: {}", .unmet.len(), listed(.unmet))]
    Unmet {
        /// How many there are.
        of: usize,
        /// Those that failed, in the file's order.
        unmet: Vec<Unmet>,
    },
    /// Time was up.
    #[error(
        "its {of} self-tests do not end within 2 s, {done} did; fewer or shorter ones are needed, or a less busy host"
    )]
    OutOfTime {
        /// How many ended.
        done: usize,
        /// How many there are.
        of: usize,
    },
}

fn listed(unmet: &[Unmet]) -> String {
    let each: Vec<String> = unmet.iter().map(Unmet::to_string).collect();
    each.join("; ")
}

/// A scenario that did not come out as expected.
#[derive(Debug, thiserror::Error)]
#[error("\"{scenario}\" {how}")]
pub struct Unmet {
    /// Its name.
    pub scenario: String,
    /// What happened instead.
    pub how: How,
}

impl Unmet {
    /// Whether only time was missing.
    pub(super) fn is_out_of_time(&self) -> bool {
        match &self.how {
            How::Failed(cause) => cause.is_out_of_time(),
            How::Settings(cause) => cause.is_out_of_time(),
            How::Otherwise { .. } | How::SettingsRefused(_) => false,
        }
    }
}

/// What happened instead of what was expected.
#[derive(Debug, thiserror::Error)]
pub enum How {
    /// Another answer; both as short JSON.
    #[error("expected {expected}, answered {answered}{}", place(.at))]
    Otherwise {
        /// Where the first difference is: `value.code`.
        at: String,
        /// What the scenario says.
        expected: String,
        /// What the plugin said.
        answered: String,
    },
    /// No answer.
    #[error("failed: {0}")]
    Failed(Error),
    /// The scenario's settings are none.
    #[error("has settings that the plugin refuses: {}", Problem::listed(.0))]
    SettingsRefused(Vec<Problem>),
    /// The scenario's settings could not be checked.
    #[error("has settings that could not be checked: {0}")]
    Settings(Box<LoadError>),
}

fn place(at: &str) -> String {
    if at.is_empty() {
        String::new()
    } else {
        format!(" (see `{at}`)")
    }
}
