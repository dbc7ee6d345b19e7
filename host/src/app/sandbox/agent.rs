//! The sandbox bank's agent for open questions: a handful of rules by words, no language model.
//!
//! The same as in the FastAPI reference backend. It moves nothing and sees no account. How it behaves is a setting, so that a
//! test can have one that fails.

use std::convert::Infallible;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt as _, stream};
use serde::Deserialize;
use serde_json::{Value, json};

/// How the agent behaves.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Manner {
    /// As it should.
    #[default]
    Answers,
    /// Is not there: 404.
    Absent,
    /// 500, every time.
    Fails,
    /// Takes the question and says nothing.
    Hangs,
    /// Says its first sentence and no more.
    Stalls,
}

/// Answers a question the way the settings say.
pub(super) async fn answer(manner: Manner, headers: &HeaderMap, question: &str) -> Response {
    let accept = headers.get(header::ACCEPT).map(|value| value.as_bytes());
    let wants_events = accept.is_some_and(|accept| accept.starts_with(b"text/event-stream"));
    let reply = reply(question);
    match manner {
        Manner::Absent => detail(StatusCode::NOT_FOUND, "Not Found"),
        Manner::Fails => detail(StatusCode::INTERNAL_SERVER_ERROR, "The agent is unwell"),
        Manner::Hangs => std::future::pending().await,
        Manner::Stalls => {
            let first = stream::iter(events(first_sentence(reply)));
            streamed(Body::from_stream(first.chain(stream::pending())))
        }
        Manner::Answers if wants_events => {
            let done = [event(&json!({"done": true}))];
            streamed(Body::from_stream(stream::iter(events(reply).chain(done))))
        }
        Manner::Answers => axum::Json(json!({"reply": reply})).into_response(),
    }
}

/// What it says to a question.
fn reply(question: &str) -> &'static str {
    let lower = question.to_lowercase();
    let words: Vec<&str> = lower
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let has = |any: &[&str]| words.iter().any(|word| any.contains(word));
    if has(&["card"]) && has(&["lost", "stolen", "missing", "block"]) {
        "I am sorry to hear that. Say agent, and a colleague blocks your card and sends you another."
    } else if has(&["hours", "open", "opening", "close", "closing"]) {
        "Our branches are open on weekdays, and on Saturday mornings. On weekdays that is from nine to five."
    } else if has(&["branch", "branches", "atm", "nearest"]) {
        "Our main branch is on Market Street in San Francisco, with cash machines at all hours."
    } else if has(&["thanks", "thank"]) {
        "You are welcome."
    } else if has(&["hello", "hi", "morning", "afternoon", "evening"]) {
        "Hello. How can I help you with your accounts today?"
    } else {
        "I can help with balances, statements, transfers and applications."
    }
}

fn first_sentence(reply: &'static str) -> &'static str {
    reply.find(". ").map_or(reply, |end| &reply[..end + 2])
}

/// The reply as server-sent events, word by word.
fn events(reply: &'static str) -> impl Iterator<Item = Result<Bytes, Infallible>> + Send {
    reply
        .split_inclusive(' ')
        .map(|delta| event(&json!({"delta": delta})))
}

fn event(value: &Value) -> Result<Bytes, Infallible> {
    Ok(Bytes::from(format!("data: {value}\n\n")))
}

fn streamed(body: Body) -> Response {
    let kind = [(header::CONTENT_TYPE, "text/event-stream; charset=utf-8")];
    (kind, body).into_response()
}

fn detail(status: StatusCode, detail: &str) -> Response {
    (status, axum::Json(json!({"detail": detail}))).into_response()
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
    fn the_first_sentence_is_whole() {
        assert_eq!(first_sentence("Hello. How can I help?"), "Hello. ");
        assert_eq!(first_sentence("You are welcome."), "You are welcome.");
    }
}
