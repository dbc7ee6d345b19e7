//! Activations: which revision is active, since when, by whom and why.
//!
//! The active revision is that of the newest activation, in the order in which the database numbered them. Activations take turns
//! on one lock, so that what a proposal rests on (who was seen last, what was rejected) is still true when it takes effect; other
//! hosts are woken in the same transaction.

use sea_orm::{
    ActiveValue::{NotSet, Set},
    ConnectionTrait, EntityTrait as _, QueryOrder as _, QuerySelect as _,
};
use serde::Serialize;

use super::by::By;
use super::notices;
use super::pools::Pools;
use super::proposals::{self, OVERTAKEN, Proposal, REJECTED, Verdict, append, is_rejected};
use super::repinning::{self, Repinnings};
use super::transaction::{Lock, Tries, end};
use super::{Db, Error, Revision, entity, revisions};
use entity::{activation, revision};

/// A revision that was made the active one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Activation {
    /// In the order of activation; 0 when it is being saved.
    pub number: i64,
    /// Which revision.
    pub revision: String,
    /// On what occasion.
    pub by: By,
    /// Whether live calls take it at their next turn: all, or those pinned to what a rollback takes back.
    pub repins: bool,
    /// Who did it.
    pub who: String,
    /// Why.
    pub why: String,
    /// When.
    pub at_ms: i64,
}

/// Whether a valid proposal took effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proposed {
    /// It is the active revision now, by this activation.
    Activated(Activation),
    /// It was active already.
    Unchanged,
    /// A rollback took it back.
    Rejected,
    /// Somebody ordered otherwise meanwhile.
    Overtaken,
}

impl Db {
    /// Makes a saved revision the active one. With `rejects`, that revision is not taken from a folder again until the folder
    /// offers another one.
    ///
    /// # Errors
    /// [`Error::Missing`] for a revision that is not saved, [`Error::Overtaken`] where another activation came in between.
    pub async fn activate(
        &self,
        activation: &Activation,
        rejects: Option<Rejects<'_>>,
    ) -> Result<Activation, Error> {
        match self
            .in_turn(activation, Reason::Ordered { rejects })
            .await?
        {
            Proposed::Activated(saved) => Ok(saved),
            Proposed::Unchanged | Proposed::Rejected | Proposed::Overtaken => Err(Error::Overtaken),
        }
    }

    /// Makes a folder's revision the active one, unless it is already, was rejected by a rollback, or somebody ordered otherwise
    /// after the activation `known`, which was the newest when the files were read; and keeps what was proposed.
    ///
    /// # Errors
    /// [`Error::Missing`] for a revision that is not saved.
    pub async fn propose(
        &self,
        folder: &str,
        digest: &str,
        activation: &Activation,
        known: i64,
    ) -> Result<Proposed, Error> {
        let shown = Shown {
            folder,
            digest,
            known,
        };
        self.in_turn(activation, Reason::Shown(shown)).await
    }

    /// The newest activations, newest first.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn activations(&self, limit: u64) -> Result<Vec<Activation>, Error> {
        let rows = activation::Entity::find()
            .order_by_desc(activation::Column::Id)
            .limit(Ord::min(limit, proposals::LISTED_MAX))
            .all(&self.pools.reader())
            .await?;
        Ok(rows.into_iter().map(read).collect())
    }

    /// The newest activation with its revision, and what live calls were ordered to take; none before the first.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn active_revision(
        &self,
    ) -> Result<Option<(Activation, Revision, Repinnings)>, Error> {
        let reader = self.pools.reader();
        let Some(newest) = newest(&reader).await? else {
            return Ok(None);
        };
        let repinnings = repinning::standing(&reader, newest.id).await?;
        let row = revision::Entity::find_by_id(&newest.revision)
            .one(&reader)
            .await?
            .ok_or(Error::Missing("revision"))?;
        Ok(Some((read(newest), revisions::read(row)?, repinnings)))
    }

    /// One transaction at a time over all hosts; the others are told when it has ended well.
    async fn in_turn(
        &self,
        activation: &Activation,
        reason: Reason<'_>,
    ) -> Result<Proposed, Error> {
        let lock = Lock::new("pipeline", "activations", true);
        let pools: &Pools = &self.pools;
        let mut tries = Tries::new();
        loop {
            let done = pools.within(async {
                let transaction = pools.begin(&[lock]).await?;
                let worked = match reason {
                    Reason::Ordered { rejects } => order(&transaction, activation, rejects).await,
                    Reason::Shown(shown) => show(&transaction, activation, shown).await,
                };
                if worked.is_ok() {
                    notices::tell(pools.kind, &transaction).await?;
                }
                end(transaction, worked).await
            });
            match done.await {
                Ok(done) => return Ok(done),
                Err(error) => tries.again(error).await?,
            }
        }
    }
}

/// Why a revision is to be made active.
#[derive(Clone, Copy)]
enum Reason<'a> {
    Ordered { rejects: Option<Rejects<'a>> },
    Shown(Shown<'a>),
}

/// What a rollback takes back.
#[derive(Debug, Clone, Copy)]
pub struct Rejects<'a> {
    /// Not taken from a folder again until a folder offers another one.
    pub revision: &'a str,
    /// The newest activation that the rollback was decided on.
    pub known: i64,
}

/// Files of a folder.
#[derive(Clone, Copy)]
struct Shown<'a> {
    folder: &'a str,
    digest: &'a str,
    known: i64,
}

async fn order(
    connection: &impl ConnectionTrait,
    activation: &Activation,
    rejects: Option<Rejects<'_>>,
) -> Result<Proposed, Error> {
    if let Some(rejects) = rejects {
        let newest = newest(connection).await?;
        if newest.is_some_and(|row| i64::from(row.id) != rejects.known) {
            return Ok(Proposed::Overtaken);
        }
    }
    let saved = insert(connection, activation).await?;
    if let Some(rejected) = rejects {
        let row = Proposal {
            folder: String::new(),
            digest: String::new(),
            revision: Some(rejected.revision.to_owned()),
            verdict: Verdict::Rejected,
            reason: Some(activation.why.clone()),
            at_ms: activation.at_ms,
        };
        append(connection, &row).await?;
    }
    Ok(Proposed::Activated(saved))
}

async fn show(
    connection: &impl ConnectionTrait,
    activation: &Activation,
    shown: Shown<'_>,
) -> Result<Proposed, Error> {
    let newest = newest(connection).await?.map(read);
    let is_active = newest
        .as_ref()
        .is_some_and(|one| one.revision == activation.revision);
    let is_overtaken = newest.is_some_and(|one| one.number > shown.known && one.by != By::Folder);
    let proposed = if is_active {
        Proposed::Unchanged
    } else if is_rejected(connection, &activation.revision).await? {
        Proposed::Rejected
    } else if is_overtaken {
        Proposed::Overtaken
    } else {
        Proposed::Activated(insert(connection, activation).await?)
    };
    let (verdict, reason) = match &proposed {
        Proposed::Activated(_) => (Verdict::Activated, None),
        Proposed::Unchanged => (Verdict::Unchanged, None),
        Proposed::Rejected => (Verdict::Rejected, Some(REJECTED.to_owned())),
        Proposed::Overtaken => (Verdict::Rejected, Some(OVERTAKEN.to_owned())),
    };
    let row = Proposal {
        folder: shown.folder.to_owned(),
        digest: shown.digest.to_owned(),
        revision: Some(activation.revision.clone()),
        verdict,
        reason,
        at_ms: activation.at_ms,
    };
    append(connection, &row).await?;
    Ok(proposed)
}

async fn newest(connection: &impl ConnectionTrait) -> Result<Option<activation::Model>, Error> {
    let newest = activation::Entity::find().order_by_desc(activation::Column::Id);
    Ok(newest.one(connection).await?)
}

async fn insert(
    connection: &impl ConnectionTrait,
    activation: &Activation,
) -> Result<Activation, Error> {
    let known = revision::Entity::find_by_id(&activation.revision)
        .one(connection)
        .await?;
    if known.is_none() {
        return Err(Error::Missing("revision"));
    }
    let row = activation::ActiveModel {
        id: NotSet,
        revision: Set(activation.revision.clone()),
        who: Set(activation.who.clone()),
        why: Set(activation.why.clone()),
        at_ms: Set(activation.at_ms),
        kind: Set(activation.by.name().to_owned()),
        repins: Set(i64::from(activation.repins)),
    };
    let saved = activation::Entity::insert(row).exec(connection).await?;
    Ok(Activation {
        number: i64::from(saved.last_insert_id),
        ..activation.clone()
    })
}

fn read(row: activation::Model) -> Activation {
    Activation {
        number: i64::from(row.id),
        by: By::from_name(&row.kind),
        repins: row.repins != 0,
        revision: row.revision,
        who: row.who,
        why: row.why,
        at_ms: row.at_ms,
    }
}
