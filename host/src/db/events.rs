//! The inbox: every event once, whatever was made of it.
//!
//! The key tells a repeat from a new event; the table's primary key decides, so that any number of deliveries to any number of
//! hosts make one row. Bodies come freed of PINs and are sealed with the key of their call.

use std::collections::HashMap;

use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _,
    QueryOrder as _,
};

use super::seal::{self, CallKey};
use super::{Db, Error, entity};
use entity::event::{ActiveModel, Column, Entity};

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
    /// Whether this event was kept before.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn has_event(&self, dedupe_key: &str) -> Result<bool, Error> {
        let found = Entity::find_by_id(dedupe_key)
            .one(&self.pools.reader())
            .await?;
        Ok(found.is_some())
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
                Ok(NewEvent {
                    body: key.open(&row.dedupe_key, &row.body)?,
                    dedupe_key: row.dedupe_key,
                    call_id: row.call_id,
                    event: row.event,
                    received_at_ms: row.received_at_ms,
                })
            })
            .collect()
    }
}

/// Whether the event was new.
pub(super) async fn insert(
    db: &impl ConnectionTrait,
    keys: &HashMap<String, CallKey>,
    event: &NewEvent,
) -> Result<bool, Error> {
    let key = keys
        .get(event.key_id())
        .ok_or(Error::Missing("key of this call"))?;
    let row = ActiveModel {
        dedupe_key: Set(event.dedupe_key.clone()),
        call_id: Set(event.call_id.clone()),
        event: Set(event.event.clone()),
        received_at_ms: Set(event.received_at_ms),
        body: Set(key.seal(&event.dedupe_key, &event.body)?),
    };
    let known = OnConflict::column(Column::DedupeKey)
        .do_nothing()
        .to_owned();
    let rows = Entity::insert(row)
        .on_conflict(known)
        .exec_without_returning(db)
        .await?;
    Ok(rows > 0)
}
