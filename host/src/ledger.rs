//! The life of a ledger row: pure steps from the intent to its end.
//!
//! A row is written before anything leaves the host, moves to `sent` just before it leaves, and ends as `completed`, `refused`
//! or, where nobody can tell, `needs_review` for a person. `db` executes what these functions return; there is no I/O and no
//! clock here. Opening stands beside in [`opening`], what an answer of the bank's means in [`written`], and the search for proof
//! after an unknown outcome in [`proof`].

pub mod caps;
pub mod entry;
pub mod key;
pub mod opening;
pub mod proof;
pub mod settings;
pub mod settling;
pub mod written;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use caps::Ceilings;
pub use entry::{Kind, NewEntry, Row};
pub use opening::Opened;
pub use settings::Settings;
pub use settling::Settled;
pub use written::Written;

/// Where a row stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Wanted; caps not checked yet. Lives only inside the transaction that opens the row.
    Requested,
    /// All caps and ceilings hold and count this row; nothing has left the host.
    Authorised,
    /// One process has taken it to the bank; whether it arrived is not known yet.
    Sent,
    /// The bank did it. Final.
    Completed,
    /// It did not happen and will not. Final, and counts against no cap; only what a person wrote off the bank may still prove to
    /// have happened.
    Refused,
    /// Sent without an answer; proof is being looked for.
    Unknown,
    /// No proof found; a person decides, or a late answer of the bank's does.
    NeedsReview,
}

/// As much of a row as says what may happen to it next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing<'a> {
    /// Where it stands.
    pub state: State,
    /// The bank's payment id that it holds already.
    pub paid_as: Option<&'a str>,
    /// Whether a person has refused it, since nobody found it at the bank.
    pub is_written_off: bool,
}

/// What may happen to a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Caps and ceilings hold.
    Authorise,
    /// Given up before anything left the host.
    Drop {
        /// Why, as a stable code.
        reason: String,
    },
    /// About to leave the host.
    Send {
        /// Whether the bank is one that understands keys, as far as the sender was told.
        is_repeatable: bool,
    },
    /// The bank says that it is done.
    Complete {
        /// The bank's id of the payment or application.
        bank_payment_id: Option<String>,
        /// The bank's answer, kept so that a repeated request is answered alike.
        answer: Value,
    },
    /// The bank says no.
    Refuse {
        /// Why, as a stable code.
        reason: String,
        /// The bank's answer.
        answer: Value,
    },
    /// The one sending certainly did not get to the bank, or the bank did not let it in.
    Bounce {
        /// Why, as a stable code.
        reason: String,
        /// What the caller is told, kept so that a repeated request is answered alike.
        answer: Value,
    },
    /// No answer came, or none that could be read.
    LoseTrack {
        /// What happened instead, as a stable code.
        reason: String,
    },
    /// Looked for proof and found none.
    GiveUp {
        /// What a person should see: what was asked, what was found.
        evidence: Value,
    },
    /// A person says that the bank did it.
    Confirm {
        /// Who.
        by: String,
        /// Why.
        reason: String,
        /// The bank's id, where it was found.
        bank_payment_id: Option<String>,
    },
    /// A person says that the bank did not do it.
    WriteOff {
        /// Who.
        by: String,
        /// Why.
        reason: String,
    },
}

/// What the ledger says to an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The row is now there.
    Moved(State),
    /// Already so: a duplicate.
    Unchanged,
    /// Contradicts what the row says, or cannot be meant in this state.
    Illegal,
}

impl State {
    /// Every state, in the order of a row's life.
    pub const ALL: [Self; 7] = [
        Self::Requested,
        Self::Authorised,
        Self::Sent,
        Self::Completed,
        Self::Refused,
        Self::Unknown,
        Self::NeedsReview,
    ];

    /// The name in the database and at `/admin/transfers`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Authorised => "authorised",
            Self::Sent => "sent",
            Self::Completed => "completed",
            Self::Refused => "refused",
            Self::Unknown => "unknown",
            Self::NeedsReview => "needs_review",
        }
    }

    /// The state of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }

    /// Whether it is still open how this ends; an identical transfer is refused meanwhile.
    #[must_use]
    pub fn is_unsettled(self) -> bool {
        !matches!(self, Self::Completed | Self::Refused)
    }

    /// Whether the row counts against caps: everything that has happened or may still have.
    #[must_use]
    pub fn is_counted(self) -> bool {
        self != Self::Refused
    }
}

/// What `event` does to a row that stands so.
///
/// Invariant: pure, and total over all pairs (`every_pair_of_state_and_event_has_the_verdict_of_the_table`).
///
/// Invariant: `sent` is reached once, so at most one process may send (`only_an_authorised_row_may_be_sent`).
#[must_use]
pub fn step(row: Standing<'_>, event: &Event) -> Verdict {
    use Event as E;
    use State as S;
    use Verdict::{Illegal, Moved, Unchanged};
    match (row.state, event) {
        (S::Requested, E::Authorise) => Moved(S::Authorised),
        (S::Authorised, E::Authorise) => Unchanged,
        (S::Requested | S::Authorised, E::Drop { .. }) => Moved(S::Refused),
        (S::Refused, E::Drop { .. }) => Unchanged,
        (S::Authorised, E::Send { .. }) => Moved(S::Sent),

        (S::Sent | S::Unknown | S::NeedsReview, E::Complete { .. }) => Moved(S::Completed),
        (S::Sent | S::Unknown | S::NeedsReview, E::Refuse { .. }) => Moved(S::Refused),
        (
            S::Completed,
            E::Complete {
                bank_payment_id, ..
            },
        ) => {
            let is_another = matches!((row.paid_as, bank_payment_id), (Some(a), Some(b)) if a != b);
            if is_another { Illegal } else { Unchanged }
        }
        // A person looked and did not find it: what the bank says later stands above that, and so does a second look.
        (S::Refused, E::Complete { .. } | E::Confirm { .. }) if row.is_written_off => {
            Moved(S::Completed)
        }
        (S::Refused, E::Refuse { .. } | E::Bounce { .. }) => Unchanged,

        (S::Sent, E::Bounce { .. }) => Moved(S::Refused),
        // Taken for lost meanwhile: another process may have sent it too, so one sending that failed says nothing any more.
        (S::Unknown | S::NeedsReview, E::Bounce { .. }) => Unchanged,

        (S::Sent, E::LoseTrack { .. }) => Moved(S::Unknown),
        (S::Unknown | S::NeedsReview, E::LoseTrack { .. }) => Unchanged,
        (S::Unknown, E::GiveUp { .. }) => Moved(S::NeedsReview),
        (S::NeedsReview, E::GiveUp { .. }) => Unchanged,

        (S::NeedsReview, E::Confirm { .. }) => Moved(S::Completed),
        (S::NeedsReview, E::WriteOff { .. }) => Moved(S::Refused),
        _ => Illegal,
    }
}

#[cfg(test)]
mod tests;
