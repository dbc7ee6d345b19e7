//! Time, memory and places in the pool: no plugin runs without a bound, and none keeps the host from serving others.
//!
//! Nothing here is faster than some figure; what is looked at is who was answered, how, and in which order.

use std::sync::Mutex;

use anyhow::Result;
use serde_json::json;

use super::bench::{self, ALICE, BOB, EMMA, PLAIN_OF_BOB, assert_nothing_failed};
use crate::harness::{Conversation, at_once, client};

#[tokio::test]
async fn endless_loops_keep_neither_health_nor_another_call_waiting() -> Result<()> {
    // Together the loops need four seconds of processor time, so the last of them ends long after a good call.
    let setup = bench::setup(&bench::pipeline("deadline_ms = 250")?)?;
    let host = setup
        .set("ORCHESTRATOR_TURN__DEADLINE_MS", 25_000)
        .start()
        .await?;
    let order = Mutex::new(Vec::new());
    let note = |who: &'static str| order.lock().expect("no test panics inside").push(who);
    let loops = (0..16).map(async |_| {
        let mut alice = Conversation::of_alice(&host);
        let wanted = json!({"account_id": "checking_1", "fault": "bad-action:endless_loop"});
        let said = alice.invoke("check_balance", wanted).await?;
        note("loop");
        let record = host.record(&alice.call_id, 1).await?;
        anyhow::Ok(bench::Turn { said, record })
    });
    let others = async {
        let health = client().get(format!("{}/health", host.url)).send().await?;
        note("health");
        let mut bob = Conversation::of(&host, BOB);
        let said = bob
            .invoke("check_balance", json!({"account_id": "checking_2"}))
            .await?;
        note("other call");
        anyhow::Ok((
            health.status().as_u16(),
            said,
            host.record(&bob.call_id, 1).await?,
        ))
    };
    let (looped, others) = tokio::join!(at_once(loops.collect()), others);
    let (health, said, record) = others?;
    assert_eq!((health, said.result.as_str()), (200, PLAIN_OF_BOB));
    assert_nothing_failed(&record);
    for turn in looped {
        let turn = turn?;
        turn.assert_one_failed("bad-action", "fulfil", "deadline");
        assert_eq!(turn.said.code, "bank_unavailable", "{turn:?}");
    }
    let order = order.into_inner()?;
    let at = |who| order.iter().position(|one| *one == who);
    assert!(
        at("health") < at("loop") && at("other call") < at("loop"),
        "{order:?}"
    );
    assert_eq!(
        bench::counted(&host, "bad-action", "fulfil", "deadline").await?,
        16
    );
    Ok(())
}

#[tokio::test]
async fn a_full_pool_is_no_plugins_failure() -> Result<()> {
    let setup = bench::setup(&bench::pipeline("deadline_ms = 300")?)?;
    let host = setup
        .set("ORCHESTRATOR_PLUGIN__INSTANCES_MAX", 2)
        .set("ORCHESTRATOR_TURN__DEADLINE_MS", 25_000)
        .start()
        .await?;
    let calls = (0..12).map(async |number| {
        let fault = if number % 3 == 0 {
            "bad-action:endless_loop"
        } else {
            ""
        };
        (fault, bench::balance(&host, BOB, fault).await)
    });
    for (fault, turn) in at_once(calls.collect()).await {
        let turn = turn?;
        if fault.is_empty() {
            assert_nothing_failed(&turn.record);
            assert_eq!(turn.said.result, PLAIN_OF_BOB);
        } else {
            turn.assert_one_failed("bad-action", "fulfil", "deadline");
        }
    }
    Ok(())
}

#[tokio::test]
async fn no_plugin_runs_without_a_deadline_and_a_memory_bound() -> Result<()> {
    // Without any `limits` in the pipeline there are bounds all the same, in each phase.
    let pipeline = bench::pipeline("")?.replace("limits = {  }\n", "");
    assert!(!pipeline.contains("limits ="));
    let host = bench::setup(&pipeline)?.start().await?;
    for (guest, phase) in [
        ("bad-router", "route"),
        ("bad-policy", "decide"),
        ("bad-action", "fulfil"),
        ("bad-shaper", "shape"),
    ] {
        for (misdeed, kind) in [("endless_loop", "deadline"), ("memory_bomb", "resource")] {
            let turn = bench::balance(&host, EMMA, &format!("{guest}:{misdeed}")).await?;
            turn.assert_one_failed(guest, phase, kind);
            assert_eq!(
                bench::counted(&host, guest, phase, kind).await?,
                1,
                "{turn:?}"
            );
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_start_function_has_the_deadline_of_its_stage() -> Result<()> {
    let pipeline = bench::pipeline("")?.replace("\"bad-shaper\"", "\"sly-start\"");
    let host = bench::setup(&pipeline)?.start().await?;
    let turn = bench::balance(&host, BOB, "").await?;
    turn.assert_one_failed("sly-start", "shape", "deadline");
    assert_eq!(turn.said.result, PLAIN_OF_BOB);
    Ok(())
}

#[tokio::test]
async fn a_stage_that_outlasts_the_whole_turn_fails_as_its_phase_says() -> Result<()> {
    let setup = bench::setup(&bench::pipeline("deadline_ms = 60000")?)?;
    let host = setup
        .set("ORCHESTRATOR_TURN__DEADLINE_MS", 2_000)
        .start()
        .await?;
    let mut faults = Vec::new();
    for (guest, phase, codes) in [
        // What is left of the turn for `unknown` is nothing, or enough to ask the policies and no more.
        (
            "bad-router",
            "route",
            ["help", "policy_failed", "bank_unavailable"].as_slice(),
        ),
        ("bad-policy", "decide", &["policy_failed"]),
        ("bad-action", "fulfil", &["bank_unavailable"]),
        ("bad-shaper", "shape", &["balance"]),
    ] {
        // A stage before it that took nearly all of the time may have left it none.
        let before = bench::counted(&host, guest, phase, "turn_deadline").await?;
        let turn = bench::balance(&host, ALICE, &format!("{guest}:endless_loop")).await?;
        if !codes.contains(&turn.said.code.as_str()) {
            faults.push(format!(
                "{guest}: {} is said, expected {codes:?}",
                turn.said.code
            ));
        }
        let failed = turn.failed();
        let stage = failed
            .first()
            .map(|stage| (&stage["plugin"], &stage["failure"]));
        let is_recorded = stage.is_some_and(|(plugin, failure)| {
            *plugin == guest
                && failure
                    .as_str()
                    .is_some_and(|it| it.starts_with("turn_deadline: "))
        });
        if !is_recorded {
            faults.push(format!(
                "{guest}: its failure is not in the record, but {failed:?}"
            ));
        }
        if bench::counted(&host, guest, phase, "turn_deadline").await? != before + 1 {
            faults.push(format!("{guest}: its failure is not counted"));
        }
    }
    assert!(faults.is_empty(), "\n  {}", faults.join("\n  "));
    Ok(())
}
