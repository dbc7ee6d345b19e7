//! The bank's own agent for open questions.
//!
//! Sent once, since an answer of a language model costs; whether it comes whole or in events is the bank's choice. A failing
//! agent does not open the breaker: balances must not fall silent because small talk did. What it says moves no money.

use tokio::time::Instant;

use super::attempts::count;
use super::request::Request;
use super::transport::Answer;
use super::types::{Missing, OpenQuestion};
use super::wire::{applications, stream};
use super::{Backend, Error};

impl Backend {
    /// The agent's answer; none where the bank has no agent.
    ///
    /// # Errors
    /// [`Error`]; an answer that was cut short is one.
    pub async fn assistant(
        &self,
        question: &OpenQuestion,
        deadline: Instant,
    ) -> Result<Option<String>, Error> {
        let began = Instant::now();
        let body = applications::question(question);
        let request =
            Request::post("assistant", "/agent/reply", Missing::Endpoint, body).accepting_events();
        let transport = &self.inner.transport;
        let asked = transport
            .bounded(deadline, async {
                read(transport.begin(&request).await?).await
            })
            .await;
        count(request.operation, began, &asked);
        match asked {
            Ok(reply) => Ok(Some(reply)),
            Err(Error::NotFound(_) | Error::Status(404)) => Ok(None),
            Err(other) => Err(other),
        }
    }
}

async fn read(mut answer: Answer) -> Result<String, Error> {
    if !answer.is_events() {
        return applications::reply(&answer.rest().await?).map_err(Error::Unreadable);
    }
    let mut reply = stream::Reply::default();
    while !reply.is_done()
        && let Some(bytes) = answer.next().await?
    {
        reply.push(bytes.as_ref()).map_err(Error::Unreadable)?;
    }
    reply.finish().map_err(Error::Unreadable)
}
