//! What Retell sends on the line (protocol, section 5.1), read as leniently as it is written.
//!
//! Only what is used is read, each field by itself: a new type in one must not cost the frame. A transcript may have 2 MB, mostly
//! timed words, which are passed over. What cannot be read is named, for counting.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;
use serde_json::{Number, Value};

use crate::call::session::Heard;
use crate::ingress::retell;
use crate::orchestrator::CallFacts;

/// One frame of Retell's.
#[derive(Debug, Clone)]
pub enum Frame {
    /// Wants an echo.
    Ping(Number),
    /// Who is calling.
    Details(Box<CallFacts>),
    /// What was said so far; wants nothing.
    Update {
        /// The line is the caller's now.
        is_callers_turn: bool,
    },
    /// Wants words: the caller has spoken, or is silent.
    Request {
        /// Higher than every one before.
        response_id: i64,
        /// The whole conversation, oldest first.
        heard: Vec<Heard>,
    },
}

/// Why a frame is passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unread {
    /// No JSON.
    #[error("not JSON")]
    NotJson,
    /// JSON, but no frame.
    #[error("no frame")]
    WrongShape,
    /// A type that this version does not know.
    #[error("unknown interaction type")]
    UnknownType,
}

impl Unread {
    /// For the metric.
    pub fn name(self) -> &'static str {
        match self {
            Self::NotJson => "not_json",
            Self::WrongShape => "wrong_shape",
            Self::UnknownType => "unknown_type",
        }
    }
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    interaction_type: Option<&'a RawValue>,
    #[serde(borrow)]
    timestamp: Option<&'a RawValue>,
    #[serde(borrow)]
    response_id: Option<&'a RawValue>,
    #[serde(borrow)]
    transcript: Option<&'a RawValue>,
    #[serde(borrow)]
    transcript_with_tool_calls: Option<&'a RawValue>,
    #[serde(borrow)]
    turntaking: Option<&'a RawValue>,
    #[serde(borrow)]
    call: Option<&'a RawValue>,
}

/// Of an item in a transcript; timed words and all else are passed over.
#[derive(Deserialize)]
struct Item {
    role: String,
    content: Option<String>,
    digit: Option<Value>,
}

/// Reads one frame.
///
/// # Errors
/// [`Unread`]; the line lives on.
pub fn read(text: &str) -> Result<Frame, Unread> {
    let text = retell::whole_characters(text);
    // As far as serde goes, the fields could come as a list as well.
    if text.trim_start().starts_with('[') {
        let is_json = serde_json::from_str::<IgnoredAny>(&text).is_ok();
        return Err(if is_json {
            Unread::WrongShape
        } else {
            Unread::NotJson
        });
    }
    let envelope: Envelope =
        serde_json::from_str(&text).map_err(|cause| match cause.classify() {
            serde_json::error::Category::Data => Unread::WrongShape,
            _ => Unread::NotJson,
        })?;
    let kind: String = field(envelope.interaction_type).ok_or(Unread::WrongShape)?;
    match kind.as_str() {
        "ping_pong" => field(envelope.timestamp).map(Frame::Ping),
        "call_details" => field::<Value>(envelope.call)
            .as_ref()
            .and_then(retell::call_facts)
            .map(|facts| Frame::Details(Box::new(facts))),
        "update_only" => Some(Frame::Update {
            is_callers_turn: field::<String>(envelope.turntaking).as_deref() == Some("user_turn"),
        }),
        "response_required" | "reminder_required" => {
            field(envelope.response_id).map(|response_id| Frame::Request {
                response_id,
                heard: conversation(&envelope),
            })
        }
        _ => return Err(Unread::UnknownType),
    }
    .ok_or(Unread::WrongShape)
}

fn field<'a, T: Deserialize<'a>>(raw: Option<&'a RawValue>) -> Option<T> {
    serde_json::from_str(raw?.get()).ok()
}

/// The fuller one of the two transcripts, which has the pressed keys.
fn conversation(envelope: &Envelope) -> Vec<Heard> {
    let items = field::<Vec<&RawValue>>(envelope.transcript_with_tool_calls)
        .filter(|items| !items.is_empty())
        .or_else(|| field(envelope.transcript))
        .unwrap_or_default();
    items
        .into_iter()
        .filter_map(|item| heard(field(Some(item))?))
        .collect()
}

fn heard(item: Item) -> Option<Heard> {
    match item.role.as_str() {
        "agent" => item.content.map(Heard::Agent),
        "user" => item.content.map(Heard::Caller),
        "dtmf" => {
            let digit = match item.digit? {
                Value::String(text) => text,
                other => other.to_string(),
            };
            digit.chars().next().map(Heard::Digit)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    mod properties;

    use proptest::prelude::*;
    use serde_json::{Map, json};

    use super::*;

    const SAMPLES: &str =
        include_str!("../../../../tests/payloads/ws_retell_to_server_frames.json");

    #[test]
    fn every_frame_that_the_protocol_shows_is_read() {
        let shown: Map<String, Value> = serde_json::from_str(SAMPLES).unwrap();
        for (name, frame) in shown {
            let read = read(&frame.to_string());
            match name.as_str() {
                "ping_pong" => {
                    assert!(
                        matches!(read, Ok(Frame::Ping(at)) if at == 1_763_800_002_000_u64.into())
                    );
                }
                "call_details_web" => assert!(matches!(read, Ok(Frame::Details(_)))),
                "unknown" => assert_eq!(read.unwrap_err(), Unread::UnknownType),
                _ if name.starts_with("update_only") => {
                    assert!(matches!(
                        read,
                        Ok(Frame::Update {
                            is_callers_turn: false
                        })
                    ));
                }
                _ => assert!(matches!(read, Ok(Frame::Request { .. })), "{name}"),
            }
        }
    }

    #[test]
    fn what_is_said_and_pressed_is_read_whatever_stands_beside_it() {
        let frame = json!({
            "interaction_type": "response_required", "response_id": 4, "surprise": {"a": [1]},
            "transcript": [{"role": "user", "content": "old"}],
            "transcript_with_tool_calls": [
                {"role": "agent", "content": "Your PIN?", "words": 7},
                {"role": "tool_call_result", "tool_call_id": "t", "content": "{}"},
                {"role": 12}, "no item", {"role": "dtmf", "digit": "5"}, {"role": "dtmf", "digit": 6},
                {"role": "user", "content": "yes"}, {"role": "user", "content": 9},
            ],
        });
        let Ok(Frame::Request { response_id, heard }) = read(&frame.to_string()) else {
            panic!("not read");
        };
        assert_eq!(response_id, 4);
        assert_eq!(
            heard,
            [
                Heard::Agent("Your PIN?".into()),
                Heard::Digit('5'),
                Heard::Digit('6'),
                Heard::Caller("yes".into()),
            ]
        );
    }

    #[test]
    fn no_text_stops_the_reader() {
        let shown: Map<String, Value> = serde_json::from_str(SAMPLES).unwrap();
        let shown: Vec<String> = shown.values().map(Value::to_string).collect();
        let cut = (0..shown.len(), any::<prop::sample::Index>(), ".{0,8}");
        proptest!(|(text in ".{0,200}", (which, at, other) in cut)| {
            let _ = read(&text);
            let frame = &shown[which];
            let mut at = at.index(frame.len());
            while !frame.is_char_boundary(at) {
                at -= 1;
            }
            let _ = read(&format!("{}{other}{}", &frame[..at], &frame[at..]));
            let _ = read(&frame[..at]);
        });
    }

    #[test]
    fn what_is_no_frame_is_named() {
        for (text, expected) in [
            ("", Unread::NotJson),
            ("{", Unread::NotJson),
            ("[]", Unread::WrongShape),
            ("[", Unread::NotJson),
            (
                r#"["ping_pong",1,null,null,null,null,null]"#,
                Unread::WrongShape,
            ),
            ("[1,2,3,4,5,6,7,8,9]", Unread::WrongShape),
            ("{}", Unread::WrongShape),
            (r#"{"interaction_type":7}"#, Unread::WrongShape),
            (r#"{"interaction_type":"ping_pong"}"#, Unread::WrongShape),
            (
                r#"{"interaction_type":"response_required","response_id":"1"}"#,
                Unread::WrongShape,
            ),
            (
                r#"{"interaction_type":"response_required","response_id":1e99}"#,
                Unread::WrongShape,
            ),
            (
                r#"{"interaction_type":"call_details","call":{}}"#,
                Unread::WrongShape,
            ),
            (r#"{"interaction_type":"later"}"#, Unread::UnknownType),
        ] {
            assert_eq!(read(text).err(), Some(expected), "{text}");
        }
    }

    #[test]
    fn half_an_emoji_does_not_cost_the_words_around_it() {
        let text = r#"{"interaction_type":"response_required","response_id":1,
            "transcript":[{"role":"user","content":"hi \ud83d there"}]}"#;
        let Ok(Frame::Request { heard, .. }) = read(text) else {
            panic!("not read");
        };
        assert_eq!(heard, [Heard::Caller("hi \u{fffd} there".into())]);
    }
}
