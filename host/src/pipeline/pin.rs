//! Which revision decides this turn of this call.
//!
//! A call keeps the rules it began with until it ends, across restarts and hosts: the call's row names them, and the database has
//! all that is needed to load them. Only three things move it: rules that say `pin = "turn"`, an operator's `--now`, to just what
//! was ordered, and a revision that cannot be had any more; the last two are in the record. A turn that cannot wait for its rules
//! is decided by the active ones, and the call stays pinned.

use std::sync::Arc;

use super::active::Active;
use super::manifest::Pin;
use super::revision::Revision;
use super::{Error, Pipeline};
use crate::call::record::Repinned;
use crate::db::Repinning;

/// What decides one turn.
#[derive(Debug, Clone)]
pub struct Taken {
    /// The rules.
    pub revision: Arc<Revision>,
    /// The activation that the call has now seen.
    pub activation: i64,
    /// Why it is not the revision that the call was pinned to.
    pub repinned: Option<Repinned>,
    /// The call stays pinned to what it was pinned to: that could not be had for a reason that passes.
    pub keeps_pin: bool,
}

impl Pipeline {
    /// The revision for the next turn of a call that is pinned to `pinned` since the activation `since`; it is kept loaded until
    /// [`Self::release`]. Gives up loading at the deadline, and takes the active one instead.
    ///
    /// Invariant: taken once a turn, so no turn mixes two revisions (`no_turn_mixes_two_revisions`).
    pub async fn take(
        &self,
        call_id: &str,
        pinned: Option<&str>,
        since: i64,
        deadline: tokio::time::Instant,
    ) -> Taken {
        let active = self.active();
        let newest = active.activation.number;
        let now = |why: Option<(&str, String)>| Taken {
            revision: Arc::clone(&active.revision),
            activation: newest,
            repinned: why.map(|(from, why)| Repinned {
                from: from.to_owned(),
                why,
            }),
            keeps_pin: false,
        };
        let meanwhile = |from: &str, why: String| Taken {
            keeps_pin: true,
            ..now(Some((from, why)))
        };
        let taken = match pinned {
            None => now(None),
            Some(id) if id == active.revision.id => now(None),
            // Nothing has to be loaded.
            Some(id) if leads_to_the_active(active.ordered(id, since), &active) => {
                now(active.ordered(id, since).map(|order| (id, ordered(order))))
            }
            Some(id) => {
                let order = active.ordered(id, since);
                match tokio::time::timeout_at(deadline, self.next(id, order)).await {
                    Ok(Ok(revision)) if revision.pin == Pin::Turn => now(None),
                    Ok(Ok(revision)) => taken_by_pin(id, since, revision, order),
                    Ok(Err(cause)) if cause.is_passing() => meanwhile(id, lost(&cause)),
                    Ok(Err(cause)) => now(Some((id, lost(&cause)))),
                    // It goes on being loaded, for the next turn.
                    Err(_) => meanwhile(id, "it is not loaded yet".to_owned()),
                }
            }
        };
        self.shared.shelf.hold(call_id, &taken.revision);
        taken
    }

    /// What a call that is pinned to `id` takes next: its own rules, or what was ordered since. Its own say first whether they last
    /// longer than a turn; where they cannot be asked, the order holds all the same.
    async fn next(&self, id: &str, order: Option<&Repinning>) -> Result<Arc<Revision>, Error> {
        let own = self.loaded(id).await;
        match (order, own) {
            (None, own) => own,
            (Some(_), Ok(own)) if own.pin == Pin::Turn => Ok(own),
            (Some(order), _) => self.loaded(&order.revision).await,
        }
    }

    /// The call has ended.
    pub fn release(&self, call_id: &str) {
        self.shared.shelf.release(call_id);
    }
}

fn leads_to_the_active(order: Option<&Repinning>, active: &Active) -> bool {
    order.is_some_and(|order| order.revision == active.revision.id)
}

/// Of a call that is pinned to `id`: its own rules, or those that were ordered for it.
fn taken_by_pin(id: &str, since: i64, revision: Arc<Revision>, order: Option<&Repinning>) -> Taken {
    Taken {
        activation: order.map_or(since, |order| order.number),
        repinned: order.filter(|_| revision.id != id).map(|order| Repinned {
            from: id.to_owned(),
            why: ordered(order),
        }),
        revision,
        keeps_pin: order.is_none(),
    }
}

fn ordered(order: &Repinning) -> String {
    let why = &order.why;
    match order.of {
        None => format!("activated for live calls: {why}"),
        Some(_) => format!("rolled back, for the calls that were on it too: {why}"),
    }
}

fn lost(cause: &Error) -> String {
    format!("it cannot be loaded: {}", cause.sentence())
}
