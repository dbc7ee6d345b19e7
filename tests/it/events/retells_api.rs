//! Retell's own API when it is not willing: a wrong key, a request too many, an hour to wait; no call stays open for that.
//!
//! And what the host tells it of its own accord.

use std::time::Duration;

use anyhow::Result;
use serde_json::json;

use super::deliver;
use crate::harness::{Conversation, Host, Provider, Setup, until};

/// A host for which every call has lasted too long after the grace of some seconds.
async fn reaping(provider: &Provider) -> Result<Host> {
    let setup = Setup::sandbox()?
        .set("RETELL_BASE_URL", &provider.url)
        .set("ORCHESTRATOR_RETELL__CALL_MS_MAX", 1)
        .set("ORCHESTRATOR_RETELL__REAP_EVERY_MS", 100);
    setup.start().await
}

async fn is_reaped(host: &Host, call_id: &str) -> Result<()> {
    until("an end", async || {
        let call = host.call(call_id).await?.unwrap_or_default();
        let why = &call["disconnection_reason"];
        Ok((why == "reaped: max_duration_reached").then_some(()))
    })
    .await
}

#[tokio::test]
async fn a_wrong_key_is_told_in_the_log_asked_with_once_and_ends_the_call_here_all_the_same()
-> Result<()> {
    let provider = Provider::start()?;
    provider.refuse("401 Unauthorized");
    let host = reaping(&provider).await?;
    deliver(&host, "call_of_a_wrong_key", &["call_started"]).await?;
    is_reaped(&host, "call_of_a_wrong_key").await?;
    until("the refusal in the log", async || {
        Ok(host
            .log()
            .contains("Retell's API refused (401)")
            .then_some(()))
    })
    .await?;
    assert_eq!(provider.asked().len(), 1, "a wrong key stays wrong");
    assert!(!host.log().contains(&host.key), "the key is not in the log");
    Ok(())
}

#[tokio::test]
async fn a_request_too_many_waits_as_long_as_retell_asks() -> Result<()> {
    let provider = Provider::start()?;
    provider.turn_away(1, Duration::from_secs(2));
    let host = reaping(&provider).await?;
    deliver(&host, "call_too_many", &["call_started"]).await?;
    is_reaped(&host, "call_too_many").await?;
    until("the request once more", async || {
        Ok((provider.asked().len() == 2).then_some(()))
    })
    .await?;
    let at = provider.asked_at();
    let waited = at[1] - at[0];
    println!("asked again after {waited:?}");
    assert!(waited >= Duration::from_secs(2), "{waited:?}");
    Ok(())
}

#[tokio::test]
async fn a_hand_off_by_function_call_is_told_to_the_live_call() -> Result<()> {
    let provider = Provider::start()?;
    let host = Setup::sandbox()?
        .set("RETELL_BASE_URL", &provider.url)
        .start()
        .await?;
    let mut alice = Conversation::of_alice(&host);
    provider.stands(&alice.call_id, "ongoing", "");
    let said = alice.invoke("transfer_to_human", json!({})).await?;
    assert_eq!(said.code, "human_requested", "{said:?}");
    let told = async || Ok(provider.asked().first().cloned());
    let told = until("Retell being told", told).await?;
    assert_eq!(
        told.line,
        format!("PATCH /v2/update-live-call/{}", alice.call_id)
    );
    let context = &told.body["call_control"]["additional_context"];
    assert!(
        context.to_string().contains("transfer the call"),
        "{told:?}"
    );
    Ok(())
}
