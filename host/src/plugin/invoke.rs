//! Invoking one plugin once: a place in its part of the pool and in the pool, a fresh instance, the phase's export, the answer checked.
//!
//! One method a phase; each takes the domain's types and gives them back, or says how the invocation failed.

use tokio::sync::{Semaphore, SemaphorePermit};
use wasmtime::Store;

use super::convert;
use super::error::Error;
use super::export::Export;
use super::fuel;
use super::instance::{self, Scope, State};
use super::load::Plugin;
use super::routed::Routed;
use crate::call::{Decision, Intent, Outcome, Reply, Turn};

impl Plugin {
    /// Asks a router.
    ///
    /// # Errors
    /// [`Error`]; a plugin of another phase has no such export, which is [`Error::Implausible`].
    pub async fn route(&self, scope: Scope, turn: &Turn) -> Result<Routed, Error> {
        let Export::Router(ref pre, ref entry) = self.export else {
            return Err(wrong_phase("route"));
        };
        let turn = convert::turn(turn);
        self.within(scope, async |store| {
            let linked = pre.instance_pre();
            entry.call(linked, store, (&turn,)).await
        })
        .await
        .and_then(|(routed,)| convert::routed(routed).map_err(Error::BadAnswer))
    }

    /// Asks a policy.
    ///
    /// # Errors
    /// As [`Self::route`].
    pub async fn decide(
        &self,
        scope: Scope,
        turn: &Turn,
        intent: &Intent,
    ) -> Result<Decision, Error> {
        let Export::Policy(ref pre, ref entry) = self.export else {
            return Err(wrong_phase("decide"));
        };
        let (turn, intent) = (convert::turn(turn), convert::intent_to_guest(intent));
        self.within(scope, async |store| {
            let linked = pre.instance_pre();
            entry.call(linked, store, (&turn, &intent)).await
        })
        .await
        .and_then(|(decision,)| convert::decision(decision).map_err(Error::BadAnswer))
    }

    /// Lets an action happen.
    ///
    /// # Errors
    /// As [`Self::route`].
    pub async fn fulfil(
        &self,
        scope: Scope,
        turn: &Turn,
        intent: &Intent,
    ) -> Result<Outcome, Error> {
        let Export::Action(ref pre, ref entry) = self.export else {
            return Err(wrong_phase("fulfil"));
        };
        let (turn, intent) = (convert::turn(turn), convert::intent_to_guest(intent));
        self.within(scope, async |store| {
            let linked = pre.instance_pre();
            entry.call(linked, store, (&turn, &intent)).await
        })
        .await
        .and_then(|(outcome,)| convert::outcome(outcome).map_err(Error::BadAnswer))
    }

    /// Puts an outcome into words.
    ///
    /// # Errors
    /// As [`Self::route`].
    pub async fn shape(
        &self,
        scope: Scope,
        turn: &Turn,
        outcome: &Outcome,
        draft: &Reply,
    ) -> Result<Reply, Error> {
        let Export::Shaper(ref pre, ref entry) = self.export else {
            return Err(wrong_phase("shape"));
        };
        let turn = convert::turn(turn);
        let (outcome, draft) = (
            convert::outcome_to_guest(outcome),
            convert::reply_to_guest(draft),
        );
        self.within(scope, async |store| {
            let linked = pre.instance_pre();
            entry.call(linked, store, (&turn, &outcome, &draft)).await
        })
        .await
        .and_then(|(reply,)| convert::reply(reply).map_err(Error::BadAnswer))
    }

    /// Runs one invocation in a fresh store, inside the turn's deadline, and reads how it ended.
    pub(super) async fn within<T, F>(&self, scope: Scope, body: F) -> Result<T, Error>
    where
        F: AsyncFnOnce(&mut Store<State>) -> wasmtime::Result<T>,
    {
        let turn_deadline = scope.turn_deadline;
        // Its own part first: who waits for that keeps nobody else waiting.
        let share = place(turn_deadline, &self.share.places).await?;
        let place = place(turn_deadline, &self.engine.places).await?;
        let mut store = instance::store(&self.engine, &self.name, self.limits, &self.share, scope);
        let ended = tokio::time::timeout_at(turn_deadline, body(&mut store))
            .await
            .map_err(|_| Error::TurnDeadlineExceeded)?;
        fuel::count(&self.engine, &store);
        let answer = ended.map_err(|cause| store.data_mut().explain(&cause));
        drop(store);
        drop(place);
        drop(share);
        answer
    }
}

/// Waits for a place until the turn's time is up.
async fn place(
    turn_deadline: tokio::time::Instant,
    places: &Semaphore,
) -> Result<SemaphorePermit<'_>, Error> {
    // Nearly always: a timer costs more than the place.
    if let Ok(place) = places.try_acquire() {
        return Ok(place);
    }
    let place = tokio::time::timeout_at(turn_deadline, places.acquire())
        .await
        .map_err(|_| Error::NoPlace)?;
    Ok(place.expect("the semaphore is never closed"))
}

fn wrong_phase(phase: &'static str) -> Error {
    Error::Implausible(format!("it has no export for phase `{phase}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_waits_for_a_place_beyond_the_turns_end_is_told_that_there_was_none() {
        let places = Semaphore::new(1);
        let now = tokio::time::Instant::now();
        let held = place(now, &places).await.expect("a free place");
        let waited = place(now, &places).await.expect_err("it is taken");
        assert_eq!(waited.kind(), "no_place");
        drop(held);
        assert!(place(now, &places).await.is_ok());
    }
}
