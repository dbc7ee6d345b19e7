//! A turn's payload is read by its turn and never by its call.
//!
//! So the index of calls, which cost every turn a page to write, goes.

use sea_orm_migration::prelude::{DbErr, MigrationName, MigrationTrait, SchemaManager};
use sea_orm_migration::{async_trait, sea_orm::ConnectionTrait as _};

use crate::table::run;

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "payloads"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, &["DROP INDEX turn_payloads_call"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        connection
            .execute_unprepared("CREATE INDEX turn_payloads_call ON turn_payloads (call_id)")
            .await
            .map(drop)
    }
}
