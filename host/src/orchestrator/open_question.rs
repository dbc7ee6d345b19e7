//! An open question: the bank's own agent is asked, and its answer sifted before anybody hears it.
//!
//! Invariant: no figure of the agent's is spoken (`no_figure_survives_whatever_stands_around_it`): what a plugin gets here has gone
//! through `call::figures`, sentence by sentence. The agent moves nothing: it is asked by text and answers with text.

use std::ops::ControlFlow;

use super::scope::TurnScope;
use crate::backend::{Agent, OpenQuestion};
use crate::call::bounds::SPOKEN_BYTES_MAX;
use crate::call::{Failure, figures};

impl TurnScope {
    /// What may be said of the agent's answer. Where it fails half-way, the sentences that were whole by then.
    ///
    /// # Errors
    /// [`Failure::Unsupported`] where there is no agent, or none whose language can be sifted; [`Failure::NotFound`] where nothing of
    /// the answer may be said.
    pub(super) async fn open_answer(&self, question: &str) -> Result<String, Failure> {
        // Number words are known in English only; an answer in another language could not be vouched for.
        if !self.language.starts_with("en") {
            return Err(Failure::Unsupported);
        }
        let asked = OpenQuestion {
            call_id: self.call_id.clone(),
            user_id: self.user.as_ref().map(|user| user.id.clone()),
            question: question.to_owned(),
            transcript: self.transcript.clone(),
        };
        let mut sifted = Sifted::default();
        let answered = self
            .backend
            .assistant(&asked, self.deadline, &mut |sentence| {
                sifted.hear(&sentence)
            })
            .await;
        if sifted.left_out > 0 {
            tracing::info!(
                call_id = self.call_id,
                left_out = sifted.left_out,
                "sentences of the bank's agent with figures were not spoken"
            );
        }
        match answered {
            Ok(Agent::Absent) => Err(Failure::Unsupported),
            Ok(Agent::Answered) if sifted.said.is_empty() => {
                Err(Failure::NotFound("answer".to_owned()))
            }
            Ok(Agent::Answered) => Ok(sifted.said),
            Err(cause) => {
                tracing::warn!(call_id = self.call_id, "the bank's agent failed: {cause}");
                if sifted.said.is_empty() {
                    Err(cause.as_read_failure())
                } else {
                    Ok(sifted.said)
                }
            }
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
    fn hear(&mut self, sentence: &str) -> ControlFlow<()> {
        let Some(sentence) = figures::without_figures(sentence) else {
            self.left_out += 1;
            return ControlFlow::Continue(());
        };
        if self.said.len() + 1 + sentence.len() > SPOKEN_BYTES_MAX {
            return ControlFlow::Break(());
        }
        if !self.said.is_empty() {
            self.said.push(' ');
        }
        self.said.push_str(&sentence);
        ControlFlow::Continue(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_with_figures_are_left_out_and_the_rest_is_said() {
        let mut sifted = Sifted::default();
        for sentence in ["Hello.", "You have five dollars.", "It is 9.", "Goodbye."] {
            assert!(sifted.hear(sentence).is_continue());
        }
        assert_eq!(
            (sifted.said.as_str(), sifted.left_out),
            ("Hello. Goodbye.", 2)
        );
    }

    #[test]
    fn an_answer_ends_before_it_is_too_long_to_be_spoken() {
        let mut sifted = Sifted::default();
        let sentence = format!("{}.", "word ".repeat(60).trim_end());
        assert!(sifted.hear(&sentence).is_continue());
        assert!(sifted.hear(&sentence).is_break());
        assert_eq!(sifted.said, sentence);
    }
}
