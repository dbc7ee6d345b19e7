//! Why Retell's API did not do what was asked, as facts; whether the same may be asked again is one of them.
//!
//! No text here holds an id or a key: errors end up in logs.

use std::time::Duration;

/// Why a request to Retell failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A setting with which no client can be made; the operator's.
    #[error("Retell's API cannot be reached with these settings: {0}")]
    Setting(String),
    /// An id that could leave its path segment; nothing was sent.
    #[error("the call's id cannot be sent to Retell")]
    UnsafeId,
    /// No connection, so nothing was sent.
    #[error("no connection to Retell's API")]
    Connect(#[source] reqwest::Error),
    /// No whole answer; it may have been done all the same.
    #[error("no answer from Retell's API")]
    NoAnswer(#[source] reqwest::Error),
    /// 429 or 5xx, and how long Retell asks to wait; Retell's.
    #[error("Retell's API is busy or broken ({0})")]
    Busy(u16, Option<Duration>),
    /// Any other status: the key, the call, or what was asked is wrong; ours.
    #[error("Retell's API refused ({0})")]
    Refused(u16),
    /// An answer that is not what the API documents; Retell's.
    #[error("the answer of Retell's API cannot be read")]
    Unreadable,
}

impl Error {
    /// Of the HTTP client, without the URL, which holds the call's id.
    pub(super) fn of(cause: reqwest::Error) -> Self {
        let cause = cause.without_url();
        if cause.is_connect() {
            Self::Connect(cause)
        } else {
            Self::NoAnswer(cause)
        }
    }

    /// Whether the same may go well another time.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Connect(_) | Self::NoAnswer(_) | Self::Busy(..) => true,
            Self::Setting(_) | Self::UnsafeId | Self::Refused(_) | Self::Unreadable => false,
        }
    }

    /// `Retry-After`.
    pub(super) fn asked_to_wait(&self) -> Option<Duration> {
        match self {
            Self::Busy(_, after) => *after,
            _ => None,
        }
    }
}
