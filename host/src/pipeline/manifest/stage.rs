//! One stage of the manifest: its name, its grants, its limits, and its settings from wherever they stand.
//!
//! What the plugin itself thinks of its settings is asked when it is loaded.

use serde_json::{Map, Value};

use super::places::{self, Lines, Places};
use super::{RawStage, Replaced, StageSpec};
use crate::call::bounds;
use crate::plugin::{Grant, Limits, Phase};
use crate::spelling;

/// What is wrong with a stage.
#[derive(Debug)]
pub(super) struct Fault {
    /// Where; none where only the stage as a whole can be named.
    pub(super) line: Option<usize>,
    pub(super) what: String,
}

impl From<String> for Fault {
    fn from(what: String) -> Self {
        Self { line: None, what }
    }
}

/// The stage, or what is wrong with it.
pub(super) fn checked(
    stage: RawStage,
    mut places: Places,
    sandbox: bool,
    file: &mut impl FnMut(&str) -> Result<String, String>,
) -> Result<StageSpec, Fault> {
    let plugin = stage.plugin.into_inner();
    if !bounds::is_safe_id(&plugin) {
        return Err("the name of a file in the plugin folder is expected"
            .to_owned()
            .into());
    }
    let name = stage.name.unwrap_or_else(|| plugin.clone());
    if !is_name(&name) {
        return Err(Fault {
            line: Some(places.of_key("name")),
            what: "`name`: letters and digits, with `-`, `_`, `.` or spaces between them, are expected"
                .to_owned(),
        });
    }
    let grants: Vec<Grant> = stage.grants.iter().map(|it| it.get_ref().0).collect();
    check_grants(&grants, stage.phase, &places)?;
    check_limits(stage.limits, &places)?;
    let mut settings = match &stage.settings_file {
        Some(name) => {
            let line = Some(places.of_key("settings_file"));
            let read = read_settings(name, file);
            let (settings, lines) = read.map_err(|what| Fault { line, what })?;
            places.add_file(name, lines);
            settings
        }
        None => Map::new(),
    };
    settings.extend(stage.settings);
    for (settings, sandbox) in [(&settings, false), (&stage.sandbox, true)] {
        for (key, value) in settings {
            if let Some(why) = why_no_json(value) {
                return Err(Fault {
                    line: places.of_setting(key, sandbox),
                    what: format!("setting `{key}`: {why}"),
                });
            }
        }
    }
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

fn check_grants(grants: &[Grant], phase: Phase, places: &Places) -> Result<(), Fault> {
    for (at, grant) in grants.iter().enumerate() {
        let name = grant.name();
        let what = if grants[..at].contains(grant) {
            format!("grant `{name}` stands twice in `grants`")
        } else if grant.is_for_actions_only() && phase != Phase::Fulfil {
            let phase = phase.name();
            format!("grant `{name}` is for phase `fulfil` only, this stage is in `{phase}`")
        } else {
            continue;
        };
        let line = places.of_grant(at);
        return Err(Fault { line, what });
    }
    Ok(())
}

/// What is shown and typed in a terminal, and looks like nothing else.
fn is_name(name: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ' ');
    bounds::is_safe_id(name) && name.trim() == name && name.chars().all(is_plain)
}

/// What of TOML is none of JSON, in which a plugin is given its settings: `nan` and `inf` would reach it as nothing at all.
fn why_no_json(value: &Value) -> Option<&'static str> {
    /// How the reader of TOML writes a date into another format.
    const DATE: &str = "$__toml_private_datetime";
    match value {
        Value::Null => Some("a number is expected, `nan` and `inf` are none"),
        Value::Array(items) => items.iter().find_map(why_no_json),
        Value::Object(fields) if fields.contains_key(DATE) => {
            Some("a date is expected in quotes, as a text")
        }
        Value::Object(fields) => fields.values().find_map(why_no_json),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
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
fn check_limits(limits: Limits, places: &Places) -> Result<(), Fault> {
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
            return Err(Fault {
                line: places.of_limit(key),
                what: format!("`{key}` = {value}: expected {least} to {most}"),
            });
        }
    }
    Ok(())
}
