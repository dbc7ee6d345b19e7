//! The orchestrator.
pub mod app;
pub mod backend;
pub mod call;
pub mod plugin;
pub mod pipeline;
