//! One scenario: a turn, what is asked, the world that answers, and what is expected of the answer.
//!
//! Settings, turn and bank are partial; the rest is the default, and what means nothing is an error. Nothing runs here.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::super::carried;
use super::super::grant::Phase;
use super::super::stage_settings::StageSettings;
use super::error::{InvalidScenario, ScenarioError};
use super::world::World;
use super::{notation, strict};
use crate::call::{
    Caller, Channel, Direction, Instant, Intent, Outcome, Reply, Trust, Turn, bounds,
};

/// Most scenarios of one plugin.
const SCENARIOS_MAX: usize = 100;
/// 2026-03-10, a Tuesday, at noon UTC.
const NOON_MS: i64 = 1_773_144_000_000;

/// A scenario, read and checked.
///
/// ```toml
/// [[self-test]]
/// name = "a transfer over the maximum is refused"
/// turn = { confirmed = true, stepped_up = true }
/// intent = { intent = "transfer", slots = { from_account = "savings_1", to_account = "checking_1", payee = "same-owner", amount = "10000.01 USD" } }
/// expect = { decision = "deny", value = { code = "over_transfer_max" } }
/// ```
#[derive(Debug)]
pub struct Scenario {
    /// A sentence, as its author wrote it.
    pub name: String,
    /// None for the plugin's defaults.
    pub(super) settings: Arc<StageSettings>,
    pub(super) turn: Turn,
    pub(super) asked: Asked,
    pub(super) world: Arc<World>,
    pub(super) expect: Value,
}

/// What a plugin of each phase is asked besides the turn.
#[derive(Debug)]
pub(super) enum Asked {
    Route,
    Decide(Intent),
    Fulfil(Intent),
    Shape(Outcome, Reply),
}

/// As it stands in the file.
#[derive(Serialize, Deserialize)]
struct Written {
    name: Option<String>,
    #[serde(default)]
    settings: Map<String, Value>,
    #[serde(default)]
    turn: Map<String, Value>,
    intent: Option<Value>,
    outcome: Option<Value>,
    draft: Option<Value>,
    #[serde(default)]
    bank: Map<String, Value>,
    expect: Option<Map<String, Value>>,
}

impl Scenario {
    /// The scenarios that a component carries for its phase; none where it carries none.
    ///
    /// # Errors
    /// [`ScenarioError`] names the scenario, the key and what was expected.
    pub fn read(component: &[u8], phase: Phase) -> Result<Vec<Self>, ScenarioError> {
        match carried::plugin_toml(component)? {
            Some(manifest) => {
                carried::of_phase(&manifest, phase)?;
                Self::listed(&manifest, phase)
            }
            None => Ok(Vec::new()),
        }
    }

    pub(super) fn listed(manifest: &toml::Table, phase: Phase) -> Result<Vec<Self>, ScenarioError> {
        let listed = match manifest.get("self-test") {
            None => return Ok(Vec::new()),
            Some(toml::Value::Array(listed)) => listed,
            Some(_) => return Err(ScenarioError::NotAList),
        };
        if listed.len() > SCENARIOS_MAX {
            return Err(ScenarioError::TooMany {
                found: listed.len(),
                max: SCENARIOS_MAX,
            });
        }
        let each = listed.iter().enumerate().map(|(at, written)| {
            let name = written.get("name").and_then(toml::Value::as_str);
            Self::one(written, phase).map_err(|fault| ScenarioError::Scenario {
                number: at + 1,
                name: name.unwrap_or_default().escape_debug().to_string(),
                fault,
            })
        });
        each.collect()
    }

    fn one(written: &toml::Value, phase: Phase) -> Result<Self, InvalidScenario> {
        let written = strict::read::<Written>("", &notation::to_json("", written)?)?;
        let name = written.name.as_deref().ok_or(InvalidScenario::Missing {
            key: "name",
            why: "a sentence that says what is tested",
        })?;
        bounds::text("name", name).map_err(|cause| notation::misfit("name", cause.to_string()))?;
        Ok(Self {
            name: name.to_owned(),
            asked: asked(&written, phase)?,
            expect: expected(&written, phase)?,
            turn: turn(written.turn)?,
            world: Arc::new(World::read(written.bank)?),
            settings: Arc::new(written.settings.into()),
        })
    }
}

fn turn(mut written: Map<String, Value>) -> Result<Turn, InvalidScenario> {
    notation::lengthen_turn(&mut written)?;
    let mut written = Value::Object(written);
    notation::lengthen("turn", &mut written)?;
    notation::complete_sentences(&mut written);
    let mut turn = json!(Turn {
        call_id: "call_self_test".to_owned(),
        agent: "agent_self_test".to_owned(),
        direction: Direction::Inbound,
        line: Some("+14155550100".to_owned()),
        age: 30,
        number: 1,
        channel: Channel::Voice,
        text: String::new(),
        invocation: None,
        caller: Caller {
            known: true,
            name: Some("Alice Johnson".to_owned()),
            trust: Trust::Phone,
            pin_age: None,
            language: "en-US".to_owned(),
        },
        pending: None,
        confirmed: false,
        stepped_up: false,
        misunderstood: 0,
        extra: Vec::new(),
        now: Instant {
            unix_ms: NOON_MS,
            utc_offset_minutes: 0,
        },
    });
    notation::put_over(&mut turn, written);
    strict::read("turn", &turn)
}

fn asked(written: &Written, phase: Phase) -> Result<Asked, InvalidScenario> {
    let stranger = match phase {
        Phase::Route => [("intent", &written.intent), ("outcome", &written.outcome)],
        Phase::Decide | Phase::Fulfil => [("outcome", &written.outcome), ("draft", &written.draft)],
        Phase::Shape => [("intent", &written.intent), ("intent", &written.intent)],
    };
    if let Some((key, _)) = stranger.into_iter().find(|(_, value)| value.is_some()) {
        let phase = phase.name();
        return Err(InvalidScenario::OtherPhase { key, phase });
    }
    Ok(match phase {
        Phase::Route => Asked::Route,
        Phase::Decide => Asked::Decide(input("intent", written.intent.as_ref())?),
        Phase::Fulfil => Asked::Fulfil(input("intent", written.intent.as_ref())?),
        Phase::Shape => {
            let mut draft = json!(Reply::say("This is the plain sentence."));
            notation::put_over(&mut draft, written.draft.clone().unwrap_or(json!({})));
            let outcome = input("outcome", written.outcome.as_ref())?;
            Asked::Shape(outcome, strict::read("draft", &draft)?)
        }
    })
}

fn input<T: Serialize + serde::de::DeserializeOwned>(
    key: &'static str,
    written: Option<&Value>,
) -> Result<T, InvalidScenario> {
    let why = "the plugin is asked about it";
    let mut value = written
        .cloned()
        .ok_or(InvalidScenario::Missing { key, why })?;
    notation::lengthen(key, &mut value)?;
    notation::complete_sentences(&mut value);
    strict::read(key, &value)
}

fn expected(written: &Written, phase: Phase) -> Result<Value, InvalidScenario> {
    let missing = InvalidScenario::Missing {
        key: "expect",
        why: "a test that expects nothing passes whatever is answered",
    };
    let expect = written.expect.clone().filter(|expect| !expect.is_empty());
    let mut expect = Value::Object(expect.ok_or(missing)?);
    let known = match phase {
        Phase::Route => json!({"routed": null, "value": null}),
        Phase::Decide => json!({"decision": null, "value": null}),
        Phase::Fulfil => json!({"outcome": null, "value": null}),
        Phase::Shape => json!({"text": null, "next": null, "interruptible": null}),
    };
    strict::all_known("expect", &expect, &known)?;
    notation::lengthen("expect", &mut expect)?;
    Ok(expect)
}

#[cfg(test)]
mod tests;
