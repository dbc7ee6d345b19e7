//! The orchestrator.
pub mod call;
pub mod plugin;
