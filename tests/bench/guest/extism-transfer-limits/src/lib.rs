//! The rule `transfer-limits` as an Extism plugin: facts in as JSON, the answer out as JSON.
//!
//! The figures are its configuration, read by the first evaluation and kept by a warm plugin.

#![allow(missing_docs, reason = "the macro's own function has none")]

use std::sync::OnceLock;

use extism_pdk::{FnResult, Json, config, plugin_fn};
use rule::{Answer, Facts, Limits};

static LIMITS: OnceLock<Limits> = OnceLock::new();

/// Decides about one transfer.
#[plugin_fn]
pub fn decide(Json(facts): Json<Facts>) -> FnResult<Json<Answer>> {
    if LIMITS.get().is_none() {
        let text = config::get("limits")?.unwrap_or_default();
        // Another thread cannot have been faster: there is none.
        let _ = LIMITS.set(serde_json::from_str(&text)?);
    }
    let limits = LIMITS
        .get()
        .ok_or_else(|| extism_pdk::Error::msg("no limits"))?;
    Ok(Json(rule::decide(&facts, limits)))
}
