//! What the property tests of all parsers share: how inputs are made and how many are tried.
//!
//! The properties themselves stand beside the parsers. A few hundred inputs of each are part of `cargo test`; `cargo xtask fuzz`
//! runs the same tests for minutes.

pub mod json;
pub mod text;
pub mod trial;
