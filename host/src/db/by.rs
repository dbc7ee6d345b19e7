//! On what occasion a revision is made active.
//!
//! A word in rows and metrics; what follows from it is decided elsewhere.

use serde::Serialize;

/// Who made a revision active.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum By {
    /// The files of a folder changed.
    Folder,
    /// Somebody named it.
    Operator,
    /// Somebody took the newest one back.
    Rollback,
}

impl By {
    /// The name in the database and in metrics.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Folder => "folder",
            Self::Operator => "operator",
            Self::Rollback => "rollback",
        }
    }

    pub(super) fn from_name(name: &str) -> Self {
        match name {
            "folder" => Self::Folder,
            "rollback" => Self::Rollback,
            _ => Self::Operator,
        }
    }
}
