//! What files may be turned into by accident or on purpose, and words of the reason that everybody must then be able to read.
//!
//! Components first, then manifests; whoever tests with them puts the good files back.

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use super::bench::{Rules, put};
use crate::harness::carrying;

/// What one file may be turned into, and words of the reason.
pub type Bad = (
    &'static str,
    fn(&Rules, &Path) -> Result<()>,
    &'static [&'static str],
);

pub fn bad_components() -> [Bad; 10] {
    [
        (
            "another rule than its self-tests expect",
            |_, file| {
                let text = "[[self-test]]\nname = 'everybody may'\nintent.intent = 'human'\nexpect.decision = 'deny'\n";
                put(file, &carrying(&std::fs::read(file)?, text))
            },
            &["fails its self-tests", "everybody may"],
        ),
        (
            "truncated",
            |_, file| {
                let bytes = std::fs::read(file)?;
                put(file, &bytes[..bytes.len() / 2])
            },
            &["transfer-limits", "cut short, copy the component again"],
        ),
        (
            "empty",
            |_, file| put(file, b""),
            &["not a valid WebAssembly component", "it is empty"],
        ),
        (
            "a text",
            |_, file| put(file, b"a text"),
            &["not a valid WebAssembly component", "begin as WebAssembly"],
        ),
        (
            "a core module",
            |_, file| put(file, b"\0asm\x01\0\0\0"),
            &["component"],
        ),
        (
            "another world",
            |rules, file| put(file, &std::fs::read(rules.component("response-shaper"))?),
            &["does not export", "decide"],
        ),
        (
            "a terabyte",
            |_, file| {
                std::fs::remove_file(file)?;
                Ok(std::fs::File::create(file)?.set_len(1 << 40)?)
            },
            &["at most 33554432 are taken", "make it smaller"],
        ),
        (
            "gone",
            |_, file| Ok(std::fs::remove_file(file)?),
            &["line ", "cannot read", "cargo xtask plugins"],
        ),
        (
            "a loop of links",
            |_, file| {
                std::fs::remove_file(file)?;
                Ok(symlink(file, file)?)
            },
            &["cannot read"],
        ),
        (
            "a folder",
            |_, file| {
                std::fs::remove_file(file)?;
                Ok(std::fs::create_dir(file)?)
            },
            &["it is no file"],
        ),
    ]
}

/// Still TOML, and of less than was meant.
pub fn cuts_short() -> [Bad; 2] {
    [
        (
            "cut between two stages",
            |rules, _| cut_before(rules, "fulfil"),
            &["no stage in phase `fulfil`"],
        ),
        (
            "cut before the last stage",
            |rules, _| cut_before(rules, "shape"),
            &["no stage in phase `shape`"],
        ),
    ]
}

fn cut_before(rules: &Rules, phase: &str) -> Result<()> {
    let text = rules.text()?;
    let (before, _) = text
        .split_once(&format!("[[stage]]\nphase = \"{phase}\""))
        .with_context(|| format!("no stage in phase {phase}"))?;
    rules.write(before)
}

fn with(rules: &Rules, old: &str, new: &str) -> Result<()> {
    let text = rules.text()?;
    anyhow::ensure!(text.contains(old), "the pipeline has no {old}");
    rules.write(&text.replacen(old, new, 1))
}

pub fn bad_manifests() -> [Bad; 6] {
    [
        ("no TOML", |rules, _| rules.write("[[stage"), &["line 1"]),
        (
            "bytes",
            |rules, _| put(&rules.manifest(), &[0xff, 0, 0xfe]),
            &["UTF-8"],
        ),
        (
            "a stage twice",
            |rules, _| {
                let text = rules.text()?;
                let more = "\n[[stage]]\nphase = \"decide\"\nplugin = \"transfer-limits\"\n";
                rules.write(&format!("{text}{more}"))
            },
            &["line", "transfer-limits", "twice"],
        ),
        (
            "a grant twice",
            |rules, _| with(rules, "\"history\"", "\"history\", \"history\""),
            &["line", "`history` stands twice"],
        ),
        (
            "a missing grant",
            |rules, _| with(rules, ", \"history\"", ""),
            &["pipeline.toml: line 28, ", "does not grant `history`"],
        ),
        (
            "a bad setting",
            |rules, _| rules.save(&[("pin_above", "\"much\""), ("payees", "\"all\"")]),
            &["transfer-limits", "pin_above", "payees", "; "],
        ),
    ]
}

/// No file that anybody would write, where the manifest should be.
pub fn strange_manifests() -> [Bad; 5] {
    fn gone(rules: &Rules) -> Result<PathBuf> {
        let file = rules.manifest();
        std::fs::remove_file(&file)?;
        Ok(file)
    }
    [
        (
            "no manifest",
            |rules, _| gone(rules).map(drop),
            &["pipeline.toml", "there is no such file"],
        ),
        (
            "a manifest that links to itself",
            |rules, _| {
                let file = gone(rules)?;
                Ok(symlink(&file, &file)?)
            },
            &["pipeline.toml", "Too many levels"],
        ),
        (
            "a folder for a manifest",
            |rules, _| Ok(std::fs::create_dir(gone(rules)?)?),
            &["pipeline.toml", "it is no file"],
        ),
        (
            "a pipe for a manifest",
            |rules, _| {
                let made = Command::new("mkfifo").arg(gone(rules)?).status()?;
                anyhow::ensure!(made.success(), "no pipe");
                Ok(())
            },
            &["pipeline.toml", "it is no file"],
        ),
        (
            "a terabyte of a manifest",
            |rules, _| Ok(std::fs::File::create(gone(rules)?)?.set_len(1 << 40)?),
            &["pipeline.toml", "at most 262144"],
        ),
    ]
}

/// One word in each is not what was meant.
pub fn misspelt_manifests() -> [Bad; 5] {
    [
        (
            "an unknown key",
            |rules, _| {
                with(
                    rules,
                    "plugin = \"transfer-limits\"",
                    "plugin = \"transfer-limits\"\ncolour = 1",
                )
            },
            &["line", "colour"],
        ),
        (
            "a missing plugin",
            |rules, _| {
                with(
                    rules,
                    "plugin = \"transfer-limits\"",
                    "plugin = \"transfer-limit\"",
                )
            },
            &["transfer-limit.wasm", "did you mean `transfer-limits`"],
        ),
        (
            "a table that is no stage",
            |rules, _| with(rules, "[[stage]]", "[[stages]]"),
            &["line", "did you mean `[[stage]]`"],
        ),
        (
            "an unknown phase",
            |rules, _| with(rules, "phase = \"decide\"", "phase = \"decid\""),
            &["line", "did you mean `decide`"],
        ),
        (
            "an unknown grant",
            |rules, _| with(rules, "\"history\"", "\"histroy\""),
            &["line", "histroy", "did you mean `history`"],
        ),
    ]
}
