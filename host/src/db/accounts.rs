//! The directory of who owns which account, as the bank last said.
//!
//! What the bank no longer lists is no longer owned. A joint account has several owners. Balances are never kept.

use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _,
};

use super::transaction::{Tries, end};
use super::{Db, Error, entity};
use crate::call::outcome::Account;
use entity::account::{ActiveModel, Column, Entity, Model};

impl Db {
    /// Keeps the bank's list of a customer's accounts in place of the last one.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn remember_accounts(
        &self,
        user_id: &str,
        accounts: &[Account],
        now_ms: i64,
    ) -> Result<(), Error> {
        let mut tries = Tries::new();
        loop {
            match self
                .pools
                .within(self.try_remember_accounts(user_id, accounts, now_ms))
                .await
            {
                Ok(()) => return Ok(()),
                Err(error) => tries.again(error).await?,
            }
        }
    }

    async fn try_remember_accounts(
        &self,
        user_id: &str,
        accounts: &[Account],
        now_ms: i64,
    ) -> Result<(), Error> {
        let transaction = self.pools.begin(&[]).await?;
        let work = async {
            let ids = accounts.iter().map(|account| account.id.as_str());
            Entity::delete_many()
                .filter(Column::UserId.eq(user_id))
                .filter(Column::AccountId.is_not_in(ids))
                .exec(&transaction)
                .await?;
            for account in accounts {
                let mut renewed = OnConflict::columns([Column::AccountId, Column::UserId]);
                renewed.update_columns([
                    Column::Kind,
                    Column::Nickname,
                    Column::Currency,
                    Column::SeenAtMs,
                ]);
                Entity::insert(row(user_id, account, now_ms))
                    .on_conflict(renewed)
                    .exec_without_returning(&transaction)
                    .await?;
            }
            Ok(())
        }
        .await;
        end(transaction, work).await
    }

    /// The customer whose account this is; of a joint one, the owner who was seen last. None where the directory does not know.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn account_owner(&self, account_id: &str) -> Result<Option<String>, Error> {
        let row = Entity::find()
            .filter(Column::AccountId.eq(account_id))
            .order_by_desc(Column::SeenAtMs)
            .one(&self.pools.reader())
            .await?;
        Ok(row.map(|row| row.user_id))
    }

    /// Whether the account is this customer's, alone or with others.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn owns_account(&self, user_id: &str, account_id: &str) -> Result<bool, Error> {
        let key = (account_id.to_owned(), user_id.to_owned());
        Ok(Entity::find_by_id(key)
            .one(&self.pools.reader())
            .await?
            .is_some())
    }

    /// A customer's accounts as last listed, by id.
    ///
    /// # Errors
    /// [`Error`] of the database.
    pub async fn accounts_of(&self, user_id: &str) -> Result<Vec<Account>, Error> {
        let rows = Entity::find()
            .filter(Column::UserId.eq(user_id))
            .order_by_asc(Column::AccountId)
            .all(&self.pools.reader())
            .await?;
        Ok(rows.into_iter().map(Account::from).collect())
    }
}

fn row(user_id: &str, account: &Account, now_ms: i64) -> ActiveModel {
    ActiveModel {
        account_id: Set(account.id.clone()),
        user_id: Set(user_id.to_owned()),
        kind: Set(account.kind.clone()),
        nickname: Set(account.nickname.clone()),
        currency: Set(account.currency.clone()),
        seen_at_ms: Set(now_ms),
    }
}

impl From<Model> for Account {
    fn from(row: Model) -> Self {
        Self {
            id: row.account_id,
            kind: row.kind,
            nickname: row.nickname,
            currency: row.currency,
        }
    }
}
