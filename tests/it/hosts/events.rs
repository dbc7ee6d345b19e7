//! Events delivered ten times, shuffled, to two hosts at once: one effect each, whatever is restarted or lost in between.
//!
//! Real processes; each test leaves itself out where there is no PostgreSQL or no Redis.

use anyhow::Result;
use serde_json::json;

use super::Bench;
use crate::events::{Random, body};
use crate::harness::{Host, at_once};

const CALLS: usize = 20;
const COPIES: usize = 10;
const EVENTS: [&str; 5] = [
    "call_started",
    "transfer_started",
    "transfer_cancelled",
    "call_ended",
    "call_analyzed",
];

/// Sends all at once, each to one of the hosts; how many were not taken.
async fn deliver(hosts: &[Host], bodies: &[String]) -> Result<usize> {
    let sending = bodies
        .iter()
        .enumerate()
        .map(|(at, body)| hosts[at % hosts.len()].signed("/webhook", body.as_str()));
    let mut refused = 0;
    for answer in at_once(sending.collect()).await {
        refused += usize::from(answer?.status != 204);
    }
    Ok(refused)
}

#[tokio::test]
async fn every_event_ten_times_at_two_hosts_has_one_effect() -> Result<()> {
    let seed = 0x5eed_0000_0000_0005;
    let Some(mut bench) = Bench::of(2).await? else {
        return Ok(());
    };
    let ids: Vec<String> = (0..CALLS).map(|number| format!("call_{number}")).collect();
    let mut bodies: Vec<String> = ids
        .iter()
        .flat_map(|id| EVENTS.map(|event| body(event, id)))
        .flat_map(|body| std::iter::repeat_n(body, COPIES))
        .collect();
    Random(seed).shuffle(&mut bodies);
    let (mut refused, third) = (0, bodies.len() / 3);
    refused += deliver(&bench.hosts, &bodies[..third]).await?;
    let restarted = bench.hosts.remove(0).kill()?.start().await?;
    bench.hosts.push(restarted);
    refused += deliver(&bench.hosts, &bodies[third..2 * third]).await?;
    bench.redis.flush()?;
    refused += deliver(&bench.hosts, &bodies[2 * third..]).await?;
    let kept = bench.database.run("SELECT count(*) FROM call_events")?;
    println!(
        "seed {seed:#x}: {} deliveries of {} events, {refused} refused, {} kept",
        bodies.len(),
        CALLS * EVENTS.len(),
        kept.trim()
    );
    assert_eq!(refused, 0);
    assert_eq!(kept.trim(), (CALLS * EVENTS.len()).to_string());
    for id in &ids {
        for host in &bench.hosts {
            let call = host.call(id).await?.expect("a call");
            assert_eq!(call["state"], "CALL_ENDED", "{call}");
            assert_eq!(call["disconnection_reason"], "user_hangup", "{call}");
            assert_eq!(
                call["call_analysis"]["call_successful"],
                json!(true),
                "{call}"
            );
        }
    }
    Ok(())
}
