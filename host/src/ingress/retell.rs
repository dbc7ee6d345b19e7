//! Retell's wire: the call object and the event envelope, read as leniently as Retell writes them.
//!
//! Everything but the event's name and the call's id may be missing, and unknown fields are the rule (protocol, sections 1.2 and
//! 1.3). Read from a `Value`, not into strict structs: a new type in one field must not cost a whole event.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::call::bounds;
use crate::call::session::{Direction, Utterance};
use crate::orchestrator::{CallFacts, EventKind, numbers};

/// Reads a body as JSON, also one whose text was cut inside an emoji: Retell then escapes half of a surrogate pair, which is no
/// character, and the event around it must not be lost for that.
///
/// # Errors
/// The parser's, for everything else.
pub fn parse(raw: &[u8]) -> Result<Value, serde_json::Error> {
    parse_with(raw, |raw| serde_json::from_slice(raw))
}

/// The same with another reader.
///
/// # Errors
/// As [`parse`].
pub fn parse_with(
    raw: &[u8],
    read: impl Fn(&[u8]) -> Result<Value, serde_json::Error>,
) -> Result<Value, serde_json::Error> {
    read(raw).or_else(|cause| {
        let Ok(text) = std::str::from_utf8(raw) else {
            return Err(cause);
        };
        read(without_lone_surrogates(text).as_bytes()).map_err(|_| cause)
    })
}

/// The text as it is, or with whole characters where it holds escaped halves.
pub fn whole_characters(text: &str) -> Cow<'_, str> {
    if text.contains(r"\ud") || text.contains(r"\uD") {
        Cow::Owned(without_lone_surrogates(text))
    } else {
        Cow::Borrowed(text)
    }
}

/// Escaped halves of surrogate pairs that stand alone become U+FFFD.
fn without_lone_surrogates(text: &str) -> String {
    static ESCAPE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)\\\\|\\u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})|\\ud[89a-f][0-9a-f]{2}")
            .expect("a constant pattern, compiled in a test")
    });
    let replaced = ESCAPE.replace_all(text, |found: &regex::Captures<'_>| {
        let is_whole = found.get(1).is_some() || &found[0] == r"\\";
        if is_whole {
            found[0].to_owned()
        } else {
            r"\ufffd".to_owned()
        }
    });
    replaced.into_owned()
}

/// What a call object says; none without an id.
pub fn call_facts(call: &Value) -> Option<CallFacts> {
    let text = |key: &str| call.get(key).and_then(Value::as_str).map(str::to_owned);
    let id = text("call_id").filter(|id| bounds::name("call_id", id).is_ok())?;
    let direction = match text("direction").as_deref() {
        Some("inbound") => Some(Direction::Inbound),
        Some("outbound") => Some(Direction::Outbound),
        _ if text("call_type").as_deref() == Some("web_call") => Some(Direction::Web),
        _ => None,
    };
    // `phone_number` is the predecessor's; Retell never sent it.
    let from = text("from_number").or_else(|| text("phone_number"));
    let (phone, line) = numbers(direction, from, text("to_number"));
    let said = call.get("transcript_object").and_then(Value::as_array);
    let transcript: Vec<Utterance> = said
        .map(|said| said.iter().filter_map(utterance).collect())
        .unwrap_or_default();
    let caller_utterances = match (said, text("transcript")) {
        (Some(_), _) => Some(transcript.iter().filter(|it| !it.by_agent).count()),
        (None, Some(lines)) => Some(
            lines
                .lines()
                .filter(|line| line.starts_with("User:"))
                .count(),
        ),
        (None, None) => None,
    };
    Some(CallFacts {
        id,
        agent: text("agent_id"),
        direction,
        phone,
        line,
        socket: None,
        metadata: call
            .get("metadata")
            .filter(|metadata| metadata.is_object())
            .cloned(),
        transcript,
        is_unsigned: false,
        caller_utterances,
    })
}

fn utterance(item: &Value) -> Option<Utterance> {
    let by_agent = match item.get("role")?.as_str()? {
        "agent" => true,
        "user" => false,
        _ => return None,
    };
    Some(Utterance {
        by_agent,
        text: item.get("content")?.as_str()?.to_owned(),
    })
}

/// The host's own name for what Retell's API says of a call: it opens one as its beginning does.
pub const LOOKED_UP: &str = "call_looked_up";

/// What an event's name means.
pub fn kind(event: &str) -> EventKind {
    match event {
        "call_started" | LOOKED_UP => EventKind::Started,
        "call_ended" => EventKind::Ended,
        "call_analyzed" => EventKind::Analyzed,
        "transfer_started" | "transfer_bridged" => EventKind::TransferStarted,
        "transfer_cancelled" => EventKind::TransferCancelled,
        _ => EventKind::Other,
    }
}

/// Longest start of a call that stands in a key as it came: milliseconds have thirteen digits.
const MOMENT_BYTES_MAX: usize = 32;

/// The key under which an event is effective once (Retell, webhook-overview: event and call for the three life-cycle events, the
/// start of the transfer as well for those, and for the rest only the very same body is the same event).
pub fn dedupe_key(event: &str, call_id: &str, body: &Value, raw: &[u8]) -> String {
    match kind(event) {
        EventKind::Started | EventKind::Ended | EventKind::Analyzed => {
            format!("{event}:{call_id}")
        }
        EventKind::TransferStarted | EventKind::TransferCancelled => {
            let start = body.pointer("/call/start_timestamp");
            let start = start.unwrap_or(&Value::Null).to_string();
            // A moment is short. What is none must not make a key that is longer than an index takes.
            let start = match start.len() {
                0..=MOMENT_BYTES_MAX => start,
                _ => digest(start.as_bytes()),
            };
            let to = body.get("transfer_destination").unwrap_or(&Value::Null);
            format!(
                "{event}:{call_id}:{start}:{}",
                &digest(to.to_string().as_bytes())[..16]
            )
        }
        EventKind::Reaped | EventKind::Other => format!("{event}:{call_id}:{}", &digest(raw)[..32]),
    }
}

/// sha-256, hex.
pub fn digest(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_of_an_event_is_short_whatever_stands_where_a_moment_should() {
        let key = |start: Value| {
            let body = serde_json::json!({"call": {"start_timestamp": start}});
            dedupe_key("transfer_started", "call_1", &body, b"")
        };
        let usual = key(1_763_800_000_000_u64.into());
        assert!(
            usual.starts_with("transfer_started:call_1:1763800000000:"),
            "{usual}"
        );
        let (long, other) = (key("x".repeat(9_000).into()), key("y".repeat(9_000).into()));
        assert!(long.len() < 200, "{}", long.len());
        assert_ne!(long, other);
    }

    #[test]
    fn half_an_emoji_does_not_cost_the_event() {
        for (escaped, expected) in [
            (r#""cut \ud83d""#, "cut \u{fffd}"),
            (r#""whole \ud83d\ude00""#, "whole \u{1f600}"),
            (r#""second half \ude00!""#, "second half \u{fffd}!"),
            (r#""a backslash \\ud83d""#, "a backslash \\ud83d"),
        ] {
            let parsed = parse(escaped.as_bytes()).expect(escaped);
            assert_eq!(parsed.as_str(), Some(expected));
        }
        assert!(parse(b"{").is_err());
    }
}
