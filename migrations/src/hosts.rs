//! Which hosts use this database now, so that two of them never keep the same calls in memory.
//!
//! A row is renewed while its host runs, and counts for nothing once it is a few seconds old.

use sea_orm_migration::prelude::{DbErr, MigrationName, MigrationTrait, SchemaManager};
use sea_orm_migration::{async_trait, sea_orm::ConnectionTrait as _};

use crate::table::Type::{Big, Text};
use crate::table::create;

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "hosts"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = [
            // Of one run of a host.
            ("id", Text),
            // Of the machine, for whoever looks for it.
            ("name", Text),
            // 1 where it keeps live calls in its own memory and must be the only one.
            ("alone", Big),
            // By the database's clock.
            ("seen_at_ms", Big),
        ];
        create(manager, "hosts", &["id"], &columns).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        connection
            .execute_unprepared("DROP TABLE IF EXISTS hosts")
            .await
            .map(drop)
    }
}
