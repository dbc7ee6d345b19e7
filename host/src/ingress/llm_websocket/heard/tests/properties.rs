//! What is read from the line is what the frame says, and no more than it; for frames of any shape.
//!
//! Judged by reading the frame a second time as plain JSON.

use proptest::prelude::*;

use super::super::*;
use crate::call::bounds;
use crate::ingress::llm_websocket::frame;
use crate::tests::json;
use crate::tests::trial::{self, Judged, Meter, Parser, Verdict};

const PARSER: Parser = Parser {
    name: "websocket",
    base: 64 * 1_024,
    per_byte: 64,
};

fn frames() -> impl Strategy<Value = String> {
    let samples: serde_json::Map<String, Value> =
        serde_json::from_str(super::SAMPLES).expect("samples");
    json::bodies(samples.into_iter().map(|(_, frame)| frame).collect())
        .prop_map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

fn property(text: &String, meter: &Meter) -> Judged {
    let read = meter.watch(text.len(), || read(text))?;
    let plain = retell::parse(text.as_bytes());
    let frame = match read {
        Err(Unread::NotJson) => {
            prop_assert!(plain.is_err(), "it is JSON");
            return Ok(Verdict::Refused);
        }
        Err(_) => return Ok(Verdict::Refused),
        Ok(frame) => frame,
    };
    let Ok(plain) = plain else {
        // What is nested too deep for plain JSON stands in fields that the reader passes over.
        return Ok(Verdict::Accepted);
    };
    match frame {
        Frame::Ping(timestamp) => {
            let pong = frame::Frame::PingPong {
                timestamp: timestamp.clone(),
            };
            let written: Value =
                serde_json::from_str(&serde_json::to_string(&pong).expect("JSON")).expect("JSON");
            prop_assert_eq!(
                &written["timestamp"],
                &Value::Number(timestamp),
                "not echoed as it came"
            );
        }
        Frame::Details(facts) => {
            prop_assert_eq!(plain["call"]["call_id"].as_str(), Some(facts.id.as_str()));
            prop_assert!(bounds::name("call_id", &facts.id).is_ok());
        }
        Frame::Update { is_callers_turn } => {
            prop_assert_eq!(is_callers_turn, plain["turntaking"] == "user_turn");
        }
        Frame::Request { response_id, heard } => {
            let said: usize = heard.iter().map(length).sum();
            prop_assert!(said <= text.len(), "more was heard than was sent");
            prop_assert_eq!(plain["response_id"].as_i64(), Some(response_id));
            let fuller = &plain["transcript_with_tool_calls"];
            let transcript = if fuller.as_array().is_some_and(|it| !it.is_empty()) {
                fuller
            } else {
                &plain["transcript"]
            };
            let items = transcript.as_array().map_or(0, Vec::len);
            prop_assert!(heard.len() <= items, "{} of {items} items", heard.len());
        }
    }
    Ok(Verdict::Accepted)
}

fn length(heard: &Heard) -> usize {
    match heard {
        Heard::Agent(words) | Heard::Caller(words) => words.len(),
        Heard::Digit(digit) => digit.len_utf8(),
    }
}

#[test]
fn what_is_read_is_what_the_frame_says_and_no_more() {
    println!("{}", trial::run(PARSER, &frames(), property));
}
