//! The orchestrator.
pub mod call;
pub mod caller;
pub mod cli;
pub mod db;
pub mod ledger;
