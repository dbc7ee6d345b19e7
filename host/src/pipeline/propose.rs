//! From files to the active revision: read, loaded whole, kept, made active; or refused with the reason, and nothing else changed.
//!
//! A folder only proposes. It is taken when its files changed since it was last seen, never because a host started, so that a
//! restart brings back what the database says is active, and hosts with different folders do not overwrite each other.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::active::Active;
use super::error::{Error, Fault};
use super::loader::{self, Bytes};
use super::recipe::{Ingredient, Recipe};
use super::revision::Revision;
use super::shelf::Shelf;
use super::snapshot::{Ignored, Snapshot};
use super::{Pipeline, Settings};
use crate::db::{self, Activation, By, Db, Proposal, Verdict};
use crate::plugin::{Engine, Plugin};

/// Reads of files that keep changing, before the look is left to the next change.
const READS_MAX: u32 = 20;
const READ_AGAIN_AFTER: Duration = Duration::from_millis(10);
/// Files that changed while they were compiled are read again so many times; then what was compiled is taken.
const SUPERSEDED_MAX: u32 = 5;

/// Why the files are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occasion {
    /// The host starts.
    Start,
    /// They changed.
    Watch,
    /// SIGHUP, or the admin surface: somebody wants it now.
    Asked,
}

/// What the files held when they were last looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Candidate {
    /// Of all files.
    pub digest: String,
    /// What they make, where they make one.
    pub revision: Option<String>,
    /// What became of it.
    pub verdict: Verdict,
    /// Why it is not the active revision.
    pub reason: Option<String>,
    /// When.
    pub at_ms: i64,
    /// From the first read to the end.
    pub took_micros: u64,
}

/// What the folder showed last.
#[derive(Debug, Default)]
pub(super) struct Proposed {
    pub(super) candidate: Option<Candidate>,
    pub(super) ignored: Vec<Ignored>,
}

impl Pipeline {
    /// Looks at the files, and makes them the active revision where they are new and good.
    ///
    /// # Errors
    /// Only where a repeat may help: the database cannot be used, or the files do not come to rest. A bad candidate is an answer.
    pub async fn propose(&self, occasion: Occasion) -> Result<Candidate, Error> {
        let one_at_a_time = self.shared.proposing.lock().await;
        let began = Instant::now();
        let mut superseded = 0;
        loop {
            let snapshot = self.read_files().await?;
            if let Some(candidate) = self.known(&snapshot, occasion).await? {
                return Ok(candidate);
            }
            let loaded = self.load_candidate(&snapshot).await;
            if let Err(Error::Database(cause)) = loaded {
                return Err(cause.into());
            }
            if superseded < SUPERSEDED_MAX && !snapshot.is_current() {
                // Files that change together become one revision, however long the first of them takes to compile.
                superseded += 1;
                continue;
            }
            let candidate = self.conclude(&snapshot, loaded, began).await?;
            drop(one_at_a_time);
            self.remember(candidate.clone(), snapshot.ignored);
            return Ok(candidate);
        }
    }

    async fn read_files(&self) -> Result<Snapshot, Error> {
        let mut reads = 0;
        loop {
            match read(
                &self.shared.settings,
                &self.shared.engine,
                self.shared.sandbox,
            )
            .await
            {
                Err(Error::Unsettled) if reads < READS_MAX => reads += 1,
                read => return read,
            }
            tokio::time::sleep(READ_AGAIN_AFTER).await;
        }
    }

    /// What is already known of these files, so that nothing has to be done.
    async fn known(
        &self,
        snapshot: &Snapshot,
        occasion: Occasion,
    ) -> Result<Option<Candidate>, Error> {
        let last = self.last();
        if let Some(last) = last.filter(|last| last.digest == snapshot.digest) {
            let may_differ_now = occasion == Occasion::Asked && last.verdict == Verdict::Failed;
            if !may_differ_now {
                self.remember(last.clone(), snapshot.ignored.clone());
                return Ok(Some(last));
            }
        }
        if occasion != Occasion::Start {
            return Ok(None);
        }
        let db = &self.shared.db;
        let seen = match db.last_seen(&self.folder()).await? {
            Some(seen) => seen == snapshot.digest,
            None => db.was_seen(&snapshot.digest).await?,
        };
        let active = self.active();
        let revision = snapshot.recipe.as_ref().ok().map(|it| it.id.clone());
        let is_active = revision.as_deref() == Some(&active.revision.id);
        if !seen {
            return Ok(None);
        }
        let reason = (!is_active).then(|| {
            let active = &active.revision.id;
            format!("seen before this start; the database says that {active} is active")
        });
        let candidate = Candidate {
            digest: snapshot.digest.clone(),
            revision,
            verdict: Verdict::Unchanged,
            reason,
            at_ms: now_ms(),
            took_micros: 0,
        };
        self.remember(candidate.clone(), snapshot.ignored.clone());
        Ok(Some(candidate))
    }

    async fn load_candidate(&self, snapshot: &Snapshot) -> Result<Revision, Error> {
        let recipe = snapshot.recipe.as_ref().map_err(Fault::clone)?;
        let bytes = Bytes::Read(&snapshot.components);
        let like = |wanted: &_| self.shared.shelf.like(wanted);
        loader::load(recipe, &bytes, &self.shared.engine, like).await
    }

    /// Keeps what came of the files, and exchanges the pointer where it is good.
    async fn conclude(
        &self,
        snapshot: &Snapshot,
        loaded: Result<Revision, Error>,
        began: Instant,
    ) -> Result<Candidate, Error> {
        let (db, folder, at_ms) = (&self.shared.db, self.folder(), now_ms());
        let recipe = snapshot.recipe.as_ref().ok();
        let (verdict, reason) = match loaded {
            Ok(revision) => {
                keep(db, snapshot, &revision, at_ms).await?;
                let wanted = activation(&revision.id, self.settings(), at_ms);
                match db.propose(&folder, &snapshot.digest, &wanted).await? {
                    db::Proposed::Activated(activation) => {
                        let repins_since = self.active().repins_since;
                        self.install(Active {
                            revision: self.shared.shelf.put(revision),
                            activation,
                            repins_since,
                        });
                        (Verdict::Activated, None)
                    }
                    db::Proposed::Unchanged => (Verdict::Unchanged, None),
                    db::Proposed::Rejected => (Verdict::Rejected, Some(db::REJECTED.to_owned())),
                }
            }
            Err(cause) => {
                let reason = cause.sentence();
                refuse(db, recipe, &reason, at_ms).await?;
                let proposal = Proposal {
                    folder,
                    digest: snapshot.digest.clone(),
                    revision: recipe.map(|recipe| recipe.id.clone()),
                    verdict: Verdict::Failed,
                    reason: Some(reason.clone()),
                    at_ms,
                };
                db.save_proposal(&proposal).await?;
                metrics::counter!("pipeline_candidates_refused_total", "kind" => cause.kind())
                    .increment(1);
                tracing::error!(
                    kind = cause.kind(),
                    active = self.active().revision.id,
                    "Candidate refused, the active revision stays: {reason}"
                );
                (Verdict::Failed, Some(reason))
            }
        };
        Ok(Candidate {
            digest: snapshot.digest.clone(),
            revision: recipe.map(|recipe| recipe.id.clone()),
            verdict,
            reason,
            at_ms,
            took_micros: u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX),
        })
    }

    fn last(&self) -> Option<Candidate> {
        let proposed = self.shared.proposed.lock();
        let proposed = proposed.unwrap_or_else(PoisonError::into_inner);
        proposed.candidate.clone()
    }

    fn remember(&self, candidate: Candidate, ignored: Vec<Ignored>) {
        let proposed = self.shared.proposed.lock();
        let mut proposed = proposed.unwrap_or_else(PoisonError::into_inner);
        for new in ignored.iter().filter(|one| !proposed.ignored.contains(one)) {
            tracing::warn!(
                file = new.file,
                "File of the plugin folder ignored: {}",
                new.why
            );
            metrics::counter!("pipeline_files_ignored_total").increment(1);
        }
        *proposed = Proposed {
            candidate: Some(candidate),
            ignored,
        };
    }

    /// Names the folder and the manifest of this machine.
    fn folder(&self) -> String {
        let settings = &self.shared.settings;
        folder(settings, self.shared.sandbox)
    }
}

fn folder(settings: &Settings, sandbox: bool) -> String {
    let real = |path: &Path| std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let machine = rustix::system::uname();
    let mut hash = Sha256::new_with_prefix([u8::from(sandbox)]);
    for part in [
        machine.nodename().to_bytes(),
        real(&settings.file).as_os_str().as_encoded_bytes(),
        real(&settings.plugin_dir).as_os_str().as_encoded_bytes(),
    ] {
        hash.update(part);
        hash.update([0]);
    }
    hex::encode(&hash.finalize()[..8])
}

fn activation(revision: &str, settings: &Settings, at_ms: i64) -> Activation {
    let manifest = settings.file.file_name().unwrap_or_default();
    Activation {
        number: 0,
        revision: revision.to_owned(),
        by: By::Folder,
        repins: false,
        who: "folder".to_owned(),
        why: format!("{} or a plugin changed", manifest.to_string_lossy()),
        at_ms,
    }
}

async fn read(settings: &Settings, engine: &Engine, sandbox: bool) -> Result<Snapshot, Error> {
    let (settings, max) = (settings.clone(), engine.component_bytes_max());
    let read = tokio::task::spawn_blocking(move || Snapshot::read(&settings, sandbox, max));
    read.await.expect("reading files does not panic")
}

/// What the files hold, loaded; nothing is kept.
pub(super) async fn load_files(
    settings: &Settings,
    engine: &Engine,
    sandbox: bool,
) -> Result<Revision, Error> {
    let snapshot = read(settings, engine, sandbox).await?;
    let bytes = Bytes::Read(&snapshot.components);
    loader::load(&snapshot.recipe?, &bytes, engine, |_| None).await
}

/// The very first revision of a database: the files have to be good.
pub(super) async fn first(
    settings: &Settings,
    engine: &Engine,
    db: &Db,
    sandbox: bool,
) -> Result<(Active, Shelf), Error> {
    let snapshot = read(settings, engine, sandbox).await?;
    let recipe = snapshot.recipe.as_ref().map_err(Fault::clone)?;
    let bytes = Bytes::Read(&snapshot.components);
    let revision = loader::load(recipe, &bytes, engine, |_| None).await?;
    let at_ms = now_ms();
    keep(db, &snapshot, &revision, at_ms).await?;
    let wanted = activation(&revision.id, settings, at_ms);
    let folder = folder(settings, sandbox);
    db.propose(&folder, &snapshot.digest, &wanted).await?;
    // Another host may have been first, with other files; then its revision is the active one.
    match stored(engine, db).await? {
        Some(active) => Ok(active),
        None => Err(db::Error::Missing("revision").into()),
    }
}

/// What the database says is active.
pub(super) async fn stored(engine: &Engine, db: &Db) -> Result<Option<(Active, Shelf)>, Error> {
    let Some((activation, revision, repins_since)) = db.active_revision().await? else {
        return Ok(None);
    };
    let shelf = Shelf::default();
    let revision = load_stored(&revision, engine, db, |_| None).await?;
    let active = Active {
        revision: shelf.put(revision),
        activation,
        repins_since,
    };
    Ok(Some((active, shelf)))
}

/// A revision as the database keeps it, loaded.
pub(super) async fn load_stored(
    stored: &db::Revision,
    engine: &Engine,
    db: &Db,
    like: impl Fn(&Ingredient) -> Option<Arc<Plugin>>,
) -> Result<Revision, Error> {
    let recipe =
        Recipe::stored(&stored.id, &stored.manifest).map_err(|message| Error::Unknown {
            revision: stored.id.clone(),
            message,
        })?;
    loader::load(&recipe, &Bytes::Kept(db), engine, like).await
}

/// Keeps a good revision with its components, so that it can be had again.
async fn keep(db: &Db, snapshot: &Snapshot, revision: &Revision, at_ms: i64) -> Result<(), Error> {
    let names: HashMap<&String, &String> = snapshot
        .names
        .iter()
        .map(|(name, digest)| (digest, name))
        .collect();
    for (digest, bytes) in &snapshot.components {
        if db.has_component(digest).await? {
            continue;
        }
        let name = names.get(digest).map(|name| (*name).clone());
        db.save_component(db::Component {
            digest: digest.clone(),
            name: name.unwrap_or_default(),
            bytes: bytes.to_vec(),
            first_seen_ms: at_ms,
        })
        .await?;
    }
    let kept = db::Revision {
        id: revision.id.clone(),
        manifest: revision.content.clone(),
        state: "validated".to_owned(),
        reason: None,
        created_at_ms: at_ms,
    };
    Ok(db.save_revision(&kept).await?)
}

/// Keeps a candidate that failed, where it could at least be read.
async fn refuse(db: &Db, recipe: Option<&Recipe>, reason: &str, at_ms: i64) -> Result<(), Error> {
    let Some(recipe) = recipe else { return Ok(()) };
    let failed = db::Revision {
        id: recipe.id.clone(),
        manifest: recipe.content.clone(),
        state: "failed".to_owned(),
        reason: Some(reason.to_owned()),
        created_at_ms: at_ms,
    };
    Ok(db.save_revision(&failed).await?)
}

pub(super) fn now_ms() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}
