//! Invoking one plugin once: a place in the pool, a fresh instance, the phase's export, the answer checked.
//!
//! One method a phase; each takes the domain's types and gives them back, or says how the invocation failed.

use std::future::Future;

use wasmtime::Store;

use super::convert;
use super::error::Error;
use super::fuel;
use super::instance::{self, Scope, State};
use super::load::{Export, Plugin};
use super::routed::Routed;
use crate::call::{Decision, Intent, Outcome, Reply, Turn};

impl Plugin {
    /// Asks a router.
    ///
    /// # Errors
    /// [`Error`]; a plugin of another phase has no such export, which is [`Error::Implausible`].
    pub async fn route(&self, scope: Scope, turn: &Turn) -> Result<Routed, Error> {
        let Export::Router(ref pre) = self.export else {
            return Err(wrong_phase("route"));
        };
        let turn = convert::turn(turn);
        self.within(scope, async |store| {
            let guest = pre.instantiate_async(&mut *store).await?;
            guest.bank_voice_routing().call_route(store, &turn).await
        })
        .await
        .and_then(|routed| convert::routed(routed).map_err(Error::BadAnswer))
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
        let Export::Policy(ref pre) = self.export else {
            return Err(wrong_phase("decide"));
        };
        let (turn, intent) = (convert::turn(turn), convert::intent_to_guest(intent));
        self.within(scope, async |store| {
            let guest = pre.instantiate_async(&mut *store).await?;
            guest
                .bank_voice_policy()
                .call_decide(store, &turn, &intent)
                .await
        })
        .await
        .and_then(|decision| convert::decision(decision).map_err(Error::BadAnswer))
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
        let Export::Action(ref pre) = self.export else {
            return Err(wrong_phase("fulfil"));
        };
        let (turn, intent) = (convert::turn(turn), convert::intent_to_guest(intent));
        self.within(scope, async |store| {
            let guest = pre.instantiate_async(&mut *store).await?;
            guest
                .bank_voice_action()
                .call_fulfil(store, &turn, &intent)
                .await
        })
        .await
        .and_then(|outcome| convert::outcome(outcome).map_err(Error::BadAnswer))
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
        let Export::Shaper(ref pre) = self.export else {
            return Err(wrong_phase("shape"));
        };
        let turn = convert::turn(turn);
        let (outcome, draft) = (
            convert::outcome_to_guest(outcome),
            convert::reply_to_guest(draft),
        );
        self.within(scope, async |store| {
            let guest = pre.instantiate_async(&mut *store).await?;
            guest
                .bank_voice_shaping()
                .call_shape(store, &turn, &outcome, &draft)
                .await
        })
        .await
        .and_then(|reply| convert::reply(reply).map_err(Error::BadAnswer))
    }

    /// Runs one invocation in a fresh store, inside the turn's deadline, and reads how it ended.
    pub(super) async fn within<T, F>(&self, scope: Scope, body: F) -> Result<T, Error>
    where
        F: AsyncFnOnce(&mut Store<State>) -> wasmtime::Result<T>,
    {
        let turn_deadline = scope.turn_deadline;
        let place = in_time(turn_deadline, self.engine.places.acquire())
            .await?
            .expect("the semaphore is never closed");
        let mut store = instance::store(&self.engine, &self.name, self.limits, scope);
        let ended = in_time(turn_deadline, body(&mut store)).await?;
        fuel::count(&self.engine, &store);
        let answer = ended.map_err(|cause| store.data_mut().explain(&cause));
        drop(store);
        drop(place);
        answer
    }
}

async fn in_time<T>(
    deadline: tokio::time::Instant,
    work: impl Future<Output = T>,
) -> Result<T, Error> {
    tokio::time::timeout_at(deadline, work)
        .await
        .map_err(|_| Error::TurnDeadlineExceeded)
}

fn wrong_phase(phase: &'static str) -> Error {
    Error::Implausible(format!("it has no export for phase `{phase}`"))
}
