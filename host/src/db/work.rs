//! One write of the queue, and how a group of them is written in one transaction.
//!
//! Everything that has to be durable before a turn goes on is in here, the ledger's later steps included: one flush to disk then
//! serves the money of many calls. Opening a ledger row is not: it holds locks on what it counts.

use sea_orm::DatabaseTransaction;

use super::{Error, NewEvent, calls, effects, events, ledger, saves, seal, turns};
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

    /// Under which key a write is sealed.
    fn key_id(&self) -> Option<&str> {
        match self {
            Self::Save(call) => Some(&call.id),
            Self::End(ending) => Some(&ending.call_id),
            Self::Effect(had) => Some(&had.call.id),
            Self::Event(event) => Some(event.key_id()),
            Self::Record(record) => Some(&record.turn.call_id),
            Self::Applied(..) | Self::Sent { .. } | Self::Settled(..) | Self::Flush => None,
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
            Self::Settled(_, row) => Some(row.updated_at_ms),
            Self::Flush => None,
        }
    }
}

/// Calls first, so that an ending in the same group stands above them; then the rest, each kind in few statements.
pub(super) async fn write_all(
    db: &DatabaseTransaction,
    group: &[&Work],
) -> Result<Vec<bool>, Error> {
    let works = || group.iter().copied();
    let key_ids = works().filter_map(Work::key_id).collect();
    let now_ms = works().find_map(Work::moment_ms).unwrap_or_default();
    let keys = seal::keys(db, key_ids, now_ms).await?;
    saves::save_all(db, &keys, works().filter_map(Work::saved)).await?;
    turns::record_all(
        db,
        &keys,
        works().filter_map(|work| match work {
            Work::Record(record) => Some(&**record),
            _ => None,
        }),
    )
    .await?;
    let mut changed = Vec::with_capacity(group.len());
    for work in works() {
        changed.push(match work {
            Work::End(ending) => {
                saves::end(db, &keys, ending).await?;
                true
            }
            Work::Effect(had) => {
                effects::finish(db, &keys, had).await?;
                true
            }
            Work::Event(event) => events::insert(db, &keys, event).await?,
            Work::Applied(dedupe_key, at_ms) => events::applied(db, dedupe_key, *at_ms).await?,
            Work::Sent {
                id,
                is_repeatable,
                at_ms,
            } => ledger::sent(db, id, *is_repeatable, *at_ms).await?,
            Work::Settled(from, row) => ledger::settled(db, *from, row).await?,
            Work::Save(_) | Work::Record(_) | Work::Flush => true,
        });
    }
    Ok(changed)
}
