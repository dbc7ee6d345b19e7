//! Whether a ledger row may be sent to the bank again: only where it was first sent as one whose key the bank understands.
//!
//! Rows from before this step say nothing of it, so they may not.

use sea_orm_migration::prelude::{DbErr, MigrationName, MigrationTrait, SchemaManager};
use sea_orm_migration::{async_trait, sea_orm::ConnectionTrait as _};

use crate::table::run;

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "repeatable"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = "ALTER TABLE transfers ADD COLUMN repeatable BIGINT NOT NULL DEFAULT 0";
        run(manager, &[column]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        connection
            .execute_unprepared("ALTER TABLE transfers DROP COLUMN repeatable")
            .await
            .map(drop)
    }
}
