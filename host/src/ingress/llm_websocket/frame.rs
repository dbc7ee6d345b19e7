//! What the host sends on the line: every frame of the protocol's section 5.2.
//!
//! Every frame names its `response_type`: one without is taken for a response. A frame with a wrong type in a field is dropped by
//! Retell without a word, so the types here are the wire's.

use serde::{Deserialize, Serialize};
use serde_json::Number;

/// One text frame to Retell.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "response_type", rename_all = "snake_case")]
pub enum Frame {
    /// The first one: what Retell should send.
    Config {
        /// What it should.
        config: Config,
    },
    /// The echo of a ping.
    PingPong {
        /// As it came, in milliseconds.
        timestamp: Number,
    },
    /// Words for a request.
    Response(Response),
    /// Words that nobody asked for, spoken at once.
    AgentInterrupt {
        /// Counts on one line.
        interrupt_id: i64,
        /// Spoken as it stands.
        content: String,
        /// Nothing more follows.
        content_complete: bool,
        /// It must be heard to its end.
        no_interruption_allowed: bool,
    },
    /// How the agent listens from now on.
    UpdateAgent {
        /// What differs from the agent's own settings.
        agent_config: AgentConfig,
    },
    /// For whoever shows a web call.
    Metadata {
        /// What was understood and what came of it.
        metadata: Turned,
    },
    /// For the transcript: something is done.
    ToolCallInvocation {
        /// The same as in its result.
        tool_call_id: String,
        /// What is done.
        name: String,
        /// A JSON object as text.
        arguments: String,
    },
    /// For the transcript: what came of it.
    ToolCallResult {
        /// The same as in its invocation.
        tool_call_id: String,
        /// What came of it, as text.
        content: String,
        /// Whether it worked.
        #[serde(skip_serializing_if = "Option::is_none")]
        successful: Option<bool>,
    },
}

/// What Retell should send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Config {
    /// Pings, and a new line where they stop.
    pub auto_reconnect: bool,
    /// Who is calling.
    pub call_details: bool,
    /// Transcripts with pressed keys in them.
    pub transcript_with_tool_calls: bool,
}

/// How the agent listens, as far as the host has a say in it; what is none stays as it is set at Retell.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AgentConfig {
    /// How soon it answers: 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub responsiveness: Option<f64>,
    /// How easily it is interrupted: 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interruption_sensitivity: Option<f64>,
    /// Silence after which the caller is reminded, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reminder_trigger_ms: Option<u32>,
    /// How often.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reminder_max_count: Option<u32>,
}

/// What came of a turn, without anything that was said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Turned {
    /// The request.
    pub response_id: i64,
    /// The name of what was wanted.
    pub intent: String,
    /// The code of what came of it.
    pub code: String,
}

/// Words for a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Response {
    /// The request's number; 0 for the greeting.
    pub response_id: i64,
    /// Spoken as it stands.
    pub content: String,
    /// Nothing more follows.
    pub content_complete: bool,
    /// It must be heard to its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub no_interruption_allowed: Option<bool>,
    /// The call ends after it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_call: Option<bool>,
    /// The call goes there after it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transfer_number: Option<String>,
    /// Whoever is called there sees the caller's number, not the bank's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub show_transferee_as_caller: Option<bool>,
    /// A key that is pressed after it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digit_to_press: Option<String>,
}

impl Response {
    /// Plain words.
    #[must_use]
    pub fn words(response_id: i64, content: impl Into<String>, content_complete: bool) -> Self {
        Self {
            response_id,
            content: content.into(),
            content_complete,
            no_interruption_allowed: None,
            end_call: None,
            transfer_number: None,
            show_transferee_as_caller: None,
            digit_to_press: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value};

    use super::*;

    const SAMPLES: &str =
        include_str!("../../../../tests/payloads/ws_server_to_retell_frames.json");

    fn response(id: i64, content: &str, complete: bool) -> Response {
        Response::words(id, content, complete)
    }

    fn responses() -> Vec<(&'static str, Response)> {
        let transfer = Response {
            transfer_number: Some("+14155550199".into()),
            show_transferee_as_caller: Some(true),
            no_interruption_allowed: Some(true),
            ..response(11, "Connecting you now.", true)
        };
        let end = Response {
            end_call: Some(true),
            ..response(10, "Goodbye.", true)
        };
        let press = Response {
            digit_to_press: Some("1".into()),
            ..response(12, "", true)
        };
        vec![
            ("response_dtmf", press),
            ("begin_message", response(0, "Hello!", true)),
            ("begin_wait_for_user", response(0, "", true)),
            ("response_chunk", response(3, "Your balance is ", false)),
            ("response_last", response(3, "two hundred dollars.", true)),
            ("response_end_call", end),
            ("response_transfer", transfer),
        ]
    }

    fn others() -> Vec<(&'static str, Frame)> {
        let config = Config {
            auto_reconnect: true,
            call_details: true,
            transcript_with_tool_calls: false,
        };
        let timestamp = 1_763_800_002_000_u64.into();
        let interruption = Frame::AgentInterrupt {
            interrupt_id: 1,
            content: "Please hold on.".into(),
            content_complete: true,
            no_interruption_allowed: true,
        };
        let agent_config = AgentConfig {
            responsiveness: Some(0.5),
            interruption_sensitivity: Some(0.5),
            reminder_trigger_ms: Some(5_000),
            reminder_max_count: Some(3),
        };
        let metadata = Turned {
            response_id: 3,
            intent: "balance".into(),
            code: "balance".into(),
        };
        vec![
            ("config", Frame::Config { config }),
            ("ping_pong", Frame::PingPong { timestamp }),
            ("agent_interrupt", interruption),
            ("update_agent", Frame::UpdateAgent { agent_config }),
            ("metadata", Frame::Metadata { metadata }),
        ]
    }

    fn tools() -> Vec<(&'static str, Frame)> {
        let invocation = Frame::ToolCallInvocation {
            tool_call_id: "tc_1".into(),
            name: "check_balance".into(),
            arguments: r#"{"account_id":"ACC123"}"#.into(),
        };
        let result = Frame::ToolCallResult {
            tool_call_id: "tc_1".into(),
            content: r#"{"balance":2500.0}"#.into(),
            successful: Some(true),
        };
        vec![
            ("tool_call_invocation", invocation),
            ("tool_call_result", result),
        ]
    }

    #[test]
    fn every_frame_is_written_as_the_protocol_shows_it() {
        let mut shown: Map<String, Value> = serde_json::from_str(SAMPLES).unwrap();
        // What is in it is whoever's who sends it.
        shown["metadata"]["metadata"] =
            serde_json::json!({"response_id": 3, "intent": "balance", "code": "balance"});
        let responses = responses().into_iter();
        let responses = responses.map(|(name, words)| (name, Frame::Response(words)));
        let ours: Vec<_> = responses.chain(others()).chain(tools()).collect();
        assert_eq!(shown.len(), ours.len());
        for (name, frame) in ours {
            let written: Value =
                serde_json::from_str(&serde_json::to_string(&frame).unwrap()).unwrap();
            assert_eq!(written, shown[name], "{name}");
        }
    }
}
