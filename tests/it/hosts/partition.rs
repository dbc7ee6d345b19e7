//! One host cut off from Redis while the other is not, and hundreds of calls that go from one to the other: the two have no lock in
//! common any more, only the database.
//!
//! The line carries nothing in either direction for a while, and then all that it held back: a command that was given up long ago
//! still arrives. Leaves itself out where there is no PostgreSQL or no Redis.

use anyhow::Result;
use serde_json::json;

use super::{Bench, all_ask, asked, balance, by_askers, forgetful, knows_redis_away};
use crate::harness::{Conversation, Gate, Host, Spoken, at_once, until};

const CALLS: usize = 500;
/// Calls that ask this often without a pause.
const HURRYING: usize = 40;
const HURRIED: usize = 4;
/// Calls with a transfer that is delivered to both hosts at the same moment.
const PAYING: usize = 40;

/// The same function call at both hosts at once, again where one is told that the call is busy; what each says in the end.
async fn at_both(hosts: &[Host], body: &str) -> Result<Vec<Spoken>> {
    let told = hosts.iter().map(async |host| {
        // The call went to the other host meanwhile; the provider delivers again.
        let settled = until("an answer that is none of a busy call", async || {
            let said = Spoken::of(&host.signed("/functions", body).await?)?;
            Ok((said.code != "call_busy").then_some(said))
        });
        settled.await
    });
    at_once(told.collect()).await.into_iter().collect()
}

/// Each asks at both hosts for an amount of its own, since one of the same would be its twin; how many cents went.
async fn all_pay(hosts: &[Host], calls: &mut [Conversation<'_>]) -> Result<usize> {
    let paying = calls.iter_mut().enumerate().map(|(at, call)| {
        let wanted = json!({"from_account": "checking_1", "to_account": "savings_1",
            "amount": format!("2.{at:02}")});
        let body = call.body("transfer_funds", wanted);
        async move { at_both(hosts, &body).await }
    });
    let mut cents = 0;
    for (at, said) in by_askers(paying).await.into_iter().enumerate() {
        let said = said?;
        let is_paid = |said: &Spoken| said.code == "transfer_completed";
        assert!(said.iter().all(is_paid), "{said:?}");
        cents += 200 + at;
    }
    Ok(cents)
}

/// Each asks at one host and, as soon as that has answered, at the other, and so on; how many turns were answered.
async fn all_hurry(hosts: &[Host], calls: &mut [Conversation<'_>]) -> Result<usize> {
    let asking = calls.iter_mut().enumerate().map(async |(at, call)| {
        let mut answered = 0;
        for turn in 0..HURRIED {
            let said = balance(&hosts[(at + turn) % hosts.len()], call).await?;
            answered += usize::from(said == "balance");
        }
        anyhow::Ok(answered)
    });
    by_askers(asking).await.into_iter().sum()
}

#[tokio::test]
async fn calls_that_alternate_between_a_host_with_redis_and_one_without_lose_nothing() -> Result<()>
{
    let Some(mut bench) = Bench::of(1).await? else {
        return Ok(());
    };
    let line = Gate::before(&format!("http://{}", bench.redis.address()))?;
    let url = line.url.replacen("http", "redis", 1);
    let far = bench.another(|setup| setup.set("REDIS_URL", url)).await?;
    bench.hosts.push(far);
    let hosts = &bench.hosts;
    for host in hosts {
        knows_redis_away(host, false).await?;
    }
    let ids: Vec<u32> = hosts.iter().map(Host::id).collect();
    let mut waiting = Conversation::of_alice(&hosts[0]);
    let wanted = json!({"from_account": "checking", "to_account": "savings", "amount": 150});
    let said = asked(&hosts[0], &mut waiting, "transfer_funds", wanted).await?;
    assert_eq!(said.code, "confirm_transfer", "{said:?}");
    let mut calls: Vec<_> = (0..CALLS)
        .map(|_| Conversation::of_alice(&hosts[0]))
        .collect();
    let mut counts = vec![("at first", all_ask(hosts, &mut calls, 0).await?)];
    line.hold("");
    counts.push(("cut off", all_ask(hosts, &mut calls, 1).await?));
    knows_redis_away(&hosts[1], true).await?;
    knows_redis_away(&hosts[0], false).await?;
    let (paying, rest) = calls.split_at_mut(PAYING);
    let paid = all_pay(hosts, paying).await?;
    let (hurried, _) = rest.split_at_mut(HURRYING);
    let turns = all_hurry(hosts, hurried).await?;
    // What waited when the line was cut is confirmed at both at once.
    let yes = waiting.body("confirm", json!({}));
    let said = at_both(hosts, &yes).await?;
    let done = said.iter().filter(|it| it.code == "transfer_completed");
    assert_eq!(done.count(), hosts.len(), "{said:?}");
    line.open();
    knows_redis_away(&hosts[1], false).await?;
    counts.push(("joined again", all_ask(hosts, &mut calls, 2).await?));
    println!(
        "of {CALLS} calls on a host with Redis and one without were answered: {counts:?}; {PAYING} transfers and a yes were delivered to both, {turns} turns came without a pause"
    );
    assert!(
        counts.iter().all(|(_, count)| *count == CALLS),
        "{counts:?}"
    );
    assert_eq!(turns, HURRYING * HURRIED);
    let (paying, rest) = calls.split_at(PAYING);
    let (hurried, asking) = rest.split_at(HURRYING);
    let rounds = counts.len();
    let mut wrong = forgetful(&bench.database, asking, rounds).await?;
    wrong.extend(forgetful(&bench.database, paying, rounds + 1).await?);
    wrong.extend(forgetful(&bench.database, hurried, rounds + HURRIED).await?);
    assert_eq!(wrong.len(), 0, "{wrong:?}");
    // The 150 that waited, and each of the others, once.
    let left = 500_050 - 15_000 - paid;
    let expected = format!("{}.{:02}", left / 100, left % 100);
    assert_eq!(bench.bank.balance("user_1", "checking_1").await?, expected);
    assert_eq!(ids, hosts.iter().map(Host::id).collect::<Vec<_>>());
    Ok(())
}
