//! What each host has set of what all hosts on one database must have set alike.
//!
//! Rows are a few seconds old at most, so one from before this step is soon gone.

use sea_orm_migration::prelude::{DbErr, MigrationName, MigrationTrait, SchemaManager};
use sea_orm_migration::{async_trait, sea_orm::ConnectionTrait as _};

use crate::table::run;

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "terms"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = "ALTER TABLE hosts ADD COLUMN terms TEXT NOT NULL DEFAULT '{}'";
        run(manager, &[column]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        connection
            .execute_unprepared("ALTER TABLE hosts DROP COLUMN terms")
            .await
            .map(drop)
    }
}
