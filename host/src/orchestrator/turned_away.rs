//! Deliveries of a tool call that were turned away before any rule was asked: the ledger keeps that they were, so that no other
//! delivery of the same is made, at this host or another. Where it cannot be told in time, nobody knows whether an earlier one was
//! made: so it is said, and what the ledger then says is promised, at the latest when the caller asks the next thing.
//!
//! One that says itself what is wanted has a key of its own there; of one that answers a question the call knows what it answers.

use std::sync::Arc;
use std::time::{Duration, Instant as Moment};

use dashmap::DashMap;
use tokio::time::Instant;

use super::begun::outcome_of;
use super::held::Held;
use super::repeat::{self, answer};
use super::request::{Answer, Ask, Error, Request};
use super::{Orchestrator, write};
use crate::db;
use crate::ledger::Row;
use crate::ledger::written;

mod answers;

/// Who is turned away at once still waits for the note of it as long as a turn may take, and at least this.
const NOTED_WITHIN_MIN: Duration = Duration::from_millis(500);
/// Kept back of a turn's time for the answer.
const RESERVE: Duration = Duration::from_millis(250);
/// The first pause where the ledger cannot be written; each is longer by as much, up to the longest.
const AGAIN: Duration = Duration::from_millis(200);
const PAUSE_MAX: Duration = Duration::from_secs(1);
/// How long it is tried.
const TRIED_FOR: Duration = Duration::from_mins(10);

/// A tool call, as other deliveries of it are known by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Delivery {
    key: String,
    call_id: String,
    /// How often the caller had spoken. Without a transcript the same words said later have the same key, and may be acted on.
    said: Option<usize>,
    /// It says itself what is wanted.
    is_of_its_own: bool,
}

impl Delivery {
    /// None of words on a line, or of a service's request, which brings a key of its own.
    pub(super) fn of(request: &Request) -> Option<Self> {
        Some(Self {
            key: repeat::key(request)?,
            call_id: request.call.id.clone(),
            said: request.call.caller_utterances,
            is_of_its_own: repeat::is_of_its_own(request),
        })
    }
}

/// Deliveries by call that the ledger could not be told of yet. Once per process.
#[derive(Debug, Default)]
pub(super) struct Untold {
    by_call: DashMap<String, Vec<Delivery>>,
}

impl Untold {
    fn add(&self, delivery: Delivery) {
        let mut of_call = self.by_call.entry(delivery.call_id.clone()).or_default();
        if !of_call.contains(&delivery) {
            of_call.push(delivery);
        }
    }

    fn of(&self, call_id: &str) -> Vec<Delivery> {
        self.by_call
            .get(call_id)
            .map_or_else(Vec::new, |of_call| of_call.clone())
    }

    fn contains(&self, delivery: &Delivery) -> bool {
        self.by_call
            .get(&delivery.call_id)
            .is_some_and(|of_call| of_call.contains(delivery))
    }

    fn remove(&self, delivery: &Delivery) {
        self.by_call.remove_if_mut(&delivery.call_id, |_, of_call| {
            of_call.retain(|one| one != delivery);
            of_call.is_empty()
        });
    }
}

impl Orchestrator {
    /// What is known of a delivery that was turned away: the answer where another was made, and otherwise nothing will be.
    ///
    /// Invariant: what was told to be undone is not done later
    /// (`a_tool_call_that_was_turned_away_is_not_done_when_it_is_delivered_again`,
    /// `a_yes_that_found_no_place_moves_nothing_when_it_is_delivered_again_and_a_new_one_does`).
    pub(super) async fn begun_before(
        self: &Arc<Self>,
        delivery: Option<Delivery>,
        turned: Result<Answer, Error>,
        began: Moment,
    ) -> Result<Answer, Error> {
        let is_turned_away = matches!(
            turned,
            Err(Error::Overloaded
                | Error::Outdated
                | Error::BackendUnavailable(_)
                | Error::Database(_))
        );
        let Some(delivery) = delivery.filter(|_| is_turned_away) else {
            return turned;
        };
        let is_late = matches!(turned, Err(Error::Outdated));
        match self.known_of(&delivery, is_late, began).await {
            Ok(Some(answer)) => Ok(answer),
            Ok(None) => turned,
            Err(_) if is_late => turned,
            Err(Error::Outdated) => Err(Error::Outdated),
            Err(cause) => {
                tracing::warn!("a delivery that is turned away is noted later: {cause}");
                self.untold.add(delivery.clone());
                tokio::spawn(Arc::clone(self).turn_away_later(delivery));
                // Whatever turned it away, nobody can say now that nothing was changed.
                Err(cause)
            }
        }
    }

    /// The answer that stands, if any. A wish that comes too late is not turned away: no other delivery of it is done either, and its
    /// key may be that of the question that it has put. An answer that does has no question any more.
    async fn known_of(
        self: &Arc<Self>,
        delivery: &Delivery,
        is_late: bool,
        began: Moment,
    ) -> Result<Option<Answer>, Error> {
        let until = Instant::from_std(began) + self.turn_time() - RESERVE;
        let until = until.max(Instant::now() + NOTED_WITHIN_MIN);
        let row = match (delivery.is_of_its_own, delivery.said) {
            (false, _) if is_late => return Ok(None),
            (false, _) => return self.known_of_answer(delivery, until, began).await,
            (true, Some(_)) if !is_late => {
                let turning = self.turn_away(&delivery.key, &delivery.call_id);
                let turned = tokio::time::timeout_at(until, turning).await;
                turned.unwrap_or(Err(db::Error::TimedOut))?
            }
            (true, _) => self.begun(Some(&delivery.key)).await?,
        };
        // Nothing of it is kept with the call, which may be in other hands.
        Ok(row.map(|row| answer(outcome_of(&row), began)))
    }

    /// Tells the ledger before this turn what it could not be told of this call before; what it says is promised.
    ///
    /// # Errors
    /// [`Error::Database`] where it still cannot: what is wanted now may be what was wanted before.
    pub(super) async fn catch_up(&self, held: &mut Held, request: &Request) -> Result<(), Error> {
        if matches!(request.ask, Ask::Rest { .. }) {
            return Ok(());
        }
        let untold = self.untold.of(&request.call.id);
        let mut has_changed = false;
        for delivery in &untold {
            has_changed |= self.catch_up_with(held, delivery).await?;
        }
        if has_changed {
            // Whatever this turn comes to.
            self.save_or_undo(held, self.clock.now().unix_ms).await?;
        }
        untold.iter().for_each(|one| self.untold.remove(one));
        Ok(())
    }

    /// Whether the call was changed by it.
    async fn catch_up_with(&self, held: &mut Held, delivery: &Delivery) -> Result<bool, Error> {
        if !delivery.is_of_its_own {
            return self.catch_up_with_answer(held, delivery).await;
        }
        let begun = self.turn_away(&delivery.key, &delivery.call_id).await?;
        if begun.is_some() {
            held.call().promise(delivery.key.clone());
        }
        Ok(begun.is_some())
    }

    /// The note where the ledger could not be written, within a second of when it can. While the database is away a try costs
    /// nothing but a look at that, so that many may wait for it.
    async fn turn_away_later(self: Arc<Self>, delivery: Delivery) {
        let given_up = Moment::now() + TRIED_FOR;
        let mut pause = Duration::ZERO;
        while Moment::now() < given_up {
            pause = (pause + AGAIN).min(PAUSE_MAX);
            tokio::time::sleep(pause).await;
            if !self.untold.contains(&delivery) || self.try_later(&delivery).await.is_ok() {
                return self.untold.remove(&delivery);
            }
        }
        self.untold.remove(&delivery);
        tracing::error!(
            call_id = delivery.call_id,
            "a delivery that was turned away could not be noted; another of it may be made"
        );
    }

    async fn try_later(&self, delivery: &Delivery) -> Result<(), Error> {
        if delivery.is_of_its_own
            && self
                .turn_away(&delivery.key, &delivery.call_id)
                .await?
                .is_none()
        {
            return Ok(());
        }
        // Another delivery of it may have been at the bank, and this one was told that nobody knows.
        self.catch_up_alone(delivery).await
    }

    /// As [`Self::catch_up`], unless a turn that held the call meanwhile has.
    async fn catch_up_alone(&self, delivery: &Delivery) -> Result<(), Error> {
        let now_ms = self.clock.now().unix_ms;
        let until = Instant::now() + self.turn_time();
        let mut held = self.hold(&delivery.call_id, now_ms, until).await?;
        if held.is_new() || !held.call().state.is_live() {
            self.discard(&mut held);
            return Ok(());
        }
        if self.untold.contains(delivery) && self.catch_up_with(&mut held, delivery).await? {
            self.save_or_undo(&mut held, now_ms).await?;
        }
        // While the call is held, so that no turn does it again.
        self.untold.remove(delivery);
        Ok(())
    }

    /// Keeps a wish from being made; the row of one that was made before, where the bank may have heard of it.
    async fn turn_away(&self, wish: &str, call_id: &str) -> Result<Option<Row>, db::Error> {
        let now_ms = self.clock.now().unix_ms;
        let mut number = 0;
        for _ in 0..write::RACES_MAX {
            let key = written::numbered(wish, number);
            match self.db.turn_away(&key, call_id, now_ms).await? {
                Some(row) if written::never_reached_the_bank(&row) => {}
                row => return Ok(row),
            }
            number = match self.db.newest_of_wish(wish).await? {
                // That try came to nothing for certain, and the next would have the next number.
                Some((newest, row)) if written::never_reached_the_bank(&row) => newest + 1,
                Some((newest, _)) => newest,
                None => 0,
            };
        }
        Err(db::Error::Taken("the key"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delivery_is_untold_until_it_was_told_and_leaves_nothing() {
        let untold = Untold::default();
        let delivery = |key: &str| Delivery {
            key: key.to_owned(),
            call_id: "call".to_owned(),
            said: Some(1),
            is_of_its_own: true,
        };
        for key in ["a", "b", "a"] {
            untold.add(delivery(key));
        }
        assert_eq!(untold.of("call"), [delivery("a"), delivery("b")]);
        untold.remove(&delivery("a"));
        assert!(untold.contains(&delivery("b")) && !untold.contains(&delivery("a")));
        untold.remove(&delivery("b"));
        assert!(untold.by_call.is_empty());
        assert!(untold.of("call").is_empty());
    }
}
