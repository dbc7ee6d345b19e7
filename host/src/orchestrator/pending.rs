//! What an answer means while something is pending: pure.
//!
//! The host resolves yes, no, never mind and again; a plugin cannot forge a yes. A new writing intent replaces what is pending; a
//! reading one leaves it, and the question is asked again after the answer.

use crate::call::intent::Intent;
use crate::call::session::{Pending, PendingIntent};

/// What the turn goes on with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolved {
    /// A fresh intent, to be decided and fulfilled.
    Fresh(Intent),
    /// The pending intent, to which the caller said yes.
    Confirmed {
        /// Exactly what was asked about.
        intent: Intent,
        /// The key that was minted with the question.
        key: Option<String>,
    },
    /// What was pending is dropped.
    Cancelled,
    /// The last reply again.
    Repeated,
    /// The pending question again: the answer did not answer it.
    AskAgain,
}

/// Resolves an intent against what is pending.
///
/// Invariant: only a yes to exactly the pending intent confirms (`a_yes_confirms_only_what_was_asked`).
#[must_use]
pub fn resolve(intent: Intent, pending: Option<&Pending>) -> Resolved {
    match (intent, pending) {
        (Intent::Repeat, _) => Resolved::Repeated,
        (Intent::Affirm, Some(pending)) => match &pending.intent {
            PendingIntent::Confirm(waiting) => Resolved::Confirmed {
                intent: waiting.clone(),
                key: pending.key.clone(),
            },
            PendingIntent::Slot(_) | PendingIntent::StepUp(_) => Resolved::AskAgain,
        },
        (Intent::Decline | Intent::Cancel, Some(_)) => Resolved::Cancelled,
        (intent, _) => Resolved::Fresh(intent),
    }
}

/// Whether a fresh intent ends what was pending: a new write ends everything, a new reading a question about a reading.
#[must_use]
pub fn replaces(intent: &Intent, pending: &Pending) -> bool {
    let ends_all = intent.is_write() || matches!(intent, Intent::Goodbye | Intent::Human);
    ends_all || (intent.needs_customer() && !pending.intent.is_write())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::intent::{Message, Payee, Question, Transfer};
    use crate::call::{Draft, Money};

    fn transfer() -> Intent {
        Intent::Transfer(Transfer {
            from_account: "checking_1".into(),
            to_account: "savings_1".into(),
            payee: Payee::SameOwner,
            amount: Money::new(50_000, "USD"),
            memo: None,
        })
    }

    fn pending(intent: PendingIntent) -> Pending {
        Pending {
            intent,
            confirmed: false,
            key: Some("key".into()),
            asked: "Shall I?".into(),
        }
    }

    fn slot() -> Pending {
        pending(PendingIntent::Slot(Question {
            draft: Draft::Balance,
            slot: "account".into(),
            say: Message::plain("which_account", "Which account?"),
        }))
    }

    #[test]
    fn a_yes_confirms_only_what_was_asked() {
        let confirm = pending(PendingIntent::Confirm(transfer()));
        assert_eq!(
            resolve(Intent::Affirm, Some(&confirm)),
            Resolved::Confirmed {
                intent: transfer(),
                key: Some("key".into())
            }
        );
        let step_up = pending(PendingIntent::StepUp(transfer()));
        assert_eq!(resolve(Intent::Affirm, Some(&step_up)), Resolved::AskAgain);
        assert_eq!(resolve(Intent::Affirm, Some(&slot())), Resolved::AskAgain);
        assert_eq!(
            resolve(Intent::Affirm, None),
            Resolved::Fresh(Intent::Affirm)
        );
    }

    #[test]
    fn a_no_drops_what_is_pending_and_nothing_else() {
        for no in [Intent::Decline, Intent::Cancel] {
            for open in [slot(), pending(PendingIntent::Confirm(transfer()))] {
                assert_eq!(resolve(no.clone(), Some(&open)), Resolved::Cancelled);
            }
            assert_eq!(resolve(no.clone(), None), Resolved::Fresh(no));
        }
    }

    #[test]
    fn reading_leaves_what_is_pending_and_writing_replaces_it() {
        let money = pending(PendingIntent::Confirm(transfer()));
        assert!(replaces(&transfer(), &money));
        assert!(!replaces(&Intent::Accounts, &money));
        assert!(!replaces(&Intent::Unknown, &money));
        assert!(
            replaces(&Intent::Accounts, &slot()),
            "a question about a reading is answered by it"
        );
        assert!(!replaces(&Intent::Unknown, &slot()));
    }
}
