//! Numbers whose calls are not taken.
//!
//! Rows are only added; what holds is what was said last of a number.

use sea_orm_migration::prelude::{DbErr, MigrationName, MigrationTrait, SchemaManager};
use sea_orm_migration::{async_trait, sea_orm::ConnectionTrait as _};

use crate::table::Type::{Big, Serial, Text};
use crate::table::{create, run};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "blocks"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create(
            manager,
            "blocks",
            &[],
            &[
                ("id", Serial),
                // E.164.
                ("phone", Text),
                // 1 where calls are refused from now on, 0 where they are taken again.
                ("blocked", Big),
                ("who", Text),
                ("why", Text),
                ("at_ms", Big),
            ],
        )
        .await?;
        run(
            manager,
            &["CREATE INDEX blocks_phone ON blocks (phone, id)"],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        connection
            .execute_unprepared("DROP TABLE IF EXISTS blocks")
            .await
            .map(drop)
    }
}
