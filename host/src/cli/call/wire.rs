//! The frames of the custom-LLM websocket from Retell's side: what is read from a host, what is written to it (protocol, 5.1, 5.2).
//!
//! Read strictly: a frame that Retell would drop without a word is an error here, because whoever tries a host wants to know.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// What the host wants of the connection.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(super) struct ConnectionConfig {
    /// Pings every two seconds, and a new connection when they are not answered.
    pub auto_reconnect: bool,
    /// The call object as the first frame.
    pub call_details: bool,
    /// Tool calls and digits beside every transcript.
    pub transcript_with_tool_calls: bool,
}

/// A part of what the agent says, or the last one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub(super) struct Content {
    /// The request that it answers; absent in an interruption by the agent.
    #[serde(default)]
    pub response_id: u64,
    /// The agent's own interruption.
    #[serde(default)]
    pub interrupt_id: u64,
    /// Spoken as it stands.
    pub content: String,
    /// The turn is the caller's again.
    pub content_complete: bool,
    /// The caller hears it to its end.
    #[serde(default)]
    pub no_interruption_allowed: bool,
    /// Hang up after it.
    #[serde(default)]
    pub end_call: bool,
    /// Connect the caller after it.
    #[serde(default)]
    pub transfer_number: Option<String>,
    /// Press a key after it.
    #[serde(default)]
    pub digit_to_press: Option<String>,
}

/// A tool call as the host tells it, for the transcript.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Invocation {
    /// Joins it to its result.
    pub tool_call_id: String,
    /// The tool.
    pub name: String,
    /// JSON as a text.
    pub arguments: String,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Returned {
    /// Joins it to its invocation.
    pub tool_call_id: String,
    /// What the tool answered.
    pub content: String,
    /// Whether it worked, where the host says so.
    #[serde(default)]
    pub successful: Option<bool>,
}

/// A frame from the host.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Frame {
    /// First of all.
    Config(ConnectionConfig),
    /// The answer to a ping.
    Pong,
    /// What is said in answer to a request.
    Response(Content),
    /// What is said unasked.
    Interruption(Content),
    /// A tool is called.
    Invoked(Invocation),
    /// It returned.
    Returned(Returned),
    /// How the agent listens from now on; nothing of it can be heard in a terminal.
    Tuned,
    /// For a web frontend.
    Metadata,
}

/// A frame that Retell would drop.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unreadable {
    /// Not JSON, or not an object.
    #[error("a frame is no JSON object")]
    NotJson,
    /// Retell takes it for a response, as it did before there were others; what it is must be said.
    #[error("a frame has no response_type")]
    NoType,
    /// None of those that Retell knows.
    #[error("Retell knows no response_type `{0}`")]
    UnknownType(String),
    /// A field is missing or has another type.
    #[error("a `{kind}` frame cannot be read: {cause}")]
    Misfit {
        /// Its response_type.
        kind: String,
        /// The parser's words.
        cause: String,
    },
}

/// Reads a text frame of the host's.
pub(super) fn read(text: &str) -> Result<Frame, Unreadable> {
    let value: Value = serde_json::from_str(text).map_err(|_| Unreadable::NotJson)?;
    let kind = value.as_object().ok_or(Unreadable::NotJson)?;
    let kind = match kind.get("response_type").map(Value::as_str) {
        Some(Some(kind)) => kind.to_owned(),
        _ => return Err(Unreadable::NoType),
    };
    Ok(match kind.as_str() {
        "config" => Frame::Config(part(&kind, &value["config"])?),
        "ping_pong" if value["timestamp"].is_u64() => Frame::Pong,
        "ping_pong" => return Err(misfit(&kind, "`timestamp` is no number of milliseconds")),
        "response" if value["response_id"].is_u64() => Frame::Response(part(&kind, &value)?),
        "response" => return Err(misfit(&kind, "`response_id` is no number")),
        "agent_interrupt" if value["interrupt_id"].is_u64() => {
            Frame::Interruption(part(&kind, &value)?)
        }
        "agent_interrupt" => return Err(misfit(&kind, "`interrupt_id` is no number")),
        "tool_call_invocation" => Frame::Invoked(part(&kind, &value)?),
        "tool_call_result" => Frame::Returned(part(&kind, &value)?),
        "update_agent" if value["agent_config"].is_object() => Frame::Tuned,
        "update_agent" => return Err(misfit(&kind, "`agent_config` is no object")),
        "metadata" if value["metadata"].is_object() => Frame::Metadata,
        "metadata" => return Err(misfit(&kind, "`metadata` is no object")),
        _ => return Err(Unreadable::UnknownType(kind)),
    })
}

fn part<T: DeserializeOwned>(kind: &str, value: &Value) -> Result<T, Unreadable> {
    T::deserialize(value).map_err(|cause| misfit(kind, &cause.to_string()))
}

fn misfit(kind: &str, cause: &str) -> Unreadable {
    Unreadable::Misfit {
        kind: kind.to_owned(),
        cause: cause.to_owned(),
    }
}

/// A ping.
pub(super) fn ping(now_ms: u64) -> Value {
    json!({"interaction_type": "ping_pong", "timestamp": now_ms})
}

/// The call, where the host asked for it.
pub(super) fn details(call: &Value) -> Value {
    json!({"interaction_type": "call_details", "call": call})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_frame_of_the_protocol_is_read() {
        let all = include_str!("../../../../tests/payloads/ws_server_to_retell_frames.json");
        let all: Value = serde_json::from_str(all).unwrap();
        for (name, frame) in all.as_object().unwrap() {
            let read = read(&frame.to_string());
            assert!(read.is_ok(), "{name}: {read:?}");
        }
        let wanted = read(&all["config"].to_string()).unwrap();
        let expected = ConnectionConfig {
            auto_reconnect: true,
            call_details: true,
            transcript_with_tool_calls: false,
        };
        assert_eq!(wanted, Frame::Config(expected));
    }

    #[test]
    fn what_retell_would_drop_without_a_word_is_told() {
        for (text, expected) in [
            ("hello", "no JSON object"),
            ("[]", "no JSON object"),
            ("{\"content\":\"Hi\"}", "no response_type"),
            (
                "{\"response_type\":\"respond\"}",
                "no response_type `respond`",
            ),
            (
                "{\"response_type\":\"response\",\"response_id\":\"1\",\"content\":\"\",\"content_complete\":true}",
                "`response_id` is no number",
            ),
            (
                "{\"response_type\":\"response\",\"response_id\":1,\"content\":\"\"}",
                "missing field `content_complete`",
            ),
            (
                "{\"response_type\":\"ping_pong\",\"timestamp\":\"now\"}",
                "no number of milliseconds",
            ),
        ] {
            let refused = read(text).expect_err(expected).to_string();
            assert!(refused.contains(expected), "{text}: {refused}");
        }
    }
}
