//! The plugins of a workspace: its members with a `plugin.toml` that names a phase or a world, and guests in text form.
//!
//! Members without one are libraries that plugins share, and are not built by themselves.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use contract::BYTES_MAX;
use serde_json::Value;

use crate::command;
use crate::plugins::left_out;
use crate::plugins::text::{self, Text};

/// One plugin of the workspace.
#[derive(Debug, PartialEq, Eq)]
pub struct Plugin {
    /// Names the component: the package's, which `name` of plugin.toml repeats.
    pub name: String,
    /// What it is made of.
    pub source: Source,
    /// The text of plugin.toml, which the component carries along.
    pub manifest: String,
    /// As plugin.toml names it, if it does.
    pub phase: Option<String>,
}

/// What a plugin is made of.
#[derive(Debug, PartialEq, Eq)]
pub enum Source {
    /// A package that cargo compiles.
    Package {
        /// Cargo's name for it.
        package: String,
        /// The file that cargo leaves in its release folder.
        artifact: String,
    },
    /// A module written by hand.
    Text(Text),
}

/// All plugins of the workspace in `folder`, in cargo's order, then those in text form. None at all is an error.
pub fn list(folder: &Path) -> Result<Vec<Plugin>> {
    let mut cargo = command::cargo(folder);
    cargo.args([
        "metadata",
        "--no-deps",
        "--offline",
        "--format-version",
        "1",
    ]);
    let printed = command::captured(&mut cargo)?;
    let metadata = serde_json::from_slice::<Value>(&printed.stdout)
        .context("cargo's metadata is no JSON; does `cargo metadata` work in that folder?")?;
    let packages = metadata["packages"]
        .as_array()
        .context("cargo's metadata has no packages")?;
    left_out::check(folder, packages)?;
    let mut plugins = Vec::<Plugin>::new();
    for package in packages {
        let manifest = package["manifest_path"]
            .as_str()
            .context("a package without manifest")?;
        let file = Path::new(manifest).with_file_name("plugin.toml");
        if file.is_file() {
            add(&mut plugins, plugin(package, &file)?, &file)?;
        }
    }
    for folder in text::folders(folder)? {
        let file = folder.join("plugin.toml");
        add(&mut plugins, in_text_form(folder, &file)?, &file)?;
    }
    if plugins.is_empty() {
        bail!(
            "no member of {} has a plugin.toml; add one with `phase`",
            folder.display()
        );
    }
    Ok(plugins)
}

fn add(plugins: &mut Vec<Plugin>, plugin: Plugin, file: &Path) -> Result<()> {
    if plugins.iter().any(|other| other.name == plugin.name) {
        bail!(
            "two plugins are named {}; rename one in {}",
            plugin.name,
            file.display()
        );
    }
    plugins.push(plugin);
    Ok(())
}

fn manifest(file: &Path) -> Result<(toml::Table, String)> {
    let text = std::fs::read_to_string(file)
        .with_context(|| format!("{} cannot be read", file.display()))?;
    if text.len() > BYTES_MAX {
        bail!(
            "{} has {} bytes, a host reads at most {BYTES_MAX}; shorten it",
            file.display(),
            text.len()
        );
    }
    let manifest: toml::Table = toml::from_str(&text)
        .with_context(|| format!("{} is no TOML; correct it", file.display()))?;
    contract::check(&manifest).map_err(|fault| {
        let line = text.lines().position(|line| line.contains(fault.word()));
        let line = line.map_or(String::new(), |at| format!(", line {}", at + 1));
        anyhow!("{}{line} has {fault}", file.display())
    })?;
    Ok((manifest, text))
}

fn in_text_form(folder: PathBuf, file: &Path) -> Result<Plugin> {
    let (manifest, text) = manifest(file)?;
    let named = |key: &str| {
        let found = manifest.get(key).and_then(toml::Value::as_str);
        found.with_context(|| format!("{} has no `{key}`; add it", file.display()))
    };
    Ok(Plugin {
        phase: phase(&manifest),
        name: plain(named("name")?, file)?.to_owned(),
        source: Source::Text(Text {
            world: named("world")?.to_owned(),
            folder,
        }),
        manifest: text,
    })
}

fn plugin(package: &Value, file: &Path) -> Result<Plugin> {
    let (manifest, text) = manifest(file)?;
    if !manifest.contains_key("phase") && !manifest.contains_key("world") {
        bail!(
            "{} names neither `phase` nor `world`; add one of them",
            file.display()
        );
    }
    let package_name = package["name"]
        .as_str()
        .context("a package without a name")?;
    let name = match manifest.get("name") {
        Some(name) => name
            .as_str()
            .with_context(|| format!("`name` in {}", file.display()))?,
        None => package_name,
    };
    if name != package_name {
        bail!(
            "`name` in {} is {name}, and its package is {package_name}; call both the same",
            file.display()
        );
    }
    Ok(Plugin {
        phase: phase(&manifest),
        name: plain(name, file)?.to_owned(),
        source: Source::Package {
            package: package_name.to_owned(),
            artifact: artifact(package).with_context(|| {
                format!(
                    "{package_name} builds no cdylib; set `crate-type = [\"cdylib\", \"rlib\"]`"
                )
            })?,
        },
        manifest: text,
    })
}

fn phase(manifest: &toml::Table) -> Option<String> {
    Some(manifest.get("phase")?.as_str()?.to_owned())
}

/// The name becomes a file name, so it may not lead out of the folder.
fn plain<'a>(name: &'a str, file: &Path) -> Result<&'a str> {
    let good = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if name.is_empty() || !name.chars().all(good) {
        bail!(
            "`name` in {} may hold letters, digits, - and _ only",
            file.display()
        );
    }
    Ok(name)
}

fn artifact(package: &Value) -> Option<String> {
    let targets = package["targets"].as_array()?;
    let library = targets.iter().find(|target| {
        target["crate_types"]
            .as_array()
            .is_some_and(|types| types.iter().any(|t| t == "cdylib"))
    })?;
    let stem = PathBuf::from(library["name"].as_str()?.replace('-', "_"));
    Some(stem.with_extension("wasm").to_str()?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_artifact_is_that_of_the_cdylib() {
        let package = serde_json::json!({ "targets": [
            { "name": "build-script-build", "crate_types": ["bin"] },
            { "name": "transfer-limits", "crate_types": ["cdylib", "rlib"] },
        ]});
        assert_eq!(artifact(&package).as_deref(), Some("transfer_limits.wasm"));
        assert_eq!(artifact(&serde_json::json!({ "targets": [] })), None);
    }

    #[test]
    fn a_key_that_no_host_takes_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("plugin.toml");
        std::fs::write(&file, "name = 'a'\nphase = 'decide'").unwrap();
        assert!(manifest(&file).is_ok());
        for (text, words) in [
            (
                "nam = 'a'",
                "line 1 has an unknown key `nam`, did you mean `name`?",
            ),
            (
                "name = 'a'\nphase = 'decid'",
                "line 2 has phase `decid`, did you mean `decide`?",
            ),
            (
                "capabilities = ['acounts']",
                "line 1 has capability `acounts`, did you mean `accounts`?",
            ),
            (
                "capabilities = 'accounts'",
                "line 1 has a `capabilities` that is no list",
            ),
        ] {
            std::fs::write(&file, text).unwrap();
            let said = format!("{:#}", manifest(&file).unwrap_err());
            assert!(said.contains(words), "{said}");
        }
    }

    #[test]
    fn a_name_that_leads_out_of_the_folder_is_refused() {
        assert!(plain("transfer-limits", Path::new("plugin.toml")).is_ok());
        assert!(plain("../host", Path::new("plugin.toml")).is_err());
        assert!(plain("", Path::new("plugin.toml")).is_err());
    }
}
