//! Hundreds of swaps while callers talk, one in ten broken: nobody notices, nothing is mixed, nothing grows.
//!
//! 300 swaps here; `cargo xtask swaps` runs the same with 10,000. Counts are printed. Most swaps change a setting only, so callers ask
//! for transfers whose amount lies anywhere in the range of that setting: a turn that runs with the figure of another revision than its
//! record names decides otherwise than that revision would.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use regex::Regex;
use serde_json::{Value, json};

use super::bench::{Rules, candidate, changed, put, status};
use crate::events::Random;
use crate::harness::{Conversation, Host, figure, plugins, until};

/// Without a long form.
const SWAPS: usize = 300;
/// Callers at once, without a long form.
const CALLERS: usize = 4;
/// Turns of one call: a balance, then transfers that nobody confirms.
const TURNS: usize = 3;
/// The limit of a transfer lies between these, in whole dollars, and so does what callers ask for; Alice has a little more.
const LIMITS: Range<u64> = 1_000..5_000;
/// One in so many swaps is broken.
const BROKEN_EVERY: usize = 10;
/// Different files of one plugin, so that the database does not keep hundreds.
const COMPONENTS: usize = 4;

#[derive(Debug, Default)]
struct Counts {
    swapped: usize,
    refused: usize,
    turns: usize,
    calls: Vec<Talked>,
    memory_kib: Vec<u64>,
}

/// A call that is over.
#[derive(Debug)]
struct Talked {
    call_id: String,
    /// Of each turn but the first: the dollars that were asked for, and whether they would be moved after a yes.
    asked: Vec<(u64, bool)>,
}

/// The limit after so many swaps: unlike its neighbours', so that most amounts tell two revisions apart.
fn limit(number: usize) -> u64 {
    let span = LIMITS.end - LIMITS.start;
    LIMITS.start + (number as u64 * 3_571) % span
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
    let swaps = figure("ORCHESTRATOR_TEST_SWAPS", SWAPS)?;
    let callers = figure("ORCHESTRATOR_TEST_CALLERS", CALLERS)? as u64;
    let is_over = AtomicBool::new(false);
    let storm = async {
        let blown = storm(&rules, &host, swaps).await;
        is_over.store(true, Ordering::Relaxed);
        blown
    };
    let began = Instant::now();
    let talk = async |seed| talk(&host, &is_over, Random(seed * 7_919)).await;
    let talking = crate::harness::at_once((1..=callers).map(talk).collect());
    let (counts, talked) = tokio::join!(storm, talking);
    let (mut counts, took) = (counts?, began.elapsed());
    for calls in talked {
        let calls = calls?;
        counts.turns += calls.len() * TURNS;
        counts.calls.extend(calls);
    }
    let mixed = mixed(&host, &counts.calls).await?;
    let metrics = host.get("/metrics").await?.text;
    let failures = metrics
        .lines()
        .filter(|line| line.starts_with("stage_failures_total{"));
    assert!(
        failures.clone().count() > 0 && failures.clone().all(|line| line.ends_with("} 0")),
        "{metrics}"
    );
    let (early, late) = medians(&counts.memory_kib).unwrap_or_default();
    println!(
        "{} swaps, {} refused by name; {} turns in {} calls, {:.0} a second: 0 failed, {} with two revisions; resident {early} -> {late} KiB",
        counts.swapped,
        counts.refused,
        counts.turns,
        counts.calls.len(),
        counts.turns as f64 / took.as_secs_f64(),
        mixed.len(),
    );
    assert!(mixed.is_empty(), "{mixed:#?}");
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
        let limit = limit(number);
        let line = format!("transfer_max = \"{limit}.00\"");
        rules.write(&good.replacen("transfer_max = \"10000.00\"", &line, 1))?;
        until("a swap", async || {
            let active = status(host).await?["active"].clone();
            Ok((limit_of(&active)? == limit).then_some(()))
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
async fn talk(host: &Host, is_over: &AtomicBool, mut random: Random) -> Result<Vec<Talked>> {
    let mut calls = Vec::new();
    while !is_over.load(Ordering::Relaxed) {
        let mut call = Conversation::of_alice(host);
        let said = call
            .invoke("check_balance", json!({"account_id": "checking_1"}))
            .await?;
        ensure!(said.code == "balance", "a failed turn: {said:?}");
        let mut asked = Vec::new();
        for _ in 1..TURNS {
            let span = usize::try_from(LIMITS.end - LIMITS.start)?;
            let dollars = LIMITS.start + random.below(span) as u64;
            let wanted =
                json!({"from_account": "checking", "to_account": "savings", "amount": dollars});
            let said = call.invoke("transfer_funds", wanted).await?;
            let is_refused = said.code == "over_transfer_max";
            ensure!(said.moves() || is_refused, "a failed turn: {said:?}");
            asked.push((dollars, said.moves()));
        }
        let ended = json!({"event": "call_ended", "call": call.call()});
        let answer = host.signed("/webhook", ended.to_string()).await?;
        ensure!(answer.status == 204, "{answer:?}");
        calls.push(Talked {
            call_id: call.call_id,
            asked,
        });
    }
    Ok(calls)
}

/// What a revision consists of, as far as callers can tell.
struct Known {
    digests: BTreeSet<String>,
    limit: u64,
}

/// Turns whose stages are not all of the revision that their record names, that decided otherwise than this revision's figure
/// demands, or whose revision is not that of the call's first turn.
async fn mixed(host: &Host, calls: &[Talked]) -> Result<Vec<String>> {
    let mut known: BTreeMap<String, Known> = BTreeMap::new();
    let mut mixed = Vec::new();
    for call in calls {
        let path = format!("/admin/decisions?call_id={}", call.call_id);
        let facts = host.get(&path).await?.expect(200);
        let turns = facts["decisions"].as_array().context("turns")?;
        ensure!(turns.len() == TURNS, "{path} has {} records", turns.len());
        for turn in turns {
            let revision = turn["revision"].as_str().context("a revision")?;
            if !known.contains_key(revision) {
                known.insert(revision.to_owned(), kept(host, revision).await?);
            }
            let (known, stages) = (&known[revision], turn["stages"].as_array());
            let ran: BTreeSet<String> = stages.context("digests")?.iter().map(digest).collect();
            let number = turn["number"].as_u64().context("a number")?;
            let asked = usize::try_from(number)?
                .checked_sub(2)
                .and_then(|at| call.asked.get(at));
            let is_as_decided =
                asked.is_none_or(|(dollars, moves)| *moves == (*dollars <= known.limit));
            // What waits for a yes runs no action.
            let is_of_it = ran.is_subset(&known.digests);
            if !is_of_it || turn["revision"] != turns[0]["revision"] || !is_as_decided {
                mixed.push(format!("{turn}, asked {asked:?}, limit {}", known.limit));
            }
        }
    }
    Ok(mixed)
}

async fn kept(host: &Host, revision: &str) -> Result<Known> {
    let path = format!("/admin/revisions/{revision}");
    let kept = host.get(&path).await?.expect(200);
    let stages = kept["content"]["stages"].as_array().context("stages")?;
    Ok(Known {
        digests: stages.iter().map(digest).collect(),
        limit: limit_of(&kept["content"])?,
    })
}

/// The limit of a transfer in whole dollars, wherever it stands in this.
fn limit_of(settings: &Value) -> Result<u64> {
    let text = settings.to_string();
    let found = Regex::new(r#"transfer_max\\?":\s*\\?"(\d+)\.00"#)?;
    let found = found.captures(&text).context("a limit")?;
    Ok(found[1].parse()?)
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
