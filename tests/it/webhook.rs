//! Retell's events: every real payload moves its call to the right state, duplicates and late ones change nothing.
//!
//! Payloads are the captured ones, with a call id of their own where a test needs a fresh call.

use anyhow::Result;
use serde_json::{Value, json};

use crate::harness::{Conversation, Host, Setup, Spoken, at_once, payload, payload_json, sandbox};

/// A payload about another call.
fn about(file: &str, call_id: &str) -> String {
    let text = payload(file);
    let id = payload_json(file)["call"]["call_id"]
        .as_str()
        .unwrap()
        .to_owned();
    text.replace(&id, call_id)
}

/// A call id that no other test uses.
fn fresh_id(host: &Host) -> String {
    Conversation::of_alice(host).call_id
}

async fn event(host: &Host, body: &str) -> Result<()> {
    let answer = host.signed("/webhook", body).await?;
    assert_eq!((answer.status, answer.text.as_str()), (204, ""), "{body}");
    Ok(())
}

#[tokio::test]
async fn the_first_event_of_a_call_leaves_it_in_the_right_state() -> Result<()> {
    let host = sandbox().await?;
    for (file, state) in [
        (
            "webhook_call_started_phone_inbound.json",
            Some("AWAITING_INTENT"),
        ),
        ("webhook_call_started_minimal.json", Some("AWAITING_INTENT")),
        ("webhook_call_started_web.json", Some("AWAITING_INTENT")),
        ("webhook_call_ended_agent_hangup.json", Some("CALL_ENDED")),
        ("webhook_call_ended_not_connected.json", Some("CALL_ENDED")),
        ("webhook_call_analyzed.json", Some("CALL_ENDED")),
        ("webhook_transfer_started.json", Some("HANDED_OFF")),
        ("webhook_unknown_event.json", None),
    ] {
        let id = fresh_id(host);
        event(host, &about(file, &id)).await?;
        let call = host.call(&id).await?;
        let found = call
            .as_ref()
            .map(|call| call["state"].as_str().unwrap_or("none"));
        assert_eq!(found, state, "{file}: {call:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_whole_call_goes_through_its_states() -> Result<()> {
    let host = sandbox().await?;
    let id = fresh_id(host);
    for (file, state) in [
        ("webhook_call_started_phone_inbound.json", "AWAITING_INTENT"),
        ("webhook_transcript_updated.json", "AWAITING_INTENT"),
        ("webhook_unknown_event.json", "AWAITING_INTENT"),
        ("function_request_check_balance.json", "SPEAKING_RESPONSE"),
        ("webhook_transfer_started.json", "HANDED_OFF"),
        ("webhook_transfer_bridged.json", "HANDED_OFF"),
        ("webhook_transfer_ended.json", "HANDED_OFF"),
        ("webhook_call_ended_agent_hangup.json", "CALL_ENDED"),
        ("webhook_call_analyzed.json", "CALL_ENDED"),
    ] {
        let body = about(file, &id);
        if file.starts_with("function") {
            assert_eq!(host.signed("/functions", body).await?.status, 200);
        } else {
            event(host, &body).await?;
        }
        assert_eq!(host.state(&id).await?, state, "after {file}");
    }
    let call = host.call(&id).await?.unwrap();
    assert_eq!(call["user_id"], "user_1", "{call}");
    assert_eq!(call["disconnection_reason"], "agent_hangup", "{call}");
    assert_eq!(call["metadata"]["crm_id"], "crm_889", "{call}");
    Ok(())
}

#[tokio::test]
async fn the_predecessors_body_with_data_and_phone_number_opens_a_call() -> Result<()> {
    let host = sandbox().await?;
    let id = fresh_id(host);
    let body = payload("webhook_legacy_data_field.json").replace("call_123456", &id);
    event(host, &body).await?;
    let call = host.call(&id).await?.unwrap();
    assert_eq!(call["state"], "AWAITING_INTENT", "{call}");
    assert_eq!(call["user_id"], "unknown", "{call}");
    assert_eq!(call["phone_number"], "*******7890", "{call}");

    let known = fresh_id(host);
    event(
        host,
        &body
            .replace(&id, &known)
            .replace("+1234567890", "+14155552672"),
    )
    .await?;
    assert_eq!(host.call(&known).await?.unwrap()["user_id"], "user_2");
    Ok(())
}

#[tokio::test]
async fn an_outbound_calls_customer_is_who_was_called() -> Result<()> {
    let host = sandbox().await?;
    let id = fresh_id(host);
    event(host, &about("webhook_call_ended_not_connected.json", &id)).await?;
    let ended = host.call(&id).await?.unwrap();
    assert_eq!(ended["disconnection_reason"], "dial_no_answer", "{ended}");
    assert_eq!(ended["phone_number"], "********2672", "{ended}");
    Ok(())
}

#[tokio::test]
async fn chats_and_events_without_a_call_are_taken_and_open_nothing() -> Result<()> {
    let host = sandbox().await?;
    for file in ["webhook_chat_started.json", "webhook_chat_analyzed.json"] {
        event(host, &payload(file)).await?;
        let id = payload_json(file)["chat"]["chat_id"]
            .as_str()
            .unwrap()
            .to_owned();
        assert_eq!(host.call(&id).await?, None, "{file}");
    }
    Ok(())
}

#[tokio::test]
async fn a_signed_webhook_is_acknowledged_whatever_it_holds() -> Result<()> {
    let host = sandbox().await?;
    let long = "x".repeat(5_000);
    let bodies: Vec<Vec<u8>> = vec![
        b"".to_vec(),
        b"not JSON".to_vec(),
        b"{\"event\":\"call_started\",".to_vec(),
        b"[]".to_vec(),
        b"null".to_vec(),
        b"{}".to_vec(),
        b"{\"event\":7,\"call\":[]}".to_vec(),
        b"{\"event\":\"call_started\",\"call\":{\"call_id\":7}}".to_vec(),
        b"{\"event\":\"call_started\",\"call\":{\"call_id\":\"\"}}".to_vec(),
        b"{\"event\":\"call_ended\",\"call\":{\"call_id\":\"a\\u0000b\"}}".to_vec(),
        b"{\"event\":\"call_ended\",\"call\":{\"transcript\":\"cut \\ud83d\"}}".to_vec(),
        b"\xff\xfe not UTF-8".to_vec(),
        format!("{{\"event\":\"call_started\",\"call\":{{\"call_id\":\"{long}\"}}}}").into_bytes(),
        [vec![b'['; 50_000], vec![b']'; 50_000]].concat(),
    ];
    let mut faults = Vec::new();
    for body in bodies {
        let shown = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
        let answer = host.signed("/webhook", body).await?;
        if answer.status != 204 {
            faults.push(format!("{} for {shown}: {}", answer.status, answer.text));
        }
    }
    assert!(
        faults.is_empty(),
        "not acknowledged:\n{}",
        faults.join("\n")
    );
    Ok(())
}

#[tokio::test]
async fn the_end_is_seen_even_if_a_transcript_breaks_inside_an_emoji() -> Result<()> {
    let host = sandbox().await?;
    let id = fresh_id(host);
    let body = format!(
        r#"{{"event":"call_ended","call":{{"call_id":"{id}","transcript":"Agent: cut \ud83d"}}}}"#
    );
    event(host, &body).await?;
    assert_eq!(host.state(&id).await?, "CALL_ENDED");
    Ok(())
}

#[tokio::test]
async fn a_duplicate_event_has_no_second_effect() -> Result<()> {
    let host = sandbox().await?;
    let id = fresh_id(host);
    event(host, &about("webhook_call_started_phone_inbound.json", &id)).await?;
    let started = about("webhook_transfer_started.json", &id);
    event(host, &started).await?;
    event(
        host,
        &started.replace("transfer_started", "transfer_cancelled"),
    )
    .await?;
    assert_eq!(
        host.state(&id).await?,
        "AWAITING_INTENT",
        "a cancelled hand-off comes back"
    );

    let copies = (0..10).map(|_| host.signed("/webhook", started.clone()));
    for answer in at_once(copies.collect()).await {
        assert_eq!(answer?.status, 204);
    }
    assert_eq!(
        host.state(&id).await?,
        "AWAITING_INTENT",
        "the duplicate handed off again"
    );

    let opened = about("webhook_call_started_minimal.json", &fresh_id(host));
    let copies = (0..10).map(|_| host.signed("/webhook", opened.clone()));
    for answer in at_once(copies.collect()).await {
        assert_eq!(answer?.status, 204);
    }
    let calls = host.get("/admin/calls").await?.expect(200);
    let opened: Value = serde_json::from_str(&opened)?;
    let same = |call: &&Value| call["call_id"] == opened["call"]["call_id"];
    assert_eq!(
        calls["calls"]
            .as_array()
            .unwrap()
            .iter()
            .filter(same)
            .count(),
        1
    );
    Ok(())
}

#[tokio::test]
async fn what_comes_after_the_end_changes_nothing_also_after_a_restart() -> Result<()> {
    let host = Setup::sandbox()?.with_sqlite().start().await?;
    let id = fresh_id(&host);
    event(
        &host,
        &about("webhook_call_started_phone_inbound.json", &id),
    )
    .await?;
    event(&host, &about("webhook_call_ended_agent_hangup.json", &id)).await?;
    let before = host.call(&id).await?.unwrap();
    assert_eq!(before["state"], "CALL_ENDED");
    late(&host, &id).await?;
    let (setup, _) = host.stop()?;
    let host = setup.start().await?;
    late(&host, &id).await?;
    let after = host.call(&id).await?.unwrap();
    for member in [
        "state",
        "user_id",
        "ended_at",
        "created_at",
        "disconnection_reason",
    ] {
        assert_eq!(before[member], after[member], "{member}: {before} {after}");
    }
    Ok(())
}

async fn late(host: &Host, id: &str) -> Result<()> {
    for file in [
        "webhook_call_started_minimal.json",
        "webhook_transfer_started.json",
        "webhook_transcript_updated.json",
        "webhook_call_ended_agent_hangup.json",
    ] {
        event(host, &about(file, id)).await?;
        assert_eq!(host.state(id).await?, "CALL_ENDED", "after {file}");
    }
    let body = about("function_request_check_balance.json", id);
    let spoken = Spoken::of(&host.signed("/functions", body).await?)?;
    assert_ne!(
        spoken.code, "balance",
        "an ended call was answered: {spoken:?}"
    );
    let command = json!({"call_id": id, "user_id": "user_1"});
    let refused = host.post("/orchestrate/load-context", &command).await?;
    assert_eq!(refused.problem(409), "illegal_state");
    assert_eq!(host.state(id).await?, "CALL_ENDED");
    Ok(())
}

#[tokio::test]
async fn an_inbound_call_is_greeted_with_variables_that_are_texts() -> Result<()> {
    let host = sandbox().await?;
    let known = payload("inbound_call_request.json");
    let answer = host
        .signed("/webhook/inbound", known.clone())
        .await?
        .expect(200);
    let variables = answer["call_inbound"]["dynamic_variables"]
        .as_object()
        .unwrap()
        .clone();
    assert!(variables.values().all(Value::is_string), "{answer}");
    assert_eq!(variables["customer_name"], "Alice Johnson", "{answer}");

    let unknown = known.replace("+14155552671", "+19995550123");
    let answer = host.signed("/webhook/inbound", unknown).await?.expect(200);
    assert_eq!(
        answer["call_inbound"]["dynamic_variables"]["customer_name"], "",
        "{answer}"
    );
    assert_eq!(
        host.signed("/webhook/inbound", "not JSON")
            .await?
            .problem(400),
        "not_json"
    );
    Ok(())
}
