//! The sentences for turns in which the bank is not asked, each with its stable code.
//! Each ends in what the caller can do next. Who is connected while money waits for a yes is told that it was not moved.

use crate::bindings::bank::voice::types::{Intent, Message, Pending, Turn};

pub(super) fn message(code: &str, text: &str) -> Message {
    Message {
        code: code.into(),
        parameters: Vec::new(),
        text: text.into(),
    }
}

/// A yes to nothing.
pub fn nothing_to_confirm() -> Message {
    message("nothing_to_confirm", "All right. What can I do for you?")
}

/// A no to nothing.
pub fn anything_else() -> Message {
    message(
        "anything_else",
        "All right. Is there anything else I can do for you?",
    )
}

/// A colleague takes over.
pub fn human_requested(turn: &Turn) -> Message {
    connecting(waiting(turn))
}

/// A colleague takes over, and what was waiting is not made.
pub fn connecting(dropped: Option<&str>) -> Message {
    let connecting = "I am connecting you to a colleague. One moment please.";
    let text = match dropped {
        Some(what) => format!("The {what} was not made. {connecting}"),
        None => connecting.to_owned(),
    };
    message("human_requested", &text)
}

/// What waits for the caller's yes or PIN and is dropped when somebody else takes over.
fn waiting(turn: &Turn) -> Option<&'static str> {
    let (Some(Pending::Confirm(intent)) | Some(Pending::StepUp(intent))) = &turn.pending else {
        return None;
    };
    match intent {
        Intent::Transfer(_) => Some("transfer"),
        Intent::Loan(_) | Intent::CreditCard(_) => Some("application"),
        _ => None,
    }
}

/// Not understood for the first time; where a question waits, that is what can be done.
pub fn help(turn: &Turn) -> Message {
    let text = match turn.pending {
        Some(_) => "Sorry, I did not get that.",
        None => {
            "Sorry, I did not get that. I can tell you a balance, read a statement, or make a transfer."
        }
    };
    message("help", text)
}

/// Not understood again: a person is offered.
pub fn human_offered(turn: &Turn) -> Message {
    let text = match waiting(turn) {
        Some(what) => format!(
            "I still did not get that, and the {what} is not made. Shall I connect you to a colleague?"
        ),
        None => "I still did not get that. Shall I connect you to a colleague?".into(),
    };
    message("human_offered", &text)
}

/// The offer was answered with something else.
pub fn human_offered_again() -> Message {
    message(
        "human_offered",
        "Sorry, please say yes or no. Shall I connect you to a colleague?",
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
