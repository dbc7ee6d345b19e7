//! Components and revisions: what has decided, decides or was refused.
//!
//! Bytes are kept by digest and never changed. Which revision is active is said in `activations`.

use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _,
};
use serde_json::Value;

use super::proposals::LISTED_MAX;
use super::{Db, Error, entity};
use entity::{component, revision};

/// A component's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Component {
    /// sha-256 of the bytes, in hex.
    pub digest: String,
    /// The plugin's name when first seen.
    pub name: String,
    /// The file.
    pub bytes: Vec<u8>,
    /// When first seen.
    pub first_seen_ms: i64,
}

/// A revision.
#[derive(Debug, Clone, PartialEq)]
pub struct Revision {
    /// Its id.
    pub id: String,
    /// Stages, grants, settings and digests.
    pub manifest: Value,
    /// `candidate`, `validated`, `active`, `retired` or `failed`; a note of the one who wrote last.
    pub state: String,
    /// Why it failed, if it did.
    pub reason: Option<String>,
    /// When it was proposed.
    pub created_at_ms: i64,
}

impl Db {
    /// Keeps a component's bytes; a known digest is left as it is.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn save_component(&self, component: Component) -> Result<(), Error> {
        let row = component::ActiveModel {
            size: Set(i64::try_from(component.bytes.len()).unwrap_or(i64::MAX)),
            digest: Set(component.digest),
            name: Set(component.name),
            bytes: Set(component.bytes),
            first_seen_ms: Set(component.first_seen_ms),
        };
        let known = OnConflict::column(component::Column::Digest)
            .do_nothing()
            .to_owned();
        component::Entity::insert(row)
            .on_conflict(known)
            .exec_without_returning(&self.pools.single())
            .await?;
        Ok(())
    }

    /// The component with this digest.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn component(&self, digest: &str) -> Result<Option<Component>, Error> {
        let row = component::Entity::find_by_id(digest)
            .one(&self.pools.reader())
            .await?;
        Ok(row.map(|row| Component {
            digest: row.digest,
            name: row.name,
            bytes: row.bytes,
            first_seen_ms: row.first_seen_ms,
        }))
    }

    /// Whether this component is kept.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn has_component(&self, digest: &str) -> Result<bool, Error> {
        let found: Option<String> = component::Entity::find_by_id(digest)
            .select_only()
            .column(component::Column::Digest)
            .into_tuple()
            .one(&self.pools.reader())
            .await?;
        Ok(found.is_some())
    }

    /// Keeps a revision, or its new state and reason; a manifest that is known is never changed.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn save_revision(&self, revision: &Revision) -> Result<(), Error> {
        let row = revision::ActiveModel {
            id: Set(revision.id.clone()),
            manifest: Set(revision.manifest.to_string()),
            state: Set(revision.state.clone()),
            reason: Set(revision.reason.clone()),
            created_at_ms: Set(revision.created_at_ms),
        };
        let mut known = OnConflict::column(revision::Column::Id);
        known.update_columns([revision::Column::State, revision::Column::Reason]);
        revision::Entity::insert(row)
            .on_conflict(known)
            .exec_without_returning(&self.pools.single())
            .await?;
        Ok(())
    }

    /// The revision of this id.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn revision(&self, id: &str) -> Result<Option<Revision>, Error> {
        let row = revision::Entity::find_by_id(id)
            .one(&self.pools.reader())
            .await?;
        row.map(read).transpose()
    }

    /// Ids that begin so, newest first, not more than `limit`.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn revisions_beginning(&self, with: &str, limit: u64) -> Result<Vec<String>, Error> {
        let found = revision::Entity::find()
            .select_only()
            .column(revision::Column::Id)
            .filter(revision::Column::Id.starts_with(with))
            .order_by_desc(revision::Column::CreatedAtMs)
            .limit(limit)
            .into_tuple()
            .all(&self.pools.reader())
            .await?;
        Ok(found)
    }

    /// The newest revisions, newest first.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn revisions(&self, limit: u64) -> Result<Vec<Revision>, Error> {
        let rows = revision::Entity::find()
            .order_by_desc(revision::Column::CreatedAtMs)
            .limit(Ord::min(limit, LISTED_MAX))
            .all(&self.pools.reader())
            .await?;
        rows.into_iter().map(read).collect()
    }
}

pub(super) fn read(row: revision::Model) -> Result<Revision, Error> {
    Ok(Revision {
        manifest: serde_json::from_str(&row.manifest).map_err(|_| Error::Unreadable("manifest"))?,
        id: row.id,
        state: row.state,
        reason: row.reason,
        created_at_ms: row.created_at_ms,
    })
}
