//! Events delivered ten times, shuffled, to two hosts at once, one of which dies and comes back among the deliveries, and Redis loses
//! everything: one effect each.
//!
//! What is not taken is delivered again, as the provider does. Real processes; leaves itself out where there is no PostgreSQL or no
//! Redis.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Result, bail};
use futures_util::stream::{StreamExt as _, iter};
use serde_json::json;

use super::Bench;
use crate::events::{Random, body};
use crate::harness::{Answer, KEY, client, signed_now, until};

const CALLS: usize = 20;
const COPIES: usize = 10;
const EVENTS: [&str; 5] = [
    "call_started",
    "transfer_started",
    "transfer_cancelled",
    "call_ended",
    "call_analyzed",
];
const DELIVERIES: usize = CALLS * COPIES * EVENTS.len();
/// At the same time.
const IN_FLIGHT: usize = 64;
/// Before what was not taken is delivered again; the host needs a moment to come back.
const AGAIN_AFTER: Duration = Duration::from_millis(100);
const TRIES: usize = 900;

/// What became of the deliveries so far.
#[derive(Default)]
struct Delivered {
    taken: AtomicUsize,
    /// Nobody was there, or the line broke before an answer.
    cut_off: AtomicUsize,
}

impl Delivered {
    /// One delivery to the host at this address, until it is taken.
    async fn deliver(&self, url: &str, body: &str) -> Result<()> {
        for _ in 0..TRIES {
            let request = client()
                .post(format!("{url}/webhook"))
                .header("content-type", "application/json")
                .header("x-retell-signature", signed_now(KEY, body.as_bytes()))
                .body(body.to_owned());
            match Answer::of(request).await {
                Ok(answer) if answer.status == 204 => {
                    self.taken.fetch_add(1, Ordering::Relaxed);
                    return Ok(());
                }
                Ok(answer) => bail!("not taken: {answer:?}"),
                Err(_) => {
                    self.cut_off.fetch_add(1, Ordering::Relaxed);
                }
            }
            tokio::time::sleep(AGAIN_AFTER).await;
        }
        bail!("{TRIES} times not taken: {body}")
    }

    /// Waits until this many were taken.
    async fn reach(&self, count: usize) -> Result<()> {
        until("deliveries", async || {
            Ok((self.taken.load(Ordering::Relaxed) >= count).then_some(()))
        })
        .await
    }
}

/// Every event of every call, each as often as it is delivered, in any order.
fn shuffled(seed: u64) -> Vec<String> {
    let ids = (0..CALLS).map(|number| format!("call_{number}"));
    let mut bodies: Vec<String> = ids
        .flat_map(|id| EVENTS.map(|event| body(event, &id)))
        .flat_map(|body| std::iter::repeat_n(body, COPIES))
        .collect();
    Random(seed).shuffle(&mut bodies);
    bodies
}

/// PostgreSQL itself notes each change of a call and each event that has its effect, with their transactions: whoever changed a call
/// for an event that has had its effect would have no event of its own in that transaction.
const WITNESSES: &str = "
    CREATE TABLE saved (call_id TEXT, tx BIGINT);
    CREATE TABLE had (call_id TEXT, tx BIGINT);
    CREATE FUNCTION note_saved() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN INSERT INTO saved VALUES (NEW.id, txid_current()); RETURN NULL; END';
    CREATE FUNCTION note_had() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN INSERT INTO had VALUES (NEW.call_id, txid_current()); RETURN NULL; END';
    CREATE TRIGGER saved AFTER INSERT OR UPDATE ON calls FOR EACH ROW EXECUTE FUNCTION note_saved();
    CREATE TRIGGER had AFTER UPDATE OF applied_at_ms ON call_events FOR EACH ROW EXECUTE FUNCTION note_had();
";

#[tokio::test]
async fn every_event_ten_times_at_two_hosts_one_of_which_dies_among_them_has_one_effect()
-> Result<()> {
    let seed = 0x5eed_0000_0000_0005;
    let Some(mut bench) = Bench::of(2).await? else {
        return Ok(());
    };
    bench.database.run(WITNESSES)?;
    let urls: Vec<String> = bench.hosts.iter().map(|host| host.url.clone()).collect();
    let (bodies, delivered) = (shuffled(seed), Delivered::default());
    let delivering = bodies
        .iter()
        .enumerate()
        .map(|(at, body)| delivered.deliver(&urls[at % urls.len()], body));
    let delivering = iter(delivering).buffer_unordered(IN_FLIGHT);
    let blows = async {
        delivered.reach(DELIVERIES / 3).await?;
        // The other one goes on; this one comes back at the same address.
        let restarted = bench.hosts.remove(0).kill()?.start().await?;
        bench.hosts.push(restarted);
        delivered.reach(2 * DELIVERIES / 3).await?;
        bench.redis.flush()
    };
    let (all, blows) = tokio::join!(delivering.collect::<Vec<Result<()>>>(), blows);
    blows?;
    all.into_iter().collect::<Result<()>>()?;
    let count = |of: &str| -> Result<usize> {
        let counted = bench.database.run(&format!("SELECT {of}"))?;
        Ok(counted.trim().parse()?)
    };
    let events = CALLS * EVENTS.len();
    until("every effect", async || {
        let waiting = count("count(*) FROM call_events WHERE applied_at_ms IS NULL")?;
        Ok((waiting == 0).then_some(()))
    })
    .await?;
    let kept = count("count(*) FROM call_events")?;
    let effects = count("count(*) FROM had")?;
    println!(
        "seed {seed:#x}: {DELIVERIES} deliveries of {events} events, {:?} cut off and delivered again, every answer 204: {kept} kept, {effects} effects",
        delivered.cut_off
    );
    assert_eq!((kept, effects), (events, events));
    let alone = "count(*) FROM saved WHERE NOT EXISTS (SELECT 1 FROM had WHERE had.tx = saved.tx AND had.call_id = saved.call_id)";
    assert_eq!(
        count(alone)?,
        0,
        "a call was changed without an event of its own"
    );
    assert!(delivered.cut_off.into_inner() > 0, "nothing was in flight");
    for number in 0..CALLS {
        for host in &bench.hosts {
            let call = host.call(&format!("call_{number}")).await?.expect("a call");
            assert_eq!(call["state"], "CALL_ENDED", "{call}");
            assert_eq!(call["disconnection_reason"], "user_hangup", "{call}");
            let analysis = &call["call_analysis"]["call_successful"];
            assert_eq!(*analysis, json!(true), "{call}");
        }
    }
    Ok(())
}
