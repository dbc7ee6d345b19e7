//! The inbox: every event once, whatever was made of it, and whether it has had its effect.
//!
//! The key tells a repeat from a new event; the table's primary key decides, so that any number of deliveries to any number of
//! hosts make one row. Bodies come freed of PINs and are sealed with the key of their call.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::RangeInclusive;

use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _,
};

use super::portions::portions;
use super::seal::{self, CallKey};
use super::{Db, Error, each, entity};
use entity::event::{ActiveModel, Column, Entity, Model};

/// Keys of one look; no host has so many calls that wait.
const WAITING_MAX: u64 = 100_000;

/// An event as it came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent {
    /// Equal for repeats, different for everything else.
    pub dedupe_key: String,
    /// The call, where the event names one.
    pub call_id: Option<String>,
    /// The provider's word, `call_started`.
    pub event: String,
    /// The body, freed of PINs.
    pub body: Vec<u8>,
    /// When it came.
    pub received_at_ms: i64,
    /// When it had its effect; none while it waits for it.
    pub applied_at_ms: Option<i64>,
}

/// Whether an event is new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inserted {
    /// Now durable, for the first time.
    Inserted,
    /// Known already: no second effect.
    Duplicate,
}

impl NewEvent {
    /// What its body is sealed under: its call, or itself.
    pub(super) fn key_id(&self) -> &str {
        self.call_id.as_deref().unwrap_or(&self.dedupe_key)
    }
}

impl Db {
    /// Whether this event is kept and has not had its effect.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn is_event_waiting(&self, dedupe_key: &str) -> Result<bool, Error> {
        let found = Entity::find_by_id(dedupe_key)
            .filter(Column::AppliedAtMs.is_null())
            .one(&self.pools.reader())
            .await?;
        Ok(found.is_some())
    }

    /// The keys of events that came between these moments and wait for their effect, oldest first.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn waiting_events(
        &self,
        received_ms: RangeInclusive<i64>,
    ) -> Result<Vec<String>, Error> {
        Ok(Entity::find()
            .select_only()
            .column(Column::DedupeKey)
            .filter(Column::AppliedAtMs.is_null())
            .filter(Column::ReceivedAtMs.between(*received_ms.start(), *received_ms.end()))
            .order_by_asc(Column::ReceivedAtMs)
            .limit(WAITING_MAX)
            .into_tuple()
            .all(&self.pools.reader())
            .await?)
    }

    /// Events by their keys, oldest first; without a body where it was erased or cannot be read.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn events_by_key(&self, keys: Vec<String>) -> Result<Vec<NewEvent>, Error> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let db = &self.pools.reader();
        let rows = Entity::find()
            .filter(Column::DedupeKey.is_in(keys))
            .order_by_asc(Column::ReceivedAtMs)
            .all(db)
            .await?;
        let sealed = rows.into_iter().map(|mut row| {
            let body = std::mem::take(&mut row.body);
            kept(row, body)
        });
        let mut events: Vec<NewEvent> = sealed.collect();
        let sealed_by = seal::known(db, events.iter().map(NewEvent::key_id)).await?;
        for event in &mut events {
            let opened = match sealed_by.get(event.key_id()) {
                Some(key) => key.open(&event.dedupe_key, &event.body),
                None => Ok(Vec::new()),
            };
            // One that cannot be read must not keep the others from their effects.
            event.body = opened.unwrap_or_else(|cause| {
                let (call_id, name) = (event.call_id.as_deref(), &event.event);
                tracing::error!(call_id, event = name, "an event has no effect: {cause}");
                Vec::new()
            });
        }
        Ok(events)
    }

    /// The events of a call with their bodies, oldest first; nothing after erasure.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn events_of(&self, call_id: &str) -> Result<Vec<NewEvent>, Error> {
        let db = &self.pools.reader();
        let Some(key) = seal::key(db, call_id).await? else {
            return Ok(Vec::new());
        };
        let rows = Entity::find()
            .filter(Column::CallId.eq(call_id))
            .order_by_asc(Column::ReceivedAtMs)
            .order_by_asc(Column::DedupeKey)
            .all(db)
            .await?;
        rows.into_iter()
            .map(|row| {
                let body = key.open(&row.dedupe_key, &row.body)?;
                Ok(kept(row, body))
            })
            .collect()
    }
}

fn kept(row: Model, body: Vec<u8>) -> NewEvent {
    NewEvent {
        body,
        dedupe_key: row.dedupe_key,
        call_id: row.call_id,
        event: row.event,
        received_at_ms: row.received_at_ms,
        applied_at_ms: row.applied_at_ms,
    }
}

/// Keeps when events had their effect, each named once; the first moment stays. Those that waited for it.
pub(super) async fn applied(
    db: &impl ConnectionTrait,
    events: BTreeMap<&str, i64>,
) -> Result<HashSet<String>, Error> {
    let mut applied = HashSet::new();
    for portion in portions(events.into_iter().collect()) {
        let given = |(key, at_ms): (&str, i64)| vec![key.into(), at_ms.into()];
        let rows = portion.into_iter().map(given);
        let mut update = each::update(Entity, Column::DedupeKey, [Column::AppliedAtMs], rows);
        update.and_where(Expr::col((Entity, Column::AppliedAtMs)).is_null());
        applied.extend(each::changed(db, Column::DedupeKey, &update).await?);
    }
    Ok(applied)
}

/// Keeps events, of those with the same key the first; the keys of those that are new.
pub(super) async fn insert(
    db: &impl ConnectionTrait,
    keys: &HashMap<String, CallKey>,
    events: impl Iterator<Item = &NewEvent>,
) -> Result<HashSet<String>, Error> {
    let mut rows = Vec::new();
    for event in events {
        rows.push(row(keys, event)?);
    }
    each::insert(db, Column::DedupeKey, rows).await
}

fn row(keys: &HashMap<String, CallKey>, event: &NewEvent) -> Result<ActiveModel, Error> {
    let key = keys
        .get(event.key_id())
        .ok_or(Error::Missing("key of this call"))?;
    Ok(ActiveModel {
        dedupe_key: Set(event.dedupe_key.clone()),
        call_id: Set(event.call_id.clone()),
        event: Set(event.event.clone()),
        received_at_ms: Set(event.received_at_ms),
        body: Set(key.seal(&event.dedupe_key, &event.body)?),
        applied_at_ms: Set(event.applied_at_ms),
    })
}
