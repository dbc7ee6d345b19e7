//! Customers: which number and which PIN belong to which user of the bank's.
//!
//! A customer is known by the bank's id everywhere outside; the row's own id never leaves. Numbers come checked (E.164).

use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, EntityTrait as _, PaginatorTrait as _, QueryFilter as _,
    QueryOrder as _,
};
use secrecy::SecretString;

use super::transaction::{Tries, end};
use super::{Db, Error, entity};
use entity::user::{ActiveModel, Column, Entity, Model};

/// A customer as enrolled.
#[derive(Debug, Clone)]
pub struct User {
    /// The bank's id.
    pub backend_id: String,
    /// E.164.
    pub phone: String,
    /// For greeting.
    pub name: Option<String>,
    /// The PIN as a PHC string of argon2id; none where no PIN was set.
    pub pin_hash: Option<SecretString>,
    /// Too many wrong PINs; until unlocked by an operator.
    pub is_locked: bool,
    /// When enrolled.
    pub created_at_ms: i64,
}

/// A customer to enrol.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// The bank's id, unique.
    pub backend_id: String,
    /// E.164, unique.
    pub phone: String,
    /// For greeting.
    pub name: Option<String>,
    /// From `caller::pin_hash::hash`.
    pub pin_hash: Option<SecretString>,
}

impl From<Model> for User {
    fn from(row: Model) -> Self {
        Self {
            backend_id: row.backend_user_id,
            phone: row.phone,
            name: row.name,
            pin_hash: row.pin_hash.map(SecretString::from),
            is_locked: row.locked_at_ms.is_some(),
            created_at_ms: row.created_at_ms,
        }
    }
}

impl NewUser {
    fn into_row(self, now_ms: i64) -> ActiveModel {
        use secrecy::ExposeSecret as _;
        ActiveModel {
            id: Set(uuid::Uuid::now_v7().to_string()),
            phone: Set(self.phone),
            name: Set(self.name),
            backend_user_id: Set(self.backend_id),
            pin_hash: Set(self.pin_hash.map(|hash| hash.expose_secret().to_owned())),
            wrong_pins_ms: Set("[]".to_owned()),
            locked_at_ms: Set(None),
            created_at_ms: Set(now_ms),
        }
    }
}

impl Db {
    /// The customer with this number.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn user_by_phone(&self, e164: &str) -> Result<Option<User>, Error> {
        let found = Entity::find()
            .filter(Column::Phone.eq(e164))
            .one(&self.pools.reader())
            .await?;
        Ok(found.map(User::from))
    }

    /// The customer with this id of the bank's.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn user_by_backend_id(&self, backend_id: &str) -> Result<Option<User>, Error> {
        let by_id = Entity::find().filter(Column::BackendUserId.eq(backend_id));
        Ok(by_id.one(&self.pools.reader()).await?.map(User::from))
    }

    /// All customers, by number.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn users(&self) -> Result<Vec<User>, Error> {
        let rows = Entity::find()
            .order_by_asc(Column::Phone)
            .all(&self.pools.reader())
            .await?;
        Ok(rows.into_iter().map(User::from).collect())
    }

    /// How many customers are enrolled.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn count_users(&self) -> Result<u64, Error> {
        Ok(Entity::find().count(&self.pools.reader()).await?)
    }

    /// Enrols customers, all or none.
    ///
    /// # Errors
    /// [`AddError`] with the place of the first that cannot be enrolled.
    pub async fn add_users(&self, users: Vec<NewUser>, now_ms: i64) -> Result<(), AddError> {
        let unplaced = |error| AddError { at: 0, error };
        let transaction = self.pools.begin(&[]).await.map_err(unplaced)?;
        for (at, user) in users.into_iter().enumerate() {
            let added = self.add_in(&transaction, user, now_ms).await;
            if let Err(error) = added {
                let _ = transaction.rollback().await;
                return Err(AddError { at, error });
            }
        }
        transaction
            .commit()
            .await
            .map_err(|cause| unplaced(cause.into()))
    }

    /// Enrols one customer.
    ///
    /// # Errors
    /// [`Error::Taken`] where the number or the id is enrolled already.
    pub async fn add_user(&self, user: NewUser, now_ms: i64) -> Result<(), Error> {
        self.add_users(vec![user], now_ms)
            .await
            .map_err(|failed| failed.error)
    }

    async fn add_in(
        &self,
        db: &impl sea_orm::ConnectionTrait,
        user: NewUser,
        now_ms: i64,
    ) -> Result<(), Error> {
        if Entity::find()
            .filter(Column::Phone.eq(&user.phone))
            .one(db)
            .await?
            .is_some()
        {
            return Err(Error::Taken("this phone number"));
        }
        let by_id = Entity::find().filter(Column::BackendUserId.eq(&user.backend_id));
        if by_id.one(db).await?.is_some() {
            return Err(Error::Taken("this user id"));
        }
        Entity::insert(user.into_row(now_ms))
            .exec_without_returning(db)
            .await?;
        Ok(())
    }

    /// Keeps a caller whom the backend knew, and gives the customer as now enrolled. One who calls from a new number of theirs
    /// keeps PIN and lock; a number that is enrolled already stays with its customer.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn remember_user(
        &self,
        phone: &str,
        name: Option<&str>,
        backend_id: &str,
        now_ms: i64,
    ) -> Result<User, Error> {
        let mut tries = Tries::new();
        loop {
            let attempt = self.try_remember(phone, name, backend_id, now_ms);
            match self.pools.within(attempt).await {
                Ok(user) => return Ok(user),
                Err(error) => tries.again(error).await?,
            }
        }
    }

    async fn try_remember(
        &self,
        phone: &str,
        name: Option<&str>,
        backend_id: &str,
        now_ms: i64,
    ) -> Result<User, Error> {
        let transaction = self.pools.begin(&[]).await?;
        let db = &transaction;
        let work = async {
            if let Some(found) = Entity::find()
                .filter(Column::Phone.eq(phone))
                .one(db)
                .await?
            {
                return Ok(found.into());
            }
            let by_id = || Entity::find().filter(Column::BackendUserId.eq(backend_id));
            if by_id().one(db).await?.is_some() {
                Entity::update_many()
                    .col_expr(Column::Phone, Expr::value(phone))
                    .col_expr(Column::Name, Expr::value(name.map(str::to_owned)))
                    .filter(Column::BackendUserId.eq(backend_id))
                    .exec(db)
                    .await?;
            } else {
                let user = NewUser {
                    backend_id: backend_id.to_owned(),
                    phone: phone.to_owned(),
                    name: name.map(str::to_owned),
                    pin_hash: None,
                };
                Entity::insert(user.into_row(now_ms))
                    .exec_without_returning(db)
                    .await?;
            }
            by_id()
                .one(db)
                .await?
                .map(User::from)
                .ok_or(Error::Missing("user"))
        }
        .await;
        end(transaction, work).await
    }
}

/// Why customers were not enrolled; none of them was.
#[derive(Debug, thiserror::Error)]
#[error("user {} of the list: {error}", at + 1)]
pub struct AddError {
    /// Place in the list, from 0.
    pub at: usize,
    /// What was wrong.
    #[source]
    pub error: Error,
}
