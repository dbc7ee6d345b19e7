//! Proposals: what folders showed, and what became of it; and what a rollback rejected.
//!
//! Rows are only added. The newest of a folder says what was seen of it last.

use sea_orm::sea_query::{ExprTrait as _, SimpleExpr};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _,
};
use serde::Serialize;

use super::{Db, Error, entity};
use entity::proposal;

/// Rows of a list that people read, and one more, which tells that there are others.
pub(super) const LISTED_MAX: u64 = 1_001;

/// What is said of a revision that a folder shows and a rollback took back.
pub const REJECTED: &str =
    "a rollback took this revision back; change the rules, or activate it by its name";

/// What is said of files that an operator's order overtook.
pub const OVERTAKEN: &str = "an operator changed the rules while these files were looked at; change them again, or activate this \
     revision by its name";

/// What became of a folder's files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// They became the active revision.
    Activated,
    /// They are the active revision already.
    Unchanged,
    /// They are no valid revision.
    Failed,
    /// A rollback took this revision back, and the folder has not offered another one since.
    Rejected,
    /// They are a valid revision that a person has to want: it has fewer policies than the active one, or a start found it.
    Held,
}

impl Verdict {
    fn name(self) -> &'static str {
        match self {
            Self::Activated => "activated",
            Self::Unchanged => "unchanged",
            Self::Failed => "failed",
            Self::Rejected => "rejected",
            Self::Held => "held",
        }
    }

    fn from_name(name: &str) -> Self {
        match name {
            "activated" => Self::Activated,
            "unchanged" => Self::Unchanged,
            "rejected" => Self::Rejected,
            "held" => Self::Held,
            _ => Self::Failed,
        }
    }
}

/// The files of a folder at one moment, and what became of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Proposal {
    /// Which folder.
    pub folder: String,
    /// Of all its files.
    pub digest: String,
    /// What they make, where they make one.
    pub revision: Option<String>,
    /// What became of them.
    pub verdict: Verdict,
    /// Why they failed or were rejected.
    pub reason: Option<String>,
    /// When.
    pub at_ms: i64,
}

impl Db {
    /// Keeps what a folder proposed and cannot be used.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn save_proposal(&self, proposal: &Proposal) -> Result<(), Error> {
        append(&self.pools.single(), proposal).await
    }

    /// What this folder showed last; none for a folder that was never seen.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn last_seen(&self, folder: &str) -> Result<Option<Proposal>, Error> {
        let row = proposal::Entity::find()
            .filter(proposal::Column::Folder.eq(folder))
            .order_by_desc(proposal::Column::Id)
            .one(&self.pools.reader())
            .await?;
        Ok(row.map(read_proposal))
    }

    /// Whether any folder ever showed just these files.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn was_seen(&self, digest: &str) -> Result<bool, Error> {
        let row = proposal::Entity::find()
            .filter(proposal::Column::Digest.eq(digest))
            .one(&self.pools.reader())
            .await?;
        Ok(row.is_some())
    }

    /// How a rollback took this revision back last; none where none did.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn rejection(&self, revision: &str) -> Result<Option<Proposal>, Error> {
        let row = rejection(&self.pools.reader(), revision).await?;
        Ok(row.map(read_proposal))
    }

    /// What folders proposed, newest first.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn proposals(&self, limit: u64) -> Result<Vec<Proposal>, Error> {
        self.newest(limit, proposal::Column::Folder.ne("")).await
    }

    /// What rollbacks rejected, newest first.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn rejections(&self, limit: u64) -> Result<Vec<Proposal>, Error> {
        self.newest(limit, proposal::Column::Folder.eq("")).await
    }

    async fn newest(&self, limit: u64, which: SimpleExpr) -> Result<Vec<Proposal>, Error> {
        let rows = proposal::Entity::find()
            .filter(which)
            .order_by_desc(proposal::Column::Id)
            .limit(Ord::min(limit, LISTED_MAX))
            .all(&self.pools.reader())
            .await?;
        Ok(rows.into_iter().map(read_proposal).collect())
    }
}

/// Rejected, and no folder has shown anything else since.
pub(super) async fn is_rejected(
    connection: &impl ConnectionTrait,
    revision: &str,
) -> Result<bool, Error> {
    let Some(rejection) = rejection(connection, revision).await? else {
        return Ok(false);
    };
    let another = proposal::Column::Revision
        .is_null()
        .or(proposal::Column::Revision.ne(revision));
    let since = proposal::Entity::find()
        .filter(proposal::Column::Id.gt(rejection.id))
        .filter(proposal::Column::Folder.ne(""))
        .filter(another)
        // Files that are no rules offer nothing.
        .filter(proposal::Column::Verdict.ne(Verdict::Failed.name()))
        .one(connection)
        .await?;
    Ok(since.is_none())
}

async fn rejection(
    connection: &impl ConnectionTrait,
    revision: &str,
) -> Result<Option<proposal::Model>, Error> {
    let newest = proposal::Entity::find()
        .filter(proposal::Column::Folder.eq(""))
        .filter(proposal::Column::Revision.eq(revision))
        .order_by_desc(proposal::Column::Id);
    Ok(newest.one(connection).await?)
}

pub(super) async fn append(
    connection: &impl ConnectionTrait,
    proposal: &Proposal,
) -> Result<(), Error> {
    let row = proposal::ActiveModel {
        id: NotSet,
        folder: Set(proposal.folder.clone()),
        digest: Set(proposal.digest.clone()),
        revision: Set(proposal.revision.clone()),
        verdict: Set(proposal.verdict.name().to_owned()),
        reason: Set(proposal.reason.clone()),
        at_ms: Set(proposal.at_ms),
    };
    proposal::Entity::insert(row)
        .exec_without_returning(connection)
        .await?;
    Ok(())
}

fn read_proposal(row: proposal::Model) -> Proposal {
    Proposal {
        verdict: Verdict::from_name(&row.verdict),
        folder: row.folder,
        digest: row.digest,
        revision: row.revision,
        reason: row.reason,
        at_ms: row.at_ms,
    }
}
