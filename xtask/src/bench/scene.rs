//! The files that a host of the bench watches: a folder with the shipped components and a pipeline, both changed as an operator or
//! a build would change them.
//!
//! A file is written beside its place and renamed over it, so that the host never sees half of one.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::Value;
use tempfile::TempDir;

use crate::bench::caller::API_KEY;
use crate::bench::host::Host;
use crate::bench::http::Connection;
use crate::workspace::Workspace;

/// How long a change may take before the bench gives up.
const SWAP_LIMIT: Duration = Duration::from_secs(60);
/// Between two looks at what is active: fine against the milliseconds that are measured, and leaves the host its processor.
const LOOK: Duration = Duration::from_micros(500);
/// The setting that is changed; each value is a revision of its own.
const SETTING: &str = "day_total_max = \"25000.00\"";

/// Plugins and a pipeline in a temporary folder.
pub struct Scene {
    folder: TempDir,
    manifest: String,
    component: Vec<u8>,
}

impl Scene {
    /// A copy of what is shipped, components from these folders.
    pub fn new(workspace: &Workspace, plugins: &[PathBuf], further_stage: &str) -> Result<Self> {
        let folder = tempfile::tempdir().context("no temporary folder")?;
        let plugin_dir = folder.path().join("plugins");
        std::fs::create_dir(&plugin_dir).context("no folder for plugins")?;
        for from in plugins {
            let shown = workspace.shown(from);
            let entries = from
                .read_dir()
                .with_context(|| format!("{shown} cannot be read"))?;
            for entry in entries.flatten() {
                std::fs::copy(entry.path(), plugin_dir.join(entry.file_name()))
                    .with_context(|| format!("a file of {shown} cannot be copied"))?;
            }
        }
        let shipped = workspace.root.join("config").join("pipeline.toml");
        let manifest = std::fs::read_to_string(&shipped).context("config/pipeline.toml")?;
        if !manifest.contains(SETTING) {
            bail!("config/pipeline.toml no longer holds `{SETTING}`; correct it in the bench");
        }
        let scene = Self {
            manifest: format!("{manifest}\n{further_stage}"),
            component: std::fs::read(plugin_dir.join("transfer-limits.wasm"))
                .context("transfer-limits.wasm is not there")?,
            folder,
        };
        scene.replace(&scene.pipeline(), scene.manifest.as_bytes())?;
        Ok(scene)
    }

    /// A host that watches these files.
    pub fn host(&self, workspace: &Workspace) -> Result<Host> {
        let places = [
            ("ORCHESTRATOR_PLUGIN_DIR", self.plugins()),
            ("ORCHESTRATOR_PIPELINE", self.pipeline()),
            // Its own, so that what is new to a bench is compiled in it.
            (
                "ORCHESTRATOR_PLUGIN__CACHE_DIR",
                self.folder.path().join("compiled"),
            ),
        ];
        let places = places
            .each_ref()
            .map(|(name, place)| (*name, place.as_path()));
        Host::start_with(workspace, API_KEY, &places)
    }

    fn plugins(&self) -> PathBuf {
        self.folder.path().join("plugins")
    }

    fn pipeline(&self) -> PathBuf {
        self.folder.path().join("pipeline.toml")
    }

    /// Saves transfer-limits as its build number `number` would: the same code, another digest.
    pub fn save_component(&self, number: u32) -> Result<Instant> {
        let mut component = self.component.clone();
        component.extend(custom_section("bench", &number.to_string()));
        self.replace(&self.plugins().join("transfer-limits.wasm"), &component)
    }

    /// Saves the pipeline with another figure.
    pub fn save_setting(&self, number: u32) -> Result<Instant> {
        let setting = format!("day_total_max = \"{}.00\"", 25_000 + number);
        let manifest = self.manifest.replace(SETTING, &setting);
        self.replace(&self.pipeline(), manifest.as_bytes())
    }

    /// The moment before the rename, from which on a host can know.
    fn replace(&self, file: &Path, bytes: &[u8]) -> Result<Instant> {
        let partial = file.with_extension("partial");
        std::fs::write(&partial, bytes).context("a file of the bench cannot be written")?;
        let saved = Instant::now();
        std::fs::rename(&partial, file).context("a file of the bench cannot be renamed")?;
        Ok(saved)
    }
}

/// The revision that decides new calls.
pub fn active(connection: &mut Connection) -> Result<String> {
    let answer = connection.get("/admin/pipeline")?;
    let told = serde_json::from_str::<Value>(&answer.body).with_context(|| {
        format!(
            "/admin/pipeline answered {}: {}",
            answer.status, answer.body
        )
    })?;
    let revision = told["active"]["revision"].as_str();
    Ok(revision
        .with_context(|| format!("no active revision in {told}"))?
        .to_owned())
}

/// Waits until another revision than `before` decides.
pub fn wait_for_another(connection: &mut Connection, before: &str) -> Result<Instant> {
    let began = Instant::now();
    while began.elapsed() < SWAP_LIMIT {
        if active(connection)? != before {
            return Ok(Instant::now());
        }
        std::thread::sleep(LOOK);
    }
    bail!("{before} was still active after {} s", SWAP_LIMIT.as_secs());
}

/// A section that every reader skips: id 0, its length, a name with its length, the text.
fn custom_section(name: &str, text: &str) -> Vec<u8> {
    let length = |bytes: usize| u8::try_from(bytes).expect("both texts are a few letters");
    let mut section = vec![0, length(1 + name.len() + text.len()), length(name.len())];
    section.extend_from_slice(name.as_bytes());
    section.extend_from_slice(text.as_bytes());
    section
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_is_its_id_its_length_and_its_name() {
        assert_eq!(custom_section("ab", "7"), [0, 4, 2, b'a', b'b', b'7']);
    }
}
