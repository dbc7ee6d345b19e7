//! What Retell does with a host's frames and a caller's words, without a socket.
//!
//! Requests are compared as JSON, since that is what a host sees.

use super::*;
use crate::cli::call::wire;

fn response(id: u64, content: &str, complete: bool) -> Frame {
    Frame::Response(Content {
        response_id: id,
        content: content.to_owned(),
        content_complete: complete,
        ..Content::default()
    })
}

/// A call in which the greeting was heard.
fn greeted() -> Provider {
    let mut provider = Provider::new();
    assert_eq!(
        provider.receive(response(0, "Hi Alice. ", false)),
        Effect::Speaks
    );
    assert_eq!(
        provider.receive(response(0, "How can I help?", true)),
        Effect::Completed
    );
    assert_eq!(provider.hear_all(), "Hi Alice. How can I help?");
    provider
}

fn contents(request: &Value) -> Vec<&str> {
    let said = request["transcript"].as_array().unwrap().iter();
    said.map(|one| one["content"].as_str().unwrap()).collect()
}

#[test]
fn each_request_carries_the_whole_transcript_and_a_higher_id() {
    let mut provider = greeted();
    let request = provider.say("My balance?");
    assert_eq!(request["interaction_type"], "response_required");
    assert_eq!(request["response_id"], 1);
    assert_eq!(
        request["transcript"],
        json!([
            {"role": "agent", "content": "Hi Alice. How can I help?", "words": [], "metadata": {"response_id": 0}},
            {"role": "user", "content": "My balance?", "words": []},
        ])
    );
    assert!(request.get("transcript_with_tool_calls").is_none());
    provider.receive(response(1, "Five dollars.", true));
    provider.hear_all();
    let request = provider.remind();
    assert_eq!(request["interaction_type"], "reminder_required");
    assert_eq!(request["response_id"], 2);
    assert_eq!(
        contents(&request),
        ["Hi Alice. How can I help?", "My balance?", "Five dollars."]
    );
}

#[test]
fn an_interruption_leaves_in_the_transcript_what_was_heard() {
    let mut provider = greeted();
    provider.say("Move five hundred");
    provider.receive(response(1, "Five hundred dollars from ", false));
    assert_eq!(provider.hear(2), "Five hundred ");
    let request = provider.say("No, fifty");
    assert_eq!(request["response_id"], 2);
    assert_eq!(
        contents(&request)[1..],
        ["Move five hundred", "Five hundred", "No, fifty"]
    );
    let late = provider.receive(response(1, "checking to savings?", true));
    assert_eq!(late, Effect::Discarded(1));
    assert_eq!(provider.hear_all(), "");
}

#[test]
fn words_before_anything_was_heard_are_one_utterance_with_those_before() {
    let mut provider = greeted();
    provider.say("Move five hundred");
    let request = provider.say("to savings");
    assert_eq!(contents(&request)[1..], ["Move five hundred to savings"]);
    let request = provider.say_longer("Move five hundred to savings please");
    assert_eq!(request["response_id"], 3);
    assert_eq!(
        contents(&request)[1..],
        ["Move five hundred to savings please"]
    );
    provider.receive(response(3, "", true));
    let request = provider.say("Hello?");
    assert_eq!(
        contents(&request)[1..],
        ["Move five hundred to savings please", "Hello?"],
        "after a complete reply, though an empty one, they are another"
    );
}

#[test]
fn digits_and_tool_calls_stand_beside_the_transcript_where_they_are_wanted() {
    let mut provider = greeted();
    let wanted = ConnectionConfig {
        transcript_with_tool_calls: true,
        ..ConnectionConfig::default()
    };
    provider.receive(Frame::Config(wanted));
    let called = r#"{"response_type":"tool_call_invocation","tool_call_id":"t","name":"balance","arguments":"{}"}"#;
    provider.receive(wire::read(called).unwrap());
    let request = provider.press("12");
    assert_eq!(contents(&request), ["Hi Alice. How can I help?"]);
    assert_eq!(
        request["transcript_with_tool_calls"].as_array().unwrap()[1..],
        [
            json!({"role": "tool_call_invocation", "tool_call_id": "t", "name": "balance", "arguments": "{}"}),
            json!({"role": "dtmf", "digit": "1"}),
            json!({"role": "dtmf", "digit": "2"}),
        ]
    );
}

#[test]
fn what_follows_a_reply_follows_once_it_was_heard_and_not_after_an_interruption() {
    let goodbye = Content {
        response_id: 1,
        content: "Goodbye, Alice.".to_owned(),
        content_complete: true,
        end_call: true,
        transfer_number: Some("+14155550199".to_owned()),
        ..Content::default()
    };
    let mut provider = greeted();
    provider.say("Bye");
    provider.receive(Frame::Response(goodbye));
    assert_eq!(provider.after(), None);
    provider.hear(1);
    assert_eq!(provider.after(), None);
    let mut interrupted = provider.clone();
    provider.hear(1);
    assert_eq!(
        provider.after(),
        Some(&After::End),
        "before the transfer, as Retell does"
    );
    interrupted.say("Wait");
    interrupted.receive(response(2, "Yes?", true));
    interrupted.hear_all();
    assert_eq!(interrupted.after(), None);
}

#[test]
fn a_caller_who_speaks_before_the_greeting_is_not_greeted_twice() {
    let mut provider = Provider::new();
    provider.say("My balance?");
    for part in [response(0, "Hello.", false), response(0, "Hi Alice.", true)] {
        assert_eq!(provider.receive(part), Effect::Discarded(0));
    }
    let again = provider.receive(response(0, "Hello.", true));
    assert!(matches!(again, Effect::Fault(_)), "{again:?}");
}

#[test]
fn what_the_protocol_does_not_allow_is_a_fault() {
    let fault = |provider: &mut Provider, frame| match provider.receive(frame) {
        Effect::Fault(what) => what,
        other => panic!("{other:?}"),
    };
    let mut provider = greeted();
    assert_eq!(
        provider.receive(response(0, "", true)),
        Effect::Discarded(0)
    );
    let again = fault(&mut provider, response(0, "Hi Alice.", true));
    assert_eq!(again, "the host greets a second time");
    let early = fault(&mut provider, response(1, "Yes?", true));
    assert_eq!(early, "response_id 1 was never asked for");
    provider.say("My balance?");
    provider.receive(response(1, "Five dollars.", true));
    let more = fault(&mut provider, response(1, "And cents.", true));
    assert!(more.contains("after content_complete"), "{more}");
}

#[test]
fn a_request_that_was_open_when_the_connection_broke_is_made_again() {
    let mut provider = greeted();
    assert_eq!(
        provider.reconnected(),
        None,
        "nothing was open, nothing is asked"
    );
    provider.say("My balance?");
    provider.receive(response(1, "One moment. ", false));
    let again = provider.reconnected().expect("it was open");
    assert_eq!(again["response_id"], 2);
    assert_eq!(contents(&again)[1..], ["My balance?", "One moment."]);
    let mut silent = greeted();
    silent.remind();
    let again = silent.reconnected().expect("a reminder is one too");
    assert_eq!(again["interaction_type"], "reminder_required");
}

#[test]
fn the_agents_own_interruption_cuts_its_reply() {
    let mut provider = greeted();
    provider.say("My balance?");
    provider.receive(response(1, "Let me see. ", false));
    provider.hear(2);
    let interruption = Content {
        interrupt_id: 1,
        content: "Please hold on.".to_owned(),
        content_complete: true,
        ..Content::default()
    };
    assert_eq!(
        provider.receive(Frame::Interruption(interruption)),
        Effect::Completed
    );
    assert_eq!(provider.hear_all(), "Please hold on.");
    assert_eq!(
        provider.receive(response(1, "Five.", true)),
        Effect::Discarded(1)
    );
    let request = provider.say("Yes");
    assert_eq!(
        contents(&request)[2..],
        ["Let me", "Please hold on.", "Yes"]
    );
}

mod any_order {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_frame_and_no_word_breaks_the_order_of_ids(
            deeds in proptest::collection::vec((0_u8..7, 0_u64..6, ".{0,20}", any::<bool>()), 0..60),
        ) {
            let mut provider = Provider::new();
            let mut newest = 0;
            for (deed, id, text, complete) in deeds {
                let request = match deed {
                    0 => Some(provider.say(&text)),
                    1 => Some(provider.remind()),
                    2 => Some(provider.press("1")),
                    3 => Some(provider.say_longer(&text)),
                    4 => { provider.hear(usize::try_from(id).unwrap()); None }
                    5 => provider.reconnected(),
                    _ => { provider.receive(response(id, &text, complete)); None }
                };
                if let Some(request) = request {
                    let asked = request["response_id"].as_u64().unwrap();
                    prop_assert_eq!(asked, newest + 1);
                    newest = asked;
                }
            }
            provider.hear_all();
            prop_assert!(provider.transcript().utterances().is_array());
        }
    }
}
