//! `POST /webhook`: Retell's call events.
//!
//! Answered 204 once the event is stored, whatever it says and however it parses; only then is it safe for Retell to forget it.
//! Retell gives a delivery ten seconds and repeats it three times: the effect is waited for in half of that, or comes later.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use serde_json::Value;

use super::problem::Problem;
use super::{Shared, body, retell};
use crate::call::{pin, redact};
use crate::db::NewEvent;
use crate::orchestrator::{CallEvent, EventKind};

/// Keeps an event and lets it have its effect.
pub async fn receive(
    State(shared): State<Arc<Shared>>,
    request: Request,
) -> Result<StatusCode, Problem> {
    let (_, raw) = body::signed(&shared, request, shared.settings.webhook_bytes_max).await?;
    let event = event(&raw);
    metrics::counter!("webhooks_total", "event" => known_name(&event.name)).increment(1);
    shared.orchestrator.take_event(event).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The event that was kept like this; none where its body cannot be read any more.
pub fn kept(row: &NewEvent) -> Option<CallEvent> {
    let parsed = retell::parse(&row.body).ok()?;
    Some(CallEvent {
        dedupe_key: row.dedupe_key.clone(),
        ..read(parsed, &row.body)
    })
}

fn event(raw: &[u8]) -> CallEvent {
    match retell::parse(raw) {
        Ok(parsed) => read(parsed, raw),
        Err(cause) => {
            tracing::warn!("a signed webhook does not parse, kept as it is: {cause}");
            unreadable(raw)
        }
    }
}

fn read(mut parsed: Value, raw: &[u8]) -> CallEvent {
    let name = parsed
        .get("event")
        .and_then(Value::as_str)
        .unwrap_or("unnamed");
    let name = word(&pin::take_from_text(name, false).0);
    // `data` is the key that Retell used before `call`.
    let call = parsed
        .get("call")
        .or_else(|| parsed.get("data"))
        .cloned()
        .unwrap_or(Value::Null);
    let facts = retell::call_facts(&call);
    let id = match &facts {
        Some(facts) => facts.id.clone(),
        None => parsed
            .pointer("/chat/chat_id")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .chars()
            .take(128)
            .collect(),
    };
    let dedupe_key = retell::dedupe_key(&name, &id, &parsed, raw);
    redact::event(&mut parsed);
    let analysis = parsed.pointer("/call/call_analysis").cloned();
    // A word of the provider's, as far as it is one: read after PINs were taken out, and kept in the call's row.
    let reason = ["/call/disconnection_reason", "/data/disconnection_reason"]
        .into_iter()
        .find_map(|place| parsed.pointer(place)?.as_str())
        .map(word);
    CallEvent {
        kind: retell::kind(&name),
        name,
        dedupe_key,
        facts,
        body: parsed.to_string().into_bytes(),
        disconnection_reason: reason,
        analysis,
    }
}

/// At most 64 letters without control characters.
fn word(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(64).collect()
}

fn unreadable(raw: &[u8]) -> CallEvent {
    CallEvent {
        kind: EventKind::Other,
        name: "unreadable".to_owned(),
        dedupe_key: format!("unreadable:{}", retell::digest(raw)),
        facts: None,
        body: redact::unreadable(raw).into_bytes(),
        disconnection_reason: None,
        analysis: None,
    }
}

/// A metric's label must not be chosen by who sends the event.
fn known_name(event: &str) -> &'static str {
    [
        "call_started",
        "call_ended",
        "call_analyzed",
        "transcript_updated",
        "transfer_started",
        "transfer_bridged",
        "transfer_cancelled",
        "transfer_ended",
        "chat_started",
        "chat_ended",
        "chat_analyzed",
        "unreadable",
    ]
    .into_iter()
    .find(|known| *known == event)
    .unwrap_or("other")
}

#[cfg(test)]
mod tests {
    mod properties;

    use serde_json::json;

    use super::*;

    #[test]
    fn a_reason_for_the_end_is_a_word_without_a_pin_in_it() {
        let reason = |text: &str| {
            let body = json!({"event": "call_ended", "call": {"call_id": "call_1", "disconnection_reason": text}});
            event(body.to_string().as_bytes())
                .disconnection_reason
                .unwrap()
        };
        assert_eq!(reason("user_hangup"), "user_hangup");
        assert!(!reason("my PIN is 1234").contains("1234"));
        assert_eq!(reason(&"x".repeat(9_000)).len(), 64);
        assert!(
            !event(br#"{"event": "my PIN is 1234"}"#)
                .dedupe_key
                .contains("1234")
        );
    }

    #[test]
    fn what_the_host_keeps_itself_means_the_same_when_it_is_found_again() {
        let call =
            json!({"call_id": "call_1", "from_number": "+14155552671", "direction": "inbound"});
        let row = NewEvent {
            dedupe_key: "call_looked_up:call_1".to_owned(),
            call_id: Some("call_1".to_owned()),
            event: retell::LOOKED_UP.to_owned(),
            body: json!({"event": retell::LOOKED_UP, "call": call})
                .to_string()
                .into_bytes(),
            received_at_ms: 1,
            applied_at_ms: None,
        };
        let event = kept(&row).unwrap();
        assert_eq!(event.kind, EventKind::Started);
        assert_eq!(event.dedupe_key, row.dedupe_key);
        assert_eq!(event.facts.unwrap().phone.as_deref(), Some("+14155552671"));
    }
}
