//! From a recipe to a revision: each component compiled or found compiled, linked, asked what it is and whether it takes its
//! settings, and tested by the scenarios that it carries.
//!
//! Components load side by side; a stage that another loaded revision has just so is shared with it. The first fault refuses the
//! whole revision, with the plugin's name, its digest and the reason.

use std::collections::HashMap;
use std::sync::Arc;

use futures_util::future::try_join_all;
use serde_json::Value;

use super::error::Error;
use super::recipe::{Ingredient, Recipe};
use super::revision::{Revision, Stage};
use crate::db::Db;
use crate::plugin::{Description, Engine, Plugin, Scenario, Spec};

/// Where the bytes of components come from.
pub(super) enum Bytes<'a> {
    /// Just read from a folder, by digest.
    Read(&'a HashMap<String, Arc<[u8]>>),
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
    let stages = recipe
        .stages
        .iter()
        .map(|wanted| stage(wanted, bytes, engine, like(wanted)));
    Ok(Revision {
        id: recipe.id.clone(),
        pin: recipe.pin,
        stages: try_join_all(stages).await?,
        content: recipe.content.clone(),
    })
}

async fn stage(
    wanted: &Ingredient,
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
        check_settings(wanted, &plugin).await?;
        if let (true, Some(bytes)) = (is_new, files.get(&wanted.digest)) {
            self_test(wanted, &plugin, bytes).await?;
        }
    }
    Ok(ready(wanted, plugin, description))
}

/// Lets the plugin say whether it takes its settings.
async fn check_settings(wanted: &Ingredient, plugin: &Plugin) -> Result<(), Error> {
    let settings = Value::Object(wanted.settings.clone()).to_string();
    let problems = plugin.check_settings(&settings).await;
    let problems = problems.map_err(|cause| wanted.refused(cause))?;
    if problems.is_empty() {
        return Ok(());
    }
    let plugin = wanted.plugin.clone();
    Err(Error::Settings { plugin, problems })
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
        settings: Arc::new(wanted.settings.clone()),
        description,
        plugin,
        made_of: wanted.clone(),
    }
}

async fn compiled(
    wanted: &Ingredient,
    bytes: &Bytes<'_>,
    engine: &Engine,
) -> Result<Plugin, Error> {
    use crate::plugin::LoadError::BytesNeeded;
    let spec = Spec {
        name: &wanted.plugin,
        phase: wanted.phase,
        grants: &wanted.grants,
        limits: wanted.limits,
    };
    let digest = &wanted.digest;
    let loaded = match bytes {
        Bytes::Read(files) => {
            let file = files.get(digest).map(|bytes| &**bytes);
            Plugin::load(engine, &spec, digest, file).await
        }
        Bytes::Kept(db) => match Plugin::load(engine, &spec, digest, None).await {
            Err(BytesNeeded) => {
                let kept = db.component(digest).await?;
                let kept = kept.map(|component| component.bytes);
                Plugin::load(engine, &spec, digest, kept.as_deref()).await
            }
            loaded => loaded,
        },
    };
    loaded.map_err(|cause| wanted.refused(cause))
}

impl Ingredient {
    fn refused(&self, source: crate::plugin::LoadError) -> Error {
        Error::Refused {
            plugin: self.plugin.clone(),
            digest: self.digest.clone(),
            source: Box::new(source),
        }
    }
}
