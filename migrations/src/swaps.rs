//! What swapping rules under live calls needs: why a revision was activated, what a folder proposed, what an operator halted.
//!
//! Proposals and halts are only ever added to; what holds now is what was said last.

use sea_orm_migration::prelude::{DbErr, MigrationName, MigrationTrait, SchemaManager};
use sea_orm_migration::{async_trait, sea_orm::ConnectionTrait as _};

use crate::table::Type::{Big, Serial, Text};
use crate::table::{create, run};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "swaps"
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
                // `folder`, `operator` or `rollback`.
                "ALTER TABLE activations ADD COLUMN kind TEXT NOT NULL DEFAULT 'operator'",
                // 1 where live calls take it at their next turn.
                "ALTER TABLE activations ADD COLUMN repins BIGINT NOT NULL DEFAULT 0",
                // The activation by which a call got its revision.
                "ALTER TABLE calls ADD COLUMN activation BIGINT NOT NULL DEFAULT 0",
            ],
        )
        .await?;
        create(
            manager,
            "proposals",
            &[],
            &[
                ("id", Serial),
                // Which folder; empty for what an operator rejected by a rollback.
                ("folder", Text),
                // Of all its files.
                ("digest", Text),
                ("revision?", Text),
                // `activated`, `unchanged`, `failed` or `rejected`.
                ("verdict", Text),
                ("reason?", Text),
                ("at_ms", Big),
            ],
        )
        .await?;
        create(
            manager,
            "halts",
            &[],
            &[
                ("id", Serial),
                // `transfers` or `plugin`.
                ("what", Text),
                // The plugin's name; empty for transfers.
                ("name", Text),
                ("halted", Big),
                ("who", Text),
                ("why", Text),
                ("at_ms", Big),
            ],
        )
        .await?;
        run(
            manager,
            &[
                "CREATE INDEX proposals_folder ON proposals (folder, id)",
                "CREATE INDEX proposals_digest ON proposals (digest)",
                "CREATE INDEX activations_repins ON activations (repins, id)",
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let undo = [
            "DROP TABLE IF EXISTS halts",
            "DROP TABLE IF EXISTS proposals",
            "DROP INDEX IF EXISTS activations_repins",
            "ALTER TABLE calls DROP COLUMN activation",
            "ALTER TABLE activations DROP COLUMN repins",
            "ALTER TABLE activations DROP COLUMN kind",
        ];
        for sql in undo {
            manager.get_connection().execute_unprepared(sql).await?;
        }
        Ok(())
    }
}
