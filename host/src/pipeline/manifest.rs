//! The pipeline manifest, `config/pipeline.toml`: stages in order, with grants, limits and settings.
//!
//! Strict: an unknown key, an unknown grant, a stage named twice in a phase, a write capability outside its phase or a phase
//! without a stage refuses the whole file, with the line and the nearest known name. One stage's own checks stand in `stage`.

mod places;
mod stage;

use std::collections::HashSet;

use serde::de::{self, Deserializer};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use toml::Spanned;

use crate::plugin::{Grant, Limits, Phase};
use crate::spelling;
use places::Places;
use stage::Fault;

/// More stages than any bank's rules have; all of them are loaded and tested at every change.
const STAGES_MAX: usize = 64;

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
#[derive(Debug, Clone, PartialEq)]
pub struct StageSpec {
    /// When it is asked.
    pub phase: Phase,
    /// Its name in the pipeline: the plugin's, unless the manifest gives it another.
    pub name: String,
    /// The plugin: the file's name in the plugin folder, without `.wasm`, and what the component calls itself.
    pub plugin: String,
    /// What it may reach.
    pub grants: Vec<Grant>,
    /// What it may use.
    pub limits: Limits,
    /// What the policy owner set.
    pub settings: Map<String, Value>,
    /// What a sandbox replaced of them.
    pub replaced: Option<Replaced>,
    /// Where each of them stands.
    pub places: Places,
}

/// Settings that hold outside a sandbox, where those of a sandbox are taken.
#[derive(Debug, Clone, PartialEq)]
pub struct Replaced {
    /// Which of them a sandbox replaces.
    pub keys: Vec<String>,
    /// All of them as they are outside.
    pub settings: Map<String, Value>,
}

/// The whole file, checked.
#[derive(Debug, Clone, PartialEq)]
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
    /// Of the stage, where it is not the plugin's: one plugin may stand twice in a phase.
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    grants: Vec<Spanned<NamedGrant>>,
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

#[derive(Clone, Copy)]
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
        file: impl FnMut(&str) -> Result<String, String>,
    ) -> Result<Self, String> {
        Self::checked(text, sandbox, file).map_err(spelling::sentence)
    }

    fn checked(
        text: &str,
        sandbox: bool,
        mut file: impl FnMut(&str) -> Result<String, String>,
    ) -> Result<Self, String> {
        let raw: RawManifest = toml::from_str(text).map_err(|cause| {
            misnamed_table(text).unwrap_or_else(|| spelling::toml_sentence(text, &cause))
        })?;
        let mut seen = HashSet::new();
        let mut stages = Vec::with_capacity(raw.stages.len());
        for (stage, places) in raw.stages.into_iter().zip(places::of_stages(text)) {
            let line = spelling::line(text, &stage.plugin.span());
            let plugin = stage.plugin.get_ref().clone();
            let at = |fault: Fault| {
                let line = fault.line.unwrap_or(line);
                format!("line {line}, plugin `{plugin}`: {}", fault.what)
            };
            if stages.len() == STAGES_MAX {
                return Err(at(format!("at most {STAGES_MAX} stages are taken").into()));
            }
            let grants = stage.grants.iter();
            let grants = grants.map(|it| spelling::line(text, &it.span())).collect();
            let places = places.at(line, grants);
            let spec = stage::checked(stage, places, sandbox, &mut file).map_err(at)?;
            if !seen.insert((spec.phase, spec.name.clone())) {
                let phase = spec.phase.name();
                let what = format!(
                    "it stands twice in phase `{phase}`; give one of the stages a `name` of its own"
                );
                return Err(at(what.into()));
            }
            stages.push(spec);
        }
        check_names(&stages)?;
        check_phases(&stages, &raw.without)?;
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

/// Whoever halts a plugin by its name means that one.
fn check_names(stages: &[StageSpec]) -> Result<(), String> {
    let is_taken = |named: &&StageSpec| {
        let mut others = stages.iter().filter(|other| other.plugin != named.plugin);
        others.any(|other| other.plugin == named.name)
    };
    match stages.iter().find(is_taken) {
        Some(named) => Err(format!(
            "line {}, plugin `{}`: `name` is that of another stage's plugin, `{}`; give it one of its own",
            named.places.of_key("name"),
            named.plugin,
            named.name
        )),
        None => Ok(()),
    }
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
    let missing: Vec<String> = Phase::ALL
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

#[cfg(test)]
mod tests;
