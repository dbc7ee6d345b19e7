//! Redis flushed, stopped and killed while hundreds of calls go on: no call is lost, nothing is done twice, and no host is started
//! again.
//!
//! Real processes; each test leaves itself out where there is no PostgreSQL or no Redis.

use anyhow::Result;
use serde_json::json;

use super::{Bench, all_ask, asked, forgetful, knows_redis_away};
use crate::harness::{Conversation, Host};

const CALLS: usize = 500;

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
    // It is not known to be away when the first of them ask.
    bench.redis.signal("STOP")?;
    counts.push(("stopped", all_ask(hosts, &mut calls, 2).await?));
    knows_redis_away(&hosts[0], true).await?;
    bench.redis.signal("CONT")?;
    knows_redis_away(&hosts[0], false).await?;
    bench.redis.kill()?;
    counts.push(("killed", all_ask(hosts, &mut calls, 3).await?));
    knows_redis_away(&hosts[1], true).await?;
    bench.redis.begin()?;
    for host in hosts {
        knows_redis_away(host, false).await?;
    }
    counts.push(("back and empty", all_ask(hosts, &mut calls, 4).await?));
    println!("of {CALLS} calls on two hosts were answered: {counts:?}");
    assert!(
        counts.iter().all(|(_, count)| *count == CALLS),
        "{counts:?}"
    );
    // Every turn of every call is there: what was said while Redis was away was not forgotten when it came back.
    let forgetful = forgetful(&bench.database, &calls, counts.len()).await?;
    assert_eq!(forgetful.len(), 0, "{forgetful:?}");
    // What waits since the beginning is still there, and is done once.
    let said = asked(&hosts[0], &mut paying, "confirm", json!({})).await?;
    assert_eq!(said.code, "transfer_completed", "{said:?}");
    assert_eq!(bench.bank.balance("user_1", "checking_1").await?, "4850.50");
    assert_eq!(ids, bench.hosts.iter().map(Host::id).collect::<Vec<_>>());
    Ok(())
}
