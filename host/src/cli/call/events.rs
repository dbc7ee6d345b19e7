//! The call as Retell describes it, and the signed events around it: who calls is what a host believes of these, not of the websocket.
//!
//! Signed with the key of the settings. Without one the events are left out, and the host knows the number only as far as it
//! trusts the websocket.

use anyhow::{Result, bail};
use secrecy::SecretString;
use serde_json::{Value, json};

use super::transcript::Transcript;
use crate::cli::remote::Remote;
use crate::ingress::signature;

/// The bank's own number in these calls.
const LINE: &str = "+14155550100";

/// Who calls whom, and since when.
#[derive(Debug, Clone)]
pub(super) struct Phoned {
    /// The call's id.
    pub call_id: String,
    /// The caller's number.
    pub from: String,
    /// When it began.
    pub started_ms: i64,
}

impl Phoned {
    /// The call object in this state.
    pub(super) fn call(&self, status: &str) -> Value {
        json!({
            "call_id": self.call_id, "call_type": "phone_call", "agent_id": "agent_terminal",
            "agent_version": 1, "agent_name": "orchestrator call", "call_status": status,
            "from_number": self.from, "to_number": LINE, "direction": "inbound",
        })
    }

    /// The event at the beginning.
    pub(super) fn started(&self) -> Value {
        let mut call = self.call("ongoing");
        call["start_timestamp"] = json!(self.started_ms);
        json!({"event": "call_started", "call": call})
    }

    /// The event at the end, for this reason.
    pub(super) fn ended(&self, transcript: &Transcript, reason: &str, now_ms: i64) -> Value {
        let mut call = self.call("ended");
        call["start_timestamp"] = json!(self.started_ms);
        call["end_timestamp"] = json!(now_ms);
        call["duration_ms"] = json!(now_ms - self.started_ms);
        call["disconnection_reason"] = json!(reason);
        call["transcript"] = json!(transcript.lines());
        call["transcript_object"] = transcript.utterances();
        call["transcript_with_tool_calls"] = transcript.items();
        json!({"event": "call_ended", "call": call})
    }
}

/// Delivers an event; gives whether there was a key to sign it with.
///
/// # Errors
/// The host cannot be reached, or does not take it.
pub(super) async fn deliver(
    host: &Remote,
    key: Option<&SecretString>,
    event: &Value,
) -> Result<bool> {
    let Some(key) = key else {
        return Ok(false);
    };
    let body = event.to_string();
    let now_ms = jiff::Timestamp::now().as_millisecond().unsigned_abs();
    let signature = signature::sign(key, body.as_bytes(), now_ms);
    match host.deliver("/webhook", body, &signature).await? {
        200..=299 => Ok(true),
        401 => bail!(
            "the host does not take this signature; set RETELL_API_KEY as the host has it, and look at the clock"
        ),
        status => bail!(
            "the host answers {status} to an event; is {} an orchestrator?",
            host.authority()
        ),
    }
}
