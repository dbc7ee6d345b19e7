//! One write of the queue, and how a group of them is written in one transaction.
//!
//! Everything that has to be durable before a turn goes on is in here, the ledger's later steps included: one flush to disk then
//! serves the money of many calls. Opening a ledger row is not: it holds locks on what it counts.

use std::collections::BTreeMap;

use sea_orm::DatabaseTransaction;

use super::{Error, Mark, NewEvent, calls, effects, events, ledger, saves, seal, turns};
use crate::call::Call;
use crate::call::record::DecisionRecord;
use crate::ledger::{Row, State};

/// One write.
#[derive(Debug)]
pub(super) enum Work {
    Save(Box<Call>),
    End(Box<calls::Ending>),
    Effect(Box<effects::Had>),
    Event(Box<NewEvent>),
    /// The event of this key had its effect then.
    Applied(String, i64),
    Record(Box<DecisionRecord>),
    /// The ledger row of this id goes to the bank now, if nobody has taken it there.
    Sent {
        id: String,
        is_repeatable: bool,
        at_ms: i64,
    },
    /// The ledger row as an event has left it, if it is still in this state.
    Settled(State, Box<Row>),
    /// A key that nobody may open any more, if nobody has opened it yet.
    TurnedAway(Box<Row>),
    /// Nothing to write: answered once all before it are durable.
    Flush,
}

impl Work {
    /// Which state of a call a write saves.
    pub(super) fn saved(&self) -> Option<&Call> {
        match self {
            Self::Save(call) => Some(call),
            Self::Effect(had) => Some(&had.call),
            _ => None,
        }
    }

    /// Which turn it records.
    fn recorded(&self) -> Option<&DecisionRecord> {
        match self {
            Self::Record(record) => Some(record),
            _ => None,
        }
    }

    /// Which end of a call it keeps.
    fn ending(&self) -> Option<&calls::Ending> {
        match self {
            Self::End(ending) => Some(ending),
            Self::Effect(had) => had.ending.as_ref(),
            _ => None,
        }
    }

    /// Which event it keeps.
    fn event(&self) -> Option<&NewEvent> {
        match self {
            Self::Event(event) => Some(event),
            Self::Effect(had) => match &had.mark {
                Mark::New(event) => Some(event),
                Mark::Waiting(_) => None,
            },
            _ => None,
        }
    }

    /// The event of which key had its effect when.
    fn applied(&self) -> Option<(&str, i64)> {
        match self {
            Self::Applied(key, at_ms) => Some((key, *at_ms)),
            Self::Effect(had) => match &had.mark {
                Mark::Waiting(key) => Some((key, had.at_ms)),
                Mark::New(_) => None,
            },
            _ => None,
        }
    }

    /// Which ledger row goes to the bank, whether it may be repeated there, and when.
    fn sent(&self) -> Option<(&str, bool, i64)> {
        match self {
            Self::Sent {
                id,
                is_repeatable,
                at_ms,
            } => Some((id, *is_repeatable, *at_ms)),
            _ => None,
        }
    }

    /// Which ledger row moves, and from where.
    fn settled(&self) -> Option<(State, &Row)> {
        match self {
            Self::Settled(from, row) => Some((*from, row)),
            _ => None,
        }
    }

    /// Which ledger key nobody may open any more.
    fn turned_away(&self) -> Option<&Row> {
        match self {
            Self::TurnedAway(row) => Some(row),
            _ => None,
        }
    }

    /// Under which key a write is sealed.
    fn key_id(&self) -> Option<&str> {
        match self {
            Self::Save(call) => Some(&call.id),
            Self::End(ending) => Some(&ending.call_id),
            Self::Effect(had) => Some(&had.call.id),
            Self::Event(event) => Some(event.key_id()),
            Self::Record(record) => Some(&record.turn.call_id),
            Self::Applied(..)
            | Self::Sent { .. }
            | Self::Settled(..)
            | Self::TurnedAway(_)
            | Self::Flush => None,
        }
    }

    fn moment_ms(&self) -> Option<i64> {
        match self {
            Self::Save(call) => Some(call.updated_at_ms),
            Self::End(ending) => Some(ending.at_ms),
            Self::Effect(had) => Some(had.at_ms),
            Self::Event(event) => Some(event.received_at_ms),
            Self::Record(record) => Some(record.at_ms),
            Self::Applied(_, at_ms) | Self::Sent { at_ms, .. } => Some(*at_ms),
            Self::Settled(_, row) | Self::TurnedAway(row) => Some(row.updated_at_ms),
            Self::Flush => None,
        }
    }
}

/// Calls first, so that an ending in the same group stands above them; then the rest, each kind in few statements. Of several writes of
/// one kind to one row the first counts, and the others have changed nothing.
///
/// A call that was overtaken is told so by itself: one host's late turns must not hold up whatever is committed with them
/// (`what_was_overtaken_undoes_nothing_beside_it`).
///
/// # Errors
/// What keeps all of it from being committed; [`Error::Stale`] where an event would have its effect on a call that was overtaken.
pub(super) async fn write_all(
    db: &DatabaseTransaction,
    group: &[&Work],
) -> Result<Vec<Result<bool, Error>>, Error> {
    let works = || group.iter().copied();
    let key_ids = works().filter_map(Work::key_id).collect();
    let now_ms = works().find_map(Work::moment_ms).unwrap_or_default();
    let keys = seal::keys(db, key_ids, now_ms).await?;
    let stale = saves::save_all(db, &keys, works().filter_map(Work::saved)).await?;
    turns::record_all(db, &keys, works().filter_map(Work::recorded)).await?;
    for ending in works().filter_map(Work::ending) {
        saves::end(db, &keys, ending).await?;
    }
    let mut new = events::insert(db, &keys, works().filter_map(Work::event)).await?;
    let mut applied = BTreeMap::new();
    for (key, at_ms) in works().filter_map(Work::applied) {
        applied.entry(key).or_insert(at_ms);
    }
    let mut applied = events::applied(db, applied).await?;
    let mut sent = ledger::sent(db, works().filter_map(Work::sent).collect()).await?;
    let mut settled = ledger::settled(db, works().filter_map(Work::settled).collect()).await?;
    let mut turned = ledger::turned_away(db, works().filter_map(Work::turned_away)).await?;
    let changed = works().map(|work| {
        Ok(Ok(match work {
            Work::Save(call) if stale.contains(&call.id) => return Ok(Err(Error::Stale)),
            Work::Effect(had) if stale.contains(&had.call.id) => return Err(Error::Stale),
            Work::Event(event) => new.remove(&event.dedupe_key),
            Work::Applied(key, _) => applied.remove(key),
            Work::Sent { id, .. } => sent.remove(id),
            Work::Settled(_, row) => settled.remove(&row.id),
            Work::TurnedAway(row) => turned.remove(&row.key),
            Work::Effect(had) => match &had.mark {
                // Whoever thinks that it waits still was overtaken, whatever version of the call is theirs.
                Mark::Waiting(key) if !applied.remove(key) => return Err(Error::Stale),
                Mark::Waiting(_) => true,
                Mark::New(event) => {
                    new.remove(&event.dedupe_key);
                    true
                }
            },
            Work::Save(_) | Work::End(_) | Work::Record(_) | Work::Flush => true,
        }))
    });
    changed.collect()
}
