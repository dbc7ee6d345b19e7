//! Revisions in the database and out of it: kept with their components when they are good, loaded again by anybody.
//!
//! Also the first one of all, which the files have to give.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::Settings;
use super::active::Active;
use super::error::{Error, FilesError};
use super::history;
use super::loader::{self, Bytes};
use super::recipe::{Ingredient, Recipe};
use super::revision::Revision;
use super::shelf::Shelf;
use super::snapshot::Snapshot;
use super::writers;
use crate::db::{self, Activation, By, Db};
use crate::plugin::{Engine, Plugin};

/// A first start waits so long for files that are being written.
const FIRST_PATIENCE: Duration = Duration::from_secs(5);
const FIRST_AGAIN_AFTER: Duration = Duration::from_millis(100);
/// Differences that an activation's reason names.
const CHANGES_NAMED: usize = 3;

/// What the files hold, loaded; nothing is kept.
pub(super) async fn load_files(
    settings: &Settings,
    engine: &Engine,
    sandbox: bool,
) -> Result<Revision, Error> {
    let snapshot = read(settings, engine, sandbox).await?;
    let bytes = Bytes::Read(&snapshot.files);
    loader::load(&snapshot.recipe?, &bytes, engine, |_| None).await
}

/// The very first revision of a database: the files have to be good.
pub(super) async fn first(
    settings: &Settings,
    engine: &Engine,
    db: &Db,
    sandbox: bool,
) -> Result<(Active, Shelf), Error> {
    let snapshot = read_whole(settings, engine, sandbox).await?;
    let recipe = snapshot.recipe.as_ref().map_err(FilesError::clone)?;
    let bytes = Bytes::Read(&snapshot.files);
    let revision = loader::load(recipe, &bytes, engine, |_| None).await?;
    let at_ms = now_ms();
    keep(db, &snapshot, &revision, at_ms).await?;
    let wanted = activation(&revision, None, at_ms);
    let folder = folder(settings, sandbox);
    db.propose(&folder, &snapshot.digest, &wanted, i64::MAX)
        .await?;
    // Another host may have been first, with other files; then its revision is the active one.
    match stored(engine, db).await? {
        Some(active) => Ok(active),
        None => Err(db::Error::Missing("revision").into()),
    }
}

/// What the database says is active.
pub(super) async fn stored(engine: &Engine, db: &Db) -> Result<Option<(Active, Shelf)>, Error> {
    let Some((activation, revision, repinnings)) = db.active_revision().await? else {
        return Ok(None);
    };
    let shelf = Shelf::default();
    let revision = load_stored(&revision, engine, db, |_| None).await?;
    let active = Active {
        revision: shelf.put(revision),
        activation,
        repinnings,
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
pub(super) async fn keep(
    db: &Db,
    snapshot: &Snapshot,
    revision: &Revision,
    at_ms: i64,
) -> Result<(), Error> {
    let files = &snapshot.files;
    let names: HashMap<&String, &String> = files
        .names
        .iter()
        .map(|(name, digest)| (digest, name))
        .collect();
    for (digest, bytes) in &files.components {
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
pub(super) async fn refuse(
    db: &Db,
    recipe: Option<&Recipe>,
    reason: &str,
    at_ms: i64,
) -> Result<(), Error> {
    let Some(recipe) = recipe else { return Ok(()) };
    // What was good once stays so: another bound or a busy machine refused it now.
    let known = db.revision(&recipe.id).await?;
    if known.is_some_and(|known| known.state == "validated") {
        return Ok(());
    }
    let failed = db::Revision {
        id: recipe.id.clone(),
        manifest: recipe.content.clone(),
        state: "failed".to_owned(),
        reason: Some(reason.to_owned()),
        created_at_ms: at_ms,
    };
    Ok(db.save_revision(&failed).await?)
}

/// Names the folder and the manifest of this machine.
pub(super) fn folder(settings: &Settings, sandbox: bool) -> String {
    // By its name, not by what a link of that name leads to: a link that is turned is a change of this folder.
    let real = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
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

/// That these files become active; `before`: what was.
pub(super) fn activation(revision: &Revision, before: Option<&Value>, at_ms: i64) -> Activation {
    let machine = rustix::system::uname();
    Activation {
        number: 0,
        revision: revision.id.clone(),
        by: By::Folder,
        repins: false,
        who: machine.nodename().to_string_lossy().into_owned(),
        why: match before {
            Some(before) => changes(before, &revision.content),
            None => "the first rules of this database".to_owned(),
        },
        at_ms,
    }
}

/// The first things that differ, by name.
fn changes(before: &Value, after: &Value) -> String {
    let differences = history::differences(before, after);
    let named: Vec<&str> = differences
        .iter()
        .take(CHANGES_NAMED)
        .map(|one| one.what.as_str())
        .collect();
    let more = match differences.len().saturating_sub(CHANGES_NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("changed: {}{more}", named.join(", "))
}

/// Reads the files once nobody writes them whom the system tells of.
///
/// # Errors
/// [`Error::BeingWritten`] where that takes too long, or [`Error::Unsettled`].
async fn read_whole(
    settings: &Settings,
    engine: &Engine,
    sandbox: bool,
) -> Result<Snapshot, Error> {
    let began = Instant::now();
    loop {
        let snapshot = read(settings, engine, sandbox).await?;
        match writers::found(snapshot.identities()).await {
            None => match snapshot.compared().await {
                (snapshot, true) => return Ok(snapshot),
                // Whoever wrote them has ended since they were read.
                (_, false) if began.elapsed() < FIRST_PATIENCE => {
                    tokio::time::sleep(FIRST_AGAIN_AFTER).await;
                }
                (_, false) => return Err(Error::Unsettled),
            },
            Some(path) if began.elapsed() >= FIRST_PATIENCE => {
                return Err(Error::BeingWritten(path));
            }
            Some(_) => tokio::time::sleep(FIRST_AGAIN_AFTER).await,
        }
    }
}

/// Reads the files.
///
/// # Errors
/// [`Error::Unsettled`].
pub(super) async fn read(
    settings: &Settings,
    engine: &Engine,
    sandbox: bool,
) -> Result<Snapshot, Error> {
    let (settings, max) = (settings.clone(), engine.component_bytes_max());
    let read = tokio::task::spawn_blocking(move || Snapshot::read(&settings, sandbox, max));
    read.await.expect("reading files does not panic")
}

/// Now.
pub(super) fn now_ms() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}
