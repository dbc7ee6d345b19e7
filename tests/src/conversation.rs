//! A caller on the line: function calls as the voice provider makes them, one utterance after the other.
//!
//! Two function calls of a conversation differ in what was said before; the very same body twice is a repeated delivery.

use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::host::Host;
use super::http::Answer;
use super::speech::assert_speakable;

static NUMBER: AtomicUsize = AtomicUsize::new(0);

/// Alice Johnson, `user_1`, PIN 1234.
pub const ALICE: &str = "+14155552671";

/// One call.
pub struct Conversation<'a> {
    host: &'a Host,
    /// Unlike that of every other.
    pub call_id: String,
    phone: String,
    said: Vec<Value>,
}

/// What the caller hears.
#[derive(Debug, Clone, PartialEq)]
pub struct Spoken {
    /// The sentence.
    pub result: String,
    /// What it means.
    pub code: String,
    /// For the provider's model.
    pub data: Value,
}

impl<'a> Conversation<'a> {
    /// Alice calls.
    pub fn of_alice(host: &'a Host) -> Self {
        Self::of(host, ALICE)
    }

    /// Somebody calls from this number.
    pub fn of(host: &'a Host, phone: &str) -> Self {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let call_id = format!("call_of_a_test_{}_{number}", std::process::id());
        Self {
            host,
            call_id,
            phone: phone.to_owned(),
            said: Vec::new(),
        }
    }

    /// The call as the provider describes it.
    pub fn call(&self) -> Value {
        json!({
            "call_id": self.call_id, "call_type": "phone_call", "agent_id": "agent_1",
            "agent_version": 1, "call_status": "ongoing", "from_number": self.phone,
            "to_number": "+14155550100", "direction": "inbound", "transcript_object": self.said,
        })
    }

    /// Goes on with a call as the provider described it before, at whichever host.
    pub fn take_up(&mut self, call: &Value) {
        self.call_id = call["call_id"].as_str().unwrap_or_default().to_owned();
        self.said = call["transcript_object"]
            .as_array()
            .cloned()
            .unwrap_or_default();
    }

    /// The next function call's body, after the caller said something more.
    pub fn body(&mut self, name: &str, arguments: Value) -> String {
        let before = self.said.len();
        self.said
            .push(json!({"role": "user", "content": format!("utterance {before}"), "words": []}));
        let body = json!({"name": name, "args": arguments, "call": self.call()}).to_string();
        self.said
            .push(json!({"role": "agent", "content": "One moment.", "words": []}));
        body
    }

    /// Invokes a function; what comes back must be speakable.
    pub async fn invoke(&mut self, name: &str, arguments: Value) -> Result<Spoken> {
        let body = self.body(name, arguments);
        self.send(&body).await
    }

    /// Delivers a body, perhaps once more.
    pub async fn send(&self, body: &str) -> Result<Spoken> {
        Spoken::of(&self.host.signed("/functions", body).await?)
    }
}

impl Spoken {
    /// Whether money was moved, or would be after a yes or a PIN.
    pub fn moves(&self) -> bool {
        [
            "transfer_completed",
            "confirm_transfer",
            "pin_needed",
            "outcome_pending",
        ]
        .contains(&self.code.as_str())
    }

    /// Reads an answer of `/functions`, which is always a sentence with a code.
    pub fn of(answer: &Answer) -> Result<Self> {
        let body = answer.expect(200);
        let text = |name: &str| {
            let found = body[name].as_str().map(str::to_owned);
            found.with_context(|| format!("`{name}` is no text: {body}"))
        };
        let spoken = Self {
            result: text("result")?,
            code: text("code")?,
            data: body["data"].clone(),
        };
        assert_speakable(&spoken.result);
        assert!(spoken.data.is_object(), "`data` is no object: {body}");
        assert!(!spoken.code.is_empty(), "{body}");
        Ok(spoken)
    }
}
