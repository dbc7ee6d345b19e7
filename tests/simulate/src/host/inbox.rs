//! The way of an event of the provider's through a host: it is kept first, and then has its effect, with which it is
//! kept that it had.
//!
//! What is kept is taken, whatever becomes of the host: `patrol` finds what waits.

use orchestrator::call::State as CallState;
use orchestrator::call::state::{self, Verdict};

use super::{LOCK_PAUSE_MS, Work, lock, soon, unlock};
use crate::outside;
use crate::store::Kept;
use crate::world::{Flaw, World};

/// How long a delivery waits for its call.
const EFFECT_WITHIN_MS: i64 = 5_000;

/// An event on its way to its effect.
#[derive(Debug, Clone, Copy)]
pub struct Way {
    /// Which.
    pub event: usize,
    /// Until when its call is waited for.
    until_ms: i64,
    /// The provider waits for the answer.
    is_delivery: bool,
}

impl Way {
    /// Of an event that was found waiting.
    pub fn found(world: &World, event: usize) -> Self {
        Self::begin(world, event, false)
    }

    fn begin(world: &World, event: usize, is_delivery: bool) -> Self {
        Self {
            event,
            until_ms: world.agenda.now_ms() + EFFECT_WITHIN_MS,
            is_delivery,
        }
    }

    fn over(self, world: &mut World) {
        if self.is_delivery {
            outside::acknowledge(world, self.event);
        }
    }
}

pub(super) fn heard(world: &mut World, host: usize, event: usize) {
    let now_ms = world.agenda.now_ms();
    let key = world.deliveries[event].key.clone();
    if world.flaw == Some(Flaw::AcknowledgesFirst) {
        outside::acknowledge(world, event);
    }
    let kept = world.transact(|store| {
        let kept = store.inbox.entry(key).or_insert(Kept {
            event,
            received_ms: now_ms,
            is_applied: false,
        });
        kept.is_applied
    });
    match kept {
        Ok(true) => outside::acknowledge(world, event),
        Ok(false) => {
            let way = Way::begin(world, event, true);
            soon(world, host, Work::Effect(way));
        }
        Err(_) => {}
    }
}

pub(super) fn effect(world: &mut World, host: usize, way: Way) {
    let call = world.deliveries[way.event].call.clone();
    if lock(world, host, &call) {
        return soon(world, host, Work::Apply(way));
    }
    if world.agenda.now_ms() + LOCK_PAUSE_MS > way.until_ms {
        return way.over(world);
    }
    world.later(host, LOCK_PAUSE_MS, Work::Effect(way));
}

pub(super) fn apply(world: &mut World, host: usize, way: Way) {
    let delivery = world.deliveries[way.event].clone();
    let now_ms = world.agenda.now_ms();
    let _ = world.transact(|store| {
        if store
            .inbox
            .get(&delivery.key)
            .is_some_and(|kept| kept.is_applied)
        {
            return;
        }
        let stored = store.calls.get(&delivery.call);
        let read = stored.map(|call| call.version);
        let state = stored.map_or(CallState::AwaitingCall, |call| call.state);
        let after = match state::apply(state, delivery.told.event()) {
            Verdict::Moved(to) => to,
            Verdict::Unchanged | Verdict::Illegal => state,
        };
        if !store.save_call(&delivery.call, after, read, now_ms) {
            return;
        }
        if delivery.is_analysis()
            && let Some(call) = store.calls.get_mut(&delivery.call)
        {
            call.has_analysis = true;
        }
        if let Some(kept) = store.inbox.get_mut(&delivery.key) {
            kept.is_applied = true;
        }
    });
    unlock(world, host, &delivery.call);
    way.over(world);
}
