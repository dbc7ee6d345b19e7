//! What an operator sees of the rules: what is active and why, what is loaded, what was refused, what is halted, what was before.
//!
//! Plain data for the admin surface and the command line.

use std::path::PathBuf;
use std::sync::PoisonError;

use serde::Serialize;
use serde_json::Value;

use super::Pipeline;
use super::active::Active;
use super::again::TakenBack;
use super::error::Error;
use super::history::{self, Difference};
use super::manifest::Pin;
use super::pinned::Pinned;
use super::propose::Candidate;
use super::recipe::Ingredient;
use super::revision::{Revision, Stage};
use super::snapshot::Ignored;
use super::tally::Counted;
use crate::db::{Activation, Halt, Proposal, Verdict};
use crate::plugin::Grant;

/// Rows of each list of a history.
const LISTED_MAX: u64 = 1_000;

/// The rules of this host now.
#[derive(Debug, Serialize)]
pub struct Status {
    /// What decides new calls.
    pub active: Shown,
    /// Revisions that live calls are pinned to, on all hosts; none where the database cannot be asked.
    pub pinned: Option<Vec<Pinned>>,
    /// Loaded revisions with the number of calls that keep each loaded on this host.
    pub loaded: Vec<Loaded>,
    /// What the files held when they were last looked at.
    pub candidate: Option<Candidate>,
    /// The file that somebody is writing, and that is waited for.
    pub waits_for: Option<PathBuf>,
    /// Files of the folder that count for nothing.
    pub ignored: Vec<Ignored>,
    /// What is halted.
    pub halts: Vec<Halt>,
    /// Why this host does not follow the newest activation, where it does not.
    pub behind: Option<String>,
}

/// The active revision.
#[derive(Debug, Serialize)]
pub struct Shown {
    /// Its id.
    pub revision: String,
    /// The number of its activation.
    pub activation: i64,
    /// Since when.
    pub since_ms: i64,
    /// On what occasion.
    pub by: &'static str,
    /// By whom.
    pub who: String,
    /// Why.
    pub why: String,
    /// That a rollback took it back before, if one did.
    pub taken_back: Option<TakenBack>,
    /// How calls keep it.
    pub pin: Pin,
    /// In order.
    pub stages: Vec<ShownStage>,
}

/// One stage of it.
#[derive(Debug, Serialize)]
pub struct ShownStage {
    /// What it is made of.
    #[serde(flatten)]
    pub made_of: Ingredient,
    /// As it says itself.
    pub version: String,
    /// As it says itself.
    pub summary: String,
    /// What it was granted and does not import.
    pub unused_grants: Vec<Grant>,
    /// What of its manifest counts for less than it says.
    pub notes: Vec<String>,
    /// How often it was asked and failed on this host since it was made active.
    pub turns: Counted,
}

/// A loaded revision.
#[derive(Debug, Serialize)]
pub struct Loaded {
    /// Its id.
    pub revision: String,
    /// Calls that were on this host lately and are pinned to it.
    pub calls: usize,
}

/// What was before.
#[derive(Debug, Serialize)]
pub struct History {
    /// Newest first.
    pub activations: Vec<Step>,
    /// What folders offered, newest first.
    pub proposals: Vec<Proposal>,
    /// What rollbacks took back, newest first.
    pub taken_back: Vec<Proposal>,
    /// Newest first.
    pub halts: Vec<Halt>,
    /// Newest first, with the state of each.
    pub revisions: Vec<Listed>,
    /// Which of these lists are cut: there are older rows.
    pub cut: Vec<&'static str>,
}

/// An activation in a list.
#[derive(Debug, Serialize)]
pub struct Step {
    /// As it was ordered.
    #[serde(flatten)]
    pub activation: Activation,
    /// What was active before; none for the first of all, or where that is too long ago to be looked up.
    pub replaces: Option<String>,
    /// What a rollback took back; where it moves live calls, it moves those that are pinned to one of these.
    pub takes_back: Vec<String>,
}

/// A revision in a list.
#[derive(Debug, Serialize)]
pub struct Listed {
    /// Its id.
    pub id: String,
    /// `active`, `retired`, `validated` or `failed`.
    pub state: String,
    /// Why it failed.
    pub reason: Option<String>,
    /// When it was first proposed.
    pub created_at_ms: i64,
}

impl Pipeline {
    /// The rules of this host now.
    pub async fn status(&self) -> Status {
        let active = self.active();
        let pinned = self.pinned(&active).await.ok();
        let taken_back = self.taken_back(&active.revision.id).await;
        let (candidate, ignored) = {
            let proposed = self.shared.proposed.lock();
            let proposed = proposed.unwrap_or_else(PoisonError::into_inner);
            (proposed.candidate.clone(), proposed.ignored.clone())
        };
        let loaded = self.shared.shelf.loaded();
        let stages = active.revision.stages.iter();
        Status {
            active: Shown {
                revision: active.revision.id.clone(),
                activation: active.activation.number,
                since_ms: active.activation.at_ms,
                by: active.activation.by.name(),
                who: active.activation.who.clone(),
                why: active.activation.why.clone(),
                taken_back,
                pin: active.revision.pin,
                stages: stages
                    .map(|stage| shown(&active.revision, stage, self.settings().turn_deadline_ms))
                    .collect(),
            },
            pinned,
            loaded: loaded
                .into_iter()
                .map(|(revision, calls)| Loaded { revision, calls })
                .collect(),
            candidate: candidate.map(|it| it.told_by(&active)),
            waits_for: self.rest().writer(),
            ignored,
            halts: self.halts().rows.clone(),
            behind: self.followed().behind.clone(),
        }
    }

    /// What was before.
    ///
    /// # Errors
    /// The database's.
    pub async fn history(&self, limit: u64) -> Result<History, Error> {
        let db = &self.shared.db;
        let limit = limit.min(LISTED_MAX);
        let all = db.activations(LISTED_MAX).await?;
        let active = self.active();
        let mut revisions = Vec::new();
        for revision in db.revisions(limit + 1).await? {
            let state = if revision.id == active.revision.id {
                "active"
            } else if all.iter().any(|one| one.revision == revision.id) {
                "retired"
            } else {
                &revision.state
            };
            revisions.push(Listed {
                state: state.to_owned(),
                id: revision.id,
                reason: revision.reason,
                created_at_ms: revision.created_at_ms,
            });
        }
        let mut history = History {
            activations: steps(db.activations(limit + 1).await?, &all),
            proposals: db.proposals(limit + 1).await?,
            taken_back: db.rejections(limit + 1).await?,
            halts: db.halts(Some(limit + 1)).await?,
            revisions,
            cut: Vec::new(),
        };
        history.cut_to(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(history)
    }

    /// The id of the revision of this name, and its content as the database keeps it.
    ///
    /// # Errors
    /// As [`Self::named`].
    pub async fn content(&self, name: &str) -> Result<(String, Value), Error> {
        let id = self.named(name).await?;
        let stored = self.shared.db.revision(&id).await?;
        let stored = stored.ok_or_else(|| Error::UnknownRevision(name.to_owned()))?;
        Ok((id, stored.manifest))
    }

    /// What differs between two revisions.
    ///
    /// # Errors
    /// As [`Self::named`].
    pub async fn diff(&self, from: &str, to: &str) -> Result<Vec<Difference>, Error> {
        let ((_, from), (_, to)) = (self.content(from).await?, self.content(to).await?);
        Ok(history::differences(&from, &to))
    }
}

impl History {
    fn cut_to(&mut self, rows: usize) {
        let mut cut = Vec::new();
        let mut note = |name, found: usize| {
            if found > rows {
                cut.push(name);
            }
        };
        note("activations", self.activations.len());
        note("proposals", self.proposals.len());
        note("taken_back", self.taken_back.len());
        note("halts", self.halts.len());
        note("revisions", self.revisions.len());
        self.activations.truncate(rows);
        self.proposals.truncate(rows);
        self.taken_back.truncate(rows);
        self.halts.truncate(rows);
        self.revisions.truncate(rows);
        self.cut = cut;
    }
}

/// With what each rollback among them took back; `all`: as many as can be looked back over.
fn steps(listed: Vec<Activation>, all: &[Activation]) -> Vec<Step> {
    let mut taken_back = history::taken_back(all);
    let before = |number: i64| all.iter().find(|one| one.number < number);
    let step = |activation: Activation| Step {
        replaces: before(activation.number).map(|it| it.revision.clone()),
        takes_back: taken_back.remove(&activation.number).unwrap_or_default(),
        activation,
    };
    listed.into_iter().map(step).collect()
}

impl Candidate {
    /// What was found of the files, told by what is active now: orders may have come since.
    pub(super) fn told_by(mut self, active: &Active) -> Self {
        self.active = self.revision.as_deref() == Some(&active.revision.id);
        match self.verdict {
            Verdict::Held | Verdict::Rejected if self.active => {
                self.verdict = Verdict::Unchanged;
                self.reason = None;
            }
            Verdict::Activated | Verdict::Unchanged if self.active => self.reason = None,
            Verdict::Activated | Verdict::Unchanged if self.reason.is_none() => {
                self.reason = Some(active.instead());
            }
            Verdict::Activated
            | Verdict::Unchanged
            | Verdict::Held
            | Verdict::Rejected
            | Verdict::Failed => {}
        }
        self
    }
}

fn shown(revision: &Revision, stage: &Stage, turn_deadline_ms: Option<u64>) -> ShownStage {
    ShownStage {
        made_of: stage.made_of.clone(),
        version: stage.description.version.clone(),
        summary: stage.description.summary.clone(),
        unused_grants: stage.plugin.unused_grants().to_vec(),
        notes: revision.notes_on(stage, turn_deadline_ms),
        turns: stage.tally.counted(),
    }
}
