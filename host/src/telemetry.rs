//! Logs and metrics of the process; set up once, before anything else.
//!
//! Lines go to standard error, as text or JSON. What may be in a line is decided where it is written; masks are in `call::mask`.

use std::io::IsTerminal as _;
use std::sync::OnceLock;
use std::time::Duration;

use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use metrics_util::MetricKindMask;
use serde::Deserialize;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// From a fresh instance that does nothing to a stage at its deadline.
const STAGE_BUCKETS_MICROSECONDS: [f64; 14] = [
    20.0,
    35.0,
    50.0,
    75.0,
    100.0,
    150.0,
    250.0,
    500.0,
    1_000.0,
    2_500.0,
    10_000.0,
    50_000.0,
    250_000.0,
    1_000_000.0,
];
const UPKEEP: Duration = Duration::from_secs(5);
const IDLE_MAX: Duration = Duration::from_secs(3_600);

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
    if let Ok(handle) = recorder().and_then(PrometheusBuilder::install_recorder) {
        let _ = METRICS.set(handle.clone());
        describe();
        // Whoever never asks for the metrics must not pay for them with memory.
        std::thread::spawn(move || {
            loop {
                std::thread::sleep(UPKEEP);
                handle.run_upkeep();
            }
        });
    }
}

/// Stages are measured in microseconds. A histogram that carries a digest and was not touched for long belongs to rules that are
/// gone.
fn recorder() -> Result<PrometheusBuilder, BuildError> {
    PrometheusBuilder::new()
        .idle_timeout(MetricKindMask::HISTOGRAM, Some(IDLE_MAX))
        .set_buckets_for_metric(
            Matcher::Suffix("_microseconds".to_owned()),
            &STAGE_BUCKETS_MICROSECONDS,
        )
}

/// What the metrics of the rules count, for whoever reads them without the manual.
fn describe() {
    for (name, what) in [
        (
            "stage_failures_total",
            "Stages that failed, by the stage's name, its phase and how: deadline, turn_deadline, resource, host_calls, \
             border_bytes, bad_answer, implausible, halted, trap. A full pool is none",
        ),
        (
            "stages_without_place_total",
            "Stages that were not asked since all places of the pool, or of their plugin, were taken",
        ),
        (
            "pipeline_swaps_total",
            "Activations that this host took over, by what made them: folder, operator, rollback",
        ),
        (
            "pipeline_candidates_refused_total",
            "Files of rules that changed nothing, each once, by the reason and, where one is at fault, the plugin",
        ),
        (
            "pipeline_files_ignored_total",
            "Files of the plugin folder that count for nothing",
        ),
    ] {
        metrics::describe_counter!(name, what);
    }
    for (name, what) in [
        (
            "pipeline_revisions_loaded",
            "Revisions that are loaded on this host",
        ),
        (
            "pipeline_calls_pinned",
            "Live calls in the database, of all hosts, that are pinned to the active rules or to retired ones",
        ),
        ("pipeline_halts", "What is halted"),
        (
            "pipeline_behind",
            "1 where this host does not apply the newest activation",
        ),
    ] {
        metrics::describe_gauge!(name, what);
    }
    metrics::describe_histogram!(
        "stage_duration_microseconds",
        metrics::Unit::Microseconds,
        "How long a stage took, failed ones included, by the stage's name, its phase and the first 12 digits of its component's digest"
    );
}

/// The metrics in Prometheus' text format; empty before [`start`].
#[must_use]
pub fn metrics_text() -> String {
    METRICS
        .get()
        .map(PrometheusHandle::render)
        .unwrap_or_default()
}
