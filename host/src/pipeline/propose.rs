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
use super::reading::READ_AGAIN_AFTER;
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
            let (snapshot, is_current) = snapshot.compared().await;
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

    pub(super) fn remember(&self, candidate: Candidate, ignored: Vec<Ignored>) {
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
