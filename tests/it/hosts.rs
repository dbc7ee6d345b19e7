//! Several hosts on one PostgreSQL and one Redis: any of them serves any call, and none of them is missed.
//!
//! Processes are really killed and stopped; what is counted is printed.

use anyhow::Result;
use serde_json::json;
use std::time::{Duration, Instant};

use crate::harness::{Conversation, Host, Redis, Setup, Spoken, at_once, postgres};

/// Hosts that share everything, and what they share.
struct Bench {
    hosts: Vec<Host>,
    redis: Redis,
    _bank: Host,
}

/// None where there is no PostgreSQL or no Redis.
async fn bench(count: usize) -> Result<Option<Bench>> {
    let (Some(database), Some(redis)) = (postgres()?, Redis::start()?) else {
        return Ok(None);
    };
    let (bank, url) = Setup::bank("documented").await?;
    let mut hosts = Vec::new();
    for _ in 0..count {
        let setup = Setup::sandbox()?
            .set("PYTHON_BACKEND_URL", &url)
            .set("DATABASE_URL", &database.url)
            .set("CALL_STATE_DB", "redis")
            .set("REDIS_URL", &redis.url);
        hosts.push(setup.start().await?);
    }
    Ok(Some(Bench {
        hosts,
        redis,
        _bank: bank,
    }))
}

async fn balance(host: &Host, call: &mut Conversation<'_>) -> Result<String> {
    let body = call.body("check_balance", json!({"account_id": "checking_1"}));
    Ok(Spoken::of(&host.signed("/functions", body).await?)?.code)
}

#[tokio::test]
async fn a_hundred_commands_to_one_call_on_three_hosts_take_turns() -> Result<()> {
    let Some(bench) = bench(3).await? else {
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
    let mut counts = std::collections::BTreeMap::new();
    for answer in at_once(commands.collect()).await {
        *counts.entry(answer?.status).or_insert(0) += 1;
    }
    println!("100 commands at once on three hosts: {counts:?}");
    assert!(
        counts.keys().all(|status| [200, 409].contains(status)),
        "{counts:?}"
    );
    assert!(counts[&200] > 0);
    Ok(())
}

#[tokio::test]
async fn a_killed_hosts_calls_are_answered_by_the_others() -> Result<()> {
    const CALLS: usize = 30;
    let Some(mut bench) = bench(3).await? else {
        return Ok(());
    };
    let dead = bench.hosts.remove(0);
    let mut calls: Vec<_> = (0..CALLS)
        .map(|_| Conversation::of_alice(&bench.hosts[0]))
        .collect();
    for call in &mut calls {
        assert_eq!(balance(&dead, call).await?, "balance");
    }
    // Some are in the middle of a turn when it dies.
    let cut_off = calls.iter_mut().map(|call| balance(&dead, call));
    let _ = tokio::time::timeout(Duration::from_millis(30), at_once(cut_off.collect())).await;
    dead.kill()?;
    let began = Instant::now();
    let hosts = &bench.hosts;
    let others = calls
        .iter_mut()
        .enumerate()
        .map(|(at, call)| balance(&hosts[at % 2], call));
    let answers = at_once(others.collect()).await;
    let mut taken_over = 0;
    for answer in answers {
        taken_over += usize::from(answer? == "balance");
    }
    println!(
        "{taken_over} of {CALLS} calls taken over after {:?}",
        began.elapsed()
    );
    assert_eq!(taken_over, CALLS);
    Ok(())
}

#[tokio::test]
async fn no_call_is_lost_with_redis_flushed_paused_or_killed() -> Result<()> {
    let Some(mut bench) = bench(2).await? else {
        return Ok(());
    };
    let hosts = &bench.hosts;
    let mut call = Conversation::of_alice(&hosts[0]);
    let wanted = json!({"from_account": "checking", "to_account": "savings", "amount": 150});
    assert_eq!(
        call.invoke("transfer_funds", wanted).await?.code,
        "confirm_transfer"
    );
    bench.redis.flush()?;
    assert_eq!(balance(&hosts[1], &mut call).await?, "balance");
    bench.redis.signal("STOP")?;
    assert_eq!(balance(&hosts[0], &mut call).await?, "balance");
    assert_eq!(balance(&hosts[1], &mut call).await?, "balance");
    bench.redis.signal("CONT")?;
    assert_eq!(balance(&hosts[0], &mut call).await?, "balance");
    bench.redis.kill()?;
    assert_eq!(balance(&hosts[1], &mut call).await?, "balance");
    bench.redis.begin()?;
    // What waits since the beginning is still there.
    let body = call.body("confirm", json!({}));
    let said = Spoken::of(&hosts[0].signed("/functions", body).await?)?;
    assert_eq!(said.code, "transfer_completed", "{said:?}");
    Ok(())
}
