//! The transcript as Retell keeps it and sends it whole with every request.
//!
//! What the agent said carries the id of the request that it answers; how long each word took, which the real one adds, is left out.

use serde_json::{Value, json};

use super::wire::{Invocation, Returned};

/// What an utterance of the agent's belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// The request with this id; 0 is the greeting.
    Response(u64),
    /// The agent's own interruption.
    Interruption(u64),
}

/// Whose words or deeds stand at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Item {
    /// What was heard of an utterance.
    Agent {
        /// Why it was said.
        by: Source,
        /// As far as it was spoken.
        text: String,
    },
    /// The caller's words.
    Caller(String),
    /// One key.
    Digit(char),
    /// A tool was called.
    Invoked(Invocation),
    /// It returned.
    Returned(Returned),
}

/// Everything since the call began.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Transcript(Vec<Item>);

impl Transcript {
    /// Appends.
    pub(super) fn push(&mut self, item: Item) {
        self.0.push(item);
    }

    /// More of an utterance was spoken: the one at `place`, or a new one; gives its place.
    pub(super) fn spoken(&mut self, place: Option<usize>, by: Source, text: String) -> usize {
        let item = Item::Agent { by, text };
        if let Some(place) = place {
            self.0[place] = item;
            return place;
        }
        self.0.push(item);
        self.0.len() - 1
    }

    /// Where the last words were the caller's own.
    pub(super) fn last_words_of_caller(&mut self) -> Option<&mut String> {
        let mut items = self.0.iter_mut().rev();
        match items.find(|item| item.is_speech())? {
            Item::Caller(said) => Some(said),
            _ => None,
        }
    }

    /// Whether the agent was heard to say this, whatever the case of its letters.
    pub(super) fn was_heard(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        self.0.iter().any(|item| match item {
            Item::Agent { text: heard, .. } => heard.to_lowercase().contains(&text),
            _ => false,
        })
    }

    /// The utterances.
    pub(super) fn utterances(&self) -> Value {
        let spoken = self.0.iter().filter(|item| item.is_speech());
        spoken.map(Item::json).collect()
    }

    /// The utterances with tool calls and digits.
    pub(super) fn items(&self) -> Value {
        self.0.iter().map(Item::json).collect()
    }

    /// As lines, as Retell's events have it.
    pub(super) fn lines(&self) -> String {
        let lines = self.0.iter().filter_map(|item| match item {
            Item::Agent { text, .. } => Some(format!("Agent: {text}\n")),
            Item::Caller(text) => Some(format!("User: {text}\n")),
            _ => None,
        });
        lines.collect()
    }
}

impl Item {
    fn is_speech(&self) -> bool {
        matches!(self, Self::Agent { .. } | Self::Caller(_))
    }

    fn json(&self) -> Value {
        match self {
            Self::Agent { by, text } => {
                let metadata = match by {
                    Source::Response(id) => json!({"response_id": id}),
                    Source::Interruption(id) => json!({"interrupt_id": id}),
                };
                json!({"role": "agent", "content": text, "words": [], "metadata": metadata})
            }
            Self::Caller(text) => json!({"role": "user", "content": text, "words": []}),
            Self::Digit(digit) => json!({"role": "dtmf", "digit": digit.to_string()}),
            Self::Invoked(it) => json!({
                "role": "tool_call_invocation", "tool_call_id": it.tool_call_id, "name": it.name,
                "arguments": it.arguments,
            }),
            Self::Returned(it) => {
                let mut value = json!({
                    "role": "tool_call_result", "tool_call_id": it.tool_call_id,
                    "content": it.content,
                });
                if let Some(successful) = it.successful {
                    value["successful"] = json!(successful);
                }
                value
            }
        }
    }
}
