//! Every guest has its contract, and every guest and misdeed its test.
//!
//! Misdeeds are read where they are committed (the arms of a guest's `match`) and where they are promised (`Misdeeds:` in its
//! contract); tested is what stands in the table of attacks, or by its name in a test of this folder.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context as _, Result};
use regex::Regex;

use super::attacks;
use crate::harness::root;

/// A folder of `tests/guests` with a source.
struct Source {
    name: String,
    text: String,
    /// A library has none.
    is_guest: bool,
}

impl Source {
    /// The comment at its top.
    fn contract(&self) -> String {
        let comments = self.text.lines().map_while(|line| {
            let text = line.strip_prefix("//!").or_else(|| line.strip_prefix(";;"));
            text.map(str::trim)
        });
        comments.collect::<Vec<_>>().join(" ")
    }

    /// What it commits and what its contract promises.
    fn misdeeds(&self) -> Result<BTreeSet<String>> {
        let committed = Regex::new(r#""([a-z0-9_]+)"(?: \||\s*=>)"#)?;
        let promised = Regex::new("`([a-z0-9_]+)`")?;
        let contract = self.contract();
        let (_, list) = contract.split_once("Misdeeds:").unwrap_or_default();
        let (list, _) = list.split_once('.').unwrap_or((list, ""));
        let names = committed.captures_iter(&self.text);
        Ok(names
            .chain(promised.captures_iter(list))
            .map(|found| found[1].to_owned())
            .collect())
    }
}

fn sources() -> Result<Vec<Source>> {
    let mut sources = Vec::new();
    for entry in std::fs::read_dir(root().join("tests/guests"))? {
        let folder = entry?.path();
        let found = ["src/lib.rs", "guest.wat"].map(|file| folder.join(file));
        let Some(file) = found.iter().find(|file| file.is_file()) else {
            continue;
        };
        let name = folder.file_name().and_then(|name| name.to_str());
        sources.push(Source {
            name: name.context("a folder's name")?.to_owned(),
            text: std::fs::read_to_string(file)?,
            is_guest: folder.join("plugin.toml").is_file(),
        });
    }
    Ok(sources)
}

/// The tests of this folder, without the table.
fn tests() -> Result<String> {
    let folder = root().join("tests/it");
    let mut tests = std::fs::read_to_string(folder.join("failing_stages.rs"))?;
    for file in std::fs::read_dir(folder.join("failing_stages"))? {
        let file = file?.path();
        let is_this = [Path::new(file!()), Path::new("attacks.rs")]
            .iter()
            .any(|it| it.file_name() == file.file_name());
        if !is_this {
            tests.push_str(&std::fs::read_to_string(file)?);
        }
    }
    Ok(tests)
}

#[test]
fn every_guest_has_a_contract_and_a_test() -> Result<()> {
    let tests = tests()?;
    let guests: Vec<Source> = sources()?.into_iter().filter(|it| it.is_guest).collect();
    for guest in &guests {
        let (name, contract) = (&guest.name, guest.contract());
        let (phase, _) = contract.split_once(", contract: ").unwrap_or_default();
        assert!(phase.starts_with("Phase "), "{name} has no contract");
        let is_tested =
            tests.contains(&format!("\"{name}\"")) || attacks::of(name).next().is_some();
        assert!(is_tested, "guest {name} has no test");
    }
    assert!(guests.len() >= 10, "only {} guests were read", guests.len());
    Ok(())
}

#[test]
fn every_misdeed_has_a_test() -> Result<()> {
    let tests = tests()?;
    let mut faults = Vec::new();
    let mut counted = 0;
    for source in sources()? {
        let name = &source.name;
        let misdeeds = source.misdeeds()?;
        counted += misdeeds.len();
        for misdeed in &misdeeds {
            let is_in_table = attacks::all().any(|attack| {
                attack.misdeed == misdeed && (attack.guest == name || !source.is_guest)
            });
            let is_named = [format!("\"{misdeed}\""), format!("{name}:{misdeed}\"")]
                .iter()
                .any(|named| tests.contains(named));
            if !is_in_table && !is_named {
                faults.push(format!("{name}: {misdeed} has no test"));
            }
        }
        for attack in attacks::all().filter(|attack| attack.guest == name) {
            if !misdeeds.contains(attack.misdeed) {
                faults.push(format!("{name} commits no {}", attack.misdeed));
            }
        }
    }
    assert!(faults.is_empty(), "\n  {}", faults.join("\n  "));
    assert!(counted >= 50, "only {counted} misdeeds were read");
    Ok(())
}
