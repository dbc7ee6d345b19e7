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

/// Not understood again: a person is offered.
pub fn human_offered() -> Message {
    message(
        "human_offered",
        "I still did not get that. Shall I connect you to a colleague?",
    )
}

/// Not understood once more.
pub fn human_after_all() -> Message {
    message(
        "human_after_all",
        "I am sorry, I do not understand. I am connecting you to a colleague.",
    )
}

/// What the bank's agent said.
pub fn agents_words(answer: &str) -> Message {
    message("assistant_answer", answer)
}
