//! Deliveries of a tool call that were turned away before any rule was asked: the ledger keeps that they were, so that no other
//! delivery of the same is made, at this host or another. Where it cannot be told in time, nobody knows whether an earlier one was
//! made: so it is said, and what the ledger then says is promised, at the latest when the caller asks the next thing.

use std::sync::Arc;
use std::time::{Duration, Instant as Moment};

use dashmap::DashMap;
use tokio::time::Instant;

use super::held::Held;
use super::repeat::{self, answer, outcome_of};
use super::request::{Answer, Ask, Error, Request};
use super::{Orchestrator, promise, write};
use crate::db;
use crate::ledger::Row;
use crate::ledger::written;

/// Who is turned away at once still waits for the note of it as long as a turn may take, and at least this.
const NOTED_WITHIN_MIN: Duration = Duration::from_millis(500);
/// Kept back of a turn's time for the answer.
const RESERVE: Duration = Duration::from_millis(250);
/// The first pause where the ledger cannot be written; each is longer by as much, up to the longest.
const AGAIN: Duration = Duration::from_millis(200);
const PAUSE_MAX: Duration = Duration::from_secs(1);
/// How long it is tried.
const TRIED_FOR: Duration = Duration::from_mins(10);

/// A tool call that says itself what is wanted, as other deliveries of it are known by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wish {
    key: String,
    call_id: String,
    /// Without a transcript the same wish said later has the same key, and may be made.
    is_dated: bool,
}

impl Wish {
    /// The wish of a request; the same answer to two questions is none.
    pub(super) fn of(request: &Request) -> Option<Self> {
        let key = repeat::key(request).filter(|_| repeat::is_of_its_own(request))?;
        Some(Self {
            key,
            call_id: request.call.id.clone(),
            is_dated: request.call.caller_utterances.is_some(),
        })
    }
}

/// Wishes by call that the ledger could not be told of yet. Once per process.
#[derive(Debug, Default)]
pub(super) struct Untold {
    by_call: DashMap<String, Vec<Wish>>,
}

impl Untold {
    fn add(&self, wish: Wish) {
        let mut wishes = self.by_call.entry(wish.call_id.clone()).or_default();
        if !wishes.contains(&wish) {
            wishes.push(wish);
        }
    }

    fn of(&self, call_id: &str) -> Vec<Wish> {
        self.by_call
            .get(call_id)
            .map_or_else(Vec::new, |wishes| wishes.clone())
    }

    fn contains(&self, wish: &Wish) -> bool {
        self.by_call
            .get(&wish.call_id)
            .is_some_and(|wishes| wishes.contains(wish))
    }

    fn remove(&self, wish: &Wish) {
        self.by_call.remove_if_mut(&wish.call_id, |_, wishes| {
            wishes.retain(|one| one != wish);
            wishes.is_empty()
        });
    }
}

impl Orchestrator {
    /// What the ledger says of a wish whose delivery was turned away: the answer where another was made, and otherwise nothing will
    /// be. Nothing of it is kept with the call, which may be in other hands.
    ///
    /// Invariant: what was told to be undone is not done later
    /// (`a_tool_call_that_was_turned_away_is_not_done_when_it_is_delivered_again`).
    pub(super) async fn begun_before(
        self: &Arc<Self>,
        wish: Option<Wish>,
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
        let Some(wish) = wish.filter(|_| is_turned_away) else {
            return turned;
        };
        // Of what comes too late no other delivery is done either; and its key may be that of an open question.
        let is_late = matches!(turned, Err(Error::Outdated));
        let found = if wish.is_dated && !is_late {
            self.turn_away_in_time(&wish, began).await
        } else {
            self.begun(Some(&wish.key)).await
        };
        match found {
            Ok(Some(row)) => Ok(answer(outcome_of(&row), began)),
            Ok(None) => turned,
            Err(_) if is_late => turned,
            Err(cause) => {
                tracing::warn!("a delivery that is turned away is noted later: {cause}");
                self.untold.add(wish.clone());
                tokio::spawn(Arc::clone(self).turn_away_later(wish));
                // Whatever turned it away, nobody can say now that nothing was changed.
                Err(Error::Database(cause))
            }
        }
    }

    async fn turn_away_in_time(
        &self,
        wish: &Wish,
        began: Moment,
    ) -> Result<Option<Row>, db::Error> {
        let until = Instant::from_std(began) + self.turn_time() - RESERVE;
        let until = until.max(Instant::now() + NOTED_WITHIN_MIN);
        let turning = tokio::time::timeout_at(until, self.turn_away(wish));
        turning.await.unwrap_or(Err(db::Error::TimedOut))
    }

    /// Tells the ledger before this turn what it could not be told of this call before; what it says is promised.
    ///
    /// # Errors
    /// [`Error::Database`] where it still cannot: what is wanted now may be what was wanted before.
    pub(super) async fn catch_up(&self, held: &mut Held, request: &Request) -> Result<(), Error> {
        if matches!(request.ask, Ask::Rest { .. }) {
            return Ok(());
        }
        let mut found = false;
        let wishes = self.untold.of(&request.call.id);
        for wish in &wishes {
            if self.turn_away(wish).await?.is_some() {
                promise::keep(&mut held.call().promised, wish.key.clone());
                found = true;
            }
        }
        if found {
            // Whatever this turn comes to.
            self.save(held, self.clock.now().unix_ms).await?;
        }
        wishes.iter().for_each(|wish| self.untold.remove(wish));
        Ok(())
    }

    /// The note where the ledger could not be written, within a second of when it can. While the database is away a try costs
    /// nothing but a look at that, so that many may wait for it.
    async fn turn_away_later(self: Arc<Self>, wish: Wish) {
        let given_up = Moment::now() + TRIED_FOR;
        let mut pause = Duration::ZERO;
        while Moment::now() < given_up {
            pause = (pause + AGAIN).min(PAUSE_MAX);
            tokio::time::sleep(pause).await;
            if !self.untold.contains(&wish) {
                return;
            }
            let is_known = match self.turn_away(&wish).await {
                Ok(None) => true,
                // Another delivery of it was at the bank, and this one was told that nobody knows.
                Ok(Some(_)) => self.promise(&wish).await.is_ok(),
                Err(_) => false,
            };
            if is_known {
                return self.untold.remove(&wish);
            }
        }
        self.untold.remove(&wish);
        tracing::error!(
            call_id = wish.call_id,
            "a delivery that was turned away could not be noted; another of it may be made"
        );
    }

    /// Promises it, unless a turn that held the call meanwhile has.
    async fn promise(&self, wish: &Wish) -> Result<(), Error> {
        let now_ms = self.clock.now().unix_ms;
        let until = Instant::now() + self.turn_time();
        let mut held = self.hold(&wish.call_id, now_ms, until).await?;
        if held.is_new() || !held.call().state.is_live() {
            self.discard(&mut held);
            return Ok(());
        }
        if !self.untold.contains(wish) {
            return Ok(());
        }
        promise::keep(&mut held.call().promised, wish.key.clone());
        self.save(&mut held, now_ms).await?;
        // While the call is held, so that no turn promises it again.
        self.untold.remove(wish);
        Ok(())
    }

    /// Keeps a wish from being made; the row of one that was made before, where the bank may have heard of it.
    async fn turn_away(&self, wish: &Wish) -> Result<Option<Row>, db::Error> {
        let now_ms = self.clock.now().unix_ms;
        let mut number = 0;
        for _ in 0..write::RACES_MAX {
            let key = written::numbered(&wish.key, number);
            match self.db.turn_away(&key, &wish.call_id, now_ms).await? {
                Some(row) if written::never_reached_the_bank(&row) => {}
                row => return Ok(row),
            }
            number = match self.db.newest_of_wish(&wish.key).await? {
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
    fn a_wish_is_untold_until_it_was_told_and_leaves_nothing() {
        let untold = Untold::default();
        let wish = |key: &str| Wish {
            key: key.to_owned(),
            call_id: "call".to_owned(),
            is_dated: true,
        };
        for key in ["a", "b", "a"] {
            untold.add(wish(key));
        }
        assert_eq!(untold.of("call"), [wish("a"), wish("b")]);
        untold.remove(&wish("a"));
        assert!(untold.contains(&wish("b")) && !untold.contains(&wish("a")));
        untold.remove(&wish("b"));
        assert!(untold.by_call.is_empty());
        assert!(untold.of("call").is_empty());
    }
}
