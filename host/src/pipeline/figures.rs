//! The metrics of the rules that alerts are made of: there with 0 from the start wherever their labels are known, so that the first
//! failure is a rise and not a new line.
//!
//! What each of them counts is described in `telemetry`; who counts stands where it happens.

use metrics::{Label, counter};

use super::error::FAULTS_OF_PLUGINS;
use super::revision::Revision;
use crate::db::By;
use crate::plugin;

/// Why files are refused without a plugin being at fault.
const FAULTS_OF_FILES: [&str; 4] = ["held", "manifest", "overtaken", "rejected"];

/// Shows what can be counted of these rules.
pub(super) fn begin(revision: &Revision) {
    for by in [By::Folder, By::Operator, By::Rollback] {
        counter!("pipeline_swaps_total", "by" => by.name()).increment(0);
    }
    for kind in FAULTS_OF_FILES {
        refusals(kind, None).increment(0);
    }
    for stage in &revision.stages {
        for kind in FAULTS_OF_PLUGINS {
            refusals(kind, Some(&stage.name)).increment(0);
        }
        for kind in plugin::Error::KINDS {
            let (plugin, phase) = (stage.name.clone(), stage.phase.name());
            counter!("stage_failures_total", "plugin" => plugin, "phase" => phase, "kind" => kind)
                .increment(0);
        }
    }
}

/// Files were refused: why, and for which plugin, where one is at fault.
pub(super) fn refused(kind: &'static str, plugin: Option<&str>) {
    refusals(kind, plugin).increment(1);
}

fn refusals(kind: &'static str, plugin: Option<&str>) -> metrics::Counter {
    let plugin = plugin.map(|plugin| Label::new("plugin", plugin.to_owned()));
    let mut labels = vec![Label::new("kind", kind)];
    labels.extend(plugin);
    counter!("pipeline_candidates_refused_total", labels)
}
