//! What is started in this process.

pub mod sandbox;
