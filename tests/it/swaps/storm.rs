//! Hundreds of swaps while callers talk, one in ten broken: nobody notices, nothing is mixed, nothing grows.
//!
//! 300 swaps here; `cargo xtask swaps` runs the same with 10,000. Counts are printed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use super::bench::{Rules, candidate, changed, put, status};
use crate::harness::{Conversation, Host, plugins, until};

/// Callers at once.
const CALLERS: usize = 4;
/// Turns of one call.
const TURNS: usize = 3;
/// One in so many swaps is broken.
const BROKEN_EVERY: usize = 10;
/// Different files of one plugin, so that the database does not keep hundreds.
const COMPONENTS: usize = 4;

fn swaps() -> Result<usize> {
    match std::env::var("ORCHESTRATOR_TEST_SWAPS") {
        Ok(number) => Ok(number.parse()?),
        Err(_) => Ok(300),
    }
}

#[derive(Debug, Default)]
struct Counts {
    swapped: usize,
    refused: usize,
    turns: usize,
    calls: Vec<String>,
    memory_kib: Vec<u64>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hundreds_of_swaps_under_load_fail_no_turn_and_mix_no_revisions() -> Result<()> {
    let rules = Rules::new()?;
    let host = rules
        .setup
        .clone()
        .set("LOG_LEVEL", "ERROR")
        .start()
        .await?;
    let (swaps, is_over) = (swaps()?, AtomicBool::new(false));
    let storm = async {
        let blown = storm(&rules, &host, swaps).await;
        is_over.store(true, Ordering::Relaxed);
        blown
    };
    let talk = async |_| talk(&host, &is_over).await;
    let talking = crate::harness::at_once((0..CALLERS).map(talk).collect());
    let (counts, talked) = tokio::join!(storm, talking);
    let mut counts = counts?;
    for calls in talked {
        let calls = calls?;
        counts.turns += calls.len() * TURNS;
        counts.calls.extend(calls);
    }
    let mixed = mixed(&host, &counts.calls).await?;
    let metrics = host.get("/metrics").await?.text;
    assert!(!metrics.contains("stage_failures_total"), "{metrics}");
    let (early, late) = medians(&counts.memory_kib).unwrap_or_default();
    println!(
        "{} swaps, {} refused by name; {} turns in {} calls: 0 failed, {mixed} with two revisions; resident {early} -> {late} KiB",
        counts.swapped,
        counts.refused,
        counts.turns,
        counts.calls.len(),
    );
    assert_eq!(mixed, 0);
    assert_eq!(counts.refused, swaps / BROKEN_EVERY);
    assert_eq!(counts.swapped + counts.refused, swaps);
    assert!(
        late <= early + early / 10,
        "memory grew from {early} to {late} KiB"
    );
    until("one loaded revision", async || {
        let loaded = status(&host).await?["loaded"].clone();
        Ok((loaded.as_array().map(Vec::len) == Some(1)).then_some(()))
    })
    .await
}

/// One change after the other, each waited for: another active revision, or a refusal with the reason.
async fn storm(rules: &Rules, host: &Host, swaps: usize) -> Result<Counts> {
    let mut counts = Counts::default();
    let file = rules.component("transfer-limits");
    let shipped = plugins()?.join("transfer-limits.wasm");
    let good = rules.text()?;
    for number in 0..swaps {
        if number % BROKEN_EVERY == BROKEN_EVERY - 1 {
            let words = spoil(rules, number / BROKEN_EVERY)?;
            until("a refusal", async || {
                let held = candidate(host).await?;
                let reason = held["reason"].as_str().unwrap_or_default();
                Ok((held["verdict"] == "failed" && reason.contains(words)).then_some(()))
            })
            .await?;
            counts.refused += 1;
            // What follows mends it.
            put(&file, &changed(&shipped, 0)?)?;
            continue;
        }
        if number % 5 == 0 {
            let which = u8::try_from(number / 5 % COMPONENTS)?;
            put(&file, &changed(&shipped, which)?)?;
        }
        let limit = format!("transfer_max = \"{}.00\"", 1_000 + number);
        rules.write(&good.replacen("transfer_max = \"10000.00\"", &limit, 1))?;
        until("a swap", async || {
            let active = status(host).await?["active"].to_string();
            Ok(active
                .contains(&format!("\"{}.00\"", 1_000 + number))
                .then_some(()))
        })
        .await
        .with_context(|| format!("swap {number}: {}", host.log()))?;
        counts.swapped += 1;
        counts.memory_kib.extend(host.resident_kib());
    }
    Ok(counts)
}

/// Breaks the files in one of several ways; gives a word of the reason.
fn spoil(rules: &Rules, way: usize) -> Result<&'static str> {
    let file = rules.component("transfer-limits");
    match way % 4 {
        0 => rules.write("[[stage").map(|()| "pipeline.toml"),
        1 => {
            // In place and by halves, as a careless copy does.
            let bytes = std::fs::read(&file)?;
            std::fs::write(&file, &bytes[..bytes.len() / 3])?;
            Ok("transfer-limits")
        }
        2 => put(&file, b"no component").map(|()| "transfer-limits"),
        _ => rules
            .save(&[("transfer_max", "\"lots\"")])
            .map(|()| "transfer_max"),
    }
}

/// Calls of three turns each, ended as the provider ends them; any failed turn is an error.
async fn talk(host: &Host, is_over: &AtomicBool) -> Result<Vec<String>> {
    let mut calls = Vec::new();
    while !is_over.load(Ordering::Relaxed) {
        let mut call = Conversation::of_alice(host);
        for _ in 0..TURNS {
            let said = call
                .invoke("check_balance", json!({"account_id": "checking_1"}))
                .await?;
            ensure!(said.code == "balance", "a failed turn: {said:?}");
        }
        let ended = json!({"event": "call_ended", "call": call.call()});
        let answer = host.signed("/webhook", ended.to_string()).await?;
        ensure!(answer.status == 204, "{answer:?}");
        calls.push(call.call_id);
    }
    Ok(calls)
}

/// Turns whose stages are not all of the revision that their record names, or that is not the one of the call's first turn.
async fn mixed(host: &Host, calls: &[String]) -> Result<usize> {
    let mut known: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut mixed = 0;
    for call in calls {
        let path = format!("/admin/decisions?call_id={call}");
        let facts = host.get(&path).await?.expect(200);
        let turns = facts["decisions"].as_array().context("turns")?;
        ensure!(turns.len() == TURNS, "{call} has {} records", turns.len());
        for turn in turns {
            let revision = turn["revision"].as_str().context("a revision")?;
            if !known.contains_key(revision) {
                let path = format!("/admin/revisions/{revision}");
                let kept = host.get(&path).await?.expect(200);
                let stages = kept["content"]["stages"].as_array().context("stages")?;
                known.insert(revision.to_owned(), stages.iter().map(digest).collect());
            }
            let stages = turn["stages"].as_array().context("digests")?;
            let ran: BTreeSet<String> = stages.iter().map(digest).collect();
            if ran != known[revision] || turn["revision"] != turns[0]["revision"] {
                mixed += 1;
            }
        }
    }
    Ok(mixed)
}

fn digest(stage: &Value) -> String {
    stage["digest"].as_str().unwrap_or_default().to_owned()
}

/// Of the second and of the last quarter: by then everything that is kept once is kept.
fn medians(samples: &[u64]) -> Option<(u64, u64)> {
    let quarter = samples.len() / 4;
    let median = |part: &[u64]| {
        let mut part = part.to_vec();
        part.sort_unstable();
        part.get(part.len() / 2).copied()
    };
    let early = median(samples.get(quarter..quarter * 2)?)?;
    let late = median(samples.get(quarter * 3..)?)?;
    Some((early, late))
}
