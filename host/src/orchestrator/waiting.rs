//! What waits for the caller: a question is kept with the key that its yes will use, and settled once it was answered.
//!
//! What an answer is to it is decided in `pending`, what may be done about it in `act`.

use super::held::Held;
use super::pending;
use super::request::Error;
use crate::call::intent::{Intent, Question};
use crate::call::session::{Pending, PendingIntent};
use crate::call::turn::Turn;
use crate::call::{Outcome, pin};
use crate::ledger::key;

impl Held {
    /// Whether just this intent is pending.
    pub(super) fn waits_for(&mut self, intent: &Intent) -> bool {
        let pending = self.call().pending.as_ref();
        pending.is_some_and(|open| open.intent.intent() == Some(intent))
    }

    /// Whether an offer is open.
    pub(super) fn is_offered(&mut self) -> bool {
        let pending = self.call().pending.as_ref();
        pending.is_some_and(|open| open.offer().is_some())
    }

    /// What was open beside an open question: nothing but an offer is answered with anything that is.
    pub(super) fn understood_by_agent(&mut self) {
        let call = self.call();
        let open = call
            .pending
            .take_if(|open| open.question().offer().is_some());
        if open.is_some() || call.pending.is_none() {
            call.misunderstood = 0;
        }
    }

    /// Whether the caller has agreed to what is pending, once it is answered: to a question of just that, or before a step-up.
    pub(super) fn is_confirmed(&mut self) -> bool {
        let pending = self.call().pending.as_ref();
        pending
            .is_some_and(|open| open.confirmed || matches!(open.intent, PendingIntent::Confirm(_)))
    }

    /// Whether the PIN was given for just what is pending.
    pub(super) fn has_pin(&mut self) -> bool {
        let pending = self.call().pending.as_ref();
        pending.is_some_and(|open| open.has_pin)
    }

    /// What waits was asked about in the turn in which the PIN was given for it.
    pub(super) fn keep_pin_of(&mut self, turn: &Turn) {
        if let Some(open) = &mut self.call().pending {
            open.has_pin |= turn.has_pin();
        }
    }

    /// Counts how often the caller was not understood in a row.
    pub(super) fn count_misunderstood(&mut self, intent: &Intent) {
        let call = self.call();
        call.misunderstood = match intent {
            Intent::Unknown => call.misunderstood + 1,
            _ => 0,
        };
    }

    /// Keeps a question, and asks it.
    pub(super) fn ask(&mut self, question: Question) -> Outcome {
        let asked = pending::question_alone(&question.say.text).to_owned();
        self.wait(PendingIntent::Slot(question.clone()), false, None, asked);
        Outcome::Asked(question)
    }

    /// What waited has been settled; what waited beneath is on top again.
    pub(super) fn settle(&mut self) {
        let call = self.call();
        call.pending = call
            .pending
            .take()
            .and_then(|open| open.beneath)
            .map(|it| *it);
    }

    /// A new question makes the next yes or no a new one, where its delivery looks like the last.
    fn begin_anew(&mut self) {
        self.call().answered.retain(|before| !before.is_bare);
    }

    /// Keeps what an action left open: a question of its own, or a yes or PIN that it wants to this very intent.
    pub(super) fn keep_open(
        &mut self,
        outcome: &Outcome,
        intent: Intent,
        key: Option<String>,
        confirmed: bool,
    ) -> Result<(), Error> {
        match outcome {
            Outcome::Asked(question) => {
                self.ask(question.clone());
            }
            Outcome::Confirmation(message) => {
                let key = key.map_or_else(mint, Ok)?;
                let asked = message.text.clone();
                self.wait(PendingIntent::Confirm(intent), false, Some(key), asked);
            }
            Outcome::StepUp(message) => {
                let key = key.map_or_else(mint, Ok)?;
                let asked = message.text.clone();
                self.wait(PendingIntent::StepUp(intent), confirmed, Some(key), asked);
            }
            Outcome::Balances(_)
            | Outcome::Accounts(_)
            | Outcome::Statement(_)
            | Outcome::Profile(_)
            | Outcome::Paid(_)
            | Outcome::Applied(_)
            | Outcome::Refused(_)
            | Outcome::Failed(_)
            | Outcome::Said(_)
            | Outcome::Cancelled
            | Outcome::Repeated => {}
            // Whoever takes over, or calls again, begins anew.
            Outcome::HandedOff(_) | Outcome::Ended => self.call().pending = None,
        }
        Ok(())
    }

    /// Keeps what waits for the caller, with the key that its yes will use. Money goes on waiting beneath a question about a
    /// reading, and is replaced by new money; whatever was asked goes on waiting beneath an offer.
    pub(super) fn wait(
        &mut self,
        intent: PendingIntent,
        confirmed: bool,
        key: Option<String>,
        asked: String,
    ) {
        if self.is_outdated {
            return;
        }
        self.begin_anew();
        let asked = match intent {
            PendingIntent::StepUp(_) => pin::asking(asked),
            PendingIntent::Slot(_) | PendingIntent::Confirm(_) => asked,
        };
        let call = self.call();
        let before = call.pending.take();
        let agreed = before.as_ref().and_then(|open| open.agreed_to(&intent));
        let is_same = |open: &Pending| open.intent.intent() == intent.intent();
        let has_pin = before
            .as_ref()
            .is_some_and(|open| open.has_pin && is_same(open));
        let mut open = Pending {
            intent,
            confirmed,
            key,
            asked,
            is_unheard: false,
            asked_after: None,
            turned_away_after: None,
            agreed,
            has_pin,
            beneath: None,
        };
        if open.offer().is_some() {
            open.asked = pending::question_alone(&open.asked).to_owned();
        }
        let beneath = match before {
            Some(before) if open.offer().is_some() => before.without_offer(),
            Some(before) if !open.intent.is_write() => before.into_money(),
            _ => None,
        };
        open.beneath = beneath.map(Box::new);
        call.pending = Some(open);
    }
}

/// A key that nobody can guess, for the yes to a question.
pub(super) fn mint() -> Result<String, Error> {
    let mut random = [0; 16];
    getrandom::fill(&mut random).map_err(|_| Error::Lost)?;
    Ok(key::of_confirmation(random))
}
