//! Thousands of attacks of all kinds, at once and one after the other: every one fails as it should, and nothing of it stays.
//! `cargo xtask attacks` runs the same with 10,000.
//!
//! The host's resident memory is sampled while nothing happens, and medians are compared.

use std::collections::BTreeMap;
use std::process::Command;

use anyhow::{Context as _, Result};
use serde_json::json;

use super::attacks::{self, Attack};
use super::bench::{self, ALICE};
use crate::harness::{Conversation, Host, at_once, figure, until};

/// Callers that attack at the same time.
const CALLERS: usize = 16;
/// Attacks in the short form, about.
const ATTACKS: usize = 2_600;
/// So many of them come of one call of each caller, about.
const ATTACKS_A_CALL: usize = 174;
/// Attacks in one call.
const TURNS: usize = 12;
/// From one attack to the next in the table, which it has no divisor in common with.
const STRIDE: usize = 11;

/// Calls in which one attack follows the other; gives how many there were of each.
async fn attack(host: &Host, calls: usize) -> Result<Vec<Attack>> {
    let attacks: Vec<Attack> = attacks::all().collect();
    let callers = (0..CALLERS).map(async |caller| {
        let mut fired = Vec::new();
        for number in 0..calls {
            let mut call = Conversation::of(host, ALICE);
            for turn in 0..TURNS {
                // Far apart in the table, so that phases and kinds take turns.
                let at = caller + (number * TURNS + turn) * STRIDE;
                let attack = attacks[at % attacks.len()];
                // Loops take their whole deadline, all else next to nothing.
                if attack.kind == "deadline" && number % 4 != 0 {
                    continue;
                }
                let asked = json!({"account_id": "checking_1", "fault": attack.fault()});
                let said = call.invoke("check_balance", asked).await?;
                // Not understood for the second time, a person is offered.
                let is_expected = said.code == attack.code() || said.code == "human_offered";
                assert!(is_expected, "{attack:?}: {said:?}");
                fired.push(attack);
            }
            let ended = json!({"event": "call_ended", "call": call.call()}).to_string();
            let status = host.signed("/webhook", ended).await?.status;
            assert_eq!(status, 204, "a call that ends");
        }
        anyhow::Ok(fired)
    });
    let fired = at_once(callers.collect()).await;
    Ok(fired.into_iter().collect::<Result<Vec<_>>>()?.concat())
}

/// The median of some samples of the host's resident memory, in KiB.
fn resident_kib(host: &Host) -> Result<u64> {
    let samples = (0..5).map(|_| sample(host.id()));
    let mut samples = samples.collect::<Result<Vec<u64>>>()?;
    samples.sort_unstable();
    Ok(samples[samples.len() / 2])
}

fn sample(process: u32) -> Result<u64> {
    if let Ok(status) = std::fs::read_to_string(format!("/proc/{process}/status")) {
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let line = line.context("no resident memory in /proc")?;
        return Ok(line.trim().trim_end_matches(" kB").parse()?);
    }
    let said = Command::new("ps")
        .args(["-o", "rss=", "-p", &process.to_string()])
        .output()
        .context("`ps` tells how much memory the host has")?;
    Ok(String::from_utf8(said.stdout)?.trim().parse()?)
}

#[tokio::test]
async fn thousands_of_attacks_leave_nothing_behind() -> Result<()> {
    // Short, since the loops take all of it, and long enough for ten megabytes on a busy machine.
    let setup = bench::setup(&bench::pipeline("deadline_ms = 40")?)?;
    let host = setup
        .set("LOG_LEVEL", "ERROR")
        .set("ORCHESTRATOR_PLUGIN__INSTANCES_MAX", CALLERS)
        .start()
        .await?;
    // As warm as it gets: every slot of the pool was used, every cache is filled.
    let mut fired = attack(&host, 2).await?;
    let before = resident_kib(&host)?;
    let attacks = figure("ORCHESTRATOR_TEST_ATTACKS", ATTACKS)?;
    fired.extend(
        attack(
            &host,
            attacks.div_ceil(ATTACKS_A_CALL).saturating_sub(2).max(1),
        )
        .await?,
    );
    // Freed memory goes back to the system when it likes: what counts is where it comes to rest.
    let mut after = resident_kib(&host)?;
    let rested = until("memory within 10 %", async || {
        after = resident_kib(&host)?;
        Ok((after * 10 <= before * 11).then_some(()))
    });
    let rested = rested.await;
    println!(
        "{} attacks, resident {before} KiB before, {after} KiB after",
        fired.len()
    );
    rested?;

    let mut expected = BTreeMap::new();
    for attack in &fired {
        *expected
            .entry((attack.guest, attack.phase, attack.kind))
            .or_insert(0) += 1;
    }
    for ((guest, phase, kind), count) in expected {
        let counted = bench::counted(&host, guest, phase, kind).await?;
        assert_eq!(counted, count, "{guest} {phase} {kind}");
    }
    let lines = host
        .log()
        .lines()
        .filter(|line| line.contains("stage failed"))
        .count();
    assert_eq!(lines, fired.len(), "lines in the log");
    let good = bench::balance(&host, ALICE, "").await?;
    bench::assert_nothing_failed(&good.record);
    Ok(())
}
