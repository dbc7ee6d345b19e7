//! Steps two to five of a turn: what is wanted, what that is to what is open, and what is done about it.
//!
//! Words go through the rules, a PIN and digits that nobody asked for do not; what may be done is decided in `act`.

use super::Orchestrator;
use super::held::Held;
use super::pending::{self, Resolved};
use super::pin_turn::Given;
use super::request::{Ask, Error};
use super::too_late;
use super::unanswered::{ASKED_AGAIN, UNASKED_DIGITS};
use super::working::Working;
use crate::call::Outcome;
use crate::call::intent::{Intent, Message};
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
        match resolved {
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
                let call = held.call();
                call.pending = pending::left_open(&intent, call.pending.take());
                self.act(held, working, intent, None).await
            }
            Resolved::Confirmed { intent, key } => self.act(held, working, intent, key).await,
        }
    }

    /// What the rules take the caller's words for, resolved against what is pending.
    pub(super) async fn wanted(&self, held: &mut Held, working: &mut Working) -> Resolved {
        match working.run.route(&working.turn).await {
            Wanted::Intent(intent) => {
                let call = held.call();
                match pending::resolve(intent, call.pending.as_ref()) {
                    Resolved::Fresh(intent)
                        if !call.is_doubted()
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
                let is_closed = self.is_closed(held.call());
                held.call().misunderstood = 0;
                // A question names the accounts that there are to choose from.
                let outcome = if is_closed {
                    Outcome::StepUp(caller::pin_needed())
                } else {
                    held.ask(question)
                };
                Resolved::Settled {
                    name: "ask",
                    outcome: Box::new(outcome),
                }
            }
        }
    }
}
