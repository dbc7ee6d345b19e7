//! A line that moves to another host while the first still believes it has it: as after a load balancer that forgot, or a connection
//! that is half open.
//!
//! Real processes; left out where there is no PostgreSQL or no Redis.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use super::Bench;
use crate::harness::{ALICE, Caller, Gate, Line, details};

/// Until nothing comes for a second: what was said on this line, without echoes.
async fn said_on(line: &mut Line) -> Vec<Value> {
    let mut frames = Vec::new();
    while let Ok(Ok(frame)) = tokio::time::timeout(Duration::from_secs(1), line.next()).await {
        frames.push(frame);
    }
    frames
}

#[tokio::test]
async fn what_was_promised_is_told_once_and_on_the_newest_line_though_it_is_at_another_host()
-> Result<()> {
    let Some(bench) = Bench::of(1).await? else {
        return Ok(());
    };
    let gate = Gate::before(&bench.bank_url)?;
    let setup = bench.hosts[0].setup.clone().unset("ORCHESTRATOR_PORT");
    let setup = setup
        .set("PYTHON_BACKEND_URL", &gate.url)
        .set("ORCHESTRATOR_TURN__DEADLINE_MS", 5_000);
    let (first, second) = (setup.start().await?, setup.start().await?);
    let id = "call_on_two_hosts";
    let mut caller = Caller::dial(&first, id, ALICE).await?;
    let asked = caller
        .says("Transfer fifty dollars from checking to savings")
        .await?;
    assert!(asked.text.contains("shall I"), "{asked:?}");
    gate.hold("/payments/transfer");
    let promised = caller.says("yes").await?;
    assert!(promised.text.contains("confirm"), "{promised:?}");

    let mut older = std::mem::replace(&mut caller.line, Line::open(&second, id).await?);
    caller.line.send(&details(id, ALICE)).await?;
    assert_eq!(caller.line.response(0).await?.text, "", "greeted once");
    gate.open();
    let update = json!({"interaction_type": "update_only", "transcript": caller.said,
        "turntaking": "user_turn"});
    let mut told = None;
    for _ in 0..90 {
        caller.line.send(&update).await?;
        let next = tokio::time::timeout(Duration::from_secs(1), caller.line.next()).await;
        if let Ok(frame) = next {
            told = Some(frame?);
            break;
        }
    }
    let Some(told) = told else {
        bail!("nothing was told");
    };
    let words = told["content"].as_str().context("words")?;
    assert!(words.contains("50 dollars"), "{told}");
    let elsewhere = said_on(&mut older).await;
    assert!(
        elsewhere.is_empty(),
        "said on the older line: {elsewhere:?}"
    );
    println!("told on the newest line: {words}");
    Ok(())
}
