//! Logs and metrics of the process; set up once, before anything else.
//!
//! Lines go to standard error, as text or JSON. What may be in a line is decided where it is written; masks are in `call::mask`.

use std::io::IsTerminal as _;
use std::sync::OnceLock;

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use serde::Deserialize;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

static METRICS: OnceLock<PrometheusHandle> = OnceLock::new();

/// The predecessor's levels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Level {
    /// Every transition.
    #[serde(alias = "debug")]
    Debug,
    /// What an operator wants to know.
    #[default]
    #[serde(alias = "info")]
    Info,
    /// What may become a problem.
    #[serde(alias = "warn", alias = "WARNING")]
    Warn,
    /// What is one.
    #[serde(alias = "error")]
    Error,
}

/// How lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// For machines.
    Json,
}

/// Keys of section `[log]`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Least level that is written.
    pub level: Level,
    /// How.
    pub format: Format,
}

/// Starts logs and metrics. A second call in one process changes nothing.
pub fn start(settings: &Settings) {
    let ours = match settings.level {
        Level::Debug => "debug",
        Level::Info => "info",
        Level::Warn => "warn",
        Level::Error => "error",
    };
    // Libraries speak at warn: their debug lines may hold bodies and addresses.
    let filter = EnvFilter::new(format!("warn,orchestrator={ours}"));
    // Colours are for people who watch, not for files and collectors.
    let lines = tracing_subscriber::fmt::layer()
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    let registry = tracing_subscriber::registry().with(filter);
    // A subscriber that is set already belongs to a test; it stays.
    let _ = match settings.format {
        Format::Text => registry.with(lines.with_target(false)).try_init(),
        Format::Json => registry.with(lines.json()).try_init(),
    };
    if let Ok(handle) = PrometheusBuilder::new().install_recorder() {
        let _ = METRICS.set(handle);
    }
}

/// The metrics in Prometheus' text format; empty before [`start`].
#[must_use]
pub fn metrics_text() -> String {
    METRICS
        .get()
        .map(PrometheusHandle::render)
        .unwrap_or_default()
}
