//! The schema of the orchestrator's database, for SQLite and for PostgreSQL 12 and later.
//!
//! All ids are texts, all times are milliseconds since 1970, all JSON is text. A published migration is never changed; the
//! next one stands in a file of its own.

pub use sea_orm_migration::MigratorTrait;
use sea_orm_migration::{MigrationTrait, async_trait};

mod blocks;
mod first;
mod hosts;
mod inbox;
mod payloads;
mod proof;
mod repeatable;
mod swaps;
mod table;
mod terms;
mod written_off;

/// All migrations, oldest first.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(first::Migration),
            Box::new(swaps::Migration),
            Box::new(blocks::Migration),
            Box::new(proof::Migration),
            Box::new(inbox::Migration),
            Box::new(hosts::Migration),
            Box::new(repeatable::Migration),
            Box::new(written_off::Migration),
            Box::new(payloads::Migration),
            Box::new(terms::Migration),
        ]
    }
}
