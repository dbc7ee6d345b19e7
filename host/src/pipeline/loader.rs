//! From a recipe to a revision: each component compiled or found compiled, linked, asked what it is and whether it takes its
//! settings, and tested by the scenarios that it carries. A file under another plugin's name is not that plugin.
//!
//! Components load side by side; a stage that another loaded revision has just so is shared with it. The first fault refuses the
//! whole revision, with the plugin's name, its digest and the reason.

use std::sync::Arc;

use futures_util::future::try_join_all;
use serde_json::Value;

use super::error::{BadSettings, Error};
use super::manifest::StageSpec;
use super::recipe::{Ingredient, Recipe};
use super::revision::{Revision, Stage};
use super::snapshot::Files;
use super::tally::Tally;
use crate::db::Db;
use crate::plugin::{self, Description, Engine, LoadError, Plugin, Problem, Scenario, Spec};

/// Where the bytes of components come from.
pub(super) enum Bytes<'a> {
    /// Just read from a folder.
    Read(&'a Files),
    /// Kept in the database, and asked for only where a component is not compiled yet.
    Kept(&'a Db),
}

/// Loads the whole revision. `like` finds a stage that is loaded already.
pub(super) async fn load(
    recipe: &Recipe,
    bytes: &Bytes<'_>,
    engine: &Engine,
    like: impl Fn(&Ingredient) -> Option<Arc<Plugin>>,
) -> Result<Revision, Error> {
    let stages = recipe.stages.iter().enumerate();
    let stages = stages.map(async |(at, wanted)| {
        let loaded = stage(wanted, at, bytes, engine, like(wanted)).await;
        loaded.map_err(|cause| placed(cause, bytes, at))
    });
    Ok(Revision {
        id: recipe.id.clone(),
        pin: recipe.pin,
        stages: try_join_all(stages).await?,
        content: recipe.content.clone(),
    })
}

/// A refusal with the line of the manifest that leads to it.
fn placed(cause: Error, bytes: &Bytes<'_>, at: usize) -> Error {
    let Bytes::Read(files) = bytes else {
        return cause;
    };
    match (cause, files.stages.get(at)) {
        (
            Error::Refused {
                plugin,
                digest,
                source,
                ..
            },
            Some(spec),
        ) => {
            let line = match *source {
                LoadError::NotGranted { .. } => spec.places.of_key("grants"),
                _ => spec.places.line(),
            };
            let manifest = files.manifest.display();
            let place = format!("pipeline manifest {manifest}: line {line}, ");
            Error::Refused {
                place: Some(place.into()),
                plugin,
                digest,
                source,
            }
        }
        (cause, _) => cause,
    }
}

async fn stage(
    wanted: &Ingredient,
    at: usize,
    bytes: &Bytes<'_>,
    engine: &Engine,
    loaded: Option<Arc<Plugin>>,
) -> Result<Stage, Error> {
    let is_new = loaded.is_none();
    let plugin = match loaded {
        Some(plugin) => plugin,
        None => Arc::new(compiled(wanted, bytes, engine).await?),
    };
    let description = plugin.describe().await.map_err(|e| wanted.refused(e))?;
    // What the database keeps has passed before it was kept, and a call may be waiting for it.
    if let Bytes::Read(files) = bytes {
        wanted.is_called(&description.name)?;
        let component = files.components.get(&wanted.digest);
        let component = component.filter(|_| is_new);
        if let Some(bytes) = component {
            carried_name(wanted, bytes).await?;
        }
        if let Some(spec) = files.stages.get(at) {
            check_settings(wanted, spec, files, &plugin).await?;
        }
        if let Some(bytes) = component {
            self_test(wanted, &plugin, bytes).await?;
        }
    }
    Ok(ready(wanted, plugin, description))
}

/// The name that the component carries beside the one that it tells: of a copy of another plugin, only one of them may be changed.
async fn carried_name(wanted: &Ingredient, bytes: &Arc<[u8]>) -> Result<(), Error> {
    let bytes = Arc::clone(bytes);
    // All sections are walked over, and a component may be large.
    let name = tokio::task::spawn_blocking(move || plugin::carried_name(&bytes));
    match name.await.map_err(|_| Error::Lost)? {
        Some(name) => wanted.is_called(&name),
        None => Ok(()),
    }
}

/// Lets the plugin say whether it takes its settings: those of this host, and those that hold where there is no sandbox, since the
/// same file is to be taken there.
///
/// Invariant: a sandbox refuses what production refuses (`a_sandbox_refuses_what_production_would`).
async fn check_settings(
    wanted: &Ingredient,
    spec: &StageSpec,
    files: &Files,
    plugin: &Plugin,
) -> Result<(), Error> {
    let production = spec.replaced.as_ref().map(|it| (&it.settings, false));
    let own = (&wanted.settings, spec.replaced.is_some());
    for (settings, in_sandbox) in std::iter::once(own).chain(production) {
        let text = Value::Object(settings.clone()).to_string();
        let problems = plugin.check_settings(&text).await;
        let problems = problems.map_err(|cause| wanted.refused(cause))?;
        if !problems.is_empty() {
            let placed = |problem: Problem| (spec.places.of(&problem.key, in_sandbox), problem);
            return Err(Error::Settings(Box::new(BadSettings {
                manifest: files.manifest.clone(),
                plugin: wanted.plugin.clone(),
                outside_sandbox: spec.replaced.is_some() && !in_sandbox,
                problems: problems.into_iter().map(placed).collect(),
            })));
        }
    }
    Ok(())
}

/// Lets the plugin show that it does what its author expects of it.
async fn self_test(wanted: &Ingredient, plugin: &Plugin, bytes: &Arc<[u8]>) -> Result<(), Error> {
    let (name, digest) = (|| wanted.plugin.clone(), || wanted.digest.clone());
    let (bytes, phase) = (Arc::clone(bytes), wanted.phase);
    // All sections are walked over, and a component may be large.
    let read = tokio::task::spawn_blocking(move || Scenario::read(&bytes, phase));
    let read = read.await.map_err(|_| Error::Lost)?;
    let scenarios = read.map_err(|source| Error::SelfTestsUnreadable {
        plugin: name(),
        digest: digest(),
        source: Box::new(source),
    })?;
    let tested = plugin.self_test(&scenarios).await;
    tested.map_err(|source| Error::SelfTestFailed {
        plugin: name(),
        digest: digest(),
        source,
    })?;
    Ok(())
}

fn ready(wanted: &Ingredient, plugin: Arc<Plugin>, description: Description) -> Stage {
    Stage {
        phase: wanted.phase,
        name: wanted.plugin.clone(),
        digest: wanted.digest.clone(),
        settings: Arc::new(wanted.settings.clone().into()),
        description,
        plugin,
        tally: Tally::default(),
        made_of: wanted.clone(),
    }
}

async fn compiled(
    wanted: &Ingredient,
    bytes: &Bytes<'_>,
    engine: &Engine,
) -> Result<Plugin, Error> {
    let spec = Spec {
        name: &wanted.plugin,
        phase: wanted.phase,
        grants: &wanted.grants,
        limits: wanted.limits,
    };
    let digest = &wanted.digest;
    let loaded = match bytes {
        Bytes::Read(files) => {
            let file = files.components.get(digest).map(|bytes| &**bytes);
            Plugin::load(engine, &spec, digest, file).await
        }
        Bytes::Kept(db) => match Plugin::load(engine, &spec, digest, None).await {
            Err(LoadError::BytesNeeded) => {
                let kept = db.component(digest).await?;
                let kept = kept.map(|component| component.bytes);
                Plugin::load(engine, &spec, digest, kept.as_deref()).await
            }
            loaded => loaded,
        },
    };
    match (loaded, bytes) {
        (Err(cause @ LoadError::NotGranted { .. }), Bytes::Read(files)) => {
            // Another plugin's file needs another's grants: that it lies in the wrong place is what is to be mended.
            if let Some(bytes) = files.components.get(digest) {
                carried_name(wanted, bytes).await?;
            }
            Err(wanted.refused(cause))
        }
        (loaded, _) => loaded.map_err(|cause| wanted.refused(cause)),
    }
}

impl Ingredient {
    fn is_called(&self, own: &str) -> Result<(), Error> {
        let expected = self.component();
        if own == expected {
            return Ok(());
        }
        Err(self.refused(LoadError::OtherName {
            own: own.to_owned(),
            expected: expected.to_owned(),
        }))
    }

    fn refused(&self, source: LoadError) -> Error {
        Error::Refused {
            place: None,
            plugin: self.plugin.clone(),
            digest: self.digest.clone(),
            source: Box::new(source),
        }
    }
}
