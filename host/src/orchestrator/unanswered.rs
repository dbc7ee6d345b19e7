//! A caller who gets nowhere: not understood, or answering what is asked with something that is no answer.
//!
//! Once, what is open is asked again. Twice in a row, the rules are asked as for words that nobody understands, and a caller whom
//! they offer a person hears of a way out before a third round of the same.

use super::Orchestrator;
use super::held::Held;
use super::pending::Resolved;
use super::pin_turn::{Given, PIN_INCOMPLETE, PIN_WRONG};
use super::request::{Ask, Error};
use super::working::Working;
use crate::call::intent::CustomIntent;
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
    /// It waits still, and something beside it was said; or nothing was said at all.
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
        let wanted = match &resolved {
            Resolved::Fresh(intent) => Some(intent.clone()),
            _ => None,
        };
        let outcome = self.follow(held, working, resolved).await?;
        if working.turn.channel != Channel::Voice {
            // A model that calls functions puts its own questions, and a service none.
            return Ok(outcome);
        }
        let before = working.turn.misunderstood;
        let call = held.call();
        let (open, opened) = (open.as_ref(), call.pending.as_ref());
        match progress(open, opened, &outcome, wanted.as_ref()) {
            Progress::Made if is_dropped(&outcome) => call.misunderstood = 0,
            Progress::Made => {}
            Progress::Beside => call.misunderstood = before,
            Progress::None if before == 0 => call.misunderstood = 1,
            // It is said what is wrong with the answer to either question: nobody is connected over that.
            Progress::None if open.is_some_and(|open| open.offer().is_some()) && before > 1 => {
                call.misunderstood = 1;
            }
            Progress::None => {
                call.misunderstood = before;
                return self.act(held, working, Intent::Unknown, None).await;
            }
        }
        Ok(outcome)
    }
}

/// What came of a turn, seen from the question that was open before it. `wanted` is what its words were taken for, where they were
/// no answer.
fn progress(
    before: Option<&Pending>,
    after: Option<&Pending>,
    outcome: &Outcome,
    wanted: Option<&Intent>,
) -> Progress {
    let aside = match wanted {
        Some(Intent::Custom(aside)) => Some(aside),
        _ => None,
    };
    let answer = aside.and_then(CustomIntent::answer);
    let is_yes_to_nothing = before.is_none() && wanted == Some(&Intent::Affirm);
    if outcome.code() == UNASKED_DIGITS || is_yes_to_nothing {
        return Progress::None;
    }
    if answer == Some(CustomIntent::UNHEARD) {
        return Progress::Beside;
    }
    let (Some(before), Some(after)) = (before, after) else {
        return Progress::Made;
    };
    // A question that nobody has heard yet waits for no answer.
    if before.is_unheard || !is_same(&before.question().intent, &after.question().intent) {
        return Progress::Made;
    }
    match outcome {
        // A colleague: that is what the count is for.
        Outcome::Confirmation(_) if after.offer().is_some() => Progress::Made,
        Outcome::Asked(_) | Outcome::Confirmation(_) => Progress::None,
        // A wrong PIN has a count of its own, and of one in parts each part is one more.
        Outcome::StepUp(message) if message.code == PIN_WRONG => Progress::Made,
        Outcome::StepUp(message) if message.code == PIN_INCOMPLETE => Progress::Beside,
        Outcome::StepUp(_) => Progress::None,
        Outcome::Said(message) if message.code == ASKED_AGAIN => Progress::None,
        Outcome::Said(_) if answer == Some(CustomIntent::NO_ANSWER) => Progress::None,
        Outcome::Said(_) if aside.is_some() => Progress::Beside,
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
    use crate::call::intent::{Message, Payee, Question, Transfer};
    use crate::call::{Draft, Money};

    fn open(intent: PendingIntent) -> Pending {
        Pending {
            intent,
            confirmed: false,
            key: None,
            asked: "Which one?".into(),
            is_unheard: false,
            asked_after: None,
            turned_away_after: None,
            agreed: None,
            has_pin: false,
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

    fn transfer() -> Intent {
        Intent::Transfer(Transfer {
            from_account: "checking_1".to_owned(),
            to_account: "savings_1".to_owned(),
            payee: Payee::SameOwner,
            amount: Money::new(5_000, "USD"),
            memo: None,
        })
    }

    fn said(code: &str) -> Outcome {
        Outcome::Said(Message::plain(code, "Words."))
    }

    #[test]
    fn the_same_question_in_other_words_is_no_progress_and_another_slot_is() {
        let asked = || Outcome::Asked(question("account_id", "I know none of that name."));
        let before = slot("account_id", "Which account?");
        let of = |after: &Pending| progress(Some(&before), Some(after), &asked(), None);
        assert_eq!(
            of(&slot("account_id", "I know none of that name.")),
            Progress::None
        );
        assert_eq!(of(&slot("month", "Of which month?")), Progress::Made);
        assert_eq!(
            progress(None, Some(&before), &asked(), None),
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
        let of = |before: &Pending| progress(Some(before), Some(before), &again, None);
        assert_eq!((of(&heard), of(&unheard)), (Progress::None, Progress::Made));
    }

    #[test]
    fn what_is_said_beside_a_question_counts_only_where_it_was_meant_as_its_answer() {
        let waits = open(PendingIntent::Confirm(transfer()));
        let aside = |answer: Option<&str>| {
            let slot = answer.map(|answer| ("answer".to_owned(), answer.to_owned()));
            Intent::Custom(CustomIntent {
                name: "aside".to_owned(),
                slots: slot.into_iter().collect(),
            })
        };
        let of = |outcome: Outcome, wanted: Intent| {
            progress(Some(&waits), Some(&waits), &outcome, Some(&wanted))
        };
        assert_eq!(of(said("unclear"), aside(Some("none"))), Progress::None);
        assert_eq!(of(said("noise"), aside(Some("unheard"))), Progress::Beside);
        assert_eq!(of(said("hours"), aside(None)), Progress::Beside);
        assert_eq!(of(said("agents"), Intent::Unknown), Progress::Made);
        let balances = Outcome::Balances(Vec::new());
        assert_eq!(of(balances, Intent::Accounts), Progress::Made);
        // Where nothing is open, noise ends no count, and a yes to nothing is one of it.
        let noise = aside(Some("unheard"));
        let nothing = |wanted: &Intent| progress(None, None, &said("words"), Some(wanted));
        assert_eq!(nothing(&noise), Progress::Beside);
        assert_eq!(nothing(&Intent::Affirm), Progress::None);
        assert_eq!(nothing(&aside(Some("none"))), Progress::Made);
    }

    #[test]
    fn an_offer_is_no_progress_and_what_is_answered_beneath_it_is() {
        let beneath = slot("account_id", "Which account?");
        let offer = Pending {
            beneath: Some(Box::new(beneath.clone())),
            ..open(PendingIntent::Confirm(Intent::Unknown))
        };
        let asked = Outcome::Asked(question("account_id", "I know none of that name."));
        let offered = Outcome::Confirmation(Message::plain("human_offered", "A colleague?"));
        let of = |before: &Pending, after: &Pending, outcome: &Outcome| {
            progress(Some(before), Some(after), outcome, None)
        };
        assert_eq!(of(&beneath, &offer, &offered), Progress::Made);
        assert_eq!(of(&offer, &beneath, &asked), Progress::None);
        assert_eq!(of(&offer, &slot("month", "Which?"), &asked), Progress::Made);
    }

    #[test]
    fn digits_that_nobody_asked_for_are_none_also_where_nothing_is_open_and_a_wrong_pin_is_no_case_of_it()
     {
        assert_eq!(
            progress(None, None, &said(UNASKED_DIGITS), None),
            Progress::None
        );
        let waits = open(PendingIntent::StepUp(Intent::Accounts));
        let of = |code: &str| {
            let outcome = Outcome::StepUp(Message::plain(code, "Your PIN?"));
            progress(Some(&waits), Some(&waits), &outcome, None)
        };
        assert_eq!(
            (of("pin_needed"), of("pin_wrong")),
            (Progress::None, Progress::Made)
        );
    }
}
