//! What a router answers: an intent, a question, or nothing.
//!
//! The only answer that is not a type of the domain, because passing on means something in a pipeline only.

use crate::call::{Intent, Question};

/// A router's answer.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case", tag = "routed", content = "value")]
pub enum Routed {
    /// This is wanted.
    Intent(Intent),
    /// Something is missing.
    Ask(Question),
    /// The next router is asked.
    Pass,
}
