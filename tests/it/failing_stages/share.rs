//! The bulkhead: a plugin that takes all it can get leaves the rest of the pool to the others.
//!
//! What is looked at is who was answered before whom.

use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context as _, Result};
use serde_json::json;

use super::bench::{self, ALICE, BOB, assert_nothing_failed};
use crate::harness::{Conversation, at_once, until};

const LOOPS: usize = 12;

#[tokio::test]
async fn a_plugin_that_fills_its_part_of_the_pool_leaves_the_rest_to_the_others() -> Result<()> {
    // One place of two is the action's, so its loops run one after the other and the other place is for all else.
    let setup = bench::setup(&bench::pipeline("deadline_ms = 250, instances_max = 1")?)?;
    let host = setup
        .set("ORCHESTRATOR_PLUGIN__INSTANCES_MAX", 2)
        .set("ORCHESTRATOR_TURN__DEADLINE_MS", 25_000)
        .start()
        .await?;
    let ended = AtomicUsize::new(0);
    let loops = (0..LOOPS).map(async |_| {
        let turn = bench::balance(&host, ALICE, "bad-action:endless_loop").await;
        ended.fetch_add(1, Ordering::SeqCst);
        turn
    });
    let other = async {
        // All of them are on their way, and the first has been through.
        until("the end of a loop", async || {
            Ok((ended.load(Ordering::SeqCst) > 0).then_some(()))
        })
        .await?;
        let mut bob = Conversation::of(&host, BOB);
        // Fulfilled by another action.
        let said = bob.invoke("list_accounts", json!({})).await?;
        let ended = ended.load(Ordering::SeqCst);
        anyhow::Ok((said, ended, host.record(&bob.call_id, 1).await?))
    };
    let (looped, other) = tokio::join!(at_once(loops.collect()), other);
    let (said, ended, record) = other.context("the other call")?;
    assert_eq!(said.code, "balance", "{said:?}");
    assert_nothing_failed(&record);
    assert!(ended < LOOPS / 2, "{ended} loops were answered first");
    for turn in looped {
        turn?.assert_one_failed("bad-action", "fulfil", "deadline");
    }
    Ok(())
}
