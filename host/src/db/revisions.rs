//! Components, revisions and activations: what decides, and since when.
//!
//! Bytes are kept by digest and never changed. The active revision is the one of the newest activation, in the order in which
//! the database numbered them.

use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use serde_json::Value;

use super::{Db, Error, entity};
use entity::{activation, component, revision};

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

/// A revision that was made the active one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activation {
    /// In the order of activation; 0 when it is being saved.
    pub number: i32,
    /// Which revision.
    pub revision: String,
    /// Who did it.
    pub who: String,
    /// Why.
    pub why: String,
    /// When.
    pub at_ms: i64,
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

    /// The newest revisions, newest first.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn revisions(&self, limit: u64) -> Result<Vec<Revision>, Error> {
        let rows = revision::Entity::find()
            .order_by_desc(revision::Column::CreatedAtMs)
            .limit(limit)
            .all(&self.pools.reader())
            .await?;
        rows.into_iter().map(read).collect()
    }

    /// Makes a saved revision the active one, and gives the number of that activation.
    ///
    /// # Errors
    /// [`Error::Missing`] for a revision that is not saved.
    pub async fn save_activation(&self, activation: &Activation) -> Result<i32, Error> {
        let by_id = revision::Column::Id.eq(&activation.revision);
        let marked = revision::Entity::update_many()
            .col_expr(revision::Column::State, Expr::value("active"))
            .filter(by_id)
            .exec(&self.pools.single())
            .await?;
        if marked.rows_affected == 0 {
            return Err(Error::Missing("revision"));
        }
        let row = activation::ActiveModel {
            id: NotSet,
            revision: Set(activation.revision.clone()),
            who: Set(activation.who.clone()),
            why: Set(activation.why.clone()),
            at_ms: Set(activation.at_ms),
        };
        let saved = activation::Entity::insert(row)
            .exec(&self.pools.single())
            .await?;
        Ok(saved.last_insert_id)
    }

    /// The newest activation and its revision; none before the first.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn active_revision(&self) -> Result<Option<(Activation, Revision)>, Error> {
        let newest = activation::Entity::find()
            .order_by_desc(activation::Column::Id)
            .one(&self.pools.reader())
            .await?;
        let Some(row) = newest else { return Ok(None) };
        let revision = self
            .revision(&row.revision)
            .await?
            .ok_or(Error::Missing("revision"))?;
        let activation = Activation {
            number: row.id,
            revision: row.revision,
            who: row.who,
            why: row.why,
            at_ms: row.at_ms,
        };
        Ok(Some((activation, revision)))
    }
}

fn read(row: revision::Model) -> Result<Revision, Error> {
    Ok(Revision {
        manifest: serde_json::from_str(&row.manifest).map_err(|_| Error::Unreadable("manifest"))?,
        id: row.id,
        state: row.state,
        reason: row.reason,
        created_at_ms: row.created_at_ms,
    })
}
