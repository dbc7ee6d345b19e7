//! What an answer means while something is pending: pure.
//!
//! The host resolves yes, no, never mind and again; a plugin cannot forge a yes. A new writing intent replaces what is pending; a
//! reading one leaves it, and the question is asked again after the answer.

use crate::call::intent::{CustomIntent, Draft, Intent, Message, Question};
use crate::call::session::{Pending, PendingIntent};
use crate::call::{Outcome, pin};

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
    /// What was pending is dropped, money beneath it included.
    Cancelled,
    /// The question in between, or the offer, is dropped; what lies beneath it still waits.
    SetAside,
    /// The last reply again.
    Repeated,
    /// The pending question again: the answer did not answer it, or nobody has heard the question.
    AskAgain,
    /// It was asked before what the call has heard since.
    Outdated,
    /// This is what came of it.
    Settled {
        /// What it is called in the record.
        name: &'static str,
        /// To be said.
        outcome: Box<Outcome>,
    },
}

/// Resolves an intent against what is pending.
///
/// Invariant: only a yes to exactly the pending intent, and to a question that was heard, confirms
/// (`a_yes_confirms_only_what_was_asked`).
#[must_use]
pub fn resolve(intent: Intent, pending: Option<&Pending>) -> Resolved {
    match (intent, pending) {
        (Intent::Repeat, _) => Resolved::Repeated,
        (Intent::Affirm, Some(pending)) => match &pending.intent {
            PendingIntent::Confirm(waiting) if !pending.is_unheard => Resolved::Confirmed {
                intent: waiting.clone(),
                key: pending.key.clone(),
            },
            PendingIntent::Confirm(_) | PendingIntent::Slot(_) | PendingIntent::StepUp(_) => {
                Resolved::AskAgain
            }
        },
        (Intent::Decline, Some(pending)) if pending.beneath.is_some() => Resolved::SetAside,
        (Intent::Decline | Intent::Cancel, Some(_)) => Resolved::Cancelled,
        (intent, _) => Resolved::Fresh(intent),
    }
}

/// What is still open once a fresh intent has come: nothing after a new write, the money alone after a new reading, for which the
/// question about an earlier reading is settled.
#[must_use]
pub fn left_open(intent: &Intent, pending: Option<Pending>) -> Option<Pending> {
    let pending = pending?;
    let is_dropped =
        matches!(intent, Intent::Custom(it) if it.answer() == Some(CustomIntent::CANCEL));
    if is_dropped || intent.is_write() || matches!(intent, Intent::Goodbye | Intent::Human) {
        return None;
    }
    if intent.needs_customer() {
        return pending.into_money();
    }
    Some(pending)
}

/// The question that a refusal puts, where it says with its parameter `slot` that another value of that slot might be allowed.
/// Everything else about what was wanted stays as it was.
#[must_use]
pub fn another_value(intent: &Intent, refusal: &Message) -> Option<Question> {
    let slot = refusal.parameter("slot")?.to_owned();
    let draft = Draft::of(intent)?;
    Some(Question {
        draft,
        slot,
        say: refusal.clone(),
    })
}

/// What a yes said along with a PIN would be: an answer, or no more than a way to begin.
#[must_use]
pub fn open(pending: Option<&Pending>) -> pin::Open {
    match pending.map(|open| &open.intent) {
        Some(PendingIntent::Confirm(_)) => pin::Open::YesOrNo,
        Some(PendingIntent::Slot(_) | PendingIntent::StepUp(_)) | None => pin::Open::Other,
    }
}

/// The question alone, without what was said before it: asked again, "I could not find that account" would be said of another
/// answer.
#[must_use]
pub fn question_alone(question: &str) -> &str {
    let before = question.trim_end_matches(|c: char| !c.is_alphanumeric());
    let ends = before.rmatch_indices(['.', '!', '?']);
    let begins = ends.map(|(at, end)| at + end.len());
    let begin = begins.into_iter().find(|&at| before[at..].starts_with(' '));
    match begin {
        Some(begin) if question.trim_end().ends_with('?') => question[begin..].trim_start(),
        _ => question,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::Money;
    use crate::call::intent::{Payee, Transfer};

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
            is_unheard: false,
            asked_after: None,
            turned_away_after: None,
            agreed: None,
            has_pin: false,
            beneath: None,
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
    fn a_question_is_asked_again_without_what_was_said_before_it() {
        for (question, again) in [
            ("Which account?", "Which account?"),
            (
                "I could not find that. Which one: A or B?",
                "Which one: A or B?",
            ),
            ("At most 2.50 a day. How much?", "How much?"),
            (
                "How much is it? Say it with cents.",
                "How much is it? Say it with cents.",
            ),
            ("", ""),
        ] {
            assert_eq!(question_alone(question), again);
        }
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
        let unheard = Pending {
            is_unheard: true,
            ..confirm
        };
        assert_eq!(resolve(Intent::Affirm, Some(&unheard)), Resolved::AskAgain);
        let step_up = pending(PendingIntent::StepUp(transfer()));
        assert_eq!(resolve(Intent::Affirm, Some(&step_up)), Resolved::AskAgain);
        assert_eq!(resolve(Intent::Affirm, Some(&slot())), Resolved::AskAgain);
        assert_eq!(
            resolve(Intent::Affirm, None),
            Resolved::Fresh(Intent::Affirm)
        );
    }

    #[test]
    fn a_refusal_asks_only_where_it_names_a_slot_of_something_that_is_written() {
        let plain = Message::plain("over_max", "Too much. How much instead?");
        let named = Message {
            parameters: vec![("slot".into(), "amount".into())],
            ..plain.clone()
        };
        assert_eq!(another_value(&transfer(), &plain), None);
        assert_eq!(another_value(&Intent::Accounts, &named), None);
        let asked = another_value(&transfer(), &named).expect("a question");
        assert_eq!((asked.slot.as_str(), &asked.say), ("amount", &named));
        assert_eq!(Some(asked.draft), Draft::of(&transfer()));
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
        let money = || pending(PendingIntent::Confirm(transfer()));
        let open = |intent: &Intent, pending: Pending| left_open(intent, Some(pending));
        assert_eq!(open(&transfer(), money()), None);
        assert_eq!(open(&Intent::Human, money()), None);
        for intent in [Intent::Accounts, Intent::Unknown] {
            assert_eq!(open(&intent, money()), Some(money()));
        }
        // A question about a reading is answered by a reading.
        assert_eq!(open(&Intent::Accounts, slot()), None);
        assert_eq!(open(&Intent::Unknown, slot()), Some(slot()));
    }

    #[test]
    fn money_waits_beneath_a_question_about_a_reading() {
        let money = || pending(PendingIntent::Confirm(transfer()));
        let between = || Pending {
            beneath: Some(Box::new(money())),
            ..slot()
        };
        assert_eq!(left_open(&Intent::Accounts, Some(between())), Some(money()));
        assert_eq!(left_open(&transfer(), Some(between())), None);
        // A yes to "which account?" is no yes to the money beneath.
        assert_eq!(
            resolve(Intent::Affirm, Some(&between())),
            Resolved::AskAgain
        );
        // A no is to what was asked last; "cancel" is to everything.
        assert_eq!(
            resolve(Intent::Decline, Some(&between())),
            Resolved::SetAside
        );
        assert_eq!(
            resolve(Intent::Cancel, Some(&between())),
            Resolved::Cancelled
        );
    }
}
