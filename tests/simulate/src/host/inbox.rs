//! The way of an event of the provider's through a host: its effect first, then the key that makes it the only one.
//!
//! A host that dies in between lets the repeat have the effect, which the call's machine takes for no other one.

use orchestrator::call::State as CallState;
use orchestrator::call::state::{self, Verdict};

use super::{LOCK_PAUSE_MS, Work, lock, soon, unlock};
use crate::outside;
use crate::world::{Flaw, World};

pub(super) fn heard(world: &mut World, host: usize, event: usize) {
    let call = world.deliveries[event].call.clone();
    if !lock(world, host, &call) {
        return world.later(host, LOCK_PAUSE_MS, Work::Heard { event });
    }
    if world.flaw == Some(Flaw::AcknowledgesFirst) {
        let key = world.deliveries[event].key.clone();
        if world.transact(|store| store.inbox.insert(key)).is_ok() {
            outside::acknowledge(world, event);
        }
    }
    soon(world, host, Work::Effect { event });
}

pub(super) fn effect(world: &mut World, host: usize, event: usize) {
    let delivery = world.deliveries[event].clone();
    let now_ms = world.agenda.now_ms();
    let done = world.transact(|store| {
        if store.inbox.contains(&delivery.key) {
            return Some(true);
        }
        let stored = store.calls.get(&delivery.call);
        let read = stored.map(|call| call.version);
        let state = stored.map_or(CallState::AwaitingCall, |call| call.state);
        let after = match state::apply(state, delivery.told.event()) {
            Verdict::Moved(to) => to,
            Verdict::Unchanged | Verdict::Illegal => state,
        };
        let is_saved = store.save_call(&delivery.call, after, read, now_ms);
        if delivery.is_analysis()
            && let Some(call) = store.calls.get_mut(&delivery.call)
        {
            call.has_analysis = true;
        }
        is_saved.then_some(false)
    });
    match done {
        Ok(Some(true)) => {
            unlock(world, host, &delivery.call);
            outside::acknowledge(world, event);
        }
        Ok(Some(false)) => soon(world, host, Work::Keep { event }),
        Ok(None) | Err(_) => unlock(world, host, &delivery.call),
    }
}

pub(super) fn keep(world: &mut World, host: usize, event: usize) {
    let delivery = world.deliveries[event].clone();
    let kept = world.transact(|store| store.inbox.insert(delivery.key));
    unlock(world, host, &delivery.call);
    if kept.is_ok() {
        outside::acknowledge(world, event);
    }
}
