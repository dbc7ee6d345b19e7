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
            Some(id) if active.ordered(since) == Some(&active.revision.id) => {
                now(Some((id, ordered(&active))))
            }
            Some(id) => {
                match tokio::time::timeout_at(deadline, self.next(id, since, &active)).await {
                    Ok(Ok(revision)) if revision.pin == Pin::Turn => now(None),
                    Ok(Ok(revision)) if active.ordered(since).is_some() => Taken {
                        activation: active.repinning.number,
                        repinned: (revision.id != id).then(|| Repinned {
                            from: id.to_owned(),
                            why: ordered(&active),
                        }),
                        revision,
                        keeps_pin: false,
                    },
                    Ok(Ok(revision)) => Taken {
                        revision,
                        activation: since,
                        repinned: None,
                        keeps_pin: true,
                    },
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
    async fn next(&self, id: &str, since: i64, active: &Active) -> Result<Arc<Revision>, Error> {
        let own = self.loaded(id).await;
        match (active.ordered(since), own) {
            (None, own) => own,
            (Some(_), Ok(own)) if own.pin == Pin::Turn => Ok(own),
            (Some(ordered), _) => self.loaded(ordered).await,
        }
    }

    /// The call has ended.
    pub fn release(&self, call_id: &str) {
        self.shared.shelf.release(call_id);
    }
}

fn ordered(active: &Active) -> String {
    format!("activated for live calls: {}", active.repinning.why)
}

fn lost(cause: &Error) -> String {
    format!("it cannot be loaded: {}", cause.sentence())
}
