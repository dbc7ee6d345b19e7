//! Commands to one call from several hosts at once: one after the other, each answered, none with a fault of the host's.
//!
//! Real processes; each test leaves itself out where there is no PostgreSQL or no Redis.

use std::collections::BTreeMap;

use anyhow::Result;
use serde_json::json;

use super::Bench;
use crate::harness::{at_once, until};

#[tokio::test]
async fn a_hundred_commands_to_one_call_on_three_hosts_take_turns() -> Result<()> {
    let Some(bench) = Bench::of(3).await? else {
        return Ok(());
    };
    let call_id = "call_of_three_hosts";
    let loaded = json!({"call_id": call_id, "user_id": "user_1"});
    bench.hosts[0]
        .post("/orchestrate/load-context", &loaded)
        .await?
        .expect(200);
    let asked = json!({"call_id": call_id, "account_id": "checking_1"});
    let commands = (0..100).map(|at| bench.hosts[at % 3].post("/orchestrate/get-balance", &asked));
    let mut counts = BTreeMap::new();
    for answer in at_once(commands.collect()).await {
        *counts.entry(answer?.status).or_insert(0) += 1;
    }
    println!("100 commands at once on three hosts: {counts:?}");
    let is_expected = |status: &u16| [200, 409].contains(status);
    assert!(counts.keys().all(is_expected), "{counts:?}");
    let turns = counts[&200];
    // Each saw what the one before it left: no turn was counted twice, none was lost.
    until("every turn in the database", async || {
        let call = bench.hosts[1].call(call_id).await?.expect("it was loaded");
        Ok((call["turns"].as_i64() == Some(turns)).then_some(()))
    })
    .await?;
    Ok(())
}

#[tokio::test]
async fn a_command_to_a_call_that_ended_on_another_host_is_refused() -> Result<()> {
    let Some(bench) = Bench::of(2).await? else {
        return Ok(());
    };
    let call_id = "call_that_ended_elsewhere";
    let loaded = json!({"call_id": call_id, "user_id": "user_1"});
    let load = "/orchestrate/load-context";
    bench.hosts[0].post(load, &loaded).await?.expect(200);
    let ended = json!({"event": "call_ended", "call": {"call_id": call_id}}).to_string();
    let taken = bench.hosts[1].signed("/webhook", ended).await?;
    assert_eq!(taken.status, 204);
    for host in &bench.hosts {
        assert_eq!(
            host.post(load, &loaded).await?.problem(409),
            "illegal_state"
        );
    }
    Ok(())
}
