//! Numbers whose calls are not taken, and every word of why.
//!
//! Rows are only added; what holds is the newest row of a number.

use std::collections::HashSet;

use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _,
};

use super::{Db, Error, entity};
use entity::block;

/// A number that was blocked, or let in again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// E.164.
    pub phone: String,
    /// Blocked; otherwise let in again.
    pub blocked: bool,
    /// Who said so.
    pub who: String,
    /// Why.
    pub why: String,
    /// When.
    pub at_ms: i64,
}

impl Db {
    /// Keeps that a number was blocked or let in again.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn save_block(&self, block: &Block) -> Result<(), Error> {
        let row = block::ActiveModel {
            id: NotSet,
            phone: Set(block.phone.clone()),
            blocked: Set(i64::from(block.blocked)),
            who: Set(block.who.clone()),
            why: Set(block.why.clone()),
            at_ms: Set(block.at_ms),
        };
        block::Entity::insert(row)
            .exec_without_returning(&self.pools.single())
            .await?;
        Ok(())
    }

    /// Whether calls from this number are not taken.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn is_blocked(&self, phone: &str) -> Result<bool, Error> {
        let newest = block::Entity::find()
            .filter(block::Column::Phone.eq(phone))
            .order_by_desc(block::Column::Id)
            .one(&self.pools.reader())
            .await?;
        Ok(newest.is_some_and(|row| row.blocked != 0))
    }

    /// Every number that is blocked, the newest first.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn blocks(&self) -> Result<Vec<Block>, Error> {
        let rows = block::Entity::find()
            .order_by_desc(block::Column::Id)
            .all(&self.pools.reader())
            .await?;
        let mut seen = HashSet::new();
        let newest = rows
            .into_iter()
            .filter(|row| seen.insert(row.phone.clone()));
        let blocked = newest.filter(|row| row.blocked != 0).map(|row| Block {
            phone: row.phone,
            blocked: true,
            who: row.who,
            why: row.why,
            at_ms: row.at_ms,
        });
        Ok(blocked.collect())
    }
}
