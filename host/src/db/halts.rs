//! Halts: what an operator stopped in a hurry, and let go on again; every word of it kept.
//!
//! Rows are only added; what holds is the newest row of each thing.

use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    EntityTrait as _, QueryOrder as _, QuerySelect as _,
};
use serde::Serialize;

use super::transaction::{Lock, end};
use super::{Db, Error, entity, notices};
use entity::{activation, halt};

/// Something that was halted, or let go on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Halt {
    /// `transfers`, or `plugin`.
    pub what: String,
    /// The plugin's name; empty for transfers.
    pub name: String,
    /// Halted; otherwise let go on.
    pub halted: bool,
    /// Who.
    pub who: String,
    /// Why.
    pub why: String,
    /// When.
    pub at_ms: i64,
}

/// How far things have got: whoever knows both numbers knows whether anything is new.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Marks {
    /// Of the newest activation.
    pub activation: i64,
    /// Of the newest halt.
    pub halt: i64,
}

/// More than anybody halts in years; what holds is among the newest.
const READ_MAX: u64 = 10_000;

impl Db {
    /// Keeps that something was halted or let go on, and wakes the other hosts.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn save_halt(&self, halt: &Halt) -> Result<(), Error> {
        let row = halt::ActiveModel {
            id: NotSet,
            what: Set(halt.what.clone()),
            name: Set(halt.name.clone()),
            halted: Set(i64::from(halt.halted)),
            who: Set(halt.who.clone()),
            why: Set(halt.why.clone()),
            at_ms: Set(halt.at_ms),
        };
        self.pools
            .within(async {
                // One after the other: numbers that come out of order would be overlooked by whoever asks for the newest.
                let lock = Lock::new("pipeline", "halts", true);
                let transaction = self.pools.begin(&[lock]).await?;
                let saved = async {
                    halt::Entity::insert(row)
                        .exec_without_returning(&transaction)
                        .await?;
                    notices::tell(self.pools.kind, &transaction).await
                };
                let saved = saved.await;
                end(transaction, saved).await
            })
            .await
    }

    /// What was halted or let go on, newest first; all that matters where no `limit` is given.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn halts(&self, limit: Option<u64>) -> Result<Vec<Halt>, Error> {
        let rows = halt::Entity::find()
            .order_by_desc(halt::Column::Id)
            .limit(Ord::min(limit.unwrap_or(READ_MAX), READ_MAX))
            .all(&self.pools.reader())
            .await?;
        let read = |row: halt::Model| Halt {
            what: row.what,
            name: row.name,
            halted: row.halted != 0,
            who: row.who,
            why: row.why,
            at_ms: row.at_ms,
        };
        Ok(rows.into_iter().map(read).collect())
    }

    /// How far activations and halts have got.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn marks(&self) -> Result<Marks, Error> {
        let reader = self.pools.reader();
        let activation: Option<Option<i32>> = activation::Entity::find()
            .select_only()
            .column_as(Expr::col(activation::Column::Id).max(), "newest")
            .into_tuple()
            .one(&reader)
            .await?;
        let halt: Option<Option<i32>> = halt::Entity::find()
            .select_only()
            .column_as(Expr::col(halt::Column::Id).max(), "newest")
            .into_tuple()
            .one(&reader)
            .await?;
        let number = |newest: Option<Option<i32>>| newest.flatten().map_or(0, i64::from);
        Ok(Marks {
            activation: number(activation),
            halt: number(halt),
        })
    }
}
