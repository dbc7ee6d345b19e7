//! What does not fit stops the start: a plugin file with its name, its digest and the reason, a manifest with its line.
//!
//! Each case spoils a copy of what is shipped, and the whole sentence is read.

use std::path::Path;

use anyhow::Result;

use crate::harness::{Ended, Setup, copy_dir, free_port, plugins};
use crate::rules::{digest, pipeline};

/// A start that must fail, with a plugin folder of its own.
fn refused(spoil: impl Fn(&Path, &mut String) -> Result<()>) -> Result<(Ended, String)> {
    let setup = Setup::sandbox()?;
    let dist = setup.folder().join("dist");
    copy_dir(&plugins()?, &dist)?;
    let mut text = pipeline()?;
    spoil(&dist, &mut text)?;
    let file = setup.folder().join("pipeline.toml");
    std::fs::write(&file, text)?;
    let policy = digest(&dist.join("transfer-limits.wasm")).unwrap_or_default();
    let ended = setup
        .set("ORCHESTRATOR_PIPELINE", file.display())
        .set("ORCHESTRATOR_PLUGIN_DIR", dist.display())
        .set("ORCHESTRATOR_PORT", free_port())
        .run()?;
    Ok((ended, policy))
}

/// One sentence on standard error with these words, and exit code 1.
#[track_caller]
fn assert_says(what: &str, ended: &Ended, words: &[&str]) {
    assert_eq!(ended.code, Some(1), "{what}: {ended:?}");
    let said = ended
        .stderr
        .lines()
        .find(|line| line.contains("orchestrator: "));
    let said = said.unwrap_or_else(|| panic!("{what}: nothing is said: {}", ended.stderr));
    for word in words {
        assert!(
            ended.stderr.contains(word),
            "{what}: `{word}` is missing: {said}"
        );
    }
    assert!(
        !ended.stderr.contains("panicked"),
        "{what}: {}",
        ended.stderr
    );
}

#[tokio::test]
async fn a_plugin_file_that_does_not_fit_stops_the_start_with_its_name_digest_and_reason()
-> Result<()> {
    type Spoil = fn(&Path, Vec<u8>) -> Result<()>;
    let cases: [(&str, Spoil, &[&str]); 6] = [
        (
            "truncated",
            |file, bytes| Ok(std::fs::write(file, &bytes[..bytes.len() / 2])?),
            &["not a valid WebAssembly component"],
        ),
        (
            "empty",
            |file, _| Ok(std::fs::write(file, b"")?),
            &["not a valid WebAssembly component"],
        ),
        (
            "no WebAssembly",
            |file, _| Ok(std::fs::write(file, "a text")?),
            &["not a valid WebAssembly component"],
        ),
        (
            "a core module",
            |file, _| Ok(std::fs::write(file, b"\0asm\x01\0\0\0")?),
            &["a core module", "cargo xtask plugins"],
        ),
        (
            "garbage inside",
            |file, mut bytes| {
                let middle = bytes.len() / 2;
                bytes[middle..middle + 4_000].fill(0xff);
                Ok(std::fs::write(file, bytes)?)
            },
            &["component"],
        ),
        (
            "of another world",
            |file, _| {
                let other = file.with_file_name("response-shaper.wasm");
                std::fs::copy(other, file)?;
                Ok(())
            },
            &["does not export", "decide"],
        ),
    ];
    for (what, spoil, words) in cases {
        let (ended, digest) = refused(|dist, _| {
            let file = dist.join("transfer-limits.wasm");
            spoil(&file, std::fs::read(&file)?)
        })?;
        assert_says(what, &ended, &["transfer-limits", &digest]);
        assert_says(what, &ended, words);
    }
    let (ended, _) =
        refused(|dist, _| Ok(std::fs::remove_file(dist.join("transfer-limits.wasm"))?))?;
    assert_says(
        "missing",
        &ended,
        &["transfer-limits", "cannot read", "cargo xtask plugins"],
    );
    Ok(())
}

#[tokio::test]
async fn a_manifest_that_does_not_fit_stops_the_start_with_the_line_and_the_reason() -> Result<()> {
    let limits = "plugin = \"transfer-limits\"\n";
    let cases: [(&str, &str, &str, &[&str]); 9] = [
        (
            "a capability that is not granted",
            r#"grants = ["accounts", "history"]"#,
            "grants = [\"accounts\"]",
            &["transfer-limits", "does not grant `history`"],
        ),
        (
            "an unknown grant",
            r#"grants = ["accounts", "history"]"#,
            "grants = [\"accounts\", \"histroy\"]",
            &["histroy", "did you mean `history`"],
        ),
        (
            "a write in a policy",
            r#"grants = ["accounts", "history"]"#,
            "grants = [\"payments\"]",
            &["payments", "fulfil"],
        ),
        (
            "an unknown key",
            limits,
            "plugin = \"transfer-limits\"\ncolour = \"red\"\n",
            &["colour"],
        ),
        (
            "an unknown phase",
            "phase = \"decide\"",
            "phase = \"decied\"",
            &["decied"],
        ),
        (
            "an unknown setting",
            "pin_above",
            "pin_over",
            &["transfer-limits", "pin_over", "pin_above"],
        ),
        (
            "a bad amount",
            "transfer_max = \"10000.00\"",
            "transfer_max = \"lots\"",
            &["transfer-limits", "transfer_max"],
        ),
        (
            "an amount as a float",
            "pin_above = \"250.00\"",
            "pin_above = 250.005",
            &["transfer-limits", "pin_above"],
        ),
        ("no TOML", "[[stage]]", "[[stage", &["pipeline.toml"]),
    ];
    for (what, old, new, words) in cases {
        let (ended, _) = refused(|_, text| {
            assert!(text.contains(old), "the shipped pipeline has no {old}");
            *text = text.replacen(old, new, 1);
            Ok(())
        })?;
        assert_says(what, &ended, words);
    }
    Ok(())
}

#[tokio::test]
async fn a_manifest_that_is_not_there_stops_the_start() -> Result<()> {
    let missing = Setup::sandbox()?
        .set("ORCHESTRATOR_PIPELINE", "/no/such/pipeline.toml")
        .run()?;
    assert_says(
        "no manifest",
        &missing,
        &["/no/such/pipeline.toml", "ORCHESTRATOR_PIPELINE"],
    );
    Ok(())
}
