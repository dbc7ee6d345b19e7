//! Guests that must not be let in, and which revision a turn was decided by.
//!
//! A component with one more custom section does the same and is another file: that makes a second revision out of the first.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Result;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::bench::{self, ALICE};
use crate::harness::{Conversation, Ended, Host, Setup, free_port, root};

/// A start that must fail, with what it says.
#[track_caller]
fn refused(setup: &Setup, words: &[&str]) -> Result<Ended> {
    let ended = setup.clone().set("ORCHESTRATOR_PORT", free_port()).run()?;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    for word in words {
        assert!(
            ended.stderr.contains(word),
            "`{word}` is missing: {}",
            ended.stderr
        );
    }
    assert!(!ended.stderr.contains("panicked"), "{}", ended.stderr);
    Ok(ended)
}

fn policy(plugin: &str, grants: &str, settings: &str) -> Result<Setup> {
    stage("decide", plugin, grants, settings)
}

/// The shipped pipeline with one more stage at its beginning.
fn stage(phase: &str, plugin: &str, grants: &str, settings: &str) -> Result<Setup> {
    let stage = format!(
        "[[stage]]\nphase = \"{phase}\"\nplugin = \"{plugin}\"\ngrants = [{grants}]\n[stage.settings]\n{settings}\n\n"
    );
    let shipped = std::fs::read_to_string(root().join("config/pipeline.toml"))?;
    bench::setup(&shipped.replacen("[[stage]]", &format!("{stage}[[stage]]"), 1))
}

#[tokio::test]
async fn a_capability_that_was_not_granted_is_refused_by_name_and_granted_it_starts() -> Result<()>
{
    let import = "`bank:voice/profile-reader@0.1.0`";
    for grants in ["", r#""accounts", "history", "transcript""#] {
        let setup = policy("undeclared-import", grants, "")?;
        refused(
            &setup,
            &["`undeclared-import`", import, "does not grant `profile`"],
        )?;
    }
    let host = policy("undeclared-import", r#""profile""#, "")?
        .start()
        .await?;
    let turn = bench::balance(&host, ALICE, "").await?;
    assert_eq!(turn.said.code, "balance", "{turn:?}");
    Ok(())
}

#[test]
fn an_import_outside_the_contract_is_refused_by_name_whatever_is_granted() -> Result<()> {
    let all = r#""accounts", "profile", "history", "transcript""#;
    for grants in ["", all] {
        let setup = policy("wasi-import", grants, "")?;
        refused(
            &setup,
            &[
                "`wasi-import`",
                "`wasi:cli/environment@0.2.0`",
                "not part of the contract",
            ],
        )?;
    }
    Ok(())
}

#[test]
fn a_plugin_that_fails_while_it_checks_its_settings_is_refused() -> Result<()> {
    for (fault, words) in [
        ("trap", "trapped"),
        ("endless_loop", "outlived its deadline of 50 ms"),
        ("memory_bomb", "more than its memory of 16,777,216"),
    ] {
        let setup = policy("bad-policy", "", &format!("check = \"{fault}\""))?;
        refused(&setup, &["`bad-policy`", "`check-settings` failed", words])?;
    }
    Ok(())
}

#[test]
fn a_plugin_that_never_ends_to_start_is_refused() -> Result<()> {
    let setup = stage("route", "slow-start", "", "")?;
    refused(
        &setup,
        &[
            "`slow-start`",
            "`describe` failed",
            "outlived its deadline of 50 ms",
        ],
    )?;
    Ok(())
}

#[test]
fn a_plugin_of_another_phase_or_another_contract_is_refused_by_what_it_lacks() -> Result<()> {
    let missing = "does not export `bank:voice/policy@0.1.0`, which phase `decide` needs";
    for (plugin, found) in [
        ("bad-shaper", "it exports bank:voice/plugin@0.1.0"),
        ("wrong-world", "it exports bank:voice/policy@0.9.0"),
    ] {
        let setup = policy(plugin, "", "")?;
        refused(&setup, &[&format!("`{plugin}`"), missing, found])?;
    }
    Ok(())
}

/// The digests of all components in a folder.
fn digests(folder: &Path) -> Result<BTreeSet<String>> {
    let files = std::fs::read_dir(folder)?;
    files
        .map(|file| Ok(hex::encode(Sha256::digest(std::fs::read(file?.path())?))))
        .collect()
}

/// Every component with one more custom section.
fn change_all(folder: &Path) -> Result<()> {
    for file in std::fs::read_dir(folder)? {
        let path = file?.path();
        let mut bytes = std::fs::read(&path)?;
        bytes.extend(b"\0\x05\x04next");
        let changed = path.with_extension("partial");
        std::fs::write(&changed, bytes)?;
        std::fs::rename(changed, path)?;
    }
    Ok(())
}

/// Fails unless all stages of the record belong to this set; gives the revision that it names.
#[track_caller]
fn assert_of(set: &BTreeSet<String>, record: &Value) -> String {
    let stages = record["stages"].as_array().expect("stages");
    assert!(stages.len() >= 4, "{record}");
    for stage in stages {
        let digest = stage["digest"].as_str().expect("a digest");
        assert!(set.contains(digest), "of another revision: {stage}");
    }
    record["revision"].as_str().expect("a revision").to_owned()
}

async fn ask(host: &Host, call: &mut Conversation<'_>, number: u64) -> Result<Value> {
    let said = call
        .invoke("check_balance", json!({"account_id": "checking_1"}))
        .await?;
    assert_eq!(said.code, "balance", "{said:?}");
    host.record(&call.call_id, number).await
}

#[tokio::test]
async fn no_turn_mixes_two_revisions() -> Result<()> {
    let setup = bench::setup(&bench::pipeline("")?)?.with_sqlite();
    let dist = setup.folder().join("dist");
    let old = digests(&dist)?;
    let host = setup.start().await?;
    let mut alice = Conversation::of_alice(&host);
    let first = assert_of(&old, &ask(&host, &mut alice, 1).await?);
    // The files change under a running call.
    change_all(&dist)?;
    let new = digests(&dist)?;
    assert!(old.is_disjoint(&new));
    assert_eq!(assert_of(&old, &ask(&host, &mut alice, 2).await?), first);
    let (pinned, mut third) = (
        alice.call_id.clone(),
        alice.body("check_balance", json!({"account_id": "checking_1"})),
    );
    let (setup, _) = host.stop()?;

    // After a restart the call has one of the two, whole.
    let host = setup.start().await?;
    // What the host had not taken when it was stopped waits.
    let reload = "/admin/pipeline/reload";
    host.post(reload, &json!({})).await?.expect(200);
    let mut other = Conversation::of_alice(&host);
    let second = assert_of(&new, &ask(&host, &mut other, 1).await?);
    assert_ne!(first, second);
    host.signed("/functions", std::mem::take(&mut third))
        .await?
        .expect(200);
    let record = host.record(&pinned, 3).await?;
    let set = if record["revision"] == first.as_str() {
        &old
    } else {
        &new
    };
    let named = assert_of(set, &record);
    assert!(named == first || named == second, "{record}");
    Ok(())
}
