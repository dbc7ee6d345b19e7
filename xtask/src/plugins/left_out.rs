//! What lies in a workspace of plugins and would not be built, and why: nobody has to find out from a plugin that is not there.
//!
//! Libraries that plugins share are members without a `cdylib`; they are not meant.

use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// Folders that are built, and hold no sources.
const BUILT: [&str; 2] = ["dist", "target"];

/// Refuses a workspace in which a plugin would be passed over, or whose `Cargo.lock` does not know its members. `packages` are
/// those of cargo's metadata.
pub fn check(folder: &Path, packages: &[Value]) -> Result<()> {
    let left_out = folders(folder, packages)?;
    if !left_out.is_empty() {
        bail!(
            "not every plugin of {} would be built:\n  {}",
            folder.display(),
            left_out.join("\n  ")
        );
    }
    locked(folder, packages)
}

/// Each folder with a plugin that cargo would not build, and why.
fn folders(folder: &Path, packages: &[Value]) -> Result<Vec<String>> {
    let mut found = Vec::new();
    let entries = std::fs::read_dir(folder)
        .with_context(|| format!("{} cannot be read", folder.display()))?;
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = entry.path();
        if !path.is_dir() || name.starts_with('.') || BUILT.contains(&name.as_str()) {
            continue;
        }
        if let Some(why) = why_left_out(&path, packages) {
            found.push(format!("{name}: {why}"));
        }
    }
    found.sort();
    Ok(found)
}

fn why_left_out(folder: &Path, packages: &[Value]) -> Option<&'static str> {
    let has = |file: &str| folder.join(file).is_file();
    if has("guest.wat") {
        return None;
    }
    match (has("Cargo.toml"), has("plugin.toml")) {
        (false, false) => None,
        (false, true) => {
            Some("it has a plugin.toml and no Cargo.toml; copy one from another plugin")
        }
        (true, has_plugin_toml) => match package_in(folder, packages) {
            None => Some("`members` of Cargo.toml does not name it; add it there"),
            Some(package) if !has_plugin_toml && is_cdylib(package) => Some(
                "it builds a cdylib and has no plugin.toml; add one with `name` and `phase`, or build a library only",
            ),
            Some(_) => None,
        },
    }
}

fn package_in<'a>(folder: &Path, packages: &'a [Value]) -> Option<&'a Value> {
    let manifest = folder.join("Cargo.toml");
    let is_it = |package: &&Value| {
        let path = package["manifest_path"].as_str();
        path.is_some_and(|path| Path::new(path) == manifest)
    };
    packages.iter().find(is_it)
}

fn is_cdylib(package: &Value) -> bool {
    let targets = package["targets"].as_array().map_or(&[][..], Vec::as_slice);
    targets
        .iter()
        .filter_map(|target| target["crate_types"].as_array())
        .flatten()
        .any(|kind| kind == "cdylib")
}

/// Cargo itself only says that it may not write the file.
fn locked(folder: &Path, packages: &[Value]) -> Result<()> {
    let file = folder.join("Cargo.lock");
    let Ok(text) = std::fs::read_to_string(&file) else {
        return Ok(());
    };
    let lock: toml::Table = toml::from_str(&text)
        .with_context(|| format!("{} is no TOML; take it from git", file.display()))?;
    let locked = lock.get("package").and_then(toml::Value::as_array);
    // What has a source comes from elsewhere.
    let locked: Vec<(&str, &str)> = locked
        .into_iter()
        .flatten()
        .filter(|package| package.get("source").is_none())
        .filter_map(|package| {
            Some((
                package.get("name")?.as_str()?,
                package.get("version")?.as_str()?,
            ))
        })
        .collect();
    let unknown = packages.iter().find_map(|package| {
        let (name, version) = (package["name"].as_str()?, package["version"].as_str()?);
        (!locked.contains(&(name, version))).then_some(name)
    });
    if let Some(name) = unknown {
        bail!(
            "{} does not know {name} as it is now; run `cargo update --workspace --offline` in {} once (README, \"Writing a rule\")",
            file.display(),
            folder.display()
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    struct Plugins(tempfile::TempDir);

    impl Plugins {
        fn with(files: &[&str]) -> Self {
            let plugins = Self(tempfile::tempdir().expect("a temporary folder"));
            for file in files {
                let path = plugins.0.path().join(file);
                std::fs::create_dir_all(path.parent().expect("a folder")).expect("writable");
                std::fs::write(path, "").expect("writable");
            }
            plugins
        }

        fn package(&self, name: &str, kind: &str) -> Value {
            let manifest = self.0.path().join(name).join("Cargo.toml");
            json!({"name": name, "version": "0.1.0", "manifest_path": manifest, "targets": [{"crate_types": [kind]}]})
        }
    }

    #[test]
    fn a_plugin_that_would_not_be_built_is_named_with_the_reason() {
        let plugins = Plugins::with(&[
            "good/Cargo.toml",
            "good/plugin.toml",
            "library/Cargo.toml",
            "stranger/Cargo.toml",
            "stranger/plugin.toml",
            "bare/Cargo.toml",
            "half/plugin.toml",
            "text/guest.wat",
            "dist/old.wasm",
            "target/Cargo.toml",
            ".git/Cargo.toml",
            "notes/readme.md",
        ]);
        let packages = [
            plugins.package("good", "cdylib"),
            plugins.package("library", "lib"),
            plugins.package("bare", "cdylib"),
        ];
        let refused = check(plugins.0.path(), &packages).expect_err("three are left out");
        let said = refused.to_string();
        let lines: Vec<&str> = said.lines().skip(1).map(str::trim).collect();
        assert_eq!(lines.len(), 3, "{said}");
        assert!(lines[0].starts_with("bare: it builds a cdylib and has no plugin.toml"));
        assert!(lines[1].starts_with("half: it has a plugin.toml and no Cargo.toml"));
        assert!(lines[2].starts_with("stranger: `members` of Cargo.toml does not name it"));
    }

    #[test]
    fn a_lock_that_does_not_know_a_member_says_what_to_run() {
        let plugins = Plugins::with(&["good/Cargo.toml", "good/plugin.toml"]);
        let packages = [plugins.package("good", "cdylib")];
        let lock = plugins.0.path().join("Cargo.lock");
        let known = "[[package]]\nname = \"good\"\nversion = \"0.1.0\"\n";
        std::fs::write(&lock, known).expect("writable");
        assert!(check(plugins.0.path(), &packages).is_ok());
        std::fs::write(&lock, known.replace("good", "other")).expect("writable");
        let refused = check(plugins.0.path(), &packages).expect_err("good is not known");
        let said = refused.to_string();
        assert!(said.contains("does not know good"), "{said}");
        assert!(
            said.contains("cargo update --workspace --offline"),
            "{said}"
        );
    }
}
