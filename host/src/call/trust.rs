//! How far the host trusts that the caller is who they seem to be: four levels, in order.
//!
//! What each level opens is decided in `caller`, not here.

use serde::{Deserialize, Serialize};

/// How far the host trusts that the caller is who they seem to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trust {
    /// Nobody known.
    Unknown,
    /// The number is known.
    Phone,
    /// The PIN was given in this call.
    Pin,
    /// An internal service vouches, for one request.
    Trusted,
}

impl Trust {
    /// The name in the database and in settings.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Phone => "phone",
            Self::Pin => "pin",
            Self::Trusted => "trusted",
        }
    }

    /// The level of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Unknown, Self::Phone, Self::Pin, Self::Trusted]
            .into_iter()
            .find(|trust| trust.as_str() == name)
    }
}
