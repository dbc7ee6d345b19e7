//! Files to change under a running host, and what the host says of them.
//!
//! Saved as editors and deployments do: written beside, then renamed into place.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use regex::Regex;
use serde_json::Value;

use crate::harness::{Host, Setup, copy_dir, plugins, until};
use crate::rules::pipeline;

/// A manifest and a plugin folder of a test's own, and a sandbox host's setup with them and a database that lasts.
pub struct Rules {
    pub setup: Setup,
    folder: PathBuf,
}

impl Rules {
    pub fn new() -> Result<Self> {
        Self::of(Setup::sandbox()?.with_sqlite())
    }

    /// The same for another setup.
    pub fn of(setup: Setup) -> Result<Self> {
        let folder = setup.folder().join("rules");
        copy_dir(&plugins()?, &folder.join("dist"))?;
        let rules = Self {
            setup: setup
                .set(
                    "ORCHESTRATOR_PIPELINE",
                    folder.join("pipeline.toml").display(),
                )
                .set("ORCHESTRATOR_PLUGIN_DIR", folder.join("dist").display()),
            folder,
        };
        rules.write(&pipeline()?)?;
        Ok(rules)
    }

    pub fn manifest(&self) -> PathBuf {
        self.folder.join("pipeline.toml")
    }

    pub fn dist(&self) -> PathBuf {
        self.folder.join("dist")
    }

    pub fn component(&self, plugin: &str) -> PathBuf {
        self.dist().join(format!("{plugin}.wasm"))
    }

    pub fn text(&self) -> Result<String> {
        Ok(std::fs::read_to_string(self.manifest())?)
    }

    /// Writes the manifest.
    pub fn write(&self, text: &str) -> Result<()> {
        put(&self.manifest(), text.as_bytes())
    }

    /// Writes the manifest with other values of some settings.
    pub fn save(&self, settings: &[(&str, &str)]) -> Result<()> {
        self.write(&self.saying(settings)?)
    }

    /// The manifest with other values of some settings.
    pub fn saying(&self, settings: &[(&str, &str)]) -> Result<String> {
        let mut text = self.text()?;
        for (key, value) in settings {
            let line = Regex::new(&format!(r"(?m)^{key} *=[^#\n]*"))?;
            anyhow::ensure!(line.is_match(&text), "the pipeline sets no {key}");
            let line = line.replace_all(&text, format!("{key} = {value} "));
            text = line.into_owned();
        }
        Ok(text)
    }

    /// Another file that does the same: one more custom section.
    pub fn change_component(&self, plugin: &str, number: u8) -> Result<()> {
        let shipped = plugins()?.join(format!("{plugin}.wasm"));
        put(&self.component(plugin), &changed(&shipped, number)?)
    }
}

/// The bytes of a component with a number in a custom section at their end.
pub fn changed(file: &Path, number: u8) -> Result<Vec<u8>> {
    let mut bytes = std::fs::read(file)?;
    bytes.extend([0, 6, 4, b't', b'e', b's', b't', number]);
    Ok(bytes)
}

/// Writes beside, and renames into place.
pub fn put(file: &Path, bytes: &[u8]) -> Result<()> {
    let folder = file.parent().context("a folder")?;
    let partial = tempfile::NamedTempFile::with_prefix_in(".", folder)?;
    std::fs::write(partial.path(), bytes)?;
    partial.persist(file)?;
    Ok(())
}

pub async fn status(host: &Host) -> Result<Value> {
    Ok(host.get("/admin/pipeline").await?.expect(200))
}

pub async fn active(host: &Host) -> Result<String> {
    let status = status(host).await?;
    let active = status["active"]["revision"].as_str();
    Ok(active.context("an active revision")?.to_owned())
}

pub async fn candidate(host: &Host) -> Result<Value> {
    Ok(status(host).await?["candidate"].clone())
}

/// Waits for a swap.
pub async fn active_other_than(host: &Host, before: &str) -> Result<String> {
    let swapped = until("another active revision", async || {
        let now = active(host).await?;
        Ok((now != before).then_some(now))
    });
    let swapped = swapped.await;
    swapped.with_context(|| format!("still {before}\n{}", host.log()))
}
