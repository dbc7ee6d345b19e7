//! Why a pipeline cannot be loaded or changed: which file, which digest, what was expected.
//!
//! Facts for the one who runs the host; nothing here is spoken to a caller.

use std::path::PathBuf;
use std::sync::Arc;

use super::file::Unreadable;
use crate::call::bounds::OutOfBounds;
use crate::db;
use crate::plugin::{LoadError, Problem, SMALLER, ScenarioError, SelfTestError};

/// What is wrong with files before anything is loaded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FilesError {
    /// The manifest itself, or a file of settings that it names.
    #[error("pipeline manifest {path}: {message}")]
    Manifest {
        /// The file.
        path: PathBuf,
        /// Line, key, what was expected.
        message: String,
    },
    /// A component's file cannot be read.
    #[error(
        "pipeline manifest {place}, plugin `{plugin}`: cannot read {path} ({why}); {}",
        advice(.why, .nearest.as_deref())
    )]
    Unreadable {
        /// The manifest, and the line that names the plugin.
        place: Box<str>,
        /// Its name in the manifest.
        plugin: String,
        /// The file.
        path: PathBuf,
        /// Why.
        why: Unreadable,
        /// The plugin of the folder that was probably meant.
        nearest: Option<String>,
    },
}

/// Settings that a plugin does not take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadSettings {
    /// The file.
    pub manifest: PathBuf,
    /// The stage's name.
    pub plugin: String,
    /// Whether this sandbox replaces them, so that they count elsewhere only.
    pub outside_sandbox: bool,
    /// All that is wrong, with the place of each.
    pub problems: Vec<(String, Problem)>,
}

impl std::fmt::Display for BadSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (path, plugin) = (self.manifest.display(), &self.plugin);
        write!(
            f,
            "pipeline manifest {path}: plugin `{plugin}` refuses its settings"
        )?;
        if self.outside_sandbox {
            f.write_str(" as they are outside a sandbox")?;
        }
        for (at, (place, problem)) in self.problems.iter().enumerate() {
            let said = Problem::listed(std::slice::from_ref(problem));
            let joint = if at == 0 { ":" } else { ";" };
            write!(f, "{joint} {place}, {said}")?;
        }
        Ok(())
    }
}

/// Every [`Error::kind`] of files that names a plugin.
pub(super) const FAULTS_OF_PLUGINS: [&str; 5] = [
    "component",
    "plugin-toml",
    "self-test",
    "settings",
    "unreadable",
];

/// Why a pipeline cannot be loaded or changed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The files themselves.
    #[error(transparent)]
    Files(#[from] FilesError),
    /// A component is no plugin of its stage.
    #[error("{}plugin `{plugin}` (sha-256 {digest}) is refused", .place.as_deref().unwrap_or_default())]
    Refused {
        /// The manifest and the line that asks for it, to stand before; none where a database keeps it.
        place: Option<Box<str>>,
        /// Its name in the manifest.
        plugin: String,
        /// Of the file bytes.
        digest: String,
        /// What was found and what was expected.
        source: Box<LoadError>,
    },
    /// The plugin does not take its settings.
    #[error("{0}")]
    Settings(Box<BadSettings>),
    /// The self-tests that a component carries cannot be read.
    #[error("plugin `{plugin}` (sha-256 {digest}) is refused")]
    SelfTestsUnreadable {
        /// Its name in the manifest.
        plugin: String,
        /// Of the file bytes.
        digest: String,
        /// What is wrong with them.
        source: Box<ScenarioError>,
    },
    /// The plugin does not do what its own self-tests expect.
    #[error("plugin `{plugin}` (sha-256 {digest}) is refused")]
    SelfTestFailed {
        /// Its name in the manifest.
        plugin: String,
        /// Of the file bytes.
        digest: String,
        /// Which, what was expected and what it did.
        source: SelfTestError,
    },
    /// A revision that the database keeps, for one of those who waited for it.
    #[error(transparent)]
    Loading(Arc<Error>),
    /// The work died; a defect of the host's.
    #[error("the work on the rules ended unexpectedly")]
    Lost,
    /// Files kept changing while they were read; a repeat is safe.
    #[error("the files keep changing; they are read again when they are at rest")]
    Unsettled,
    /// Somebody has a file open and writes it; a repeat is safe.
    #[error("{} is still being written; nothing was taken, ask again once it is closed", .0.display())]
    BeingWritten(PathBuf),
    /// There is no revision of this name.
    #[error(
        "there is no revision `{0}`; `orchestrator pipeline history` lists them, and four of its digits are the least that names one"
    )]
    UnknownRevision(String),
    /// Several revisions begin so.
    #[error("several revisions begin with `{name}`: {alike}; nothing was done")]
    AmbiguousRevision {
        /// As it was named.
        name: String,
        /// Some of them, newest first.
        alike: String,
    },
    /// It was never good.
    #[error("revision `{revision}` was refused when it was proposed: {reason}")]
    NeverValid {
        /// Its id.
        revision: String,
        /// Why.
        reason: String,
    },
    /// The database keeps it in a form that this version does not know.
    #[error("revision `{revision}` cannot be read by this version: {message}")]
    Unknown {
        /// Its id.
        revision: String,
        /// What it does not know.
        message: String,
    },
    /// What was to be taken back is not active, or not any more.
    #[error("revision `{wanted}` is not active, `{active}` is; nothing was taken back")]
    NotActive {
        /// As it was named.
        wanted: String,
        /// What is active.
        active: String,
    },
    /// No earlier revision to go back to.
    #[error("there is no revision before this one to go back to")]
    NothingBefore,
    /// An operator's order without a reason.
    #[error("a reason is expected: it is kept, for whoever asks later why this was done")]
    ReasonMissing,
    /// An operator's order with a reason that cannot be kept.
    #[error("the reason cannot be taken")]
    BadReason(#[source] OutOfBounds),
    /// No stage of any late revision has this plugin.
    #[error("no stage runs a plugin `{name}`; known are {known}")]
    UnknownPlugin {
        /// As it was named.
        name: String,
        /// What there is.
        known: String,
    },
    /// An order that was given upon what is not so any more.
    #[error("somebody else changed the rules meanwhile; look again")]
    Overtaken,
    /// The database cannot be used.
    #[error("the database cannot be used")]
    Database(#[source] db::Error),
}

impl From<db::Error> for Error {
    fn from(cause: db::Error) -> Self {
        match cause {
            db::Error::Overtaken => Self::Overtaken,
            cause => Self::Database(cause),
        }
    }
}

impl Error {
    /// A short stable name for metrics.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Files(FilesError::Manifest { .. }) => "manifest",
            Self::Files(FilesError::Unreadable { .. }) => "unreadable",
            Self::Refused { .. } => "component",
            Self::Settings(_) => "settings",
            Self::SelfTestsUnreadable { source, .. } => match **source {
                ScenarioError::Carried(_) => "plugin-toml",
                _ => "self-test",
            },
            Self::SelfTestFailed { .. } => "self-test",
            Self::Loading(cause) => cause.kind(),
            Self::Lost => "lost",
            Self::Overtaken => "overtaken",
            Self::Unsettled | Self::BeingWritten(_) => "unsettled",
            Self::UnknownRevision(_)
            | Self::AmbiguousRevision { .. }
            | Self::NeverValid { .. }
            | Self::Unknown { .. } => "revision",
            Self::NotActive { .. }
            | Self::NothingBefore
            | Self::ReasonMissing
            | Self::BadReason(_)
            | Self::UnknownPlugin { .. } => "order",
            Self::Database(_) => "database",
        }
    }

    /// The plugin that is at fault, by its name in the manifest; none where none is.
    #[must_use]
    pub(super) fn plugin(&self) -> Option<&str> {
        match self {
            Self::Files(FilesError::Unreadable { plugin, .. })
            | Self::Refused { plugin, .. }
            | Self::SelfTestsUnreadable { plugin, .. }
            | Self::SelfTestFailed { plugin, .. } => Some(plugin),
            Self::Settings(bad) => Some(&bad.plugin),
            Self::Loading(cause) => cause.plugin(),
            _ => None,
        }
    }

    /// Whether the same may go well another time, without anything being changed.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Refused { source, .. } => source.is_passing(),
            Self::Loading(cause) => cause.is_passing(),
            Self::Database(_)
            | Self::Lost
            | Self::Overtaken
            | Self::Unsettled
            | Self::BeingWritten(_) => true,
            Self::Files(_)
            | Self::Settings(_)
            | Self::SelfTestsUnreadable { .. }
            | Self::SelfTestFailed { .. }
            | Self::UnknownRevision(_)
            | Self::AmbiguousRevision { .. }
            | Self::NeverValid { .. }
            | Self::Unknown { .. }
            | Self::NotActive { .. }
            | Self::NothingBefore
            | Self::ReasonMissing
            | Self::BadReason(_)
            | Self::UnknownPlugin { .. } => false,
        }
    }

    /// Whether only time was missing, which a busy machine may have taken, or the files themselves.
    #[must_use]
    pub(super) fn is_out_of_time(&self) -> bool {
        match self {
            Self::Refused { source, .. } => source.is_out_of_time(),
            Self::Loading(cause) => cause.is_out_of_time(),
            _ => false,
        }
    }

    /// The whole chain as one sentence that can be shown anywhere: it may repeat what a file holds.
    #[must_use]
    pub fn sentence(&self) -> String {
        let mut sentence = self.to_string();
        let mut cause = std::error::Error::source(self);
        while let Some(deeper) = cause {
            sentence = format!("{sentence}: {deeper}");
            cause = deeper.source();
        }
        printable(&sentence)
    }
}

/// Longest reason that is shown and kept.
const SHOWN_MAX: usize = 2_000;

/// Cut, and without what a terminal or a database takes for something else than text.
pub(super) fn printable(text: &str) -> String {
    let plain = |c: char| {
        if c.is_control() && c != '\n' {
            char::REPLACEMENT_CHARACTER
        } else {
            c
        }
    };
    text.chars().take(SHOWN_MAX).map(plain).collect()
}

/// What to do about a component's file.
fn advice(why: &Unreadable, nearest: Option<&str>) -> String {
    match (why, nearest) {
        (Unreadable::Absent, Some(name)) => format!(
            "did you mean `{name}`? Otherwise build it with `cargo xtask plugins`, or set ORCHESTRATOR_PLUGIN_DIR"
        ),
        (Unreadable::Absent, None) => {
            "build the plugins with `cargo xtask plugins`, correct its name in the manifest, or set \
             ORCHESTRATOR_PLUGIN_DIR"
                .to_owned()
        }
        (Unreadable::TooLarge { .. }, _) => SMALLER.to_owned(),
        (Unreadable::NoFile, _) => "put the component itself there".to_owned(),
        (Unreadable::System(_), _) => {
            "the host's account has to be able to read a regular file there".to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_short_and_has_nothing_that_a_terminal_obeys() {
        let file = format!("line 1\n\u{1b}[2Jkey\0{}", "x".repeat(5_000));
        let fault = Error::Files(FilesError::Manifest {
            path: "p".into(),
            message: file,
        });
        let said = fault.sentence();
        assert!(
            said.contains("line 1\n") && said.chars().count() <= SHOWN_MAX,
            "{said}"
        );
        assert!(!said.contains(['\u{1b}', '\0']), "{said}");
    }
}
