//! A table in one line a column: what both databases understand alike, and nothing else.
//!
//! Five column types are enough; a `?` behind a column's name says that it may be empty.

use sea_orm_migration::prelude::{
    ColumnDef, ConnectionTrait as _, DbErr, DynIden, Index, IntoIden as _, SchemaManager, Table,
};

/// The type of a column.
#[derive(Debug, Clone, Copy)]
pub enum Type {
    /// Text of any length.
    Text,
    /// 64 bits: times, counts and minor units.
    Big,
    /// Bytes.
    Bytes,
    /// A number that the database gives.
    Serial,
}

/// Makes a table; `primary` names the columns of its key.
///
/// # Errors
/// Whatever the database says.
pub async fn create(
    manager: &SchemaManager<'_>,
    name: &'static str,
    primary: &[&'static str],
    columns: &[(&'static str, Type)],
) -> Result<(), DbErr> {
    let mut table = Table::create();
    table.table(iden(name)).if_not_exists();
    for (column, kind) in columns {
        let may_be_empty = column.ends_with('?');
        let mut definition = ColumnDef::new(iden(column.trim_end_matches('?')));
        match kind {
            Type::Text => definition.text(),
            Type::Big => definition.big_integer(),
            Type::Bytes => definition.blob(),
            // SQLite numbers rows by itself only where the key is spelled `integer`.
            Type::Serial => definition.integer().auto_increment().primary_key(),
        };
        if !may_be_empty {
            definition.not_null();
        }
        table.col(&mut definition);
    }
    if !primary.is_empty() {
        let mut key = Index::create();
        for column in primary {
            key.col(iden(column));
        }
        table.primary_key(&mut key);
    }
    manager.create_table(table).await
}

/// Runs statements that both databases spell alike.
///
/// # Errors
/// Whatever the database says.
pub async fn run(manager: &SchemaManager<'_>, statements: &[&str]) -> Result<(), DbErr> {
    for sql in statements {
        manager.get_connection().execute_unprepared(sql).await?;
    }
    Ok(())
}

fn iden(name: &str) -> DynIden {
    name.to_owned().into_iden()
}
