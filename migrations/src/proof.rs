//! The search for proof of what became of a ledger row: how often it was looked for, and when anybody may look again.
//!
//! `looks` also is what claims are made with: whoever counts it up is the one who asks the bank.

use sea_orm_migration::prelude::{DbErr, MigrationName, MigrationTrait, SchemaManager};
use sea_orm_migration::{async_trait, sea_orm::ConnectionTrait as _};

use crate::table::run;

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "proof"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(
            manager,
            &[
                "ALTER TABLE transfers ADD COLUMN looks BIGINT NOT NULL DEFAULT 0",
                "ALTER TABLE transfers ADD COLUMN next_look_ms BIGINT",
                "ALTER TABLE transfers ADD COLUMN fruitless_since_ms BIGINT",
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in ["fruitless_since_ms", "next_look_ms", "looks"] {
            let sql = format!("ALTER TABLE transfers DROP COLUMN {column}");
            manager.get_connection().execute_unprepared(&sql).await?;
        }
        Ok(())
    }
}
