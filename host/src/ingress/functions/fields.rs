//! The body of a tool call less what nobody here reads: Retell sends each word of the conversation with its moments, which is most of
//! a long call's body and costs as much as the turn's rules to read and to let go of.
//!
//! As lenient as a `Value`: what has another type than expected is left out and costs nothing else.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// Reads a body; of each utterance of `call.transcript_object` only who said what is kept.
///
/// # Errors
/// The parser's.
pub(super) fn read(raw: &[u8]) -> Result<Value, serde_json::Error> {
    if !raw.trim_ascii_start().starts_with(b"{") {
        return serde_json::from_slice(raw);
    }
    let mut deserializer = serde_json::Deserializer::from_slice(raw);
    let body = Part::Body.deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(body)
}

#[derive(Clone, Copy)]
enum Part {
    Body,
    Call,
    Transcript,
    Utterance,
}

impl<'de> DeserializeSeed<'de> for Part {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Part {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a part of a tool call")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut fields = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            let value = match (self, key.as_str()) {
                (Self::Body, "call") => map.next_value_seed(Self::Call)?,
                (Self::Call, "transcript_object") => map.next_value_seed(Self::Transcript)?,
                (Self::Body | Self::Call, _) | (Self::Utterance, "role" | "content") => {
                    map.next_value()?
                }
                (Self::Transcript | Self::Utterance, _) => {
                    map.next_value::<IgnoredAny>()?;
                    continue;
                }
            };
            fields.insert(key, value);
        }
        Ok(Value::Object(fields))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        if !matches!(self, Self::Transcript) {
            while items.next_element::<IgnoredAny>()?.is_some() {}
            return Ok(Value::Null);
        }
        let mut said = Vec::new();
        while let Some(utterance) = items.next_element_seed(Self::Utterance)? {
            said.push(utterance);
        }
        Ok(Value::Array(said))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_str<E>(self, _: &str) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::retell::call_facts;
    use super::*;

    #[test]
    fn a_body_is_read_whole_but_for_the_words_of_its_transcript() {
        let body = json!({
            "name": "transfer_funds",
            "args": {"amount": 12.50, "words": [{"word": "kept"}], "call": {"transcript_object": [1]}},
            "call": {
                "call_id": "call_1",
                "from_number": "+14155552671",
                "metadata": {"transcript_object": [{"words": [1]}]},
                "transcript_object": [
                    {"role": "agent", "content": "Hello", "words": [{"word": "Hello", "start": 0.1}]},
                    {"role": "user", "content": "Hi"},
                    "none", 5, null,
                ],
            },
            "execution_message": 7,
        });
        let lean = read(body.to_string().as_bytes()).expect("JSON");
        assert_eq!(lean["args"], body["args"]);
        assert_eq!(lean["execution_message"], body["execution_message"]);
        assert_eq!(lean["call"]["metadata"], body["call"]["metadata"]);
        assert_eq!(
            lean["call"]["transcript_object"][0],
            json!({"role": "agent", "content": "Hello"})
        );
        let facts = |body: &Value| format!("{:?}", call_facts(&body["call"]).expect("a call"));
        assert_eq!(facts(&lean), facts(&body));
    }

    #[test]
    fn what_has_another_type_costs_nothing_else() {
        for call in [
            json!(5),
            json!("call_1"),
            json!([{"a": 1}]),
            json!(null),
            json!(true),
        ] {
            let body = json!({"args": {"a": 1}, "call": call});
            let lean = read(body.to_string().as_bytes()).expect("JSON");
            assert_eq!(lean["args"], body["args"]);
            assert!(call_facts(&lean["call"]).is_none(), "{call}");
        }
        for transcript in [
            json!(5),
            json!("said"),
            json!({"role": "agent"}),
            json!(null),
        ] {
            let body = json!({"call": {"call_id": "call_1", "transcript_object": transcript}});
            let lean = read(body.to_string().as_bytes()).expect("JSON");
            assert!(call_facts(&lean["call"]).is_some(), "{transcript}");
        }
        for body in ["[1]", "5", "\"text\"", "null"] {
            assert!(!read(body.as_bytes()).expect("JSON").is_object(), "{body}");
        }
        for body in ["", "{", "{} x"] {
            assert!(read(body.as_bytes()).is_err(), "{body}");
        }
    }
}
