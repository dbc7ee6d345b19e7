//! Guests in WebAssembly's text form: a folder of the workspace with a `guest.wat` beside its `plugin.toml`.
//!
//! For the tests of the host only: what such a guest does, no compiler would let it. The world that its plugin.toml names is taken
//! from a `wit` folder of its own, or else from the repository's.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use wit_component::StringEncoding;
use wit_parser::Resolve;

/// One of them.
#[derive(Debug, PartialEq, Eq)]
pub struct Text {
    /// Where its files are.
    pub folder: PathBuf,
    /// Which of the worlds it implements.
    pub world: String,
}

/// The folders with such a guest, sorted.
pub fn folders(workspace: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let entries = std::fs::read_dir(workspace)
        .with_context(|| format!("{} cannot be read", workspace.display()))?;
    for entry in entries {
        let folder = entry?.path();
        if folder.join("guest.wat").is_file() {
            found.push(folder);
        }
    }
    found.sort();
    Ok(found)
}

/// A core module that says which world it implements, as a compiler leaves one.
pub fn module(text: &Text, contract: &Path) -> Result<Vec<u8>> {
    let file = text.folder.join("guest.wat");
    let mut module =
        wat::parse_file(&file).with_context(|| format!("{} is not read", file.display()))?;
    let own = text.folder.join("wit");
    let wit = if own.is_dir() { &own } else { contract };
    let mut resolve = Resolve::default();
    let (package, _) = resolve
        .push_dir(wit)
        .with_context(|| format!("{} is not read", wit.display()))?;
    let world = resolve
        .select_world(&[package], Some(&text.world))
        .with_context(|| format!("{} has no world {}", wit.display(), text.world))?;
    wit_component::embed_component_metadata(
        &mut module,
        &resolve,
        world,
        StringEncoding::UTF8,
        false,
    )?;
    Ok(module)
}
