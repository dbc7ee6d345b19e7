//! One stage of the manifest: its name, its grants, its limits, and its settings from wherever they stand.
//!
//! What the plugin itself thinks of its settings is asked when it is loaded.

use serde_json::{Map, Value};

use super::places::{self, Lines, Places};
use super::{RawStage, Replaced, StageSpec};
use crate::call::bounds;
use crate::plugin::{Grant, Limits, Phase};
use crate::spelling;

/// The stage, or what is wrong with it; who asks says where it stands.
pub(super) fn checked(
    stage: RawStage,
    mut places: Places,
    sandbox: bool,
    file: &mut impl FnMut(&str) -> Result<String, String>,
) -> Result<StageSpec, String> {
    let plugin = stage.plugin.into_inner();
    if !bounds::is_safe_id(&plugin) {
        return Err("the name of a file in the plugin folder is expected".to_owned());
    }
    let name = stage.name.unwrap_or_else(|| plugin.clone());
    if !bounds::is_safe_id(&name) {
        return Err("`name`: a word without `/` is expected".to_owned());
    }
    let grants: Vec<Grant> = stage.grants.into_iter().map(|named| named.0).collect();
    check_grants(&grants, stage.phase)?;
    check_limits(stage.limits)?;
    let mut settings = match &stage.settings_file {
        Some(name) => {
            let (settings, lines) = read_settings(name, file)?;
            places.add_file(name, lines);
            settings
        }
        None => Map::new(),
    };
    settings.extend(stage.settings);
    check_numbers(&settings)?;
    check_numbers(&stage.sandbox)?;
    let mut replaced = None;
    if sandbox && !stage.sandbox.is_empty() {
        replaced = Some(Replaced {
            keys: stage.sandbox.keys().cloned().collect(),
            settings: settings.clone(),
        });
        settings.extend(stage.sandbox);
    }
    Ok(StageSpec {
        phase: stage.phase,
        name,
        plugin,
        grants,
        limits: stage.limits,
        settings,
        replaced,
        places,
    })
}

fn check_grants(grants: &[Grant], phase: Phase) -> Result<(), String> {
    let again = |(at, grant): &(usize, &Grant)| grants[..*at].contains(grant);
    if let Some((_, grant)) = grants.iter().enumerate().find(again) {
        let grant = grant.name();
        return Err(format!("grant `{grant}` stands twice in `grants`"));
    }
    let is_misplaced = |grant: &&Grant| grant.is_for_actions_only() && phase != Phase::Fulfil;
    if let Some(grant) = grants.iter().find(is_misplaced) {
        let (grant, phase) = (grant.name(), phase.name());
        return Err(format!(
            "grant `{grant}` is for phase `fulfil` only, this stage is in `{phase}`"
        ));
    }
    Ok(())
}

/// A plugin is given its settings as JSON, which has no `nan` and no `inf`: they would reach it as nothing at all.
fn check_numbers(settings: &Map<String, Value>) -> Result<(), String> {
    fn has_none(value: &Value) -> bool {
        match value {
            Value::Null => true,
            Value::Array(items) => items.iter().any(has_none),
            Value::Object(fields) => fields.values().any(has_none),
            Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
        }
    }
    match settings.iter().find(|(_, value)| has_none(value)) {
        Some((key, _)) => Err(format!(
            "setting `{key}`: a number is expected, `nan` and `inf` are none"
        )),
        None => Ok(()),
    }
}

/// A file of settings beside the manifest.
fn read_settings(
    name: &str,
    file: &mut impl FnMut(&str) -> Result<String, String>,
) -> Result<(Map<String, Value>, Lines), String> {
    if !bounds::is_safe_id(name) || !name.ends_with(".toml") {
        return Err(format!(
            "`settings_file` = \"{name}\": the name of a .toml file beside the manifest is expected"
        ));
    }
    let text = file(name)?;
    let settings = toml::from_str(&text).map_err(|cause| {
        let why = spelling::toml_sentence(&text, &cause);
        format!("`settings_file` {name}, {why}")
    })?;
    Ok((settings, places::of_keys(&text)))
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
