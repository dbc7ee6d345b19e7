//! The turn itself: the steps of a request's way through the rules, in order.
//!
//! Runs in a task of its own, so that a client that goes away does not leave a call between two states or money half accounted
//! for.

use std::sync::Arc;
use std::time::{Duration, Instant as Moment};

use tokio::time::Instant;

use super::Orchestrator;
use super::admission::{self, Place};
use super::hearing;
use super::held::Held;
use super::outdated;
use super::pin_turn::{self, Given};
use super::promise;
use super::repeat;
use super::request::{Answer, Ask, Error, Request};
use super::settings::Deadlines;
use super::too_late;
use super::turned_away::Delivery;
use super::unanswered::ASKED_AGAIN;
use super::voice::{self, Way};
use super::working::Working;
use crate::backend::trace;
use crate::call::outcome::Next;
use crate::call::state::Event;
use crate::call::turn::Channel;
use crate::call::{Intent, Outcome, Reply, pin};
use crate::reply;

/// What a call that is late anyway still waits for being saved.
const SAVE_WITHIN: Duration = Duration::from_millis(250);

impl Orchestrator {
    /// Takes one turn of a call, to its end even if nobody waits for the answer any more.
    ///
    /// # Errors
    /// [`Error`] where the rules were not asked; everything that they or the bank say is an [`Answer`].
    pub async fn take_turn(self: &Arc<Self>, mut request: Request) -> Result<Answer, Error> {
        let this = Arc::clone(self);
        let asked = async move {
            let given = pin_turn::take(&mut request.ask);
            let (delivery, began) = (Delivery::of(&request), Moment::now());
            let turned = this.turn(request, given).await;
            this.begun_before(delivery, turned, began).await
        };
        // What a turn keeps between two waits is tens of kilobytes; boxed, they are not copied on their way to the task.
        self.tasks
            .spawn(trace::within(trace::current(), Box::pin(asked)))
            .await
            .unwrap_or(Err(Error::Lost))
    }

    async fn turn(&self, request: Request, given: Given) -> Result<Answer, Error> {
        let began = Moment::now();
        let (now, deadlines) = (self.clock.now(), self.clock.deadlines());
        let (mut held, _place) = self.hold_for(&request, now.unix_ms, deadlines).await?;
        self.open_for(&mut held, &request, now.unix_ms, deadlines.work)
            .await?;
        let repeated = self.repeated(&mut held, &request, began).await;
        if let Some(answer) = repeated.transpose() {
            self.discard(&mut held);
            return answer;
        }
        let (voiced, given) = match voice::way(&mut held, &request.ask, given) {
            Way::Rules(voiced, given) => (voiced, given),
            Way::Only(only) => {
                let at = (now.unix_ms, began);
                return self.only(held, &request.ask, only, at).await;
            }
        };
        held.step(Event::TurnBegan, "turn")?;

        let mut working = self
            .prepare(
                &mut held,
                &request,
                voiced.as_deref(),
                (now, began),
                deadlines,
            )
            .await;
        let work = self.worked_out(&mut held, &mut working, &request.ask, given, deadlines.work);
        let worked = work.await;
        let outcome = match worked.and_then(|outcome| in_place(&working, outcome)) {
            Ok(outcome) => outcome,
            Err(cause) => {
                working.scope.revoke();
                held.give_up()?;
                self.discard(&mut held);
                return Err(cause);
            }
        };
        working.scope.revoke();
        let earlier = working.earlier(&request);
        let outcome = self
            .unless_begun_before(&mut held, earlier, &working.scope, outcome)
            .await;
        held.step(Event::OutcomeKnown, "outcome")?;

        too_late::note(held.call(), &outcome);
        let reply = self.say(&mut held, &mut working, &outcome).await;
        let (reply, is_promised) = self
            .with_promises(&mut held, &working, &outcome, reply)
            .await;
        held.step(Event::ReplyHandedOver, "reply")?;
        outdated::date(&mut held, &request);
        let by = (working.intent.as_str(), &*working.scope);
        repeat::remember(&mut held, &request, by, (&outcome, &reply));
        let untold = voiced.as_ref().map(|voiced| voiced.words.done.clone());
        let told = (&outcome, reply, is_promised);
        let reply = voice::remember(&mut held, voiced, &request.ask, told, &working.intent);
        let reply = working.scope.aloud.unsaid(reply);
        let answer = self.finish(held, working, outcome, reply).await?;
        Ok(Answer {
            done: untold.unwrap_or_default(),
            ..answer
        })
    }

    /// Holds the call, while somebody waits for what is asked, and a place for the turn. The place comes before anything is looked
    /// up: who finds none has cost the database nothing.
    async fn hold_for(
        &self,
        request: &Request,
        now_ms: i64,
        deadlines: Deadlines,
    ) -> Result<(Held, Place<'_>), Error> {
        let call_id = &request.call.id;
        let queued = tokio::select! {
            biased;
            // While it waits for the turn before, something newer was asked.
            () = request.ask.superseded() => return Err(Error::Superseded),
            queued = self.queue(call_id, deadlines.work) => queued?,
        };
        let mut locked = self.live.lock_everywhere(queued, deadlines.work).await?;
        let place = tokio::select! {
            biased;
            () = request.ask.superseded() => Err(Error::Superseded),
            place = self.admission.place(deadlines.admitted) => place,
        };
        let place = match place {
            Ok(place) => place,
            Err(cause) => {
                if locked.entry().is_none() {
                    locked.spoil();
                }
                return Err(cause);
            }
        };
        let mut held = self.look_up(locked, call_id, now_ms).await?;
        if request.ask.is_superseded() {
            self.discard(&mut held);
            return Err(Error::Superseded);
        }
        Ok((held, place))
    }

    /// Opens the call, looks up its caller and tells the ledger what it could not be told of it; lets go of the call where one of
    /// these fails.
    async fn open_for(
        &self,
        held: &mut Held,
        request: &Request,
        now_ms: i64,
        until: Instant,
    ) -> Result<(), Error> {
        let opened = async {
            self.open_by(held, request, now_ms, until).await?;
            self.catch_up(held, request).await
        };
        let opened = opened.await;
        if opened.is_err() {
            self.discard(held);
        }
        opened
    }

    async fn open_by(
        &self,
        held: &mut Held,
        request: &Request,
        now_ms: i64,
        until: Instant,
    ) -> Result<(), Error> {
        match &request.ask {
            Ask::Invocation { .. } => self.open(held, &request.call, now_ms, until).await,
            Ask::Utterance { .. } => {
                self.open(held, &request.call, now_ms, until).await?;
                // Whoever is asked to speak has the line: that the transfer came to nothing was told too early, or not at all.
                held.step(Event::TransferCancelled, "turn")
            }
            Ask::Rest { user_id: None, .. } if held.is_new() => Err(Error::UnknownCall),
            Ask::Rest { user_id: None, .. } => Ok(()),
            Ask::Rest {
                user_id: Some(user_id),
                ..
            } => self.vouch(held, user_id, until).await,
        }
    }

    /// Puts the outcome into words; asks again what a reading left open.
    async fn say(&self, held: &mut Held, working: &mut Working, outcome: &Outcome) -> Reply {
        let plain = reply::plain(outcome, held.call().last_reply.as_deref());
        if working.turn.channel == Channel::Rest {
            // A service hears nothing, and what it may know must not be repeated to a caller who may know less.
            return plain;
        }
        let mut reply = working.run.shape(&working.turn, outcome, plain).await;
        if let Outcome::StepUp(_) = outcome {
            // Whatever a policy or a shaper makes of it.
            reply.text = pin::asking(reply.text);
        }
        let call = held.call();
        if *outcome == Outcome::Repeated {
            // What is to be said again is what was said first.
            return reply;
        }
        // A refusal that asks for another value has asked already.
        if let Some(pending) = &call.pending
            && is_answer_beside(outcome)
            && !reply.text.ends_with(&pending.asked)
        {
            reply.text = format!("{} {}", reply.text, pending.asked);
        }
        call.last_reply = Some(reply.text.clone());
        reply
    }

    /// What was promised comes before the reply, or in the place of one that only says that nothing was understood; whether there
    /// was any.
    async fn with_promises(
        &self,
        held: &mut Held,
        working: &Working,
        outcome: &Outcome,
        reply: Reply,
    ) -> (Reply, bool) {
        if working.turn.channel == Channel::Rest {
            return (reply, false);
        }
        let kept = self.kept_promises(held).await;
        promise::remember(held, working, outcome);
        match kept {
            None if is_impatient(held, working, &reply) => (Reply::say(reply::STILL_OPEN), false),
            None => (reply, false),
            Some(kept) if too_late::is_told(outcome) => (Reply::say(kept), true),
            // Nothing can come before what was said already.
            Some(kept) if working.scope.aloud.has_spoken() => {
                (hearing::joined(&reply, Reply::say(kept)), true)
            }
            Some(kept)
                if working.intent == Intent::Unknown.name() && reply.next == Next::Listen =>
            {
                (Reply::say(kept), true)
            }
            Some(kept) => (hearing::joined(&Reply::say(kept), reply), true),
        }
    }

    /// Commits what the next turn depends on, and hands over the record.
    async fn finish(
        &self,
        mut held: Held,
        working: Working,
        outcome: Outcome,
        reply: Reply,
    ) -> Result<Answer, Error> {
        let total = working.began.elapsed();
        let is_promised = !held.call().promised.is_empty();
        let micros = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(0);
        let backend_micros = micros(working.scope.memory.waited());
        let months = working.months(&outcome).await;
        let intent = working.intent.clone();
        let (now_ms, deadline) = (working.now.unix_ms, working.deadline);
        // Queued before the call is saved, it goes with the commit that the turn waits for anyway.
        let record = working.into_record(&outcome, &reply, micros(total), backend_micros);
        if let Err(cause) = self.db.record_turn(record).await {
            tracing::error!("decision record lost: {cause}");
        }
        // A database that hangs must not take the caller's time: the write stays queued, and only the waiting for it ends.
        let until = deadline.max(Instant::now() + SAVE_WITHIN);
        let saving = self.save(&mut held, now_ms);
        // The reply stands: what was written at the bank is in the ledger, whose row was committed before.
        match tokio::time::timeout_at(until, saving).await {
            Ok(Ok(())) => {}
            Ok(Err(cause)) => tracing::error!("call not saved: {cause}"),
            Err(_) => tracing::error!("call not saved before its reply: the database hangs"),
        }
        Ok(Answer {
            intent,
            outcome,
            reply,
            done: Vec::new(),
            months,
            is_promised,
            total_micros: micros(total),
            backend_micros,
        })
    }
}

/// Whether nothing was understood of what a caller said who waits for the bank: more likely than not it was about that.
fn is_impatient(held: &mut Held, working: &Working, reply: &Reply) -> bool {
    working.intent == Intent::Unknown.name()
        && reply.next == Next::Listen
        && !held.call().is_doubted
        && !held.call().promised.is_empty()
}

/// Rules that found no free instance have not spoken: that is no failure of theirs, and nothing was done.
fn in_place(working: &Working, outcome: Outcome) -> Result<Outcome, Error> {
    if working.run.found_no_place() && !working.scope.has_begun_to_write() {
        return Err(admission::overloaded());
    }
    Ok(outcome)
}

/// Whether an outcome answers something else than what is pending.
fn is_answer_beside(outcome: &Outcome) -> bool {
    matches!(
        outcome,
        Outcome::Balances(_)
            | Outcome::Accounts(_)
            | Outcome::Statement(_)
            | Outcome::Profile(_)
            | Outcome::Said(_)
            | Outcome::Refused(_)
            | Outcome::Failed(_)
    ) && outcome.code() != ASKED_AGAIN
}
