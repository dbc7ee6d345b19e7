//! Why a call to the bank did not give what was asked, as facts.
//!
//! An error says whose fault it was, whether the same may be asked again, and, for a write, whether it may have happened all the
//! same. `ledger` and `reply` reason about these; no text here holds an id, a number or a name of a person.

use std::time::Duration;

use super::types::Missing;
use super::wire::Garbage;
use crate::call::Failure;

/// The longest that a bank's wish to be left alone is heeded.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(3_600);

/// Whose fault it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// What was asked cannot be granted, or the host is set up wrongly.
    Ours,
    /// The bank's.
    Theirs,
    /// On the way, or too slow to tell.
    Network,
}

/// Why a call to the bank failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A setting with which no client can be made.
    #[error("the backend setting `{key}` cannot be used: {reason}")]
    Setting {
        /// The setting.
        key: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// An id that could leave its path segment; nothing was sent.
    #[error("the id of the {0} cannot be sent")]
    UnsafeId(&'static str),
    /// The deadline had passed; nothing was sent.
    #[error("the deadline passed before anything was sent")]
    NotSent,
    /// The bank failed too often in a row and is given a rest; nothing was sent.
    #[error("the backend is given a rest after repeated failures")]
    Resting,
    /// No connection, so nothing was sent.
    #[error("no connection to the backend")]
    Connect(#[source] reqwest::Error),
    /// No answer, or not all of it, in time.
    #[error("no answer from the backend in time")]
    TimedOut,
    /// The connection broke before the answer was complete.
    #[error("the connection to the backend broke")]
    Broken(#[source] reqwest::Error),
    /// An answer longer than `answer_bytes_max`, cut off.
    #[error("the backend's answer is longer than {bytes_max} bytes")]
    TooLong {
        /// The bound.
        bytes_max: usize,
    },
    /// An answer that is not what the contract has.
    #[error("the backend's answer cannot be read")]
    Unreadable(#[source] Garbage),
    /// 429 or 503.
    #[error("the backend is busy ({status})")]
    Busy {
        /// 429 or 503.
        status: u16,
        /// Seconds until the bank wants to be asked again, where it said so.
        retry_after_s: Option<u64>,
    },
    /// Any other status that the contract does not have: 5xx, redirects, other 4xx, and those without a reason.
    #[error("the backend answered with status {0}")]
    Status(u16),
    /// 401 or 403: the backend does not take the host's token.
    #[error("the backend does not admit this host ({0})")]
    NotAdmitted(u16),
    /// The bank does not have it.
    #[error("the backend has no such {0}")]
    NotFound(Missing),
    /// Not enough money in the source account.
    #[error("insufficient funds")]
    InsufficientFunds,
    /// The bank said no.
    #[error("the backend refused ({status}): {detail}")]
    Rejected {
        /// 4xx, or 200 for a payment that it canceled at once.
        status: u16,
        /// The bank's reason, bounded and with long numbers masked.
        detail: String,
    },
    /// A write was sent more than once and no try told what became of it.
    #[error("what became of the request is unknown")]
    Unknown(#[source] Box<Error>),
}

impl Error {
    /// Whose fault it was.
    #[must_use]
    pub fn fault(&self) -> Fault {
        match self {
            Self::Setting { .. }
            | Self::UnsafeId(_)
            | Self::NotSent
            | Self::NotAdmitted(_)
            | Self::NotFound(_)
            | Self::InsufficientFunds
            | Self::Rejected { .. } => Fault::Ours,
            Self::Resting
            | Self::TooLong { .. }
            | Self::Unreadable(_)
            | Self::Busy { .. }
            | Self::Status(_) => Fault::Theirs,
            Self::Connect(_) | Self::TimedOut | Self::Broken(_) => Fault::Network,
            Self::Unknown(cause) => cause.fault(),
        }
    }

    /// For a write: whether it may have happened although no answer says so. True where in doubt.
    #[must_use]
    pub fn may_have_happened(&self) -> bool {
        match self {
            Self::Setting { .. }
            | Self::UnsafeId(_)
            | Self::NotSent
            | Self::Resting
            | Self::Connect(_)
            | Self::NotAdmitted(_)
            | Self::NotFound(_)
            | Self::InsufficientFunds
            | Self::Rejected { .. } => false,
            // A limiter counts requests before it lets them in; a 503 can come from behind a booking.
            Self::Busy { status, .. } => *status != 429,
            Self::TimedOut
            | Self::Broken(_)
            | Self::TooLong { .. }
            | Self::Unreadable(_)
            | Self::Status(_)
            | Self::Unknown(_) => true,
        }
    }

    /// For how long the bank wants to be left alone, an hour at most; none where it did not say.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Busy { retry_after_s, .. } => {
                retry_after_s.map(|wait_s| Duration::from_secs(wait_s).min(RETRY_AFTER_MAX))
            }
            Self::Unknown(cause) => cause.retry_after(),
            _ => None,
        }
    }

    /// Whether the same request, a write too, may be sent again without a key: it certainly did not happen, and could yet.
    #[must_use]
    pub fn is_repeat_safe(&self) -> bool {
        !self.may_have_happened()
            && matches!(
                self,
                Self::Connect(_) | Self::Busy { .. } | Self::Resting | Self::NotSent
            )
    }

    /// Whether the next try of a read, a moment later, may go better.
    pub(super) fn is_passing(&self) -> bool {
        match self {
            Self::Connect(_) | Self::TimedOut | Self::Broken(_) | Self::Busy { .. } => true,
            Self::Status(status) => *status >= 500,
            Self::Unknown(cause) => cause.is_passing(),
            Self::Setting { .. }
            | Self::UnsafeId(_)
            | Self::NotSent
            | Self::Resting
            | Self::TooLong { .. }
            | Self::Unreadable(_)
            | Self::NotAdmitted(_)
            | Self::NotFound(_)
            | Self::InsufficientFunds
            | Self::Rejected { .. } => false,
        }
    }

    /// Whether this counts against the bank's health.
    pub(super) fn is_outage(&self) -> bool {
        !matches!(self.fault(), Fault::Ours)
    }

    /// What a failed read is to a rule.
    #[must_use]
    pub fn as_read_failure(&self) -> Failure {
        match self {
            Self::NotFound(Missing::Endpoint) => Failure::Unsupported,
            Self::NotFound(what) => Failure::NotFound(what.as_str().to_owned()),
            Self::InsufficientFunds => Failure::InsufficientFunds,
            Self::Rejected { detail, .. } => Failure::Rejected(detail.clone()),
            Self::UnsafeId(what) => Failure::NotFound((*what).to_owned()),
            Self::Setting { .. }
            | Self::NotSent
            | Self::Resting
            | Self::Connect(_)
            | Self::TimedOut
            | Self::Broken(_)
            | Self::TooLong { .. }
            | Self::Unreadable(_)
            | Self::Busy { .. }
            | Self::Status(_)
            | Self::NotAdmitted(_)
            | Self::Unknown(_) => Failure::Unavailable,
        }
    }

    /// What a failed write is to a rule: [`Failure::Uncertain`] wherever it may have happened.
    #[must_use]
    pub fn as_write_failure(&self) -> Failure {
        if self.may_have_happened() {
            Failure::Uncertain
        } else {
            self.as_read_failure()
        }
    }

    /// The label in metrics: few values, no ids.
    #[must_use]
    pub fn label(&self) -> &'static str {
        match self {
            Self::Setting { .. } => "setting",
            Self::UnsafeId(_) => "unsafe_id",
            Self::NotSent => "not_sent",
            Self::Resting => "resting",
            Self::Connect(_) => "connect",
            Self::TimedOut => "timed_out",
            Self::Broken(_) => "broken",
            Self::TooLong { .. } => "too_long",
            Self::Unreadable(_) => "unreadable",
            Self::Busy { .. } => "busy",
            Self::Status(_) => "status",
            Self::NotAdmitted(_) => "not_admitted",
            Self::NotFound(_) => "not_found",
            Self::InsufficientFunds => "insufficient_funds",
            Self::Rejected { .. } => "rejected",
            Self::Unknown(_) => "unknown",
        }
    }
}
