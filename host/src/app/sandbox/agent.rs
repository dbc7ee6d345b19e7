//! The sandbox bank's agent for open questions: a handful of rules by words, no language model.
//!
//! The same as in the FastAPI reference backend. It moves nothing and sees no account.

use serde_json::json;

/// What it says to a question.
pub(super) fn reply(question: &str) -> &'static str {
    let lower = question.to_lowercase();
    let words: Vec<&str> = lower
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let has = |any: &[&str]| words.iter().any(|word| any.contains(word));
    if has(&["card"]) && has(&["lost", "stolen", "missing", "block"]) {
        "I am sorry to hear that. Say agent, and a colleague blocks your card and sends a new one."
    } else if has(&["hours", "open", "opening", "close", "closing"]) {
        "Our branches are open Monday to Friday from nine to five, and on Saturday from nine to noon."
    } else if has(&["branch", "branches", "atm", "nearest"]) {
        "Our main branch is at 1 Market Street in San Francisco, with cash machines at all hours."
    } else if has(&["thanks", "thank"]) {
        "You are welcome."
    } else if has(&["hello", "hi", "morning", "afternoon", "evening"]) {
        "Hello. How can I help you with your accounts today?"
    } else {
        "I can help with balances, statements, transfers and applications."
    }
}

/// The same as server-sent events, word by word.
pub(super) fn events(reply: &str) -> String {
    let deltas = reply
        .split_inclusive(' ')
        .map(|delta| json!({"delta": delta}));
    deltas
        .chain([json!({"done": true})])
        .map(|event| format!("data: {event}\n\n"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_are_answered_by_their_words() {
        assert!(reply("I lost my card!").contains("blocks your card"));
        assert!(reply("When do you open?").contains("nine to five"));
        assert!(reply("Where is the nearest branch?").contains("Market Street"));
        assert!(reply("hi").starts_with("Hello"));
        assert!(reply("Which is the highest mountain?").starts_with("I can help"));
    }

    #[test]
    fn events_end_with_done() {
        let events = events("You are welcome.");
        assert!(events.starts_with("data: {\"delta\":\"You \"}\n\n"));
        assert!(events.ends_with("data: {\"done\":true}\n\n"));
    }
}
