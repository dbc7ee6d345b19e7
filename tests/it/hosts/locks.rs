//! A host that dies or stops in the middle of a turn holds that call's lock; how long the call then waits for another host.
//!
//! With the settings as they are shipped. Real processes; leaves itself out where there is no PostgreSQL or no Redis.

use std::time::{Duration, Instant};

use anyhow::Result;
use serde_json::json;

use super::{Bench, balance};
use crate::harness::{Conversation, Gate, Host, Setup, signal, until};

/// No lock outlives its holder by more.
const LONGEST: Duration = Duration::from_secs(5);

/// As shipped, where the others of this bench are more patient.
fn shipped(setup: Setup) -> Setup {
    setup
        .unset("ORCHESTRATOR_TURN__DEADLINE_MS")
        .unset("ORCHESTRATOR_DATABASE__STATEMENT_TIMEOUT_MS")
}

/// A call whose turn hangs at the holder's bank when the holder gets this signal; when another host has answered its next turn.
async fn freed_after(holder: &Host, gate: &Gate, other: &Host, blow: &str) -> Result<Duration> {
    let mut call = Conversation::of_alice(other);
    assert_eq!(balance(holder, &mut call).await?, "balance");
    gate.hold("/accounts");
    let hangs = call.body("check_balance", json!({"account_id": "checking_1"}));
    let asking = holder.signed("/functions", hangs);
    let came = until("a question at the gate", async || {
        Ok((gate.came() > 0).then_some(()))
    });
    tokio::select! {
        answer = asking => anyhow::bail!("answered although the bank had not: {answer:?}"),
        came = came => came?,
    }
    signal(holder.id(), blow)?;
    let began = Instant::now();
    let told = until("an answer of the other host", async || {
        let said = balance(other, &mut call).await?;
        assert!(["balance", "call_busy"].contains(&said.as_str()), "{said}");
        Ok((said == "balance").then_some(()))
    });
    told.await?;
    let took = began.elapsed();
    gate.open();
    Ok(took)
}

#[tokio::test]
async fn no_lock_outlives_a_host_that_is_stopped_or_killed_in_a_turn_by_five_seconds() -> Result<()>
{
    let Some(bench) = Bench::of(1).await? else {
        return Ok(());
    };
    let gate = Gate::before(&bench.bank_url)?;
    let other = bench.another(shipped).await?;
    let url = gate.url.clone();
    let holder = bench.another(|setup| shipped(setup).set("PYTHON_BACKEND_URL", url));
    let holder = holder.await?;
    let stopped = freed_after(&holder, &gate, &other, "STOP").await?;
    signal(holder.id(), "CONT")?;
    let killed = freed_after(&holder, &gate, &other, "KILL").await?;
    println!(
        "its call was free {stopped:?} after a host stopped in a turn, {killed:?} after one died in it"
    );
    assert!(stopped <= LONGEST, "{stopped:?}");
    assert!(killed <= LONGEST, "{killed:?}");
    Ok(())
}
