//! Repeated deliveries: a tool call carries no id of its own and comes up to five times, a REST request brings its key.
//!
//! What a turn changed is answered again from memory; what it only read is read again.

use std::time::Instant as Moment;

use super::begun::{has_done_nothing, is_for_a_write, is_left_undone, outcome_of};
use super::hearing::Voiced;
use super::held::Held;
use super::request::{Answer, Ask, Error, Request};
use super::scope::TurnScope;
use super::{Orchestrator, outdated};
use crate::call::session::Answered;
use crate::call::{Failure, Outcome, Reply, pin};
use crate::ledger::key::{of_invocation, of_utterance};
use crate::reply;

/// The functions by which the provider's model passes on what answers a question, whatever arguments it gives them.
const ANSWERS: [&str; 3] = ["confirm", "affirm", pin::VERIFY_PIN];
/// Answers of tool calls that are kept.
const ANSWERED_LEN_MAX: usize = 8;

impl Orchestrator {
    /// The answer that this very request got before, whatever has become of the call since.
    pub(super) async fn repeated(
        &self,
        held: &mut Held,
        request: &Request,
        began: Moment,
    ) -> Result<Option<Answer>, Error> {
        match &request.ask {
            // What is new in a conversation is found out in `hearing`.
            Ask::Utterance { .. } => Ok(None),
            Ask::Invocation { .. } => {
                let key = key(request);
                let before = answered_before(held, key.as_deref());
                let settled = self.as_settled(before, began).await;
                if settled.is_none() {
                    outdated::note(held, request);
                }
                Ok(settled)
            }
            Ask::Rest {
                intent,
                idempotency_key,
                ..
            } => {
                let user = held.call().user.clone();
                let key = idempotency_key.as_deref();
                let deadline = tokio::time::Instant::from_std(began) + self.turn_time();
                let before = self
                    .booked_before(key, user.as_ref(), intent, deadline)
                    .await?;
                Ok(before.map(|outcome| answer(outcome, began)))
            }
        }
    }

    /// The same answer again; where what was pending has settled since, the ledger knows better.
    pub(super) async fn as_settled(
        &self,
        before: Option<Answered>,
        began: Moment,
    ) -> Option<Answer> {
        let before = before?;
        if before.outcome == Outcome::Failed(Failure::Uncertain) {
            let key = before.ledger_key.as_ref().unwrap_or(&before.key);
            if let Ok(Some(row)) = self.begun(Some(key)).await {
                return Some(answer(outcome_of(&row), began));
            }
        }
        Some(Answer {
            reply: before.reply,
            ..answer(before.outcome, began)
        })
    }
}

/// The ledger key that the request itself brings.
pub(super) fn ledger_key(request: &Request, voiced: Option<&Voiced>) -> Option<String> {
    match &request.ask {
        Ask::Rest {
            idempotency_key, ..
        } => idempotency_key.clone(),
        Ask::Invocation { .. } => key(request),
        Ask::Utterance { .. } => {
            voiced.map(|voiced| of_utterance(&request.call.id, voiced.words.agent_utterances))
        }
    }
}

/// What makes a tool call this one and no other: a body carries no id of its own, and the provider repeats it.
pub(super) fn key(request: &Request) -> Option<String> {
    match &request.ask {
        Ask::Rest { .. } | Ask::Utterance { .. } => None,
        Ask::Invocation { name, arguments } => Some(of_invocation(
            &request.call.id,
            name,
            arguments,
            request.call.caller_utterances.unwrap_or(0),
        )),
    }
}

pub(super) fn answer(outcome: Outcome, began: Moment) -> Answer {
    Answer {
        intent: "none".to_owned(),
        reply: reply::plain(&outcome, None),
        outcome,
        done: Vec::new(),
        months: Vec::new(),
        is_promised: false,
        total_micros: u64::try_from(began.elapsed().as_micros()).unwrap_or(0),
        backend_micros: 0,
    }
}

/// What the same tool call was answered when it was delivered before.
pub(super) fn answered_before(held: &mut Held, key: Option<&str>) -> Option<Answered> {
    let answered = &held.call().answered;
    let before = answered.iter().find(|answered| Some(&*answered.key) == key);
    before.cloned()
}

/// A tool call that says itself what is wanted; a yes, a PIN and what has no arguments answers a question.
pub(super) fn is_of_its_own(request: &Request) -> bool {
    match &request.ask {
        Ask::Invocation { name, arguments } => {
            !ANSWERS.contains(&name.as_str())
                && arguments.as_object().is_some_and(|it| !it.is_empty())
        }
        Ask::Rest { .. } | Ask::Utterance { .. } => true,
    }
}

/// Keeps the answer of a tool call that changed something, or should have: a repeated delivery must not change it (again).
///
/// Of two deliveries one may be answered by a host that had just slept, or whose bank was away: whoever hears that nothing was done
/// asks anew, so the other delivery must not do it any more.
///
/// A `confirm` is the same whatever it confirms: its answer is forgotten once something new is wanted, whatever became of that, since
/// "done" would then be told of the wrong wish.
pub(super) fn remember(
    held: &mut Held,
    request: &Request,
    (intent, scope): (&str, &TurnScope),
    (outcome, reply): (&Outcome, &Reply),
) {
    let key = key(request);
    if is_of_its_own(request) {
        held.call().answered.retain(|before| !before.is_bare);
    }
    let has_changed_something = matches!(
        outcome,
        Outcome::Paid(_)
            | Outcome::Applied(_)
            | Outcome::Cancelled
            | Outcome::Failed(Failure::Uncertain)
    );
    // Without a transcript the same wish said later is the same call, and must not meet yesterday's failure.
    let is_dated = request.call.caller_utterances.is_some() && is_of_its_own(request);
    let has_changed_nothing = is_dated && is_left_undone(intent, outcome);
    let is_kept = has_changed_something || has_changed_nothing;
    if !is_of_its_own(request)
        && (is_for_a_write(intent) || intent.is_empty())
        && has_done_nothing(outcome)
        && let Some(open) = &mut held.call().pending
    {
        open.turn_copies_away(request.call.caller_utterances);
    }
    let (Some(key), true) = (key, is_kept) else {
        return;
    };
    let answered = &mut held.call().answered;
    answered.push(Answered {
        key,
        is_bare: !is_of_its_own(request),
        ledger_key: scope.ledger_key(),
        outcome: outcome.clone(),
        reply: reply.clone(),
    });
    let surplus = answered.len().saturating_sub(ANSWERED_LEN_MAX);
    answered.drain(..surplus);
}
