//! `orchestrator plugin inspect`: as far as a file goes on the way to being a plugin, and why it goes no further.
//!
//! Self-tests run in the serving engine, under the usual limits of a stage; what they cost is counted by a second one.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tokio::time::Instant;

use super::report::{Report, SettingKey, Tested};
use crate::call::bounds;
use crate::config;
use crate::pipeline;
use crate::pipeline::file::{self, Unreadable};
use crate::plugin::{
    Anatomy, Description, Engine, Grant, Limits, LoadError, Need, Phase, Plugin, SELF_TESTS_WITHIN,
    SMALLER, Scenario, Settings, Specimen, plugin_toml,
};

/// How long all counted runs may take together.
const COUNTED_WITHIN: Duration = Duration::from_secs(10);

/// Looks at the file.
///
/// # Errors
/// It cannot be read, or this machine cannot run WASM; what is wrong with the component is in the report.
pub async fn run(file: &Path, phase: Option<Phase>, all: &config::Settings) -> Result<Report> {
    let settings = &all.plugin;
    let engine = Engine::without_cache(settings)?;
    let (_, bytes) = file::read(file, engine.component_bytes_max())
        .map_err(|why| anyhow::anyhow!("cannot read {}: {why}{}", file.display(), advice(&why)))?;
    let mut report = Report {
        file: file.display().to_string(),
        size_bytes: bytes.len(),
        digest: hex::encode(Sha256::digest(&bytes)),
        ..Report::default()
    };
    if let Err(reason) = look(&mut report, &engine, &bytes, phase, settings).await {
        report.refused = Some(format!("{reason:#}"));
    }
    report.belongs_in = belongs_in(file, report.name.as_deref());
    if report.refused.is_none() && report.belongs_in.is_some() && is_in(file, &all.pipeline) {
        report.refused = report.name.clone().map(|own| {
            let stem = file.file_stem().unwrap_or_default();
            let expected = stem.to_string_lossy().into_owned();
            LoadError::OtherName { own, expected }.to_string()
        });
    }
    Ok(report)
}

fn advice(why: &Unreadable) -> String {
    match why {
        Unreadable::TooLarge { .. } => format!("; {SMALLER}"),
        Unreadable::Absent | Unreadable::NoFile | Unreadable::System(_) => String::new(),
    }
}

/// The file's name in the plugin folder, where it is not the one that it has.
fn belongs_in(file: &Path, name: Option<&str>) -> Option<String> {
    let name = format!("{}.wasm", name?);
    (file.file_name()? != name.as_str()).then_some(name)
}

/// Whether the file lies in the plugin folder, where names count.
fn is_in(file: &Path, pipeline: &pipeline::Settings) -> bool {
    let real = |path: &Path| path.canonicalize().ok();
    let folder = real(&pipeline.plugin_dir);
    folder.is_some() && file.parent().and_then(above_nothing).and_then(real) == folder
}

/// A file without a folder lies in this one.
fn above_nothing(folder: &Path) -> Option<&Path> {
    Some(if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    })
}

/// Fills the report until something is in the way, which is the error.
async fn look(
    report: &mut Report,
    engine: &Engine,
    bytes: &[u8],
    phase: Option<Phase>,
    settings: &Settings,
) -> Result<()> {
    let specimen = Specimen::compile(engine, bytes).await?;
    let anatomy = specimen.anatomy();
    report.anatomy = Some(anatomy.clone());
    let carried = plugin_toml(bytes)?.unwrap_or_default();
    let text = |key: &str| {
        let text = carried.get(key)?.as_str()?;
        bounds::text("text", text).ok().map(|()| text.to_owned())
    };
    (report.name, report.version, report.summary) =
        (text("name"), text("version"), text("summary"));
    let phase = phase_of(&anatomy, phase)?;
    report.phase = anatomy.phases.contains(&phase).then_some(phase);
    let grants = grants(&anatomy, phase)?;
    let name = report.name.clone().unwrap_or_else(|| "plugin".to_owned());
    let plugin = specimen.plugin(&name, phase, &grants, Limits::default())?;
    report.grants = Some(grants.clone());
    introduce(report, plugin.describe().await?)?;
    report.notes = notes(&carried, phase, &grants, report.version.as_deref());
    // What it says of its defaults is its own; that it says something is the host's.
    plugin.check_settings("{}").await?;
    let scenarios = Scenario::read(bytes, phase)?;
    let counting = Engine::counting(settings)?;
    let counted = Specimen::compile(&counting, bytes).await?;
    let counted = counted.plugin(&name, phase, &grants, Limits::default())?;
    let described = counted.describe().await.map(|_| ());
    report.describe_instructions = counting.take_instructions();
    described?;
    report.self_tests = tested(&plugin, &scenarios).await;
    let until = Instant::now() + COUNTED_WITHIN;
    for (scenario, tested) in scenarios.iter().zip(&mut report.self_tests) {
        let _answer = counted.run_scenario(scenario, until).await;
        tested.instructions = counting.take_instructions().filter(|count| *count > 0);
    }
    let (all, failed) = (report.self_tests.len(), report.failed());
    anyhow::ensure!(failed == 0, "{failed} of its {all} self-tests fail");
    Ok(())
}

/// What plugin.toml tells readers and is not so of the component.
fn notes(
    carried: &toml::Table,
    phase: Phase,
    grants: &[Grant],
    version: Option<&str>,
) -> Vec<String> {
    let mut notes = Vec::new();
    let mut compare = |key: &str, said: Option<String>, is: &str| {
        if let Some(said) = said.filter(|said| said != is) {
            let said = contract::shown(&said);
            notes.push(format!(
                "plugin.toml says {key} = {said}; of the component it is {is}"
            ));
        }
    };
    let text = |key: &str| Some(carried.get(key)?.as_str()?.to_owned());
    compare("version", text("version"), version.unwrap_or_default());
    compare("world", text("world"), phase.world());
    let said = carried.get("capabilities").and_then(toml::Value::as_array);
    let said = said.map(|all| all.iter().filter_map(toml::Value::as_str).collect());
    let is = grants.iter().map(|grant| grant.name()).collect();
    compare("capabilities", said.map(in_order), &in_order(is));
    notes
}

/// `[accounts, history]`.
fn in_order(mut names: Vec<&str>) -> String {
    names.sort_unstable();
    format!("[{}]", names.join(", "))
}

fn phase_of(anatomy: &Anatomy, wanted: Option<Phase>) -> Result<Phase> {
    match (wanted, anatomy.phases.as_slice()) {
        (Some(phase), _) | (None, &[phase]) => Ok(phase),
        (None, []) => {
            // What is foreign explains more than what is missing.
            if let Some(foreign) = foreign(anatomy) {
                anyhow::bail!("{foreign}");
            }
            anyhow::bail!(
                "it exports no phase of the contract bank:voice@0.1.0: `bank:voice/plugin` and one of \
                 `routing`, `policy`, `action`, `shaping` are needed"
            )
        }
        (None, several) => {
            let names: Vec<&str> = several.iter().map(|phase| phase.name()).collect();
            anyhow::bail!(
                "it exports more than one phase; say which with --phase: {}",
                names.join(", ")
            )
        }
    }
}

fn foreign(anatomy: &Anatomy) -> Option<String> {
    let mut imports = anatomy.imports.iter();
    let foreign = imports.find(|import| import.need == Need::AnotherHost)?;
    let name = &foreign.name;
    Some(format!(
        "it imports `{name}`, which is not part of the contract bank:voice@0.1.0"
    ))
}

/// What its stage would have to grant.
fn grants(anatomy: &Anatomy, phase: Phase) -> Result<Vec<Grant>> {
    let needed = anatomy
        .imports
        .iter()
        .filter_map(|import| match import.need {
            Need::Grant(grant) => Some(grant),
            Need::Nothing | Need::AnotherHost => None,
        });
    let needed: Vec<Grant> = needed.collect();
    if let Some(grant) = needed
        .iter()
        .find(|grant| grant.is_for_actions_only() && phase != Phase::Fulfil)
    {
        anyhow::bail!(
            "it needs grant `{}`, which is for phase `fulfil` only, and is of phase `{}`",
            grant.name(),
            phase.name()
        );
    }
    Ok(needed)
}

fn introduce(report: &mut Report, description: Description) -> Result<()> {
    let schema: Value = serde_json::from_str(&description.settings_schema)
        .context("the schema of its settings is no JSON")?;
    let properties = schema["properties"].as_object();
    report.settings = properties.map_or_else(Vec::new, |properties| {
        let key = |(key, property): (&String, &Value)| SettingKey {
            key: key.clone(),
            default: property.get("default").cloned(),
        };
        properties.iter().map(key).collect()
    });
    report.name = Some(description.name);
    report.version = Some(description.version);
    report.summary = Some(description.summary);
    report.intents = description.intents;
    Ok(())
}

async fn tested(plugin: &Plugin, scenarios: &[Scenario]) -> Vec<Tested> {
    let until = Instant::now() + SELF_TESTS_WITHIN;
    let mut tested = Vec::with_capacity(scenarios.len());
    for scenario in scenarios {
        let unmet = plugin.try_scenario(scenario, until).await.err();
        tested.push(Tested {
            name: scenario.name.clone(),
            failure: unmet.map(|unmet| unmet.how.to_string()),
            instructions: None,
        });
    }
    tested
}
