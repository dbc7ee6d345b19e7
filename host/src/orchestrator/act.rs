//! Decide and fulfil: one complete intent, the host's own decision and every policy's, the permit, the action.
//!
//! Steps four and five of a turn; what was pending has been resolved before.

use std::sync::atomic::Ordering;

use super::Orchestrator;
use super::held::Held;
use super::request::Error;
use super::scope::TurnScope;
use super::truth;
use super::working::Working;
use crate::call::intent::{Intent, Message, Payee, Transfer};
use crate::call::session::{Pending, PendingIntent};
use crate::call::{Decision, Failure, Outcome, Question, Trust};
use crate::caller;
use crate::ledger::key;

impl Orchestrator {
    /// Decide and fulfil one complete intent.
    pub(super) async fn act(
        &self,
        held: &mut Held,
        working: &mut Working,
        intent: Intent,
        pending_key: Option<String>,
    ) -> Result<Outcome, Error> {
        let was_pending = held
            .call()
            .pending
            .as_ref()
            .is_some_and(|open| open.intent.intent() == Some(&intent));
        if was_pending && pending_key.is_some() && !working.turn.confirmed {
            working.turn.confirmed = held.call().pending.as_ref().is_some_and(|open| {
                open.confirmed || matches!(open.intent, PendingIntent::Confirm(_))
            });
        }
        let intent = self.with_payee(working, intent).await?;
        intent.name().clone_into(&mut working.intent);
        held.call().misunderstood = if intent == Intent::Unknown {
            held.call().misunderstood + 1
        } else {
            0
        };
        let decision = self.decide(held, working, &intent).await?;
        working.decision = Some(decision.clone());
        let key = pending_key.or_else(|| working.key.clone());
        match decision {
            Decision::Allow(caps) => {
                if was_pending {
                    held.call().pending = None;
                }
                if intent.is_write() {
                    let key = key.map_or_else(mint, Ok)?;
                    working.scope.permit(working.permit(&intent, caps, key));
                }
                let outcome = working.run.fulfil(&working.turn, &intent).await;
                Ok(working.scope.truthful(outcome))
            }
            Decision::Confirm(message) => {
                let key = key.map_or_else(mint, Ok)?;
                held.wait(PendingIntent::Confirm(intent), false, key, &message);
                Ok(Outcome::Confirmation(message))
            }
            Decision::StepUp(message) => {
                let key = key.map_or_else(mint, Ok)?;
                let confirmed = working.turn.confirmed;
                held.wait(PendingIntent::StepUp(intent), confirmed, key, &message);
                Ok(Outcome::StepUp(message))
            }
            Decision::HandOff(message) => {
                held.call().pending = None;
                Ok(Outcome::HandedOff(message))
            }
            Decision::Deny(message) => {
                if was_pending {
                    held.call().pending = None;
                }
                Ok(Outcome::Refused(message))
            }
        }
    }

    /// The host's own decision and every policy's; the strictest wins.
    async fn decide(
        &self,
        held: &mut Held,
        working: &mut Working,
        intent: &Intent,
    ) -> Result<Decision, Error> {
        if let Some(refusal) = impossible(intent) {
            return Ok(refusal);
        }
        let has_pin = match &held.call().user {
            Some(user) if working.turn.caller.trust < Trust::Pin => {
                self.callers.has_pin(&user.id).await?
            }
            _ => true,
        };
        let own = caller::may(
            &working.turn,
            intent,
            self.callers.phone_opens(),
            self.callers.phone_transfer_max(),
            has_pin,
        );
        if matches!(own, Decision::Deny(_)) {
            return Ok(own);
        }
        Ok(own.and(working.run.decide(&working.turn, intent).await))
    }

    /// Finds out whose account the money would go to; a router's word is not taken for it.
    async fn with_payee(&self, working: &Working, intent: Intent) -> Result<Intent, Error> {
        let Intent::Transfer(transfer) = intent else {
            return Ok(intent);
        };
        let payee = working.scope.payee(&transfer.to_account).await?;
        Ok(Intent::Transfer(Transfer { payee, ..transfer }))
    }
}

impl Held {
    /// Keeps a question, and asks it.
    pub(super) fn ask(&mut self, question: Question) -> Outcome {
        let asked = question.say.text.clone();
        let intent = PendingIntent::Slot(question.clone());
        self.call().pending = Some(Pending {
            intent,
            confirmed: false,
            key: None,
            asked,
        });
        Outcome::Asked(question)
    }

    /// Keeps an intent that waits for the caller, with the key that its yes will use.
    fn wait(&mut self, intent: PendingIntent, confirmed: bool, key: String, asked: &Message) {
        let asked = asked.text.clone();
        self.call().pending = Some(Pending {
            intent,
            confirmed,
            key: Some(key),
            asked,
        });
    }
}

/// What no rule needs to be asked about.
fn impossible(intent: &Intent) -> Option<Decision> {
    let deny = |code, text| Some(Decision::Deny(Message::plain(code, text)));
    match intent {
        Intent::Transfer(transfer) if !transfer.amount.is_positive() => deny(
            "amount_not_positive",
            "The amount has to be more than zero.",
        ),
        Intent::Transfer(transfer) if transfer.from_account == transfer.to_account => deny(
            "same_account",
            "That is the same account twice, so there is nothing to move.",
        ),
        Intent::Loan(loan) if !loan.amount.is_positive() => deny(
            "amount_not_positive",
            "The amount has to be more than zero.",
        ),
        _ => None,
    }
}

/// A key that nobody can guess, for the yes to a question.
fn mint() -> Result<String, Error> {
    let mut random = [0; 16];
    getrandom::fill(&mut random).map_err(|_| Error::Lost)?;
    Ok(key::of_confirmation(random))
}

impl TurnScope {
    /// Whose account it is.
    async fn payee(&self, to_account: &str) -> Result<Payee, Error> {
        use crate::plugin::Capabilities as _;
        let own = self.accounts().await.unwrap_or_default();
        if own.iter().any(|account| account.id == to_account) {
            return Ok(Payee::SameOwner);
        }
        let Some(user) = &self.user else {
            return Ok(Payee::FirstTime);
        };
        let has_paid = self.db.has_paid(&user.id, to_account).await?;
        Ok(if has_paid {
            Payee::Known
        } else {
            Payee::FirstTime
        })
    }

    /// What an action says, or the failure that stands for it, held against what was written and what may have been: while
    /// nobody knows whether the bank has paid, nothing else is told.
    pub(super) fn truthful(&self, outcome: Outcome) -> Outcome {
        let written = self.written();
        if written.is_none() && self.is_writing.load(Ordering::Acquire) {
            return Outcome::Failed(Failure::Uncertain);
        }
        truth::truthful(outcome, written)
    }
}
