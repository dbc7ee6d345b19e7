//! What is acknowledged has its effect: an event is durable before the provider may forget it, whatever becomes of the host.
//!
//! The host is killed while the event waits for a call that a turn has.

use anyhow::Result;
use serde_json::json;

use crate::harness::{Conversation, Gate, Setup, until};

/// As Retell sends it, of one call.
fn body(event: &str, call_id: &str) -> String {
    let mut call =
        json!({"call_id": call_id, "direction": "inbound", "from_number": "+14155552671"});
    if event == "call_ended" {
        call["disconnection_reason"] = json!("user_hangup");
    }
    json!({"event": event, "call": call}).to_string()
}

#[tokio::test]
async fn an_event_that_waited_for_a_busy_call_when_its_host_died_has_its_effect_after_the_restart()
-> Result<()> {
    let (_bank, url) = Setup::bank("documented").await?;
    let gate = Gate::before(&url)?;
    let setup = Setup::sandbox()?
        .with_sqlite()
        .set("PYTHON_BACKEND_URL", &gate.url);
    let host = setup.start().await?;
    let mut alice = Conversation::of_alice(&host);
    let call_id = alice.call_id.clone();
    let started = host
        .signed("/webhook", body("call_started", &call_id))
        .await?;
    assert_eq!(started.status, 204);

    gate.hold("/accounts");
    let asked = alice.invoke("check_balance", json!({"account_id": "checking_1"}));
    // It comes when the turn has the call, not before: the two requests may overtake each other.
    let ended = async {
        until("the turn at the bank", async || {
            Ok((gate.came() > 0).then_some(()))
        })
        .await?;
        host.signed("/webhook", body("call_ended", &call_id)).await
    };
    let kept = until("the end being kept", async || {
        let metrics = host.get("/metrics").await?.text;
        Ok(metrics
            .contains("call_events_total{effect=\"first\"} 2")
            .then_some(()))
    });
    tokio::select! {
        // The turn waits for the bank, and the event for the turn.
        _ = async { tokio::join!(asked, ended) } => anyhow::bail!("nothing was held up"),
        kept = kept => kept?,
    }
    assert_ne!(host.state(&call_id).await?, "CALL_ENDED");
    let setup = host.kill()?;
    gate.open();

    let host = setup.start().await?;
    until("the effect of what was kept", async || {
        let call = host.call(&call_id).await?.unwrap_or_default();
        Ok((call["disconnection_reason"] == "user_hangup").then_some(()))
    })
    .await?;
    assert_eq!(host.state(&call_id).await?, "CALL_ENDED");
    // The provider repeats what it got no answer to, and that changes nothing.
    let again = host
        .signed("/webhook", body("call_ended", &call_id))
        .await?;
    assert_eq!(again.status, 204);
    let metrics = host.get("/metrics").await?.text;
    assert!(
        metrics.contains("call_events_total{effect=\"duplicate\"} 1"),
        "{metrics}"
    );
    Ok(())
}
