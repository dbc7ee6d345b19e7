//! The swap: one pointer exchanged, and what nobody holds any more freed.
//!
//! It only moves forward in the order in which the database numbered the activations.

use std::collections::HashMap;
use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::Instant;

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared};

use super::active::Active;
use super::revision::Revision;
use super::{Error, Pipeline, figures, registry};

/// A revision on its way, for all who wait for it.
pub(super) type Loading = Shared<BoxFuture<'static, Result<Arc<Revision>, Arc<Error>>>>;

impl Pipeline {
    /// Exchanges the pointer, unless something newer is there already.
    ///
    /// Invariant: a bad candidate never changes what is active (`a_bad_candidate_never_changes_what_is_active`): only a revision
    /// that was loaded whole gets here.
    pub(super) fn install(&self, active: Active) {
        let installing = self.shared.installing.lock();
        let one_at_a_time = installing.unwrap_or_else(PoisonError::into_inner);
        let before = self.active();
        if active.activation.number < before.activation.number {
            return;
        }
        if active.activation.number == before.activation.number {
            // Only what this host did not know yet of the activations before.
            self.shared.active.store(Arc::new(active));
            return;
        }
        let activation = &active.activation;
        let (revision, by) = (active.revision.id.clone(), activation.by.name());
        tracing::info!(
            revision,
            by,
            who = activation.who,
            why = activation.why,
            repins = activation.repins,
            "Pipeline active"
        );
        for note in self.notes_on(&active.revision) {
            tracing::warn!("{note}");
        }
        for stage in &active.revision.stages {
            stage.tally.clear();
        }
        figures::begin(&active.revision);
        metrics::counter!("pipeline_swaps_total", "by" => by).increment(1);
        self.shared.active.store(Arc::new(active));
        drop(before);
        drop(one_at_a_time);
        self.sweep();
    }

    /// The revision of this id: loaded already, or loaded now from what the database keeps. Loaded once for all who wait for it,
    /// and to its end even if nobody waits any more.
    pub(super) async fn loaded(&self, id: &str) -> Result<Arc<Revision>, Error> {
        if let Some(revision) = self.shared.shelf.get(id) {
            return Ok(revision);
        }
        let loading = {
            let mut all = self.loading();
            let begin = || self.begin_loading(id.to_owned());
            all.entry(id.to_owned()).or_insert_with(begin).clone()
        };
        loading.await.map_err(Error::Loading)
    }

    fn begin_loading(&self, id: String) -> Loading {
        let this = self.clone();
        let task = tokio::spawn(async move {
            let loaded = this.load(&id).await.map_err(Arc::new);
            this.loading().remove(&id);
            loaded
        });
        async move { task.await.unwrap_or_else(|_| Err(Arc::new(Error::Lost))) }
            .boxed()
            .shared()
    }

    async fn load(&self, id: &str) -> Result<Arc<Revision>, Error> {
        let (engine, db) = (&self.shared.engine, &self.shared.db);
        let stored = db.revision(id).await?;
        let stored = stored.ok_or_else(|| Error::UnknownRevision(id.to_owned()))?;
        let like = |wanted: &_| self.shared.shelf.like(wanted);
        let revision = registry::load_stored(&stored, engine, db, like).await?;
        Ok(self.shared.shelf.put(revision))
    }

    fn loading(&self) -> MutexGuard<'_, HashMap<String, Loading>> {
        let loading = self.shared.loading.lock();
        loading.unwrap_or_else(PoisonError::into_inner)
    }

    /// Frees what nobody holds any more, and shows what is left.
    pub(super) fn sweep(&self) {
        let active = self.active();
        let swept = self.shared.shelf.sweep(&active.revision.id, Instant::now());
        for revision in &swept.freed {
            tracing::info!(revision, "Retired revision freed");
        }
        #[expect(clippy::cast_precision_loss, reason = "a handful")]
        metrics::gauge!("pipeline_revisions_loaded").set(swept.loaded.len() as f64);
    }
}
