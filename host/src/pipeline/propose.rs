//! From files to the active revision: read, loaded whole, kept, made active; or refused with the reason, and nothing else changed.
//!
//! A folder only proposes. It is taken when its files change under a watching host, or somebody asks, never because a host started, so that a
//! restart brings back what the database says is active, and hosts with different folders do not overwrite each other.

use std::sync::PoisonError;
use std::time::{Duration, Instant};

use super::Pipeline;
use super::active::Active;
use super::error::{Error, FilesError};
use super::history;
use super::loader::{self, Bytes};
use super::reading::{READ_AGAIN_AFTER, compared};
use super::refusal::{held_back, unwatched};
use super::registry::{activation, folder, keep, now_ms, refuse};
use super::revision::Revision;
use super::snapshot::{Ignored, Snapshot};
use crate::db::{self, Verdict};
use serde::Serialize;

/// Files that changed while they were compiled are read again so many times; then what was compiled is taken.
const SUPERSEDED_MAX: u32 = 5;
/// Loads of a candidate that is given no time by a busy machine, before that counts as its own fault.
const LATE_MAX: u32 = 3;
/// The first pause; each is longer by as much.
const LATE_AGAIN_AFTER: Duration = Duration::from_secs(1);

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
    /// Whether what they make is what is active.
    pub active: bool,
    /// Why it is not the active revision.
    pub reason: Option<String>,
    /// Settings that a sandbox replaces, a stage each: what stands there for production is checked, and changes nothing here.
    pub replaced: Vec<String>,
    /// When.
    pub at_ms: i64,
    /// From the first read to the end.
    pub took_micros: u64,
}

impl Candidate {
    /// Whether these files are what was looked at: the same ones, or, of what waits to be asked for, others that make the same.
    fn is_of(&self, snapshot: &Snapshot) -> bool {
        let makes = snapshot.recipe.as_ref().ok().map(|it| &it.id);
        let is_held = self.verdict == Verdict::Held && self.revision.as_ref() == makes;
        self.digest == snapshot.digest || is_held
    }
}

/// What the folder showed last.
#[derive(Debug, Default)]
pub(super) struct Proposed {
    pub(super) candidate: Option<Candidate>,
    pub(super) ignored: Vec<Ignored>,
}

/// One look at the files.
struct Look {
    began: Instant,
    /// The activation that was known then; a later one outranks what the files hold.
    known: i64,
    /// Whether it is the first since this host started, and nobody asked for it.
    is_start: bool,
}

impl Pipeline {
    /// Looks at the files, and makes them the active revision where they are new and good.
    ///
    /// # Errors
    /// Only where a repeat may help: the database cannot be used, or the files do not come to rest. A bad candidate is an answer.
    pub async fn propose(&self, occasion: Occasion) -> Result<Candidate, Error> {
        if occasion == Occasion::Asked {
            self.wait_for_writers().await?;
        }
        let one_at_a_time = self.shared.proposing.lock().await;
        let candidate = self.look_at_files(occasion).await;
        drop(one_at_a_time);
        if candidate.is_err() {
            // What was told of them is not taken yet.
            self.rest().doubt();
        }
        candidate
    }

    async fn look_at_files(&self, occasion: Occasion) -> Result<Candidate, Error> {
        let began = Instant::now();
        // Of a start whose look failed, the watcher's first one is the start's.
        let is_start = occasion != Occasion::Asked && self.last().is_none();
        let (mut superseded, mut late) = (0, 0);
        loop {
            let known = self.shared.db.marks().await?.activation;
            let (snapshot, is_told) = self.read_at_rest(occasion).await?;
            if let Some(candidate) = self.known(&snapshot, occasion).await? {
                return Ok(candidate.told_by(&self.active()));
            }
            if !is_told && occasion != Occasion::Start {
                self.written_by_nobody(&snapshot).await?;
            }
            let loaded = match self.load_candidate(&snapshot).await {
                Err(cause) if cause.is_out_of_time() && late < LATE_MAX => {
                    late += 1;
                    tracing::warn!(late, "the files of the rules: {}", cause.sentence());
                    tokio::time::sleep(LATE_AGAIN_AFTER * late).await;
                    continue;
                }
                // Some files take too long on any machine; whoever saved them has to read so.
                Err(cause) if cause.is_passing() && !cause.is_out_of_time() => return Err(cause),
                loaded => loaded,
            };
            let (snapshot, is_current) = compared(snapshot).await;
            if superseded < SUPERSEDED_MAX && !is_current {
                // Files that change together become one revision, however long the first of them takes to compile.
                superseded += 1;
                tokio::time::sleep(READ_AGAIN_AFTER).await;
                continue;
            }
            let look = Look {
                began,
                known,
                is_start,
            };
            let candidate = self.conclude(&snapshot, loaded, look).await?;
            self.remember(candidate.clone(), snapshot.ignored);
            return Ok(candidate.told_by(&self.active()));
        }
    }

    /// What is already known of these files, so that nothing has to be done.
    async fn known(
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

    async fn load_candidate(&self, snapshot: &Snapshot) -> Result<Revision, Error> {
        let recipe = snapshot.recipe.as_ref().map_err(FilesError::clone)?;
        let bytes = Bytes::Read(&snapshot.files);
        let like = |wanted: &_| self.shared.shelf.like(wanted);
        loader::load(recipe, &bytes, &self.shared.engine, like).await
    }

    /// Keeps what came of the files, and exchanges the pointer where it is good. What a start finds is shown, and waits until somebody
    /// asks for it.
    ///
    /// Invariant: a start changes nothing (`a_start_brings_back_what_is_active_whatever_lies_in_the_folder`).
    ///
    /// Invariant: a new host overwrites nobody's rules (`a_new_host_with_other_files_overwrites_nobodys_rules`).
    async fn conclude(
        &self,
        snapshot: &Snapshot,
        loaded: Result<Revision, Error>,
        look: Look,
    ) -> Result<Candidate, Error> {
        let at_ms = now_ms();
        let (verdict, reason) = match loaded {
            Ok(revision) => {
                keep(&self.shared.db, snapshot, &revision, at_ms).await?;
                match self.why_held(&revision, look.is_start) {
                    Some(reason) => {
                        self.turn_down(snapshot, Verdict::Held, Some(&reason), at_ms)
                            .await?;
                        self.tell_refusal(snapshot, ("held", None), &reason);
                        (Verdict::Held, Some(reason))
                    }
                    // What another host has activated meanwhile is newer.
                    None if look.is_start => {
                        self.turn_down(snapshot, Verdict::Unchanged, None, at_ms)
                            .await?;
                        (Verdict::Unchanged, None)
                    }
                    None => self.adopt(snapshot, revision, look.known, at_ms).await?,
                }
            }
            Err(cause) => {
                let reason = cause.sentence();
                let recipe = snapshot.recipe.as_ref().ok();
                refuse(&self.shared.db, recipe, &reason, at_ms).await?;
                self.turn_down(snapshot, Verdict::Failed, Some(&reason), at_ms)
                    .await?;
                self.tell_refusal(snapshot, (cause.kind(), cause.plugin()), &reason);
                (Verdict::Failed, Some(reason))
            }
        };
        Ok(Candidate {
            digest: snapshot.digest.clone(),
            revision: snapshot.recipe.as_ref().ok().map(|it| it.id.clone()),
            verdict,
            active: false,
            reason,
            replaced: snapshot.files.replaced(),
            at_ms,
            took_micros: u64::try_from(look.began.elapsed().as_micros()).unwrap_or(u64::MAX),
        })
    }

    /// Why a person has to say first that a good revision is meant; none where it may become active.
    fn why_held(&self, revision: &Revision, is_start: bool) -> Option<String> {
        let active = self.active();
        let is_other = revision.id != active.revision.id;
        history::policies_gone(&active.revision.content, &revision.content)
            .map(|gone| held_back(&gone, &revision.id))
            .or_else(|| (is_start && is_other).then(|| unwatched(&revision.id)))
    }

    /// Makes a good revision the active one, unless the database knows better.
    async fn adopt(
        &self,
        snapshot: &Snapshot,
        revision: Revision,
        known: i64,
        at_ms: i64,
    ) -> Result<(Verdict, Option<String>), Error> {
        let before = self.active();
        let mut wanted = activation(&revision, Some(&before.revision.content), at_ms);
        if let Some(what) = self.brought_back(&before, &revision).await {
            wanted.why = format!("{}; BROUGHT BACK what was rolled back: {what}", wanted.why);
            tracing::warn!(
                revision = wanted.revision,
                "What was rolled back is back: {what}"
            );
        }
        let proposed = self
            .shared
            .db
            .propose(&self.folder(), &snapshot.digest, &wanted, known)
            .await?;
        Ok(match proposed {
            db::Proposed::Activated(activation) => {
                self.install(Active {
                    revision: self.shared.shelf.put(revision),
                    activation: activation.clone(),
                    repinnings: before.repinnings.clone().after(&wanted.revision),
                });
                self.warn_of_taken_back(&activation).await;
                (Verdict::Activated, None)
            }
            db::Proposed::Unchanged => (Verdict::Unchanged, None),
            db::Proposed::Rejected => self.rejected(snapshot, "rejected", db::REJECTED),
            db::Proposed::Overtaken => self.rejected(snapshot, "overtaken", db::OVERTAKEN),
        })
    }

    pub(super) fn last(&self) -> Option<Candidate> {
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
    pub(super) fn folder(&self) -> String {
        let settings = &self.shared.settings;
        folder(settings, self.shared.sandbox)
    }
}
