//! The bank's agent as a client sees it: absent, whole, in events, cut short, switched off, and too slow.
//!
//! What may be spoken of its answers is decided elsewhere.

use std::ops::ControlFlow;

use super::stub::{Act, Stub};
use super::{client, ok, within_ms};
use crate::backend::{Agent, Error, OpenQuestion, Settings};

async fn ask(
    bank: &Stub,
    change: impl FnOnce(&mut Settings),
    enough: usize,
) -> (Result<Agent, Error>, Vec<String>) {
    let question = OpenQuestion {
        call_id: "c".to_owned(),
        user_id: None,
        question: "Hello?".to_owned(),
        transcript: Vec::new(),
    };
    let mut said = Vec::new();
    let asked = client(&bank.url, change)
        .assistant(&question, within_ms(5_000), &mut |sentence| {
            said.push(sentence);
            if said.len() < enough {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        })
        .await;
    (asked, said)
}

fn events(text: &'static str) -> Act {
    Act::Answer("200 OK", "content-type: text/event-stream\r\n", text)
}

#[tokio::test]
async fn a_bank_without_an_agent_is_no_error() {
    for status in ["404 Not Found", "501 Not Implemented"] {
        let bank = Stub::new(vec![Act::Answer(status, "", "{\"detail\":\"Not Found\"}")]);
        let (asked, said) = ask(&bank, |_| {}, 9).await;
        assert_eq!((asked.unwrap(), said.len()), (Agent::Absent, 0), "{status}");
    }
}

#[tokio::test]
async fn an_agent_that_is_switched_off_is_not_asked() {
    let bank = Stub::new(vec![ok("{\"reply\":\"Hello.\"}")]);
    let (asked, _) = ask(&bank, |settings| settings.assistant = false, 9).await;
    assert_eq!(asked.unwrap(), Agent::Absent);
    assert!(bank.requests().is_empty());
}

#[tokio::test]
async fn an_answer_comes_sentence_by_sentence_whole_or_in_events() {
    let whole = ok("{\"reply\":\"Hello. How are you?\"}");
    let streamed = events(
        "data: {\"delta\":\"Hello. How \"}\n\ndata: {\"delta\":\"are you?\"}\n\ndata: {\"done\":true}\n\n",
    );
    for act in [whole, streamed] {
        let bank = Stub::new(vec![act]);
        let (asked, said) = ask(&bank, |_| {}, 9).await;
        assert_eq!(asked.unwrap(), Agent::Answered);
        assert_eq!(said, ["Hello.", "How are you?"]);
    }
}

#[tokio::test]
async fn of_an_answer_that_is_cut_short_the_whole_sentences_stand() {
    let bank = Stub::new(vec![events("data: {\"delta\":\"Hello. Half a\"}\n\n")]);
    let (asked, said) = ask(&bank, |_| {}, 9).await;
    assert!(matches!(asked, Err(Error::Unreadable(_))));
    assert_eq!(said, ["Hello."]);
}

#[tokio::test]
async fn an_answer_without_words_is_none() {
    for act in [ok("{\"reply\":\" \"}"), events("data: {\"done\":true}\n\n")] {
        let bank = Stub::new(vec![act]);
        let (asked, said) = ask(&bank, |_| {}, 9).await;
        assert!(matches!(asked, Err(Error::Unreadable(_))));
        assert!(said.is_empty());
    }
}

#[tokio::test]
async fn whoever_has_heard_enough_waits_for_no_more() {
    let bank = Stub::new(vec![events("data: {\"delta\":\"One. Two. Three. \"}\n\n")]);
    let (asked, said) = ask(&bank, |_| {}, 2).await;
    assert_eq!(asked.unwrap(), Agent::Answered);
    assert_eq!(said, ["One.", "Two."]);
}
