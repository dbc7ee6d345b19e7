//! Events that come late, early or not at all, and a caller who is on the line all the same.
//!
//! Whatever is told of a call, whoever speaks on it is answered.

use anyhow::Result;

use super::{body, counted};
use crate::harness::{
    ALICE, Caller, Line, Setup, assert_speakable, details, request, sandbox, until, user,
};

#[tokio::test]
async fn a_call_that_has_ended_is_not_kept_at_hand_whatever_still_comes() -> Result<()> {
    let host = Setup::sandbox()?
        .set("ORCHESTRATOR_RETELL__REAP_EVERY_MS", 100)
        .start()
        .await?;
    for call in (0..20).map(|call| format!("call_{call}")) {
        for event in [
            "call_started",
            "call_ended",
            "call_ended",
            "call_analyzed",
            "transfer_cancelled",
        ] {
            host.signed("/webhook", body(event, &call))
                .await?
                .is_taken();
        }
        Line::open(&host, &call)
            .await?
            .send(&details(&call, ALICE))
            .await?;
    }
    host.signed("/webhook", body("call_started", "call_live"))
        .await?
        .is_taken();
    until("one call at hand", async || {
        Ok((counted(&host, "calls_at_hand").await? == 1).then_some(()))
    })
    .await
}

#[tokio::test]
async fn a_caller_whose_transfer_came_to_nothing_is_served_in_whatever_order_that_is_told()
-> Result<()> {
    let host = sandbox().await?;
    for (at, events) in [
        &["transfer_cancelled", "transfer_started"][..],
        &["transfer_started"],
        &["transfer_cancelled"],
    ]
    .into_iter()
    .enumerate()
    {
        let id = format!("call_transferred_{at}_{}", std::process::id());
        for event in events {
            host.signed("/webhook", body(event, &id)).await?.is_taken();
        }
        assert_ne!(host.state(&id).await?, "AWAITING_CALL");
        let mut caller = Caller::dial(host, &id, ALICE).await?;
        let said = caller.says("what is my checking balance").await?;
        assert!(said.text.contains("thousand"), "{events:?}: {said:?}");
    }
    Ok(())
}

#[tokio::test]
async fn whoever_speaks_on_a_call_that_has_ended_is_told_so_and_let_go() -> Result<()> {
    let host = sandbox().await?;
    let id = format!("call_over_{}", std::process::id());
    host.signed("/webhook", body("call_ended", &id))
        .await?
        .is_taken();
    let mut line = Line::open(host, &id).await?;
    line.send(&request("response_required", 1, &[user("my balance")]))
        .await?;
    let said = line.response(1).await?;
    assert_eq!(said.last["end_call"], true, "{said:?}");
    assert_speakable(&said.text);
    Ok(())
}
