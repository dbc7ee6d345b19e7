//! From manifest and folder to a revision: read, digest, compile, describe, check settings.
//!
//! Components compile side by side on blocking threads. The first fault refuses the whole revision, with the file's name, its
//! digest and the reason.

use std::path::Path;
use std::sync::Arc;

use futures_util::future::try_join_all;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::error::Error;
use super::manifest::{Manifest, StageSpec};
use super::revision::{Revision, Stage};
use crate::plugin::{Engine, Plugin};

/// Loads the whole revision.
pub(super) async fn load(
    manifest: Manifest,
    plugin_dir: &Path,
    engine: &Engine,
) -> Result<Revision, Error> {
    let stages = try_join_all(
        manifest
            .stages
            .iter()
            .map(|spec| stage(spec, plugin_dir, engine)),
    )
    .await?;
    Ok(Revision::new(&manifest, stages))
}

async fn stage(spec: &StageSpec, plugin_dir: &Path, engine: &Engine) -> Result<Stage, Error> {
    let path = plugin_dir.join(format!("{}.wasm", spec.plugin));
    let bytes = tokio::fs::read(&path)
        .await
        .map_err(|source| Error::Unreadable {
            plugin: spec.plugin.clone(),
            path: path.clone(),
            source,
        })?;
    let bytes: Arc<[u8]> = bytes.into();
    let digest = hex::encode(Sha256::digest(&bytes));
    let refused = |source| Error::Refused {
        plugin: spec.plugin.clone(),
        path: path.clone(),
        digest: digest.clone(),
        source: Box::new(source),
    };
    let (engine, wanted, file) = (engine.clone(), spec.clone(), Arc::clone(&bytes));
    let compiled = tokio::task::spawn_blocking(move || {
        Plugin::load(
            &engine,
            &wanted.plugin,
            wanted.phase,
            &wanted.grants,
            wanted.limits,
            &file,
        )
    });
    let plugin = compiled
        .await
        .expect("loading does not panic")
        .map_err(refused)?;
    let description = plugin.describe().await.map_err(refused)?;
    let settings = Value::Object(spec.settings.clone()).to_string();
    let problems = plugin.check_settings(&settings).await.map_err(refused)?;
    if !problems.is_empty() {
        return Err(Error::Settings {
            plugin: spec.plugin.clone(),
            problems,
        });
    }
    Ok(Stage {
        phase: spec.phase,
        name: spec.plugin.clone(),
        digest,
        bytes,
        settings: Arc::new(spec.settings.clone()),
        description,
        plugin,
    })
}
