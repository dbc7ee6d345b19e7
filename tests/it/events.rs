//! Events of many calls in every order, doubled, late and missing: each has one effect, and no call stays open for ever.
//!
//! Sequences come from a seed, which a failure names.

mod odd_orders;
mod retells_api;

use std::ops::Range;
use std::time::Duration;

use anyhow::Result;
use serde_json::json;

use crate::harness::{Host, KEY, Provider, Setup, at_once, query, service, until};

/// A small generator, so that a sequence can be had again.
pub struct Random(pub u64);

impl Random {
    /// A number below this one.
    pub fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % end as u64).expect("below a usize")
    }

    /// Any order.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for at in (1..items.len()).rev() {
            items.swap(at, self.below(at + 1));
        }
    }
}

const EVENTS: [&str; 9] = [
    "call_started",
    "call_ended",
    "call_analyzed",
    "transfer_started",
    "transfer_bridged",
    "transfer_cancelled",
    "transfer_ended",
    "transcript_updated",
    "call_sneezed",
];

/// An event as the provider tells it.
pub fn body(event: &str, call_id: &str) -> String {
    let mut call = json!({
        "call_id": call_id,
        "from_number": "+14155552671",
        "to_number": "+14155550100",
        "direction": "inbound",
        "start_timestamp": 1_763_800_000_000_u64,
    });
    match event {
        "call_ended" => call["disconnection_reason"] = json!("user_hangup"),
        "call_analyzed" => call["call_analysis"] = json!({"call_successful": true}),
        _ => {}
    }
    json!({"event": event, "call": call}).to_string()
}

/// The value of a metric's line; zero where it has not been counted yet.
async fn counted(host: &Host, line: &str) -> Result<u64> {
    let metrics = host.get("/metrics").await?.text;
    let value = metrics.lines().find_map(|it| it.strip_prefix(line));
    Ok(value.map_or(Ok(0), |value| value.trim().parse())?)
}

#[tokio::test]
async fn a_thousand_events_ten_times_each_have_a_thousand_effects() -> Result<()> {
    let host = Setup::sandbox()?.with_sqlite().start().await?;
    let (first, again) = (
        "call_events_total{effect=\"first\"}",
        "call_events_total{effect=\"duplicate\"}",
    );
    let of_a_call = [
        "call_started",
        "transfer_started",
        "transfer_cancelled",
        "call_ended",
    ];
    for calls in (0..250).step_by(25).map(|from| Range {
        start: from,
        end: from + 25,
    }) {
        let bodies: Vec<String> = calls
            .flat_map(|call| of_a_call.map(|event| body(event, &format!("call_{call}"))))
            .collect();
        let copies = bodies
            .iter()
            .flat_map(|body| (0..10).map(move |_| body.clone()));
        let all: Vec<_> = copies.map(|body| host.signed("/webhook", body)).collect();
        for answer in at_once(all).await {
            assert_eq!(answer?.status, 204);
        }
    }
    assert_eq!(counted(&host, first).await?, 1_000);
    assert_eq!(counted(&host, again).await?, 9_000);
    // One whose call was busy for too long has its effect a little later.
    until("a thousand effects", async || {
        let effects = counted(&host, "call_event_effects_total").await?;
        assert!(effects <= 1_000, "{effects}");
        Ok((effects == 1_000).then_some(()))
    })
    .await?;
    Ok(())
}

/// One call's deliveries: some events, some of them twice, in any order.
fn deliveries(random: &mut Random) -> Vec<&'static str> {
    let mut events: Vec<&str> = EVENTS
        .into_iter()
        .filter(|_| random.below(2) == 0)
        .collect();
    for at in 0..events.len() {
        if random.below(3) == 0 {
            events.push(events[at]);
        }
    }
    random.shuffle(&mut events);
    events
}

async fn deliver(host: &Host, call_id: &str, events: &[&str]) -> Result<()> {
    for event in events {
        let answer = host.signed("/webhook", body(event, call_id)).await?;
        assert_eq!(answer.status, 204, "{event} of {events:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_thousand_calls_with_events_in_any_order_all_end_and_no_analysis_is_lost() -> Result<()> {
    let seed = 0x5eed_0000_0000_0001;
    let provider = Provider::start()?;
    let host = Setup::sandbox()?
        .with_sqlite()
        .set("RETELL_BASE_URL", &provider.url)
        .set("ORCHESTRATOR_RETELL__SILENT_MS_MAX", 300)
        .set("ORCHESTRATOR_RETELL__REAP_EVERY_MS", 50)
        .start()
        .await?;
    let mut random = Random(seed);
    let calls: Vec<(String, Vec<&str>)> = (0..1_000)
        .map(|number| (format!("call_{number}"), deliveries(&mut random)))
        .collect();
    for (id, _) in &calls {
        provider.stands(id, "ended", "agent_hangup");
    }
    for some in calls.chunks(50) {
        let all = some.iter().map(|(id, events)| deliver(&host, id, events));
        for delivered in at_once(all.collect()).await {
            delivered?;
        }
    }
    let opens = [
        "call_started",
        "transfer_started",
        "transfer_bridged",
        "call_ended",
        "call_analyzed",
    ];
    let (mut told, mut reaped) = (0, 0);
    for (id, events) in &calls {
        let context = format!("{id} of seed {seed:#x}: {events:?}");
        if !events.iter().any(|event| opens.contains(event)) {
            continue;
        }
        let call = until(&context, async || {
            let call = host.call(id).await?;
            Ok(call.filter(|call| call["state"] == "CALL_ENDED"))
        })
        .await?;
        let reason = call["disconnection_reason"].as_str().unwrap_or_default();
        if events.contains(&"call_ended") {
            assert_eq!(reason, "user_hangup", "{context}");
            told += 1;
        } else if !events.contains(&"call_analyzed") {
            assert_eq!(reason, "reaped: agent_hangup", "{context}");
            reaped += 1;
        }
        let is_analyzed = call["call_analysis"]["call_successful"] == true;
        assert_eq!(
            is_analyzed,
            events.contains(&"call_analyzed"),
            "{context}: {call}"
        );
    }
    assert!(told > 300 && reaped > 100, "{told} told, {reaped} reaped");
    Ok(())
}

#[tokio::test]
async fn a_call_longer_than_a_call_can_be_is_ended_here_and_at_retell_and_says_why() -> Result<()> {
    let provider = Provider::start()?;
    let host = Setup::sandbox()?
        .set("RETELL_BASE_URL", &provider.url)
        .set("ORCHESTRATOR_RETELL__CALL_MS_MAX", 1)
        .set("ORCHESTRATOR_RETELL__REAP_EVERY_MS", 100)
        .start()
        .await?;
    provider.stands("call_zombie", "ongoing", "");
    provider.turn_away(2, Duration::ZERO);
    deliver(&host, "call_zombie", &["call_started"]).await?;
    let ended = async || {
        let call = host.call("call_zombie").await?;
        Ok(call.filter(|call| call["state"] == "CALL_ENDED"))
    };
    let call = until("an end", ended).await?;
    assert_eq!(call["disconnection_reason"], "reaped: max_duration_reached");
    let asked = until("the call being stopped", async || {
        let asked = provider.asked();
        Ok((asked.len() >= 3).then_some(asked))
    })
    .await?;
    assert_eq!(asked.len(), 3, "twice turned away: {asked:?}");
    assert_eq!(asked[2].line, "POST /v2/stop-call/call_zombie");
    assert_eq!(asked[2].authorization, format!("Bearer {KEY}"));
    // What Retell tells later is more than the host knew.
    deliver(&host, "call_zombie", &["call_ended", "call_analyzed"]).await?;
    let call = host.call("call_zombie").await?.unwrap_or_default();
    assert_eq!(call["disconnection_reason"], "user_hangup", "{call}");
    assert_eq!(call["call_analysis"]["call_successful"], true, "{call}");
    Ok(())
}

#[tokio::test]
async fn a_call_that_cannot_be_read_is_ended_too_and_keeps_no_other_from_it() -> Result<()> {
    let Some(python) = service("ORCHESTRATOR_TEST_PYTHON", "a test that spoils a row") else {
        return Ok(());
    };
    let setup = Setup::sandbox()?.with_sqlite();
    let host = setup.start().await?;
    deliver(&host, "call_torn", &["call_started"]).await?;
    deliver(&host, "call_whole", &["call_started"]).await?;
    host.stop()?;
    let spoil = "UPDATE calls SET metadata = '{', updated_at_ms = 0 WHERE id = 'call_torn'";
    query(&python, &setup, spoil)?;
    let host = setup
        .clone()
        .set("ORCHESTRATOR_RETELL__CALL_MS_MAX", 1)
        .set("ORCHESTRATOR_RETELL__REAP_EVERY_MS", 100)
        .start()
        .await?;
    until("the end of the call behind", async || {
        Ok((host.state("call_whole").await? == "CALL_ENDED").then_some(()))
    })
    .await?;
    let state = "SELECT state FROM calls WHERE id = 'call_torn'";
    until("the end of the call in front", async || {
        Ok((query(&python, &setup, state)? == "CALL_ENDED").then_some(()))
    })
    .await
}

#[tokio::test]
async fn a_silent_call_that_goes_on_at_retell_goes_on() -> Result<()> {
    let provider = Provider::start()?;
    let host = Setup::sandbox()?
        .set("RETELL_BASE_URL", &provider.url)
        .set("ORCHESTRATOR_RETELL__SILENT_MS_MAX", 100)
        .set("ORCHESTRATOR_RETELL__REAP_EVERY_MS", 50)
        .start()
        .await?;
    provider.stands("call_quiet", "ongoing", "");
    deliver(&host, "call_quiet", &["call_started"]).await?;
    let looked = async || Ok((provider.asked().len() >= 3).then_some(()));
    until("three lookups", looked).await?;
    assert_eq!(host.state("call_quiet").await?, "AWAITING_INTENT");
    provider.stands("call_quiet", "error", "error_no_audio_received");
    until("an end", async || {
        let call = host.call("call_quiet").await?.unwrap_or_default();
        let is_over = call["disconnection_reason"] == "reaped: error_no_audio_received";
        Ok(is_over.then_some(()))
    })
    .await
}

#[tokio::test]
async fn a_silent_call_that_retell_does_not_know_is_asked_for_twice_before_it_is_ended()
-> Result<()> {
    let provider = Provider::start()?;
    let host = Setup::sandbox()?
        .set("RETELL_BASE_URL", &provider.url)
        .set("ORCHESTRATOR_RETELL__SILENT_MS_MAX", 1_000)
        .set("ORCHESTRATOR_RETELL__REAP_EVERY_MS", 50)
        .start()
        .await?;
    deliver(&host, "call_early", &["call_started"]).await?;
    let looked = async || Ok((!provider.asked().is_empty()).then_some(()));
    until("the first lookup", looked).await?;
    provider.stands("call_early", "ongoing", "");
    let looked = async || Ok((provider.asked().len() >= 2).then_some(()));
    until("the second lookup", looked).await?;
    assert_eq!(host.state("call_early").await?, "AWAITING_INTENT");
    deliver(&host, "call_nobodys", &["call_started"]).await?;
    until("an end", async || {
        let call = host.call("call_nobodys").await?.unwrap_or_default();
        Ok((call["disconnection_reason"] == "reaped: unknown_to_retell").then_some(()))
    })
    .await?;
    let asked = provider.asked();
    let about = asked
        .iter()
        .filter(|asked| asked.line.ends_with("call_nobodys"));
    assert_eq!(about.count(), 2, "{asked:?}");
    assert_eq!(host.state("call_early").await?, "AWAITING_INTENT");
    Ok(())
}
