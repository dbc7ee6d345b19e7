//! Components to code that can be linked: kept from before, or compiled in a process of its own and kept from then on.
//!
//! Compiles at most as many components at once as there are processors.

use std::path::PathBuf;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};
use tokio::sync::Semaphore;
use wasmtime::component::Component;

use super::cache::Cache;
use super::code;
use super::compile::{self, Bounds};
use super::error::LoadError;

/// Once per process.
pub(super) struct Compiler {
    pub(super) program: Option<PathBuf>,
    pub(super) component_bytes_max: usize,
    pub(super) bounds: Bounds,
    pub(super) cache: Arc<Cache>,
    pub(super) places: Semaphore,
}

impl Compiler {
    /// Refuses a file that is too large.
    pub(super) fn check_size(&self, bytes: &[u8]) -> Result<(), LoadError> {
        let max = self.component_bytes_max;
        if bytes.len() > max {
            let found = bytes.len() as u64;
            return Err(LoadError::TooLarge { found, max });
        }
        Ok(())
    }

    /// The code of this component.
    pub(super) async fn compiled(
        &self,
        wasm: &wasmtime::Engine,
        digest: &str,
        bytes: Option<&[u8]>,
    ) -> Result<Component, LoadError> {
        if let Some(found) = self.kept(wasm, digest).await {
            return Ok(found);
        }
        let bytes = bytes.ok_or(LoadError::BytesNeeded)?;
        self.check_size(bytes)?;
        if digest_of(bytes).await != digest {
            // What a database gives back may have been changed there.
            let what = "its bytes are not those of its digest".to_owned();
            return Err(LoadError::Mismatch(what));
        }
        let place = self.places.acquire().await;
        // Another stage may have compiled the same file meanwhile.
        if let Some(found) = self.kept(wasm, digest).await {
            return Ok(found);
        }
        let made = compile::in_child(self.program.as_deref(), bytes, self.bounds).await?;
        drop(place);
        let (cache, wasm) = (Arc::clone(&self.cache), wasm.clone());
        let digest = digest.to_owned();
        let loaded = tokio::task::spawn_blocking(move || {
            cache.put(&digest, &made);
            code::deserialize(&wasm, &made)
        });
        loaded
            .await
            .expect("loading does not panic")
            .map_err(|cause| LoadError::Mismatch(cause.root_cause().to_string()))
    }

    async fn kept(&self, wasm: &wasmtime::Engine, digest: &str) -> Option<Component> {
        let (cache, wasm) = (Arc::clone(&self.cache), wasm.clone());
        let digest = digest.to_owned();
        let kept = tokio::task::spawn_blocking(move || {
            let kept = cache.get(&digest)?;
            code::deserialize(&wasm, &kept).ok()
        });
        kept.await.ok().flatten()
    }
}

/// Of bytes that are copied for it: hashing 32 MB keeps a thread busy for long, copying them does not.
async fn digest_of(bytes: &[u8]) -> String {
    let bytes = bytes.to_vec();
    let hashed = tokio::task::spawn_blocking(move || hex::encode(Sha256::digest(&bytes)));
    hashed.await.expect("hashing does not panic")
}
