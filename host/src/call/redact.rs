//! Takes PINs out of a provider's event before it is stored.
//!
//! An event repeats the whole conversation several times over: as one text, as utterances, as single timed words and as tool
//! calls. Here the context is the conversation itself: digits after the agent asked for a PIN are one.

use serde_json::Value;

use super::pin;

/// Takes PINs out of an event in place: transcripts, timed words, tool arguments, fields named after a PIN.
pub fn event(body: &mut Value) {
    let _ = pin::take_from_arguments(body);
    pin::walk(body, &mut |key, value| match value {
        Value::Array(items) if items.iter().any(|item| item.get("role").is_some()) => {
            utterances(items);
        }
        Value::String(text) if key.contains("transcript") => *text = lines(text),
        Value::String(text) if key == "arguments" => *text = tool_arguments(text),
        _ => {}
    });
}

/// Takes PINs out of a body that is no JSON: every line that mentions one, and the line after it.
#[must_use]
pub fn unreadable(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    // Once for all lines: a body may have a million of them.
    let is_mentioned = pin::is_mentioned(&text);
    let parts: Vec<String> = text
        .split("\\n")
        .map(|part| pin::take_from_text(part, is_mentioned).0)
        .collect();
    parts.join("\\n")
}

fn utterances(items: &mut [Value]) {
    let mut listening = pin::Listening::default();
    for item in items {
        if item.get("name").and_then(Value::as_str) == Some(pin::VERIFY_PIN) {
            item["arguments"] = Value::String(format!("{{\"pin\":\"{}\"}}", pin::TAKEN));
        }
        let by_agent = item.get("role").and_then(Value::as_str) == Some("agent");
        let Some(content) = item
            .get("content")
            .and_then(Value::as_str)
            .map(str::to_owned)
        else {
            continue;
        };
        let (rest, _) = listening.hear(by_agent, &content);
        if rest != content {
            item["content"] = Value::String(rest);
            if let Some(words) = item.get_mut("words") {
                *words = Value::Array(Vec::new());
            }
        }
    }
}

fn lines(transcript: &str) -> String {
    let mut listening = pin::Listening::default();
    let lines: Vec<String> = transcript
        .split('\n')
        .map(|line| {
            let (who, said) = match line.split_once(": ") {
                Some((who, said)) if matches!(who, "Agent" | "User") => (who, said),
                _ => return listening.hear(line.starts_with("Agent:"), line).0,
            };
            let (said, _) = listening.hear(who == "Agent", said);
            format!("{who}: {said}")
        })
        .collect();
    lines.join("\n")
}

fn tool_arguments(text: &str) -> String {
    match serde_json::from_str::<Value>(text) {
        Ok(mut arguments) => {
            let _ = pin::take_from_arguments(&mut arguments);
            arguments.to_string()
        }
        Err(_) => pin::take_from_text(text, true).0,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_pin_is_found_in_every_copy_of_the_conversation() {
        let mut body = json!({"event": "call_ended", "call": {
            "transcript": "Agent: Please tell me your PIN.\nUser: one two three four\nAgent: Thank you.\n",
            "transcript_object": [
                {"role": "agent", "content": "Please tell me your PIN.", "words": [{"word": "PIN."}]},
                {"role": "user", "content": "one two three four", "words": [{"word": "one"}, {"word": "two"}]},
                {"role": "user", "content": "move 1500 dollars", "words": [{"word": "1500"}]}
            ],
            "transcript_with_tool_calls": [
                {"role": "tool_call_invocation", "name": "verify_pin", "arguments": "{\"pin\":\"1234\"}"}
            ]
        }});
        event(&mut body);
        let stored = body.to_string();
        assert!(!stored.contains("two three"), "{stored}");
        assert!(
            !stored.contains("\"two\"") && !stored.contains("1234"),
            "{stored}"
        );
        assert!(
            stored.contains("1500") && stored.contains("Thank you."),
            "{stored}"
        );
    }

    #[test]
    fn a_body_of_a_hundred_thousand_lines_is_looked_through_once() {
        let lines = "\\n".repeat(100_000);
        assert_eq!(unreadable(lines.as_bytes()), lines);
        let kept = unreadable(format!("{lines}my PIN is{lines}1234").as_bytes());
        assert!(!kept.contains("1234"));
    }

    #[test]
    fn an_event_without_a_pin_is_stored_as_it_came() {
        let body = json!({"event": "x", "call": {
            "call_id": "call_1234",
            "transcript": "User: move 5000\nAgent: How much?\nUser: 5000\n"
        }});
        let mut stored = body.clone();
        event(&mut stored);
        assert_eq!(stored, body);
    }

    #[test]
    fn digits_that_nobody_asked_for_are_taken_out_of_both_copies() {
        let mut body = json!({"event": "call_ended", "call": {
            "transcript": "Agent: Twenty dollars, shall I?\nUser: 1234\n",
            "transcript_object": [
                {"role": "agent", "content": "Twenty dollars, shall I?"},
                {"role": "user", "content": "1234"}
            ]
        }});
        event(&mut body);
        assert!(!body.to_string().contains("1234"), "{body}");
    }
}
