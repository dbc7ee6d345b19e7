//! Which rules live calls are pinned to, counted over all hosts; no call is read.
//!
//! What each of them takes at its next turn is not known here.

use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QuerySelect as _};

use super::calls::live_states;
use super::{Db, Error, entity};
use entity::call;

/// Live calls that are pinned alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PinnedCalls {
    /// To which revision.
    pub revision: String,
    /// The activation that they have seen last.
    pub activation: i64,
    /// How many.
    pub calls: u64,
}

impl Db {
    /// Live calls by the revision that they are pinned to and the activation that they have seen; those without a turn have none.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn pinned_calls(&self) -> Result<Vec<PinnedCalls>, Error> {
        use call::Column as C;
        let rows: Vec<(String, i64, i64)> = call::Entity::find()
            .select_only()
            .columns([C::Revision, C::Activation])
            .column_as(C::Id.count(), "calls")
            .filter(C::State.is_in(live_states()))
            .filter(C::Revision.is_not_null())
            .group_by(C::Revision)
            .group_by(C::Activation)
            .into_tuple()
            .all(&self.pools.reader())
            .await?;
        let counted = rows.into_iter();
        Ok(counted
            .map(|(revision, activation, calls)| PinnedCalls {
                revision,
                activation,
                calls: u64::try_from(calls).unwrap_or_default(),
            })
            .collect())
    }
}
