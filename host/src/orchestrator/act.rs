//! Decide and fulfil: one complete intent, the host's own decision and every policy's, the permit, the action.
//!
//! Steps four and five of a turn; what was pending has been resolved before.

use std::sync::atomic::Ordering;

use super::Orchestrator;
use super::held::Held;
use super::pending;
use super::pin_turn;
use super::request::Error;
use super::scope::TurnScope;
use super::truth;
use super::waiting::mint;
use super::working::Working;
use crate::call::intent::{Intent, Message, Payee, Transfer};
use crate::call::session::PendingIntent;
use crate::call::turn::Channel;
use crate::call::{Call, Cap, Decision, Failure, Outcome, Trust};
use crate::caller;
use crate::reply;

/// The intent that stands for what is told of accounts.
const BALANCE: &str = "balance";

impl Orchestrator {
    /// Decide and fulfil one complete intent.
    pub(super) async fn act(
        &self,
        held: &mut Held,
        working: &mut Working,
        intent: Intent,
        pending_key: Option<String>,
    ) -> Result<Outcome, Error> {
        // Whoever is not understood again has not taken up the offer of a colleague.
        let was_pending = held.waits_for(&intent) && (pending_key.is_some() || !held.is_offered());
        if was_pending && pending_key.is_some() {
            working.turn.confirmed |= held.is_confirmed();
            if held.has_pin() {
                working.turn.note_pin();
            }
        }
        working.is_about(held, &intent, pending_key.as_deref());
        note_caller(held, working, &intent);
        let intent = match self.with_payee(working, intent).await? {
            Ok(intent) => intent,
            // The bank is silent: nothing is decided, and what was pending stays.
            Err(cause) => return Ok(Outcome::Failed(cause)),
        };
        if working.turn.channel != Channel::Rest {
            held.count_misunderstood(&intent);
        }
        let decision = self.decide(held, working, &intent).await?;
        working.decision = Some(decision.clone());
        let key = pending_key.or_else(|| working.key.clone());
        match decision {
            Decision::Allow(caps) => {
                if was_pending {
                    held.settle();
                }
                self.fulfil(held, working, intent, (caps, key)).await
            }
            Decision::Confirm(message) => {
                let key = key.map_or_else(mint, Ok)?;
                let asked = message.text.clone();
                held.wait(PendingIntent::Confirm(intent), false, Some(key), asked);
                held.keep_pin_of(&working.turn);
                Ok(Outcome::Confirmation(message))
            }
            Decision::StepUp(message) => {
                let key = key.map_or_else(mint, Ok)?;
                let confirmed = working.turn.confirmed;
                let asked = message.text.clone();
                held.wait(PendingIntent::StepUp(intent), confirmed, Some(key), asked);
                Ok(Outcome::StepUp(message))
            }
            Decision::HandOff(message) => {
                held.call().pending = None;
                Ok(Outcome::HandedOff(message))
            }
            Decision::Deny(message) => {
                if was_pending {
                    held.settle();
                }
                // A model that calls functions puts its own questions, and a service none.
                if working.turn.channel == Channel::Voice
                    && let Some(question) = pending::another_value(&intent, &message)
                {
                    held.ask(question);
                }
                Ok(Outcome::Refused(message))
            }
        }
    }

    /// Lets the action happen, with a permit for exactly this intent where it writes.
    async fn fulfil(
        &self,
        held: &mut Held,
        working: &mut Working,
        intent: Intent,
        (caps, key): (Vec<Cap>, Option<String>),
    ) -> Result<Outcome, Error> {
        if intent.is_write() {
            let key = key.clone().map_or_else(mint, Ok)?;
            working.scope.permit(working.permit(&intent, caps, key));
        }
        let outcome = working.run.fulfil(&working.turn, &intent).await;
        let outcome = working.scope.truthful(outcome);
        if let Outcome::Said(message) = &outcome
            && working.scope.memory.has_answered(&message.text)
        {
            // No rule understood the caller, but the bank's agent did. What was asked waits still.
            held.understood_by_agent();
        }
        held.keep_open(&outcome, intent, key, working.turn.confirmed)?;
        if let Outcome::Confirmation(_) = &outcome {
            held.keep_pin_of(&working.turn);
        }
        Ok(outcome)
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
        if matches!(intent, Intent::Transfer(_)) && self.pipeline.halts().transfers {
            return Ok(Decision::Deny(Message::plain(
                "transfers_halted",
                "Transfers are paused at the moment. Nothing was moved. Please try again later.",
            )));
        }
        if held.call().is_pressed && intent.is_write() && working.turn.channel != Channel::Rest {
            return Ok(Decision::HandOff(Message::plain(
                "pressed",
                "For your safety a colleague looks at that first. I'll connect you.",
            )));
        }
        if let Some(locked) = self.locked(held, working, intent).await? {
            return Ok(locked);
        }
        let may = |has_pin| {
            caller::may(
                &working.turn,
                intent,
                self.callers.phone_opens(),
                self.callers.phone_transfer_max(),
                has_pin,
            )
        };
        let mut own = may(true);
        // Only a question for the PIN depends on whether there is one, so only then is the database asked.
        if matches!(own, Decision::StepUp(_))
            && let Some(user) = &held.call().user
        {
            own = may(self.has_pin(&user.id).await);
        }
        if matches!(own, Decision::Deny(_)) {
            // Whom the bank could not be asked about is no stranger.
            let unsaid = || Decision::Deny(Message::plain("bank_unreachable", reply::OUT_OF_REACH));
            return Ok(if held.is_lookup_failed { unsaid() } else { own });
        }
        if self.is_closed(held.call()) && !matches!(own, Decision::Allow(_)) {
            // Whoever they are is found out first: "not enough money" and "shall I?" tell of the customer's accounts, and a yes may
            // have been somebody else's.
            working.turn.confirmed = false;
            return Ok(own);
        }
        Ok(own.and(working.run.decide(&working.turn, intent).await))
    }

    /// Whether a customer has a PIN. Opens nothing: it only decides between asking for the PIN and a colleague, so it needs no
    /// database that is away.
    pub(super) async fn has_pin(&self, user_id: &str) -> bool {
        let has_pin = self.callers.has_pin(user_id).await;
        has_pin.unwrap_or_else(|cause| {
            tracing::warn!("taken to have a PIN: {cause}");
            true
        })
    }

    /// Whether nothing of the customer's accounts may be told yet: somebody else may be on the line, or a number opens no balance.
    pub(super) fn is_closed(&self, call: &Call) -> bool {
        let opens_balance = || {
            let mut opened = self.callers.phone_opens().iter();
            opened.any(|name| name == BALANCE)
        };
        call.is_doubted || call.trust == Trust::Phone && !opens_balance()
    }

    /// Whoever has tried PINs until they were locked moves nothing, however little it is.
    async fn locked(
        &self,
        held: &mut Held,
        working: &Working,
        intent: &Intent,
    ) -> Result<Option<Decision>, Error> {
        let is_vouched_for = working.turn.caller.trust == Trust::Trusted;
        let Some(user) = held.call().user.as_ref() else {
            return Ok(None);
        };
        if is_vouched_for || !intent.is_write() || !self.callers.is_locked(&user.id).await? {
            return Ok(None);
        }
        Ok(Some(Decision::HandOff(pin_turn::locked())))
    }

    /// Finds out whose account the money would go to; a router's word is not taken for it.
    async fn with_payee(
        &self,
        working: &Working,
        intent: Intent,
    ) -> Result<Result<Intent, Failure>, Error> {
        let Intent::Transfer(transfer) = intent else {
            return Ok(Ok(intent));
        };
        let payee = working.scope.payee(&transfer.to_account).await?;
        Ok(payee.map(|payee| Intent::Transfer(Transfer { payee, ..transfer })))
    }
}

/// Keeps what a router says of whoever is on the line.
fn note_caller(held: &mut Held, working: &mut Working, intent: &Intent) {
    let Intent::Custom(said) = intent else {
        return;
    };
    held.call().is_pressed |= said.is_under_pressure();
    if said.is_by_another() {
        pin_turn::doubt(held, working);
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

impl TurnScope {
    /// Whose account it is.
    async fn payee(&self, to_account: &str) -> Result<Result<Payee, Failure>, Error> {
        use crate::plugin::Capabilities as _;
        let own = match self.accounts().await {
            Ok(own) => own,
            // Nobody known is on the line: the host's own decision says so.
            Err(Failure::NotAllowed(_)) => Vec::new(),
            Err(cause) => return Ok(Err(cause)),
        };
        if own.iter().any(|account| account.id == to_account) {
            return Ok(Ok(Payee::SameOwner));
        }
        let Some(user) = &self.user else {
            return Ok(Ok(Payee::FirstTime));
        };
        let has_paid = self.db.has_paid(&user.id, to_account).await?;
        Ok(Ok(if has_paid {
            Payee::Known
        } else {
            Payee::FirstTime
        }))
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
