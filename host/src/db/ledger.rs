//! The ledger's rows: opened under all caps at once, sent once, settled once.
//!
//! Opening is one transaction: the key, the twin, the totals of every cap and the intent row. Every later step is a
//! compare-and-set from the state that the pure `ledger::settling` was asked about, in one commit with whatever else is queued. What
//! comes of either is the ledger's word; all of it is durable before the function returns.

use std::collections::HashSet;

use sea_orm::{ConnectionTrait, EntityTrait as _};
use uuid::Uuid;

use super::portions::portions;
use super::transaction::{Lock, Tries, end};
use super::{Db, Error, each, entity};
use crate::call::{Cap, CapScope};
use crate::ledger::opening::{self, Seen};
use crate::ledger::settling;
use crate::ledger::{Ceilings, Event, Kind, NewEntry, Opened, Row, Settled, State, caps};
use entity::transfer::{Column, Entity};

mod read;
mod rows;
mod search;

impl Db {
    /// Writes the intent row of a transfer or application, if its key is new and all bounds hold with it.
    ///
    /// A cap of scope `caller` counts the caller's transfers, one of an account those of that account whoever made them; rows in
    /// every state but `refused` count. Applications are bound by no cap and no ceiling.
    ///
    /// Invariant: no two at once slip under a cap (`fifty_transfers_at_once_stay_within_the_cap_to_the_cent`).
    ///
    /// Invariant: one key is one row (`a_hundred_requests_with_one_key_make_one_row`).
    ///
    /// # Errors
    /// [`Error`] of the database; the same entry may then be asked for again.
    pub async fn open_transfer(
        &self,
        entry: &NewEntry,
        caps: &[Cap],
        ceilings: &Ceilings,
        now_ms: i64,
    ) -> Result<Opened, Error> {
        let mut tries = Tries::new();
        loop {
            match self
                .pools
                .within(self.try_open(entry, caps, ceilings, now_ms))
                .await
            {
                Ok(opened) => return Ok(opened),
                // The unique indexes caught what the locks did not cover; the next try sees the other's row.
                Err(error) => tries.again(error).await?,
            }
        }
    }

    /// Keeps a key from ever being opened, if nobody has opened it yet; otherwise its row as it stands.
    ///
    /// Invariant: a key is opened or turned away, never both (`a_key_is_opened_or_turned_away_and_never_both`).
    ///
    /// # Errors
    /// [`Error`] of the database; the same key may then be turned away again.
    pub async fn turn_away(
        &self,
        key: &str,
        call_id: &str,
        now_ms: i64,
    ) -> Result<Option<Row>, Error> {
        // Whoever turns away many at once has no time for each: mostly nobody has the key, so that is tried before it is looked up.
        let row = Row::turned_away(Uuid::now_v7().to_string(), key, call_id, now_ms);
        if self.write_turned_away(row).await? {
            return Ok(None);
        }
        let row = read::by_key(&self.pools.single(), key).await?;
        Ok(row.filter(|row| !row.is_turned_away()))
    }

    async fn try_open(
        &self,
        entry: &NewEntry,
        caps: &[Cap],
        ceilings: &Ceilings,
        now_ms: i64,
    ) -> Result<Opened, Error> {
        let transaction = self.pools.begin(&locks(entry, caps)).await?;
        let work = open_in(&transaction, entry, caps, ceilings, now_ms).await;
        end(transaction, work).await
    }

    /// Tells a row what happened that the caller knows as it stands; where that is not so any more, as [`Self::settle`] does.
    ///
    /// # Errors
    /// As [`Self::settle`].
    pub async fn settle_known(
        &self,
        row: Row,
        event: &Event,
        now_ms: i64,
    ) -> Result<Settled, Error> {
        let id = row.id.clone();
        match self.try_settle(row, event, now_ms).await {
            Ok(Some(settled @ (Settled::Moved(_) | Settled::Unchanged(_)))) => Ok(settled),
            // What contradicts it may contradict only what is remembered of it.
            Ok(_) => self.settle(&id, event, now_ms).await,
            Err(error) if error.is_race() => self.settle(&id, event, now_ms).await,
            Err(error) => Err(error),
        }
    }

    /// Tells a row what happened.
    ///
    /// Invariant: a payment of the bank's settles at most one row (`a_bank_payment_settles_at_most_one_row`).
    ///
    /// # Errors
    /// [`Error::Missing`] for an unknown id, otherwise [`Error`] of the database; the same event may be told again.
    pub async fn settle(&self, id: &str, event: &Event, now_ms: i64) -> Result<Settled, Error> {
        let mut tries = Tries::new();
        loop {
            let row = self.find(id).await?.ok_or(Error::Missing("transfer"))?;
            match self.try_settle(row, event, now_ms).await {
                Ok(Some(settled)) => return Ok(settled),
                // Somebody else moved the row in between: ask again about where it is now.
                Ok(None) => tries.again(Error::Taken("the row")).await?,
                Err(error) => tries.again(error).await?,
            }
        }
    }

    async fn try_settle(
        &self,
        row: Row,
        event: &Event,
        now_ms: i64,
    ) -> Result<Option<Settled>, Error> {
        let holder = match event.payment() {
            Some(payment) => read::by_payment(&self.pools.single(), row.kind, payment).await?,
            None => None,
        };
        let from = row.state;
        let settled = settling::settle(row, holder, event, now_ms);
        if let Settled::Moved(moved) = &settled
            && !self.write_settled(from, moved).await?
        {
            return Ok(None);
        }
        Ok(Some(settled))
    }
}

/// Moves rows that nobody has taken to the bank to `sent`, each named once or more: of each its id, whether it may be repeated, and
/// when. Those that it did.
pub(super) async fn sent(
    db: &impl ConnectionTrait,
    rows: Vec<(&str, bool, i64)>,
) -> Result<HashSet<String>, Error> {
    let mut moved = HashSet::new();
    for portion in portions(once(rows, |(id, ..)| id)) {
        moved.extend(each::changed(db, Column::Id, &rows::send(&portion)).await?);
    }
    Ok(moved)
}

/// Writes rows that were in these states and have moved, each named once or more; of one that is named again only the first is
/// written. Those that were still in that state.
pub(super) async fn settled(
    db: &impl ConnectionTrait,
    rows: Vec<(State, &Row)>,
) -> Result<HashSet<String>, Error> {
    let mut moved = HashSet::new();
    for portion in portions(once(rows, |(_, row)| &row.id)) {
        moved.extend(each::changed(db, Column::Id, &rows::update(&portion)).await?);
    }
    Ok(moved)
}

/// Writes these rows where nobody has their key yet; the keys of those that are written.
pub(super) async fn turned_away(
    db: &impl ConnectionTrait,
    rows: impl Iterator<Item = &Row>,
) -> Result<HashSet<String>, Error> {
    let rows = rows.map(rows::active).collect();
    each::insert(db, Column::IdempotencyKey, rows).await
}

/// The first of each id.
fn once<'a, T: Copy>(rows: Vec<T>, id: impl Fn(T) -> &'a str) -> Vec<T> {
    let mut seen = HashSet::new();
    let mut rows = rows;
    rows.retain(|row| seen.insert(id(*row)));
    rows
}

async fn open_in(
    db: &impl ConnectionTrait,
    entry: &NewEntry,
    caps: &[Cap],
    ceilings: &Ceilings,
    now_ms: i64,
) -> Result<Opened, Error> {
    let seen = seen(db, entry, caps, now_ms).await?;
    let is_known = seen.by_key.is_some();
    let opened = opening::open(entry, seen, caps, ceilings, now_ms);
    if let Opened::Opened(row) = &opened
        && !is_known
    {
        Entity::insert(rows::active(row))
            .exec_without_returning(db)
            .await?;
    }
    Ok(opened)
}

/// What bears on the entry, as far as it is needed: a key or a twin decides by itself.
async fn seen(
    db: &impl ConnectionTrait,
    entry: &NewEntry,
    caps: &[Cap],
    now_ms: i64,
) -> Result<Seen, Error> {
    let (by_key, twin) = read::key_and_twin(db, entry).await?;
    let mut seen = Seen {
        by_key,
        twin,
        ..Seen::default()
    };
    if seen.by_key.is_some() || seen.twin.is_some() {
        return Ok(seen);
    }
    for window in opening::windows(entry, caps) {
        let subject = caps::subject(
            window.scope,
            &entry.user_id,
            &entry.from_account,
            &entry.to_account,
        );
        let counted = read::scope_of(window.scope, subject);
        let totals = read::totals(db, counted, window.hours, now_ms).await?;
        seen.totals.push((window, totals));
    }
    Ok(seen)
}

/// The caller is always counted; an account only where a cap counts it, otherwise others may add to it meanwhile.
fn locks(entry: &NewEntry, caps: &[Cap]) -> Vec<Lock> {
    let is_counted = |scope| caps.iter().any(|cap| cap.scope == scope);
    let mut locks = vec![Lock::new("user", &entry.user_id, true)];
    if entry.kind == Kind::Transfer {
        let from = is_counted(CapScope::FromAccount);
        let to = is_counted(CapScope::ToAccount);
        locks.push(Lock::new("from", &entry.from_account, from));
        locks.push(Lock::new("to", &entry.to_account, to));
    }
    locks
}
