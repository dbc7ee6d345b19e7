//! Steps two to five of a turn: what is wanted, what that is to what is open, and what is done about it.
//!
//! Words go through the rules, a PIN and digits that nobody asked for do not; what may be done is decided in `act`.

use super::Orchestrator;
use super::held::Held;
use super::outdated;
use super::pending::{self, Resolved};
use super::pin_turn::Given;
use super::request::{Ask, Error};
use super::too_late;
use super::unanswered::{ASKED_AGAIN, UNASKED_DIGITS};
use super::working::Working;
use crate::call::Outcome;
use crate::call::intent::{Draft, Intent, Message, Question};
use crate::caller;
use crate::pipeline::Wanted;

impl Orchestrator {
    /// Route and resolve: what the turn goes on with.
    pub(super) async fn resolved(
        &self,
        held: &mut Held,
        working: &mut Working,
        ask: &Ask,
        given: Given,
    ) -> Result<Resolved, Error> {
        Ok(match (ask, given) {
            (Ask::Rest { intent, .. }, Given::None) => Resolved::Fresh(intent.clone()),
            (_, Given::None) => self.wanted(held, working).await,
            (_, Given::Pin(_)) if held.is_outdated => Resolved::Outdated,
            (_, Given::Pin(pin)) => self.with_pin(held, working, ask, pin).await?,
            (_, Given::Digits(said)) => Resolved::Settled {
                name: "digits",
                outcome: Box::new(Outcome::Said(Message::plain(UNASKED_DIGITS, &said))),
            },
        })
    }

    /// Decide and fulfil, where there is something to.
    pub(super) async fn follow(
        &self,
        held: &mut Held,
        working: &mut Working,
        resolved: Resolved,
    ) -> Result<Outcome, Error> {
        let resolved = match self.unless_under_way(held, resolved).await {
            // Whoever brought it first was told that nothing was done; a copy of the wish would put the question anew.
            Resolved::Confirmed { .. } if held.is_turned_away => Resolved::AskAgain,
            Resolved::Fresh(intent) if held.is_turned_away && intent.is_write() => {
                Resolved::AskAgain
            }
            resolved => resolved,
        };
        match resolved {
            Resolved::Outdated => Err(Error::Outdated),
            Resolved::Settled { name, outcome } => {
                name.clone_into(&mut working.intent);
                Ok(*outcome)
            }
            Resolved::Cancelled => {
                "cancel".clone_into(&mut working.intent);
                held.call().pending = None;
                Ok(Outcome::Cancelled)
            }
            Resolved::SetAside => {
                "decline".clone_into(&mut working.intent);
                held.settle();
                Ok(Outcome::Said(Message::plain("set_aside", "All right.")))
            }
            Resolved::Repeated => {
                "repeat".clone_into(&mut working.intent);
                Ok(Outcome::Repeated)
            }
            Resolved::AskAgain => {
                "affirm".clone_into(&mut working.intent);
                let asked = held
                    .call()
                    .pending
                    .as_ref()
                    .map(|pending| pending.asked.clone());
                Ok(Outcome::Said(Message::plain(
                    ASKED_AGAIN,
                    &asked.unwrap_or_default(),
                )))
            }
            Resolved::Fresh(intent) => {
                if !held.is_outdated {
                    let call = held.call();
                    call.pending = pending::left_open(&intent, call.pending.take());
                }
                self.act(held, working, intent, None).await
            }
            Resolved::Confirmed { intent, key } => self.act(held, working, intent, key).await,
        }
    }

    /// What the rules take the caller's words for, resolved against what is pending.
    pub(super) async fn wanted(&self, held: &mut Held, working: &mut Working) -> Resolved {
        match working.run.route(&working.turn).await {
            Wanted::Ask(_) if held.is_outdated => Resolved::Outdated,
            Wanted::Intent(intent) if held.is_outdated && !outdated::is_harmless(&intent) => {
                Resolved::Outdated
            }
            Wanted::Intent(intent) => {
                if intent == Intent::Cancel {
                    self.promise_what_was_begun(held).await;
                }
                let call = held.call();
                match pending::resolve(intent, call.pending.as_ref()) {
                    Resolved::Fresh(intent)
                        if !call.is_doubted
                            && (intent == Intent::Cancel
                                || too_late::objects(call, &intent, &working.turn.text)) =>
                    {
                        Resolved::Settled {
                            name: Intent::Cancel.name(),
                            outcome: Box::new(too_late::cancelled(call)),
                        }
                    }
                    resolved => resolved,
                }
            }
            Wanted::Ask(question) => {
                let closed = self.unless_proved(held, &question).await;
                held.call().misunderstood = 0;
                Resolved::Settled {
                    name: "ask",
                    outcome: Box::new(closed.unwrap_or_else(|| held.ask(question))),
                }
            }
        }
    }

    /// The PIN first, or a colleague for whoever has none, where a question would name the accounts that there are to choose from.
    async fn unless_proved(&self, held: &mut Held, question: &Question) -> Option<Outcome> {
        let is_banks_own = matches!(question.draft, Draft::Custom(_));
        if is_banks_own || !self.is_closed(held.call()) {
            return None;
        }
        let user = held.call().user.as_ref()?.id.clone();
        let has_pin = self.has_pin(&user).await;
        Some(if has_pin {
            Outcome::StepUp(caller::pin_needed())
        } else {
            Outcome::HandedOff(caller::pin_not_enrolled())
        })
    }
}
