//! Why a pipeline cannot be loaded: which file, which digest, what was expected.
//!
//! Facts for the one who starts the host; nothing here is spoken to a caller.

use std::path::PathBuf;

use crate::plugin::{LoadError, Problem};

/// Why a pipeline cannot be loaded.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The manifest itself.
    #[error("pipeline manifest {path}: {message}")]
    Manifest {
        /// The file.
        path: PathBuf,
        /// Line, key, what was expected.
        message: String,
    },
    /// A component's file cannot be read.
    #[error(
        "plugin `{plugin}`: cannot read {path}; correct its name in the manifest, build the plugins with `cargo xtask plugins`, or set ORCHESTRATOR_PLUGIN_DIR"
    )]
    Unreadable {
        /// Its name in the manifest.
        plugin: String,
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A component is no plugin of its stage.
    #[error("plugin `{plugin}` ({path}, sha-256 {digest})")]
    Refused {
        /// Its name in the manifest.
        plugin: String,
        /// The file.
        path: PathBuf,
        /// Of the file bytes.
        digest: String,
        /// What was found and what was expected.
        source: Box<LoadError>,
    },
    /// The plugin does not take its settings.
    #[error("plugin `{plugin}` refuses its settings: {}", listed(.problems))]
    Settings {
        /// Its name in the manifest.
        plugin: String,
        /// All that is wrong.
        problems: Vec<Problem>,
    },
}

fn listed(problems: &[Problem]) -> String {
    let each: Vec<_> = problems
        .iter()
        .map(|problem| format!("{}: {}", problem.key, problem.message))
        .collect();
    each.join("; ")
}
