//! The inbox tells what waits for its effect: an event is durable first, and moves its call afterwards.
//!
//! Events that were kept before had their effect by then.

use sea_orm_migration::prelude::{DbErr, MigrationName, MigrationTrait, SchemaManager};
use sea_orm_migration::{async_trait, sea_orm::ConnectionTrait as _};

use crate::table::run;

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "inbox"
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
                "ALTER TABLE call_events ADD COLUMN applied_at_ms BIGINT",
                "UPDATE call_events SET applied_at_ms = received_at_ms",
                "CREATE INDEX call_events_waiting ON call_events (received_at_ms) WHERE applied_at_ms IS NULL",
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for sql in [
            "DROP INDEX call_events_waiting",
            "ALTER TABLE call_events DROP COLUMN applied_at_ms",
        ] {
            manager.get_connection().execute_unprepared(sql).await?;
        }
        Ok(())
    }
}
