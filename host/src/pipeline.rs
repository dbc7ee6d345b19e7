//! The rules of a turn: which plugins run, in which order, with which settings, what their failures mean, and how they change while
//! calls are live.
//!
//! A [`Revision`] is immutable. Files propose one (`watch`, `snapshot`, `propose`), the database says which is active (`change`,
//! `follow`), and every call keeps the one it began with (`pin`, `shelf`). Loading is all or nothing: a revision that cannot be
//! loaded whole is not loaded at all, and a swap is the exchange of one pointer.

mod active;
mod again;
mod change;
mod error;
mod figures;
pub mod file;
mod follow;
mod halts;
mod history;
mod known;
mod loader;
mod manifest;
mod naming;
mod pin;
mod pinned;
mod propose;
mod reading;
mod recipe;
mod refusal;
mod registry;
mod rest;
mod revision;
mod run;
mod settle;
mod shelf;
mod snapshot;
mod status;
mod swap;
mod tally;
mod watch;
mod writers;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use arc_swap::ArcSwap;
use serde::Deserialize;

pub use active::Active;
pub use again::TakenBack;
pub use change::{Changed, Order};
pub use error::{BadSettings, Error, FilesError};
pub use halts::{HaltSwitch, Halts, Target};
pub use history::Difference;
pub use manifest::{Manifest, Pin};
pub use pin::Taken;
pub use pinned::Pinned;
pub use propose::{Candidate, Occasion};
pub use revision::{Revision, Stage};
pub use run::{Recorded, Run, Wanted};
pub use snapshot::Ignored;
pub use status::{History, Shown, Status};

use crate::db::Db;
use crate::plugin::Engine;
use follow::Followed;
use rest::Rest;
use shelf::Shelf;

/// Where rules are read from, and how changes are noticed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The manifest.
    pub file: PathBuf,
    /// The folder of components.
    pub plugin_dir: PathBuf,
    /// Whether changed files are taken while the host runs; otherwise only by SIGHUP or the admin surface.
    pub watch: bool,
    /// For so long nothing may change before the files are read.
    pub settle_ms: u64,
    /// How often the database is asked for what other hosts and operators changed.
    pub poll_ms: u64,
    /// When a turn ends, whatever a stage may: `turn.deadline_ms`, put here by whoever reads both.
    #[serde(skip)]
    pub turn_deadline_ms: Option<u64>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            file: "config/pipeline.toml".into(),
            plugin_dir: "plugins/dist".into(),
            watch: true,
            settle_ms: 10,
            poll_ms: 400,
            turn_deadline_ms: None,
        }
    }
}

impl Settings {
    /// The same with paths from the root on: what the system tells of files is told so.
    fn absolute(&self) -> Self {
        let absolute = |path: &PathBuf| std::path::absolute(path).unwrap_or_else(|_| path.clone());
        Self {
            file: absolute(&self.file),
            plugin_dir: absolute(&self.plugin_dir),
            ..self.clone()
        }
    }

    /// What types alone cannot tell.
    ///
    /// # Errors
    /// A sentence with the key, the value and what was expected.
    pub fn check(&self) -> Result<(), String> {
        for (key, value, least, most) in [
            ("settle_ms", self.settle_ms, 1, 500),
            // A halt has to reach every host within a second.
            ("poll_ms", self.poll_ms, 10, 800),
        ] {
            if !(least..=most).contains(&value) {
                return Err(format!(
                    "setting `pipeline.{key}` = {value}: expected {least} to {most}"
                ));
            }
        }
        Ok(())
    }
}

/// The rules of this process; once per process, cheap to clone.
#[derive(Debug, Clone)]
pub struct Pipeline {
    shared: Arc<Shared>,
}

struct Shared {
    settings: Settings,
    sandbox: bool,
    engine: Engine,
    db: Db,
    active: ArcSwap<Active>,
    shelf: Shelf,
    halts: HaltSwitch,
    /// What the folder showed last.
    proposed: Mutex<propose::Proposed>,
    /// How far the database was followed.
    followed: Mutex<Followed>,
    /// Who is at the files now.
    rest: Rest,
    /// One look at the files at a time.
    proposing: tokio::sync::Mutex<()>,
    /// One operator's order at a time, which does not wait for a candidate to compile.
    changing: tokio::sync::Mutex<()>,
    /// One exchange of the pointer at a time.
    installing: Mutex<()>,
    /// Revisions that are being loaded, each once for all who wait for it.
    loading: Mutex<HashMap<String, swap::Loading>>,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared")
            .field("active", &self.active.load().revision.id)
            .finish_non_exhaustive()
    }
}

impl Pipeline {
    /// Brings back what the database says is active; where it says nothing yet, the files become the first revision. Then looks
    /// whether the files have changed since they were last seen.
    ///
    /// # Errors
    /// [`Error`] names the file, its digest and the reason.
    pub async fn open(
        settings: &Settings,
        engine: &Engine,
        db: &Db,
        sandbox: bool,
    ) -> Result<Self, Error> {
        let settings = &settings.absolute();
        let (active, shelf) = match registry::stored(engine, db).await? {
            Some(stored) => stored,
            None => registry::first(settings, engine, db, sandbox).await?,
        };
        let pipeline = Self {
            shared: Arc::new(Shared {
                settings: settings.clone(),
                sandbox,
                engine: engine.clone(),
                db: db.clone(),
                active: ArcSwap::from_pointee(active),
                shelf,
                halts: HaltSwitch::default(),
                proposed: Mutex::default(),
                followed: Mutex::default(),
                rest: Rest::new(Duration::from_millis(settings.settle_ms)),
                proposing: tokio::sync::Mutex::default(),
                changing: tokio::sync::Mutex::default(),
                installing: Mutex::default(),
                loading: Mutex::default(),
            }),
        };
        figures::begin(&pipeline.active().revision);
        pipeline.catch_up().await?;
        if let Err(cause) = pipeline.propose(Occasion::Start).await {
            tracing::warn!("the files of the rules: {}", cause.sentence());
        }
        Ok(pipeline)
    }

    /// Loads what the files hold, for whoever only wants to know whether they are good.
    ///
    /// # Errors
    /// [`Error`] names the file, its digest and the reason.
    pub async fn check(
        settings: &Settings,
        engine: &Engine,
        sandbox: bool,
    ) -> Result<Arc<Revision>, Error> {
        registry::load_files(settings, engine, sandbox)
            .await
            .map(Arc::new)
    }

    /// What whoever compares revisions has to know: that these files make another one in a sandbox, or outside of it, and by which
    /// settings; none where they make the same.
    pub async fn other_revision(
        settings: &Settings,
        engine: &Engine,
        sandbox: bool,
    ) -> Option<String> {
        let here = registry::read(settings, engine, sandbox).await.ok()?;
        let there = registry::read(settings, engine, !sandbox).await.ok()?;
        let replaced = [&here, &there].map(|it| it.files.replaced()).concat();
        let (own, other) = (here.recipe.ok()?.id, there.recipe.ok()?.id);
        let place = if sandbox {
            "outside a sandbox"
        } else {
            "in a sandbox"
        };
        let replaced = replaced.join("; ");
        (own != other).then(|| {
            format!("{place} these files make {other}, since [stage.sandbox] replaces {replaced}")
        })
    }

    /// A sentence about each thing of the active rules that is no fault and counts for less than it says.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        self.notes_on(&self.active().revision)
    }

    fn notes_on(&self, revision: &Revision) -> Vec<String> {
        let turn_ms = self.settings().turn_deadline_ms;
        let stages = revision.stages.iter();
        stages
            .flat_map(|it| revision.notes_on(it, turn_ms))
            .collect()
    }

    /// Keeps up with files, other hosts and operators from now on.
    pub fn start(&self) {
        tokio::spawn(follow::run(self.clone()));
        tokio::spawn(pinned::run(self.clone()));
        tokio::spawn(watch::run(self.clone()));
    }

    /// What decides new calls, and since when.
    #[must_use]
    pub fn active(&self) -> Arc<Active> {
        self.shared.active.load_full()
    }

    /// What is halted now.
    #[must_use]
    pub fn halts(&self) -> Arc<Halts> {
        self.shared.halts.now()
    }

    /// The same, for whoever has to ask again later.
    #[must_use]
    pub fn halt_switch(&self) -> HaltSwitch {
        self.shared.halts.clone()
    }

    fn settings(&self) -> &Settings {
        &self.shared.settings
    }

    fn rest(&self) -> &Rest {
        &self.shared.rest
    }
}
