//! One response: from the request that was read to the last frame that answers it.
//!
//! The first sentence leaves as soon as it is known; where none is known in time, the caller is told to hold on. Whatever fails, a
//! response is completed: an open one is silence, in which Retell asks for nothing more.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::conversation::Conversation;
use super::frame::{Frame, Response as Words, Turned};
use super::holding::Holding;
use super::line::Queued;
use super::settings::is_destination;
use super::tool;
use super::unasked;
use crate::call::outcome::Next;
use crate::call::session::{Heard, Utterance};
use crate::call::{Reply, bounds, pin};
use crate::ingress::apology;
use crate::orchestrator::{Answer, Ask, Error, Request, listen};
use crate::reply;

/// A turn ends by itself before; this is for one that does not.
const GRACE: Duration = Duration::from_millis(500);

/// An open response; completed when dropped, however that comes about.
struct Response<'a> {
    conversation: &'a Conversation,
    id: i64,
    began: Instant,
    has_spoken: bool,
    is_complete: bool,
}

/// Answers one request.
pub async fn respond(conversation: Arc<Conversation>, id: i64, heard: Vec<Heard>, began: Instant) {
    let mut response = Response {
        conversation: &conversation,
        id,
        began,
        has_spoken: false,
        is_complete: false,
    };
    let (listener, mut attention) = listen();
    let orchestrator = &conversation.shared.orchestrator;
    let request = Request {
        call: conversation.facts(newest(&heard)),
        ask: Ask::Utterance { heard, listener },
    };
    let turn = orchestrator.take_turn(request);
    tokio::pin!(turn);
    let last = began + orchestrator.turn_time() + GRACE;
    let patience = Duration::from_millis(conversation.shared.voice.holding_after_ms);
    let mut holding = Holding::since(began, patience);
    loop {
        tokio::select! {
            biased;
            () = conversation.line.superseded(id) => {
                metrics::counter!("websocket_turns_superseded_total").increment(1);
                return;
            }
            Some(sentence) = attention.sentences.recv() => {
                response.say(&sentence);
                holding.spoke();
            }
            answer = &mut turn => {
                // What it said last came while the answer did, and is no part of the reply any more.
                while let Ok(sentence) = attention.sentences.try_recv() {
                    response.say(&sentence);
                }
                let is_promised = answer.as_ref().is_ok_and(|answer| answer.is_promised);
                response.answer(answer);
                if is_promised {
                    tokio::spawn(unasked::follow_up(Arc::clone(&conversation), id));
                }
                return;
            }
            sentence = holding.due() => response.say(sentence),
            () = tokio::time::sleep_until(last) => {
                tracing::error!(call_id = conversation.call_id, "a turn outlived its time");
                return response.complete(&reply::unsure());
            }
        }
    }
}

/// The newest utterances, oldest first, and before them as many as may lie between a PIN and the question for it: without that the
/// PIN would pass for any number.
fn newest(heard: &[Heard]) -> Vec<Utterance> {
    let said = heard.iter().rev().filter_map(|item| match item {
        Heard::Agent(text) => Some((true, text)),
        Heard::Caller(text) => Some((false, text)),
        Heard::Digit(_) => None,
    });
    let mut said: Vec<Utterance> = said
        .take(bounds::TRANSCRIPT_LEN_MAX + pin::PATIENCE as usize)
        .map(|(by_agent, text)| Utterance {
            by_agent,
            text: text.chars().take(bounds::TEXT_BYTES_MAX).collect(),
        })
        .collect();
    said.reverse();
    said
}

impl Response<'_> {
    /// Says a sentence after which more follows.
    fn say(&mut self, sentence: &str) {
        // The space ends the sentence for the speech engine.
        let words = Words::words(self.id, format!("{sentence} "), false);
        self.put(words);
    }

    /// What the turn came to.
    fn answer(mut self, answer: Result<Answer, Error>) {
        match answer {
            Ok(answer) => {
                self.show(&answer);
                self.complete(&answer.reply);
                if self.conversation.shared.voice.metadata {
                    let metadata = Turned {
                        response_id: self.id,
                        code: answer.outcome.code().to_owned(),
                        intent: answer.intent,
                    };
                    self.queue(Frame::Metadata { metadata }, None);
                }
            }
            Err(Error::Superseded) => {}
            Err(cause) => {
                let call_id = &self.conversation.call_id;
                tracing::warn!(call_id, "no answer of the rules: {cause}");
                self.complete(&apology::on_the_line(&cause));
            }
        }
    }

    /// Shows in Retell's transcript what was done.
    fn show(&mut self, answer: &Answer) {
        for frame in tool::frames(self.id, answer) {
            self.queue(frame, None);
        }
    }

    /// The last words.
    fn complete(&mut self, reply: &Reply) {
        let mut words = Words::words(self.id, reply.text.clone(), true);
        if !reply.interruptible {
            words.no_interruption_allowed = Some(true);
        }
        match &reply.next {
            Next::Listen => {}
            Next::HangUp => words.end_call = Some(true),
            Next::Press(key) => words.digit_to_press = Some(key.clone()),
            Next::HandOff(to) => {
                let default = self.conversation.shared.voice.hand_off_number.as_ref();
                let to = to.as_ref().filter(|to| is_destination(to)).or(default);
                match to {
                    Some(number) => {
                        words.transfer_number = Some(number.clone());
                        let voice = &self.conversation.shared.voice;
                        words.show_transferee_as_caller =
                            voice.hand_off_shows_caller.then_some(true);
                    }
                    None => {
                        tracing::error!("nobody to connect to; set voice.hand_off_number");
                        words.content = reply::nobody_there(&reply.text);
                    }
                }
            }
        }
        self.is_complete = true;
        self.put(words);
    }

    fn put(&mut self, words: Words) {
        let first_since = (!self.has_spoken).then_some(self.began);
        self.has_spoken = true;
        self.queue(Frame::Response(words), first_since);
    }

    fn queue(&self, frame: Frame, first_since: Option<Instant>) {
        self.conversation.line.put(Queued::For {
            response_id: self.id,
            frame,
            first_since,
        });
    }
}

impl Drop for Response<'_> {
    /// Invariant: every response is completed (`a_response_is_completed_whatever_fails`). One that was superseded goes no further
    /// than the writer.
    fn drop(&mut self) {
        if !self.is_complete {
            self.complete(&reply::unsure());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_question_for_a_pin_comes_along_with_its_answer() {
        let mut heard = vec![Heard::Agent("Please tell me your PIN.".into())];
        heard.extend((1..pin::PATIENCE).map(|_| Heard::Caller("hold on".into())));
        heard.push(Heard::Caller("1234".into()));
        heard.extend((1..bounds::TRANSCRIPT_LEN_MAX).map(|_| Heard::Caller("hello".into())));
        let said = newest(&heard);
        assert_eq!(said.len(), heard.len());
        assert!(said[0].text.contains("PIN"));
        heard.insert(0, Heard::Agent("Hello.".into()));
        assert_eq!(newest(&heard), said);
    }
}
