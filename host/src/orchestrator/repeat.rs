//! Repeated deliveries: a tool call carries no id of its own and comes up to five times, a REST request brings its key.
//!
//! What a turn changed is answered again from memory; what it only read is read again.

use std::time::Instant as Moment;

use super::hearing::Voiced;
use super::held::Held;
use super::request::{Answer, Ask, Error, Request};
use super::scope::TurnScope;
use super::{Orchestrator, outdated, settle, truth, write};
use crate::call::session::Answered;
use crate::call::{Failure, Intent, Outcome, Reply, User, pin};
use crate::db;
use crate::ledger::Row;
use crate::ledger::key::{of_invocation, of_utterance};
use crate::ledger::written::{self, Written};
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

    /// What the ledger says where a turn seems to have changed nothing: what is asked may have been delivered before, to a process that
    /// has died since, and a caller who hears that nothing was changed asks anew. Where the ledger cannot be asked, nobody knows.
    pub(super) async fn unless_begun_before(
        &self,
        held: &mut Held,
        earlier: Earlier<'_>,
        scope: &TurnScope,
        outcome: Outcome,
    ) -> Outcome {
        let is_handed_off = matches!(outcome, Outcome::HandedOff(_));
        // Of a row that this turn itself has opened or found, the outcome tells already.
        let is_open =
            scope.transfer_id().is_none() && (is_handed_off || has_done_nothing(&outcome));
        let Some(key) = earlier.key.filter(|_| is_open) else {
            return outcome;
        };
        let told = match self.begun(Some(key)).await {
            Ok(Some(row)) if earlier.is(&row) && !row.is_turned_away() => {
                scope.is_about(&row);
                if !is_handed_off {
                    // What the refusal asked in its place is no question any more.
                    held.call().pending = None;
                }
                outcome_of(&row)
            }
            Err(_) if is_left_undone(earlier.intent, &outcome) => {
                Outcome::Failed(Failure::Uncertain)
            }
            Ok(_) | Err(_) => return outcome,
        };
        if is_handed_off {
            // Whoever takes over does not know of it.
            held.call().promise(key.to_owned());
            return outcome;
        }
        scope.repeats(key);
        told
    }

    /// The row of an earlier delivery, where the bank may have heard of it.
    pub(super) async fn begun(&self, key: Option<&str>) -> Result<Option<Row>, db::Error> {
        let Some(key) = key else { return Ok(None) };
        let found = self.row_of_wish(key).await.inspect_err(|cause| {
            tracing::warn!("an earlier delivery cannot be looked up: {cause}");
        })?;
        Ok(found.filter(|row| !written::never_reached_the_bank(row)))
    }

    /// What the ledger says to a key that it knows, before any policy is asked: a repeat must neither count against a limit that its
    /// first delivery has used up nor be refused for a balance that it has lowered.
    async fn booked_before(
        &self,
        key: Option<&str>,
        user: Option<&User>,
        intent: &Intent,
        deadline: tokio::time::Instant,
    ) -> Result<Option<Outcome>, Error> {
        let (Some(key), Some(user)) = (key, user) else {
            return Ok(None);
        };
        if !intent.is_write() {
            return Ok(None);
        }
        let newest = self.row_of_wish(key).await?;
        let Some(row) = newest.filter(|row| !written::never_reached_the_bank(row)) else {
            return Ok(None);
        };
        if row.fingerprint != write::fingerprint(intent, &user.id) {
            let code = "idempotency_key_reused".to_owned();
            return Ok(Some(truth::truthful(
                Outcome::Failed(Failure::NotAllowed(code)),
                None,
            )));
        }
        let row = settle::once_settled(&self.db, row, deadline).await;
        if written::never_reached_the_bank(&row) {
            return Ok(None);
        }
        Ok(Some(outcome_of(&row)))
    }
}

pub(super) fn outcome_of(row: &Row) -> Outcome {
    match written::answered(row) {
        Ok(Written::Paid(payment)) => Outcome::Paid(payment),
        Ok(Written::Applied(application)) => Outcome::Applied(application),
        Err(failure) => truth::truthful(Outcome::Failed(failure), None),
    }
}

/// Whether the caller is left to believe that nothing was changed.
fn has_done_nothing(outcome: &Outcome) -> bool {
    match outcome {
        Outcome::Failed(failure) => *failure != Failure::Uncertain,
        Outcome::Refused(_) | Outcome::Said(_) => true,
        _ => false,
    }
}

/// Whether a wish for a change came to nothing, or to a question; what no rule could read, or was refused whoever speaks, may have
/// been one.
fn is_left_undone(intent: &str, outcome: &Outcome) -> bool {
    match (intent, outcome) {
        (_, Outcome::Asked(question)) => question.draft.is_write(),
        ("balance" | "statements" | "profile" | "application-status", _) => false,
        // A router answers for whoever has no accounts, before it knows what is missing for a wish.
        (_, Outcome::Refused(_)) => true,
        (intent, outcome) if is_for_a_write(intent) => has_done_nothing(outcome),
        ("unknown", Outcome::Confirmation(_)) => true,
        // The time was up before anybody knew what it was.
        ("unknown" | "", outcome) => has_done_nothing(outcome),
        _ => false,
    }
}

/// Whether what a turn is about would change something at the bank.
pub(super) fn is_for_a_write(intent: &str) -> bool {
    ["transfer", "loan", "credit-card"].contains(&intent)
}

/// What an earlier delivery of what a turn is asked would be known by.
pub(super) struct Earlier<'a> {
    /// The ledger key, where there may have been one.
    pub(super) key: Option<&'a str>,
    /// What the turn is about.
    pub(super) intent: &'a str,
    /// What it must have been, where the key does not say.
    pub(super) fingerprint: Option<&'a str>,
}

impl Earlier<'_> {
    fn is(&self, row: &Row) -> bool {
        self.fingerprint.is_none_or(|wish| wish == row.fingerprint)
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
