//! An open question: the bank's own agent is asked, and its answer sifted before anybody hears it.
//!
//! Invariant: no figure of the agent's is spoken (`no_figure_survives_whatever_stands_around_it`): what a plugin gets here has gone
//! through `call::figures` and `call::claims`, sentence by sentence. The agent moves nothing: it is asked by text and answers with text.

use std::ops::ControlFlow;
use std::sync::{Mutex, PoisonError};

use tokio::time::Instant;

use super::listener::Listener;
use super::request::Ask;
use crate::backend::{Agent, Backend, OpenQuestion};
use crate::call::bounds::SPOKEN_BYTES_MAX;
use crate::call::{Failure, Reply, claims, figures};

/// Most words of an answer; a spoken reply has under thirty.
const WORDS_MAX: usize = 29;

/// Ends an answer that broke off.
const NO_MORE: &str = "That is all I could find out.";

/// Sentences that leave before the turn has ended, where somebody listens.
#[derive(Debug, Default)]
pub(super) struct Aloud {
    listener: Option<Listener>,
    said: Mutex<String>,
}

impl Aloud {
    /// For this request: only a spoken one has a listener.
    pub(super) fn of(ask: &Ask) -> Self {
        let listener = match ask {
            Ask::Utterance { listener, .. } => Some(listener.clone()),
            Ask::Invocation { .. } | Ask::Rest { .. } => None,
        };
        Self {
            listener,
            said: Mutex::default(),
        }
    }

    fn say(&self, sentence: &str) {
        if let Some(listener) = &self.listener {
            let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
            append(&mut said, sentence);
            listener.say(sentence);
        }
    }

    /// Whether some of the reply was said already.
    pub(super) fn has_spoken(&self) -> bool {
        let said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        !said.is_empty()
    }

    /// What of a reply is still to be said. A shaper that made other words of the answer is heard to say them; one that only
    /// changed marks between them is not.
    pub(super) fn unsaid(&self, reply: Reply) -> Reply {
        let said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        let text = match behind(&reply.text, &said) {
            Some(rest) => rest.to_owned(),
            None => reply.text,
        };
        Reply { text, ..reply }
    }
}

/// What may be said of the agent's answer. Where it fails half-way, the sentences that were whole by then.
///
/// # Errors
/// [`Failure::Unsupported`] where there is no agent, [`Failure::NotFound`] where nothing of the answer may be said.
pub(super) async fn answer(
    backend: &Backend,
    asked: &OpenQuestion,
    deadline: Instant,
    aloud: &Aloud,
) -> Result<String, Failure> {
    let mut sifted = Sifted::default();
    let mut hear = |sentence: String| sifted.hear(&sentence, aloud);
    let answered = backend.assistant(asked, deadline, &mut hear).await;
    let (call_id, left_out) = (&asked.call_id, sifted.left_out);
    if left_out > 0 {
        tracing::info!(
            call_id,
            left_out,
            "sentences of the bank's agent with figures or claims were not spoken"
        );
    }
    match answered {
        Ok(Agent::Absent) => Err(Failure::Unsupported),
        Ok(Agent::Answered) if sifted.said.is_empty() => {
            Err(Failure::NotFound("answer".to_owned()))
        }
        Ok(Agent::Answered) => Ok(sifted.said),
        Err(cause) => {
            tracing::warn!(call_id, "the bank's agent failed: {cause}");
            if sifted.said.is_empty() {
                return Err(cause.as_read_failure());
            }
            // Whoever was asked to hold on must not wait for more.
            append(&mut sifted.said, NO_MORE);
            Ok(sifted.said)
        }
    }
}

/// What may be said so far.
#[derive(Debug, Default)]
struct Sifted {
    said: String,
    left_out: u32,
}

impl Sifted {
    fn hear(&mut self, sentence: &str, aloud: &Aloud) -> ControlFlow<()> {
        let sentence = figures::without_figures(sentence);
        let Some(sentence) = sentence.filter(|sentence| !claims::claims(sentence)) else {
            self.left_out += 1;
            return ControlFlow::Continue(());
        };
        let words = |text: &str| text.split_whitespace().count();
        let is_first = self.said.is_empty();
        let fits = words(&self.said) + words(&sentence) <= WORDS_MAX;
        if !is_first && !fits || self.said.len() + 1 + sentence.len() > SPOKEN_BYTES_MAX {
            return ControlFlow::Break(());
        }
        append(&mut self.said, &sentence);
        // A first sentence that is too long is for the shaper to cut.
        if fits {
            aloud.say(&sentence);
        }
        ControlFlow::Continue(())
    }
}

/// What follows in a text behind the same words; none where it begins with others.
fn behind<'a>(text: &'a str, words: &str) -> Option<&'a str> {
    let mut words = words.chars().filter(|c| c.is_alphanumeric()).peekable();
    for (at, c) in text.char_indices() {
        if words.peek().is_none() {
            return Some(text[at..].trim_start_matches(|c: char| !c.is_alphanumeric()));
        }
        if c.is_alphanumeric() && !words.next()?.eq_ignore_ascii_case(&c) {
            return None;
        }
    }
    words.peek().is_none().then_some("")
}

fn append(said: &mut String, sentence: &str) {
    if !said.is_empty() {
        said.push(' ');
    }
    said.push_str(sentence);
}

#[cfg(test)]
mod tests {
    use super::super::listener::listen;
    use super::*;

    fn hear(sifted: &mut Sifted, sentence: &str) -> ControlFlow<()> {
        sifted.hear(sentence, &Aloud::default())
    }

    #[test]
    fn sentences_with_figures_are_left_out_and_the_rest_is_said() {
        let mut sifted = Sifted::default();
        for sentence in ["Hello.", "You have five dollars.", "It is 9.", "Goodbye."] {
            assert!(hear(&mut sifted, sentence).is_continue());
        }
        assert_eq!(
            (sifted.said.as_str(), sifted.left_out),
            ("Hello. Goodbye.", 2)
        );
    }

    #[test]
    fn an_answer_ends_before_it_is_too_long_to_be_spoken() {
        let mut sifted = Sifted::default();
        let sentence = format!("{}.", "word ".repeat(20).trim_end());
        assert!(hear(&mut sifted, &sentence).is_continue());
        assert!(hear(&mut sifted, &sentence).is_break());
        assert_eq!(sifted.said, sentence);
    }

    #[test]
    fn what_was_said_aloud_is_not_said_again_and_the_rest_is() {
        let (listener, mut attention) = listen();
        let aloud = Aloud {
            listener: Some(listener),
            said: Mutex::default(),
        };
        let mut sifted = Sifted::default();
        for sentence in ["We open early.", "It costs $5.", "Come by."] {
            assert!(sifted.hear(sentence, &aloud).is_continue());
        }
        assert_eq!(
            attention.sentences.try_recv().as_deref(),
            Ok("We open early.")
        );
        assert_eq!(attention.sentences.try_recv().as_deref(), Ok("Come by."));
        assert!(attention.sentences.try_recv().is_err());
        for (reply, rest) in [
            ("We open early. Come by. Shall I?", "Shall I?"),
            ("We open early. Come by.", ""),
            ("We open - early: come by", ""),
            ("We open early and come by.", "We open early and come by."),
            ("Otherwise said.", "Otherwise said."),
        ] {
            assert_eq!(aloud.unsaid(Reply::say(reply)).text, rest);
        }
    }
}
