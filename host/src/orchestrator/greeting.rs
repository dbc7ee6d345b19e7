//! The first words on a line: said once a call, by name where the caller is known.
//!
//! A line that ends while they are being found has greeted nobody; the next one does.

use tokio::time::Instant;

use super::Orchestrator;
use super::held::e164;
use super::request::{CallFacts, Error};
use crate::call::state::State;

/// What a line begins with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Greeting {
    /// What is said; nothing where the caller was greeted before.
    pub words: String,
    /// The caller was promised to be told what came of money.
    pub is_promised: bool,
}

impl Greeting {
    fn of(words: String) -> Self {
        Self {
            words,
            is_promised: false,
        }
    }
}

impl Orchestrator {
    /// Opens a call whose line is there; gives what the line begins with, which is nothing where the caller was greeted before.
    /// `named` has a `{name}` in it and is taken where the caller is known. A number that nobody signed opens nothing, but may give
    /// a name. Where the line is over by then, nobody was greeted.
    ///
    /// # Errors
    /// [`Error::BadCallId`], the database's, and then nobody knows whether the caller was greeted; an ended call is not greeted and
    /// not opened.
    pub async fn greet(
        &self,
        facts: &CallFacts,
        (plain, named): (&str, &str),
        line_is_over: &(dyn Fn() -> bool + Sync),
        until: Instant,
    ) -> Result<Greeting, Error> {
        let now_ms = self.clock.now().unix_ms;
        let mut held = match self.hold(&facts.id, now_ms, until).await {
            Err(Error::Busy) => {
                let words = self.greeting_of_a_busy_call(&facts.id, plain).await?;
                return Ok(Greeting::of(words));
            }
            held => held?,
        };
        if held.call().state == State::CallEnded {
            self.discard(&mut held);
            return Err(Error::IllegalState {
                state: State::CallEnded.as_str(),
                command: "websocket",
            });
        }
        if let Err(cause) = self.open(&mut held, facts, now_ms, until).await {
            self.discard(&mut held);
            return Err(cause);
        }
        let is_promised = !held.call().promised.is_empty();
        if held.call().greeted {
            self.save(&mut held, now_ms).await?;
            return Ok(Greeting {
                words: String::new(),
                is_promised,
            });
        }
        let mut name = held.call().user.as_ref().and_then(|user| user.name.clone());
        if name.is_none()
            && let Some(number) = facts.phone.as_deref().and_then(e164)
        {
            let look = self.recognise(&number, until);
            let found = tokio::time::timeout_at(until, look).await.ok().flatten();
            name = found.and_then(|user| user.name);
        }
        let words = match name.as_deref().and_then(first_name) {
            Some(name) => named.replace("{name}", name),
            None => plain.to_owned(),
        };
        let call = held.call();
        call.greeted = !line_is_over();
        // "Sorry?" asks for it again.
        call.last_reply = Some(words.clone());
        self.save(&mut held, now_ms).await?;
        Ok(Greeting::of(words))
    }

    /// A turn, or an event, holds the call: what was saved of it says whether the caller was greeted.
    async fn greeting_of_a_busy_call(&self, call_id: &str, plain: &str) -> Result<String, Error> {
        let stored = self.db.call(call_id).await?;
        let is_under_way = stored.is_some_and(|call| call.greeted || call.turns > 0);
        Ok(if is_under_way {
            String::new()
        } else {
            plain.to_owned()
        })
    }
}

/// What a caller is called by, where it can be spoken.
fn first_name(name: &str) -> Option<&str> {
    let first = name.split_whitespace().next()?;
    let is_name = |c: char| c.is_alphabetic() || matches!(c, '-' | '\'' | '.');
    (first.chars().count() <= 40 && first.chars().all(is_name)).then_some(first)
}
