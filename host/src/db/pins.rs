//! Wrong PINs and the lock they lead to, across all calls and hosts.
//!
//! The window slides: the moments of the wrong PINs are kept, not their number, so that no pause of the right length opens a
//! fresh round of guesses. Comparing a PIN is not done here.

use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QuerySelect as _,
};
use secrecy::{ExposeSecret as _, SecretString};

use super::pools::Kind;
use super::transaction::{Tries, end};
use super::{Db, Error, entity};
use entity::user::{Column, Entity, Model};

/// So many wrong PINs within [`WINDOW_MS`] lock the customer.
pub const WRONG_PINS_MAX: usize = 5;
/// 24 hours.
const WINDOW_MS: i64 = 24 * 60 * 60 * 1_000;

/// What a wrong PIN led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WrongPins {
    /// Wrong PINs in the last 24 hours, this one included.
    pub count: usize,
    /// Whether the customer is locked now.
    pub locked: bool,
}

impl Db {
    /// Counts a wrong PIN; the fifth in 24 hours locks the customer until [`Db::unlock`].
    ///
    /// Invariant: wrong PINs are counted across calls and hosts (`wrong_pins_at_once_are_all_counted`).
    ///
    /// # Errors
    /// [`Error::Missing`] for an unknown id.
    pub async fn record_wrong_pin(
        &self,
        backend_id: &str,
        now_ms: i64,
    ) -> Result<WrongPins, Error> {
        let mut tries = Tries::new();
        loop {
            match self
                .pools
                .within(self.try_record_wrong_pin(backend_id, now_ms))
                .await
            {
                Ok(wrong) => return Ok(wrong),
                Err(error) => tries.again(error).await?,
            }
        }
    }

    async fn try_record_wrong_pin(
        &self,
        backend_id: &str,
        now_ms: i64,
    ) -> Result<WrongPins, Error> {
        let transaction = self.pools.begin(&[]).await?;
        let work = async {
            let row = self.locked_row(&transaction, backend_id).await?;
            let moments = serde_json::from_str(&row.wrong_pins_ms)
                .map_err(|_| Error::Unreadable("list of wrong PINs"))?;
            let moments = after_wrong_pin(moments, now_ms);
            let count = moments.len();
            let locked_at_ms = row
                .locked_at_ms
                .or((count >= WRONG_PINS_MAX).then_some(now_ms));
            Entity::update_many()
                .col_expr(Column::WrongPinsMs, Expr::value(as_json(&moments)))
                .col_expr(Column::LockedAtMs, Expr::value(locked_at_ms))
                .filter(Column::BackendUserId.eq(backend_id))
                .exec(&transaction)
                .await?;
            Ok(WrongPins {
                count,
                locked: locked_at_ms.is_some(),
            })
        }
        .await;
        end(transaction, work).await
    }

    async fn locked_row(
        &self,
        db: &impl ConnectionTrait,
        backend_id: &str,
    ) -> Result<Model, Error> {
        let query = Entity::find().filter(Column::BackendUserId.eq(backend_id));
        let query = match self.pools.kind {
            Kind::Postgres => query.lock_exclusive(),
            // The whole file is ours inside an immediate transaction.
            Kind::Sqlite => query,
        };
        query.one(db).await?.ok_or(Error::Missing("user"))
    }

    /// Forgets wrong PINs after a right one; a lock stays.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn clear_wrong_pins(&self, backend_id: &str) -> Result<(), Error> {
        Entity::update_many()
            .col_expr(Column::WrongPinsMs, Expr::value("[]"))
            .filter(Column::BackendUserId.eq(backend_id))
            .filter(Column::WrongPinsMs.ne("[]"))
            .exec(&self.pools.single())
            .await?;
        Ok(())
    }

    /// Whether the customer is locked; an unknown id is not.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn is_locked(&self, backend_id: &str) -> Result<bool, Error> {
        Ok(self
            .user_by_backend_id(backend_id)
            .await?
            .is_some_and(|user| user.is_locked))
    }

    /// Unlocks a customer and forgets their wrong PINs.
    ///
    /// # Errors
    /// [`Error::Missing`] for an unknown number.
    pub async fn unlock(&self, phone: &str) -> Result<(), Error> {
        let changed = Entity::update_many()
            .col_expr(Column::WrongPinsMs, Expr::value("[]"))
            .col_expr(Column::LockedAtMs, Expr::value(None::<i64>))
            .filter(Column::Phone.eq(phone))
            .exec(&self.pools.single())
            .await?;
        found(changed.rows_affected)
    }

    /// Sets a customer's PIN, already hashed; wrong PINs and a lock stay.
    ///
    /// # Errors
    /// [`Error::Missing`] for an unknown number.
    pub async fn set_pin_hash(&self, phone: &str, pin_hash: &SecretString) -> Result<(), Error> {
        let changed = Entity::update_many()
            .col_expr(Column::PinHash, Expr::value(pin_hash.expose_secret()))
            .filter(Column::Phone.eq(phone))
            .exec(&self.pools.single())
            .await?;
        found(changed.rows_affected)
    }
}

fn found(rows: u64) -> Result<(), Error> {
    if rows == 0 {
        Err(Error::Missing("user with this phone number"))
    } else {
        Ok(())
    }
}

/// The newest moments within the window, never more than are needed for a lock.
fn after_wrong_pin(mut moments: Vec<i64>, now_ms: i64) -> Vec<i64> {
    moments.push(now_ms);
    moments.retain(|moment| now_ms.saturating_sub(*moment) < WINDOW_MS);
    moments.sort_unstable();
    let surplus = moments.len().saturating_sub(WRONG_PINS_MAX);
    moments.split_off(surplus)
}

fn as_json(moments: &[i64]) -> String {
    serde_json::Value::from(moments.to_vec()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_slides_and_no_pause_opens_a_fresh_round() {
        let hour = 60 * 60 * 1_000;
        let mut moments = Vec::new();
        for at in [0, 23 * hour, 23 * hour + 1, 23 * hour + 2] {
            moments = after_wrong_pin(moments, at);
        }
        assert_eq!(moments.len(), 4);
        // The first has left the window; the other three have not.
        moments = after_wrong_pin(moments, 24 * hour);
        assert_eq!(moments.len(), 4);
        assert_eq!(
            after_wrong_pin(moments, 24 * hour + 1).len(),
            WRONG_PINS_MAX
        );
    }

    #[test]
    fn the_list_is_bounded() {
        let moments = (0..100).fold(Vec::new(), after_wrong_pin);
        assert_eq!(moments, [95, 96, 97, 98, 99]);
    }
}
