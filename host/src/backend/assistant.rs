//! The bank's own agent for open questions.
//!
//! Sent once, since an answer of a language model costs, and with a time budget of its own. Whether it comes whole or in events
//! is the bank's choice; either way it is handed on sentence by sentence, as soon as one is whole. A failing agent does not open
//! the breaker: balances must not fall silent because small talk did. What it says moves no money.

use std::ops::ControlFlow;
use std::time::Duration;

use tokio::time::Instant;

use super::attempts::count;
use super::request::Request;
use super::transport::Answer;
use super::types::{Agent, Missing, OpenQuestion};
use super::wire::{Garbage, applications, stream};
use super::{Backend, Error};
use crate::call::sentences::Sentences;

impl Backend {
    /// Asks the agent. `heard` gets each sentence and says whether that is enough.
    ///
    /// # Errors
    /// [`Error`]; an answer that was cut short is one, and what came of it before was whole and stands.
    pub async fn assistant(
        &self,
        question: &OpenQuestion,
        deadline: Instant,
        heard: &mut (dyn FnMut(String) -> ControlFlow<()> + Send),
    ) -> Result<Agent, Error> {
        if !self.inner.settings.assistant {
            return Ok(Agent::Absent);
        }
        let began = Instant::now();
        let budget = Duration::from_millis(self.inner.settings.assistant_ms);
        let body = applications::question(question);
        let request =
            Request::post("assistant", "/agent/reply", Missing::Endpoint, body).accepting_events();
        let transport = &self.inner.transport;
        let asked = transport
            .bounded(deadline.min(began + budget), async {
                hear(transport.begin(&request).await?, heard).await
            })
            .await;
        count(request.operation, began, &asked);
        match asked {
            Ok(()) => Ok(Agent::Answered),
            Err(Error::NotFound(_) | Error::Status(404 | 405 | 501)) => Ok(Agent::Absent),
            Err(other) => Err(other),
        }
    }
}

async fn hear(
    mut answer: Answer,
    heard: &mut (dyn FnMut(String) -> ControlFlow<()> + Send),
) -> Result<(), Error> {
    let mut sentences = Sentences::default();
    let mut has_text = false;
    if answer.is_events() {
        let mut events = stream::Events::default();
        while !events.is_done()
            && let Some(bytes) = answer.next().await?
        {
            let text = events.push(bytes.as_ref()).map_err(Error::Unreadable)?;
            has_text |= !text.trim().is_empty();
            for sentence in sentences.push(&text) {
                if heard(sentence).is_break() {
                    return Ok(());
                }
            }
        }
        events.finish().map_err(Error::Unreadable)?;
    } else {
        let text = applications::reply(&answer.rest().await?).map_err(Error::Unreadable)?;
        has_text = true;
        for sentence in sentences.push(&text) {
            if heard(sentence).is_break() {
                return Ok(());
            }
        }
    }
    if !has_text {
        return Err(Error::Unreadable(Garbage::Field("delta")));
    }
    if let Some(last) = sentences.finish() {
        let _ = heard(last);
    }
    Ok(())
}
