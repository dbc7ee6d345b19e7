//! The orchestrator.
pub mod call;
pub mod plugin;
pub mod pipeline;
