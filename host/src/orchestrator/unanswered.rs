//! A caller who gets nowhere: not understood, or answering what is asked with something that is no answer.
//!
//! Once, what is open is asked again. Twice in a row, the rules are asked as for words that nobody understands, and a caller whom
//! they offer a person hears of a way out before a third round of the same.

use super::Orchestrator;
use super::held::Held;
use super::pending::Resolved;
use super::pin_turn::Given;
use super::request::{Ask, Error};
use super::working::Working;
use crate::call::session::{Pending, PendingIntent};
use crate::call::turn::Channel;
use crate::call::{Intent, Outcome};

/// The code of the open question, asked once more.
pub(super) const ASKED_AGAIN: &str = "asked_again";
/// The code of what is said to digits that nobody asked for.
pub(super) const UNASKED_DIGITS: &str = "digits_unasked";

/// What a turn was to the question that was open before it.
#[derive(Debug, PartialEq, Eq)]
enum Progress {
    /// It was answered or dropped, or something else was done.
    Made,
    /// It waits still, and something beside it was said.
    Beside,
    /// It is asked once more, and that is all that happened.
    None,
}

impl Orchestrator {
    /// Route, resolve, decide, fulfil; for a caller who gets nowhere for the second time, as if nothing had been understood.
    pub(super) async fn outcome(
        &self,
        held: &mut Held,
        working: &mut Working,
        ask: &Ask,
        given: Given,
    ) -> Result<Outcome, Error> {
        let open = held.call().pending.clone();
        let resolved = self.resolved(held, working, ask, given).await?;
        let is_beside = matches!(resolved, Resolved::Fresh(Intent::Custom(_)));
        let outcome = self.follow(held, working, resolved).await?;
        if working.turn.channel != Channel::Voice {
            // A model that calls functions puts its own questions, and a service none.
            return Ok(outcome);
        }
        let before = working.turn.misunderstood;
        let call = held.call();
        match progress(open.as_ref(), call.pending.as_ref(), &outcome, is_beside) {
            Progress::Made if is_dropped(&outcome) => call.misunderstood = 0,
            Progress::Made => {}
            Progress::Beside => call.misunderstood = before.max(1),
            Progress::None if before == 0 => call.misunderstood = 1,
            Progress::None => {
                call.misunderstood = before;
                return self.act(held, working, Intent::Unknown, None).await;
            }
        }
        Ok(outcome)
    }
}

/// What came of a turn, seen from the question that was open before it.
fn progress(
    before: Option<&Pending>,
    after: Option<&Pending>,
    outcome: &Outcome,
    is_beside: bool,
) -> Progress {
    if outcome.code() == UNASKED_DIGITS {
        return Progress::None;
    }
    let (Some(before), Some(after)) = (before, after) else {
        return Progress::Made;
    };
    // A question that nobody has heard yet waits for no answer.
    if before.is_unheard || !is_same(&before.intent, &after.intent) {
        return Progress::Made;
    }
    match outcome {
        Outcome::Asked(_) | Outcome::Confirmation(_) => Progress::None,
        // A wrong PIN has a count of its own.
        Outcome::StepUp(message) if message.code != "pin_wrong" => Progress::None,
        Outcome::Said(message) if message.code == ASKED_AGAIN => Progress::None,
        Outcome::Said(_) if is_beside => Progress::Beside,
        _ => Progress::Made,
    }
}

/// Whether it is the same that is asked for, in whatever words.
fn is_same(before: &PendingIntent, after: &PendingIntent) -> bool {
    match (before, after) {
        (PendingIntent::Slot(before), PendingIntent::Slot(after)) => {
            (&before.draft, &before.slot) == (&after.draft, &after.slot)
        }
        (before, after) => before == after,
    }
}

/// Whether the caller said no to what was open: that was understood.
fn is_dropped(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Cancelled) || outcome.code() == "set_aside"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::Draft;
    use crate::call::intent::{Message, Question};

    fn open(intent: PendingIntent) -> Pending {
        Pending {
            intent,
            confirmed: false,
            key: None,
            asked: "Which one?".into(),
            is_unheard: false,
            agreed: None,
            beneath: None,
        }
    }

    fn slot(name: &str, text: &str) -> Pending {
        open(PendingIntent::Slot(question(name, text)))
    }

    fn question(slot: &str, text: &str) -> Question {
        Question {
            draft: Draft::Balance,
            slot: slot.to_owned(),
            say: Message::plain("which", text),
        }
    }

    fn said(code: &str) -> Outcome {
        Outcome::Said(Message::plain(code, "Words."))
    }

    #[test]
    fn the_same_question_in_other_words_is_no_progress_and_another_slot_is() {
        let asked = || Outcome::Asked(question("account_id", "I know none of that name."));
        let before = slot("account_id", "Which account?");
        let of = |after: &Pending| progress(Some(&before), Some(after), &asked(), false);
        assert_eq!(
            of(&slot("account_id", "I know none of that name.")),
            Progress::None
        );
        assert_eq!(of(&slot("month", "Of which month?")), Progress::Made);
        assert_eq!(
            progress(None, Some(&before), &asked(), false),
            Progress::Made
        );
    }

    #[test]
    fn a_question_that_nobody_has_heard_is_asked_as_often_as_it_takes() {
        let heard = open(PendingIntent::Confirm(Intent::Accounts));
        let unheard = Pending {
            is_unheard: true,
            ..heard.clone()
        };
        let again = said(ASKED_AGAIN);
        let of = |before: &Pending| progress(Some(before), Some(before), &again, false);
        assert_eq!((of(&heard), of(&unheard)), (Progress::None, Progress::Made));
    }

    #[test]
    fn what_is_answered_beside_a_question_counts_and_is_answered() {
        let waits = open(PendingIntent::Confirm(Intent::Accounts));
        let of =
            |outcome: Outcome, is_beside| progress(Some(&waits), Some(&waits), &outcome, is_beside);
        assert_eq!(of(said("unclear_answer"), true), Progress::Beside);
        assert_eq!(of(said("hours"), false), Progress::Made);
        assert_eq!(of(Outcome::Balances(Vec::new()), false), Progress::Made);
    }

    #[test]
    fn digits_that_nobody_asked_for_are_none_also_where_nothing_is_open_and_a_wrong_pin_is_no_case_of_it()
     {
        assert_eq!(
            progress(None, None, &said(UNASKED_DIGITS), false),
            Progress::None
        );
        let waits = open(PendingIntent::StepUp(Intent::Accounts));
        let of = |code: &str| {
            let outcome = Outcome::StepUp(Message::plain(code, "Your PIN?"));
            progress(Some(&waits), Some(&waits), &outcome, false)
        };
        assert_eq!(
            (of("pin_needed"), of("pin_wrong")),
            (Progress::None, Progress::Made)
        );
    }
}
