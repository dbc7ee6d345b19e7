//! The first schema: customers, calls, turns, the ledger, and what decides.
//!
//! Uniqueness that money or idempotency rests on is an index here, not only a check in the code.

use sea_orm_migration::prelude::{DbErr, MigrationName, MigrationTrait, SchemaManager};
use sea_orm_migration::{async_trait, sea_orm::ConnectionTrait as _};

use crate::table::Type::{Big, Bytes, Serial, Text};
use crate::table::{create, run};

/// The tables, in the order in which they are made.
const TABLES: [&str; 12] = [
    "users",
    "sessions",
    "accounts",
    "calls",
    "call_events",
    "call_keys",
    "turns",
    "turn_payloads",
    "transfers",
    "components",
    "revisions",
    "activations",
];

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "first"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        customers(manager).await?;
        calls(manager).await?;
        turns(manager).await?;
        transfers(manager).await?;
        revisions(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in TABLES.iter().rev() {
            let sql = format!("DROP TABLE IF EXISTS {table}");
            manager.get_connection().execute_unprepared(&sql).await?;
        }
        Ok(())
    }
}

async fn customers(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    create(
        manager,
        "users",
        &["id"],
        &[
            ("id", Text),
            ("phone", Text),
            ("name?", Text),
            ("backend_user_id", Text),
            ("pin_hash?", Text),
            // The moments of the wrong PINs of the last 24 hours, a JSON list: a count alone cannot slide.
            ("wrong_pins_ms", Text),
            ("locked_at_ms?", Big),
            ("created_at_ms", Big),
        ],
    )
    .await?;
    create(
        manager,
        "sessions",
        &["call_id"],
        &[
            ("call_id", Text),
            ("user_id?", Text),
            ("trust", Text),
            ("pin_at_ms?", Big),
            ("updated_at_ms", Big),
        ],
    )
    .await?;
    create(
        manager,
        "accounts",
        &["account_id", "user_id"],
        &[
            ("account_id", Text),
            ("user_id", Text),
            ("kind", Text),
            ("nickname?", Text),
            ("currency", Text),
            ("seen_at_ms", Big),
        ],
    )
    .await?;
    run(
        manager,
        &[
            "CREATE UNIQUE INDEX users_phone ON users (phone)",
            "CREATE UNIQUE INDEX users_backend_user_id ON users (backend_user_id)",
            "CREATE INDEX accounts_user_id ON accounts (user_id)",
        ],
    )
    .await
}

async fn calls(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    create(
        manager,
        "calls",
        &["id"],
        &[
            ("id", Text),
            ("state", Text),
            ("agent", Text),
            ("direction", Text),
            ("line?", Text),
            ("phone?", Text),
            ("user_id?", Text),
            ("user_name?", Text),
            ("revision?", Text),
            ("turns", Big),
            ("misunderstood", Big),
            ("pending?", Text),
            ("metadata", Text),
            // Transcript and last reply, sealed.
            ("conversation?", Bytes),
            ("disconnection_reason?", Text),
            // The provider's analysis, sealed.
            ("analysis?", Bytes),
            ("created_at_ms", Big),
            ("updated_at_ms", Big),
            ("ended_at_ms?", Big),
            ("version", Big),
        ],
    )
    .await?;
    create(
        manager,
        "call_events",
        &["dedupe_key"],
        &[
            ("dedupe_key", Text),
            ("call_id?", Text),
            ("event", Text),
            ("received_at_ms", Big),
            ("body", Bytes),
        ],
    )
    .await?;
    create(
        manager,
        "call_keys",
        &["call_id"],
        &[
            ("call_id", Text),
            ("key_bytes", Bytes),
            ("created_at_ms", Big),
        ],
    )
    .await?;
    run(
        manager,
        &[
            "CREATE INDEX calls_state ON calls (state, updated_at_ms)",
            "CREATE INDEX calls_created ON calls (created_at_ms)",
            "CREATE INDEX call_events_call ON call_events (call_id, received_at_ms)",
        ],
    )
    .await
}

async fn turns(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    create(
        manager,
        "turns",
        &["id"],
        &[
            ("id", Text),
            ("call_id", Text),
            ("number", Big),
            ("channel", Text),
            ("revision", Text),
            ("digests", Text),
            ("intent", Text),
            ("decision?", Text),
            ("reason?", Text),
            ("outcome", Text),
            ("reply", Text),
            ("total_micros", Big),
            ("backend_micros", Big),
            ("transfer_id?", Text),
            ("at_ms", Big),
        ],
    )
    .await?;
    create(
        manager,
        "turn_payloads",
        &["turn_id"],
        &[("turn_id", Text), ("call_id", Text), ("payload", Bytes)],
    )
    .await?;
    run(
        manager,
        &[
            "CREATE INDEX turns_call ON turns (call_id, number)",
            "CREATE INDEX turns_at ON turns (at_ms)",
            "CREATE INDEX turn_payloads_call ON turn_payloads (call_id)",
        ],
    )
    .await
}

async fn transfers(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    create(
        manager,
        "transfers",
        &["id"],
        &[
            ("id", Text),
            ("idempotency_key", Text),
            ("fingerprint", Text),
            ("kind", Text),
            ("state", Text),
            ("call_id?", Text),
            ("user_id", Text),
            ("from_account", Text),
            ("to_account", Text),
            ("amount_minor", Big),
            ("currency", Text),
            ("memo?", Text),
            ("body", Text),
            ("revision?", Text),
            ("turn_id?", Text),
            ("bank_payment_id?", Text),
            ("reason?", Text),
            ("answer?", Text),
            ("evidence?", Text),
            ("reviewed_by?", Text),
            ("review_reason?", Text),
            ("created_at_ms", Big),
            ("sent_at_ms?", Big),
            ("settled_at_ms?", Big),
            ("updated_at_ms", Big),
        ],
    )
    .await?;
    run(
        manager,
        &[
            "CREATE UNIQUE INDEX transfers_key ON transfers (idempotency_key)",
            "CREATE UNIQUE INDEX transfers_open_twin ON transfers \
             (user_id, kind, from_account, to_account, amount_minor, currency) \
             WHERE state NOT IN ('completed', 'refused')",
            "CREATE UNIQUE INDEX transfers_bank_payment ON transfers (kind, bank_payment_id) \
             WHERE bank_payment_id IS NOT NULL",
            "CREATE INDEX transfers_user ON transfers (user_id, created_at_ms)",
            "CREATE INDEX transfers_from ON transfers (from_account, created_at_ms)",
            "CREATE INDEX transfers_to ON transfers (to_account, created_at_ms)",
            "CREATE INDEX transfers_state ON transfers (state, updated_at_ms)",
            "CREATE INDEX transfers_created ON transfers (created_at_ms)",
        ],
    )
    .await
}

async fn revisions(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    create(
        manager,
        "components",
        &["digest"],
        &[
            ("digest", Text),
            ("name", Text),
            ("size", Big),
            ("bytes", Bytes),
            ("first_seen_ms", Big),
        ],
    )
    .await?;
    create(
        manager,
        "revisions",
        &["id"],
        &[
            ("id", Text),
            ("manifest", Text),
            ("state", Text),
            ("reason?", Text),
            ("created_at_ms", Big),
        ],
    )
    .await?;
    create(
        manager,
        "activations",
        &[],
        &[
            ("id", Serial),
            ("revision", Text),
            ("who", Text),
            ("why", Text),
            ("at_ms", Big),
        ],
    )
    .await
}
