//! The sentences for turns in which the bank is not asked, each with its stable code.
//! Each ends in what the caller can do next.

use crate::bindings::bank::voice::types::Message;

fn message(code: &str, text: &str) -> Message {
    Message {
        code: code.into(),
        parameters: Vec::new(),
        text: text.into(),
    }
}

/// A yes to nothing.
pub fn nothing_to_confirm() -> Message {
    message(
        "nothing_to_confirm",
        "There is nothing waiting for a yes. What can I do for you?",
    )
}

/// A no to nothing.
pub fn anything_else() -> Message {
    message(
        "anything_else",
        "All right. Is there anything else I can do for you?",
    )
}

/// A colleague takes over.
pub fn human_requested() -> Message {
    message(
        "human_requested",
        "I am connecting you to a colleague. One moment please.",
    )
}

/// Not understood for the first time.
pub fn help() -> Message {
    message(
        "help",
        "Sorry, I did not get that. I can tell you a balance, read a statement, or make a transfer.",
    )
}

/// Not understood again.
pub fn help_or_human() -> Message {
    message(
        "help_or_human",
        "I still did not get that. You can ask for a balance or a transfer, or say colleague to speak to a person.",
    )
}
