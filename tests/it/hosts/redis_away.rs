//! Redis flushed, stopped and killed while calls go on: no call is lost, nothing is done twice, and no host is started again.
//!
//! Real processes; each test leaves itself out where there is no PostgreSQL or no Redis.

use anyhow::Result;
use serde_json::json;

use super::{Bench, asked, balance};
use crate::harness::{Conversation, Host, at_once, until};

const CALLS: usize = 30;

/// Every call asks once, on one host or the other; how many were answered.
async fn all_ask(hosts: &[Host], calls: &mut [Conversation<'_>], turn: usize) -> Result<usize> {
    let asking = calls
        .iter_mut()
        .enumerate()
        .map(|(at, call)| balance(&hosts[(at + turn) % hosts.len()], call));
    let mut answered = 0;
    for said in at_once(asking.collect()).await {
        answered += usize::from(said? == "balance");
    }
    Ok(answered)
}

async fn ready(host: &Host, says_away: bool) -> Result<()> {
    until("a host that knows how Redis is", async || {
        let answer = host.get("/readyz").await?;
        assert_eq!(answer.status, 200, "{}", answer.text);
        Ok((answer.text.contains("Redis does not answer") == says_away).then_some(()))
    })
    .await
}

#[tokio::test]
async fn no_call_is_lost_with_redis_flushed_stopped_or_killed() -> Result<()> {
    let Some(mut bench) = Bench::of(2).await? else {
        return Ok(());
    };
    let ids: Vec<u32> = bench.hosts.iter().map(Host::id).collect();
    let hosts = &bench.hosts;
    let mut paying = Conversation::of_alice(&hosts[0]);
    let wanted = json!({"from_account": "checking", "to_account": "savings", "amount": 150});
    let said = asked(&hosts[0], &mut paying, "transfer_funds", wanted).await?;
    assert_eq!(said.code, "confirm_transfer", "{said:?}");
    let mut calls: Vec<_> = (0..CALLS)
        .map(|_| Conversation::of_alice(&hosts[0]))
        .collect();
    let mut counts = vec![("at first", all_ask(hosts, &mut calls, 0).await?)];
    bench.redis.flush()?;
    counts.push(("flushed", all_ask(hosts, &mut calls, 1).await?));
    bench.redis.signal("STOP")?;
    counts.push(("stopped", all_ask(hosts, &mut calls, 2).await?));
    ready(&hosts[0], true).await?;
    counts.push(("still stopped", all_ask(hosts, &mut calls, 3).await?));
    bench.redis.signal("CONT")?;
    ready(&hosts[0], false).await?;
    counts.push(("back", all_ask(hosts, &mut calls, 4).await?));
    bench.redis.kill()?;
    counts.push(("killed", all_ask(hosts, &mut calls, 5).await?));
    ready(&hosts[1], true).await?;
    bench.redis.begin()?;
    ready(&hosts[1], false).await?;
    counts.push(("empty", all_ask(hosts, &mut calls, 6).await?));
    println!("of {CALLS} calls on two hosts were answered: {counts:?}");
    assert!(
        counts.iter().all(|(_, count)| *count == CALLS),
        "{counts:?}"
    );
    // Every turn of every call is there: what was said while Redis was away was not forgotten when it came back.
    for call in &calls {
        until("every turn in the database", async || {
            let kept = hosts[0].call(&call.call_id).await?.expect("a call");
            Ok((kept["turns"] == json!(counts.len())).then_some(()))
        })
        .await?;
    }
    // What waits since the beginning is still there, and is done once.
    let said = asked(&hosts[0], &mut paying, "confirm", json!({})).await?;
    assert_eq!(said.code, "transfer_completed", "{said:?}");
    assert_eq!(bench.bank.balance("user_1", "checking_1").await?, "4850.50");
    assert_eq!(ids, bench.hosts.iter().map(Host::id).collect::<Vec<_>>());
    Ok(())
}
