//! How a call is opened: the state machine's first steps, and whose call it is.
//!
//! What makes a call open (an event, a line, a function, a request) is the caller's business here.

use tokio::time::Instant;

use super::Orchestrator;
use super::held::Held;
use super::request::{CallFacts, Error};
use crate::call::Trust;
use crate::call::state::{self, Event};
use crate::caller::Owner;

impl Orchestrator {
    /// Opens the call and looks up its caller, where that has not happened yet.
    pub(super) async fn open(
        &self,
        held: &mut Held,
        facts: &CallFacts,
        now_ms: i64,
        deadline: Instant,
    ) -> Result<(), Error> {
        held.step(Event::Opened, "opening")?;
        held.learn(facts);
        let call = held.call();
        if call.user.is_none()
            && let Some(phone) = call.phone.clone()
        {
            match self.callers.find(&phone, now_ms, deadline).await? {
                Owner::Known(user) => {
                    call.user = Some(user);
                    call.trust = call.trust.max(Trust::Phone);
                }
                Owner::Stranger => {}
                Owner::Unasked => held.is_lookup_failed = true,
            }
        }
        if held.call().state == state::State::CallStarted {
            held.step(Event::ContextLoaded, "context")?;
        }
        Ok(())
    }

    /// Fills in the customer that a service names for one request. Without a call of the service's the request has a passing one
    /// of its own; with one, the call's customer and the named one must be the same.
    pub(super) async fn vouch(
        &self,
        held: &mut Held,
        user_id: &str,
        deadline: Instant,
    ) -> Result<(), Error> {
        if let Some(user) = &held.call().user {
            return if user.id == user_id {
                Ok(())
            } else {
                Err(Error::OtherUser)
            };
        }
        held.is_passing = held.is_new();
        let found = self.callers.by_id(user_id, deadline).await;
        let user = found
            .map_err(Error::BackendUnavailable)?
            .ok_or(Error::UnknownUser)?;
        held.step(Event::Opened, "request")?;
        if held.call().state == state::State::CallStarted {
            held.step(Event::ContextLoaded, "request")?;
        }
        held.call().user = Some(user);
        Ok(())
    }
}
