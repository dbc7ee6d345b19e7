//! The orchestrator.
pub mod call;
