//! The rules of a turn: which plugins run, in which order, with which settings, and what their failures mean.
//!
//! A [`Revision`] is immutable; [`Pipeline`] holds those that calls may be decided by. Loading is all or nothing: a revision that
//! cannot be loaded whole is not loaded at all.

mod error;
mod loader;
mod manifest;
mod revision;
mod run;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, RwLock};

use arc_swap::ArcSwap;
use serde::Deserialize;

pub use error::Error;
pub use manifest::{Manifest, Pin};
pub use revision::{Revision, Stage};
pub use run::{Recorded, Run, Wanted};

use crate::db::{self, Db};
use crate::plugin::Engine;

/// Where the pipeline is read from.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The manifest.
    pub file: PathBuf,
    /// The folder of components.
    pub plugin_dir: PathBuf,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            file: "config/pipeline.toml".into(),
            plugin_dir: "plugins/dist".into(),
        }
    }
}

/// The revisions of this process: the active one, and those that calls are still pinned to.
#[derive(Debug)]
pub struct Pipeline {
    active: ArcSwap<Revision>,
    loaded: RwLock<HashMap<String, Arc<Revision>>>,
}

impl Pipeline {
    /// Loads the pipeline whole and makes it active.
    ///
    /// # Errors
    /// [`Error`] names the file, its digest and the reason.
    pub async fn load(settings: &Settings, engine: &Engine, sandbox: bool) -> Result<Self, Error> {
        let manifest = Manifest::read(&settings.file, sandbox)?;
        let revision = Arc::new(loader::load(manifest, &settings.plugin_dir, engine).await?);
        let loaded = RwLock::new(HashMap::from([(
            revision.id.clone(),
            Arc::clone(&revision),
        )]));
        Ok(Self {
            active: ArcSwap::new(revision),
            loaded,
        })
    }

    /// Keeps the active revision with its components in the database, so that what it decided can be decided again.
    ///
    /// # Errors
    /// The database's.
    pub async fn keep(&self, db: &Db, now_ms: i64) -> Result<(), db::Error> {
        let revision = self.active();
        for stage in &revision.stages {
            db.save_component(db::Component {
                digest: stage.digest.clone(),
                name: stage.name.clone(),
                bytes: stage.bytes.to_vec(),
                first_seen_ms: now_ms,
            })
            .await?;
        }
        db.save_revision(&db::Revision {
            id: revision.id.clone(),
            manifest: revision.content.clone(),
            state: "active".to_owned(),
            reason: None,
            created_at_ms: now_ms,
        })
        .await
    }

    /// What decides new calls.
    #[must_use]
    pub fn active(&self) -> Arc<Revision> {
        self.active.load_full()
    }

    /// What decides a call that is pinned to `pinned`: that revision, or, where it cannot be had or calls are not pinned, the
    /// active one.
    ///
    /// Invariant: taken once a turn, so no turn mixes two revisions (`no_turn_mixes_two_revisions`).
    #[must_use]
    pub fn revision_for(&self, pinned: Option<&str>) -> Arc<Revision> {
        let active = self.active();
        match (active.pin, pinned) {
            (Pin::Call, Some(id)) => self
                .loaded
                .read()
                .unwrap_or_else(std::sync::PoisonError::into_inner)
                .get(id)
                .cloned()
                .unwrap_or(active),
            _ => active,
        }
    }
}
