//! The ledger from outside: one key once, nothing lost and nothing twice when answers or processes are, and what people decide.
//!
//! The banks are real ones behind lines that can be cut; on SQLite, and on PostgreSQL where there is one.

mod amounts;
mod bench;
mod days_later;
mod kept;
mod late;
mod proof;
mod refusals;
mod review;
mod same_key;
mod turned_away;
mod under_way;
