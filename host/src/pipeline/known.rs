//! Files that were looked at before, by this host or by one that ran before it: they change nothing again.
//!
//! What is looked at for the first time is loaded in `propose`.

use super::Pipeline;
use super::error::Error;
use super::propose::{Candidate, Occasion};
use super::registry::now_ms;
use super::snapshot::Snapshot;
use crate::db::Verdict;

impl Candidate {
    /// Whether these files are what was looked at: the same ones, or, of what waits to be asked for, others that make the same.
    fn is_of(&self, snapshot: &Snapshot) -> bool {
        let makes = snapshot.recipe.as_ref().ok().map(|it| &it.id);
        let is_held = self.verdict == Verdict::Held && self.revision.as_ref() == makes;
        self.digest == snapshot.digest || is_held
    }
}

impl Pipeline {
    /// What is already known of these files, so that nothing has to be done.
    pub(super) async fn known(
        &self,
        snapshot: &Snapshot,
        occasion: Occasion,
    ) -> Result<Option<Candidate>, Error> {
        let last = self.last();
        let is_first = last.is_none();
        let candidate = match last.filter(|last| last.is_of(snapshot)) {
            Some(last)
                if matches!(last.verdict, Verdict::Failed | Verdict::Held)
                    && occasion == Occasion::Asked =>
            {
                return Ok(None);
            }
            Some(last)
                if matches!(
                    last.verdict,
                    Verdict::Failed | Verdict::Rejected | Verdict::Held
                ) =>
            {
                let at_ms = now_ms();
                let told = last.told_by(&self.active());
                let digest = snapshot.digest.clone();
                Candidate {
                    at_ms,
                    digest,
                    ..told
                }
            }
            Some(_) => self.seen_before(snapshot),
            None if is_first => match self.recalled(snapshot, occasion).await? {
                Some(recalled) => {
                    if let Some(reason) = &recalled.reason {
                        tracing::warn!("The files of the rules are not what is active: {reason}");
                    }
                    recalled
                }
                None => return Ok(None),
            },
            None => return Ok(None),
        };
        self.remember(candidate.clone(), snapshot.ignored.clone());
        Ok(Some(candidate))
    }

    /// What came of these files before this host started; none where they changed since this folder was last seen. A folder that
    /// was never seen is one whose files were not.
    ///
    /// Invariant: a start tries nothing again that was refused (`a_restart_does_not_try_again_what_was_refused`).
    async fn recalled(
        &self,
        snapshot: &Snapshot,
        occasion: Occasion,
    ) -> Result<Option<Candidate>, Error> {
        let db = &self.shared.db;
        let Some(seen) = db.last_seen(&self.folder()).await? else {
            let is_known = db.was_seen(&snapshot.digest).await?;
            return Ok(is_known.then(|| self.seen_before(snapshot)));
        };
        if seen.digest != snapshot.digest {
            return Ok(None);
        }
        if seen.verdict != Verdict::Failed {
            let mut candidate = self.seen_before(snapshot);
            if seen.verdict == Verdict::Held && candidate.reason.is_some() {
                candidate.verdict = Verdict::Held;
                candidate.reason = seen.reason;
            }
            return Ok(Some(candidate));
        }
        // What failed may be good now, since a bound was raised, say; but then somebody has to ask for it.
        let refused = Candidate {
            digest: seen.digest,
            revision: seen.revision,
            verdict: Verdict::Failed,
            active: false,
            reason: seen.reason,
            replaced: snapshot.files.replaced(),
            at_ms: seen.at_ms,
            took_micros: 0,
        };
        Ok((occasion != Occasion::Asked).then_some(refused))
    }

    /// Files that were looked at before: they change nothing, and where they are not what is active, that is said.
    fn seen_before(&self, snapshot: &Snapshot) -> Candidate {
        let active = self.active();
        let revision = snapshot.recipe.as_ref().ok().map(|it| it.id.clone());
        let is_active = revision.as_deref() == Some(&active.revision.id);
        let reason = (!is_active)
            .then(|| format!("seen before and not changed since; {}", active.instead()));
        Candidate {
            digest: snapshot.digest.clone(),
            revision,
            verdict: Verdict::Unchanged,
            active: is_active,
            reason,
            replaced: snapshot.files.replaced(),
            at_ms: now_ms(),
            took_micros: 0,
        }
    }
}
