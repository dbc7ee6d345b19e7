//! The pipeline manifest, `config/pipeline.toml`: stages in order, with grants, limits and settings.
//!
//! Strict: an unknown key, an unknown grant, a plugin named twice in a phase, a write capability outside its phase or a phase
//! without a stage refuses the whole file, with the line and the nearest known name.

use std::collections::HashSet;

use serde::de::{self, Deserializer};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use toml::Spanned;

use crate::call::bounds;
use crate::plugin::{Grant, Limits, Phase};
use crate::spelling;

/// Phases without which a host answers nothing; nobody leaves one out by accident.
const PHASES_NEEDED: [Phase; 3] = [Phase::Route, Phase::Decide, Phase::Fulfil];

/// How long a call keeps its revision.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pin {
    /// Until it ends.
    #[default]
    Call,
    /// For one turn.
    Turn,
}

/// One plugin at its place.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StageSpec {
    /// When it is asked.
    pub phase: Phase,
    /// The file's name in the plugin folder, without `.wasm`.
    pub plugin: String,
    /// What it may reach.
    pub grants: Vec<Grant>,
    /// What it may use.
    pub limits: Limits,
    /// What the policy owner set.
    pub settings: Map<String, Value>,
}

/// The whole file, checked.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Manifest {
    /// How long a call keeps its revision.
    pub pin: Pin,
    /// In the order in which they run within their phase.
    pub stages: Vec<StageSpec>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawManifest {
    #[serde(default)]
    pin: Pin,
    /// Phases that have no stage on purpose.
    #[serde(default)]
    without: Vec<Phase>,
    #[serde(default, rename = "stage")]
    stages: Vec<RawStage>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawStage {
    phase: Phase,
    plugin: Spanned<String>,
    #[serde(default)]
    grants: Vec<NamedGrant>,
    #[serde(default)]
    limits: Limits,
    /// A file beside the manifest that holds settings; those that stand in the manifest win.
    #[serde(default)]
    settings_file: Option<String>,
    #[serde(default)]
    settings: Map<String, Value>,
    /// Replaces settings under `serve --sandbox`.
    #[serde(default)]
    sandbox: Map<String, Value>,
}

struct NamedGrant(Grant);

impl<'de> Deserialize<'de> for NamedGrant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        let known = Grant::ALL.into_iter().find(|grant| grant.name() == name);
        known.map(Self).ok_or_else(|| {
            let advice = spelling::advice(&name, &Grant::ALL.map(Grant::name));
            de::Error::custom(format!("unknown grant `{name}`{advice}"))
        })
    }
}

impl Manifest {
    /// Checks a manifest's text that names no other file.
    ///
    /// # Errors
    /// A sentence with the line and what was expected.
    pub fn parse(text: &str, sandbox: bool) -> Result<Self, String> {
        Self::parse_with(text, sandbox, |file| Err(format!("cannot read {file}")))
    }

    /// Checks a manifest's text; `file` gives the text of a file of settings beside it.
    ///
    /// # Errors
    /// A sentence with the line and what was expected.
    pub fn parse_with(
        text: &str,
        sandbox: bool,
        mut file: impl FnMut(&str) -> Result<String, String>,
    ) -> Result<Self, String> {
        let raw: RawManifest = toml::from_str(text).map_err(|cause| {
            misnamed_table(text).unwrap_or_else(|| spelling::toml_sentence(text, &cause))
        })?;
        let without = raw.without;
        let mut seen = HashSet::new();
        let mut stages = Vec::with_capacity(raw.stages.len());
        for stage in raw.stages {
            let line = spelling::line(text, &stage.plugin.span());
            let name = stage.plugin.into_inner();
            let at = |what: String| format!("line {line}, plugin `{name}`: {what}");
            if !bounds::is_safe_id(&name) {
                return Err(at(
                    "the name of a file in the plugin folder is expected".into()
                ));
            }
            if !seen.insert((stage.phase, name.clone())) {
                return Err(at(format!(
                    "it stands twice in phase `{}`",
                    stage.phase.name()
                )));
            }
            let grants: Vec<Grant> = stage.grants.into_iter().map(|named| named.0).collect();
            let again = |(at, grant): &(usize, &Grant)| grants[..*at].contains(grant);
            if let Some((_, grant)) = grants.iter().enumerate().find(again) {
                let grant = grant.name();
                return Err(at(format!("grant `{grant}` stands twice in `grants`")));
            }
            if let Some(grant) = grants
                .iter()
                .find(|grant| grant.is_for_actions_only() && stage.phase != Phase::Fulfil)
            {
                let (grant, phase) = (grant.name(), stage.phase.name());
                return Err(at(format!(
                    "grant `{grant}` is for phase `fulfil` only, this stage is in `{phase}`"
                )));
            }
            check_limits(stage.limits).map_err(at)?;
            let mut settings = match &stage.settings_file {
                Some(name) => read_settings(name, &mut file).map_err(at)?,
                None => Map::new(),
            };
            settings.extend(stage.settings);
            if sandbox {
                settings.extend(stage.sandbox);
            }
            stages.push(StageSpec {
                phase: stage.phase,
                plugin: name,
                grants,
                limits: stage.limits,
                settings,
            });
        }
        check_phases(&stages, &without)?;
        Ok(Self {
            pin: raw.pin,
            stages,
        })
    }
}

/// The first table that is none of a manifest's, in a text that is no manifest: parsers often stumble over what follows from it.
fn misnamed_table(text: &str) -> Option<String> {
    text.lines().zip(1..).find_map(|(line, number)| {
        let header = line.trim_start().strip_prefix('[')?;
        let is_list = header.starts_with('[');
        let name = header.trim_start_matches('[').split([']', '.']).next()?;
        match (name.trim(), is_list) {
            ("stage", true) => None,
            // `[stage.settings]` belongs to the stage before it.
            ("stage", false) if header.contains('.') => None,
            ("stage", false) => Some(format!(
                "line {number}: `[stage]` would be the only one; each stage begins with `[[stage]]`"
            )),
            (other, _) if spelling::nearest(other, ["stage"]).is_some() => Some(format!(
                "line {number}: unknown table `{other}`, did you mean `[[stage]]`?"
            )),
            _ => None,
        }
    })
}

/// A file that was cut short is still TOML: what answers a caller has to be there, unless the file itself says that it is not.
fn check_phases(stages: &[StageSpec], without: &[Phase]) -> Result<(), String> {
    let has = |phase: Phase| stages.iter().any(|stage| stage.phase == phase);
    if let Some(phase) = without.iter().copied().find(|phase| has(*phase)) {
        let phase = phase.name();
        return Err(format!(
            "`without` names phase `{phase}`, which has a stage; take one of them out"
        ));
    }
    let missing: Vec<String> = PHASES_NEEDED
        .into_iter()
        .filter(|phase| !has(*phase) && !without.contains(phase))
        .map(|phase| format!("`{}`", phase.name()))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let names = missing.join(", ");
    let listed = names.replace('`', "\"");
    Err(format!(
        "no stage in phase {names}: the file may be cut short; if that is meant, it says `without = [{listed}]` at its top"
    ))
}

/// A file of settings beside the manifest.
fn read_settings(
    name: &str,
    file: &mut impl FnMut(&str) -> Result<String, String>,
) -> Result<Map<String, Value>, String> {
    if !bounds::is_safe_id(name) || !name.ends_with(".toml") {
        return Err(format!(
            "`settings_file` = \"{name}\": the name of a .toml file beside the manifest is expected"
        ));
    }
    let text = file(name)?;
    toml::from_str(&text).map_err(|cause| {
        let why = spelling::toml_sentence(&text, &cause);
        format!("`settings_file` {name}, {why}")
    })
}

/// Bounds of the bounds: a stage without time or memory is a mistake, one with too much is a risk to every other.
fn check_limits(limits: Limits) -> Result<(), String> {
    for (key, value, range) in [
        ("deadline_ms", limits.deadline_ms, 1..=60_000),
        (
            "memory_bytes_max",
            limits.memory_bytes_max as u64,
            65_536..=268_435_456,
        ),
        (
            "table_elements_max",
            limits.table_elements_max as u64,
            1..=20_000,
        ),
        (
            "host_calls_max",
            u64::from(limits.host_calls_max),
            1..=10_000,
        ),
        (
            "border_bytes_max",
            limits.border_bytes_max as u64,
            4_096..=16_777_216,
        ),
        (
            "instances_max",
            u64::from(limits.instances_max.unwrap_or(1)),
            1..=10_000,
        ),
    ] {
        if !range.contains(&value) {
            let (least, most) = (range.start(), range.end());
            return Err(format!("`{key}` = {value}: expected {least} to {most}"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
