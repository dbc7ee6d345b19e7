//! The ledger's rows: opened under all caps at once, sent once, settled once.
//!
//! Opening is one transaction: the key, the twin, the totals of every cap and the intent row. Every later step is a
//! compare-and-set from the state that the pure `ledger::step` was asked about. All of it is durable before the function
//! returns.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _};

use super::transaction::{Lock, Tries, end};
use super::{Db, Error, entity};
use crate::call::{Cap, CapScope};
use crate::ledger::caps::{self, Ceilings, DAY_HOURS, Exceeded};
use crate::ledger::{self, Event, Kind, NewEntry, Row, State, Verdict};
use entity::transfer::{Column, Entity};

mod read;
mod rows;

/// What came of asking for a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Opened {
    /// Written, `authorised`, and counted: it may be sent.
    Opened(Box<Row>),
    /// The same request came before: its row as it stands.
    Existing(Box<Row>),
    /// The key stands for another request.
    KeyReused(Box<Row>),
    /// A policy's cap or a ceiling of the host's would be exceeded; nothing was written.
    Exceeded(Exceeded),
    /// An identical one is not settled yet; nothing was written.
    UnsettledTwin(Box<Row>),
}

/// What came of an event.
#[derive(Debug, Clone, PartialEq)]
pub enum Settled {
    /// The row has moved.
    Moved(Box<Row>),
    /// It was so already.
    Unchanged(Box<Row>),
    /// The event contradicts the row, which stays as it is.
    Illegal(Box<Row>),
    /// Another row holds this payment of the bank's; nothing was changed.
    PaymentTaken(Box<Row>),
}

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

    /// Takes a row to the bank: `true` for the one process that moved it to `sent`, which alone may send.
    ///
    /// Invariant: a row is taken once (`of_many_who_want_to_send_a_row_one_may`).
    ///
    /// # Errors
    /// [`Error`] of the database. After one, nobody knows whether the row was moved: it must not be sent, and is settled like
    /// a lost one.
    pub async fn mark_sent(&self, id: &str, now_ms: i64) -> Result<bool, Error> {
        let change = Entity::update_many()
            .col_expr(Column::State, Expr::value(State::Sent.as_str()))
            .col_expr(Column::SentAtMs, Expr::value(now_ms))
            .col_expr(Column::UpdatedAtMs, Expr::value(now_ms))
            .filter(Column::Id.eq(id))
            .filter(Column::State.eq(State::Authorised.as_str()));
        Ok(self.pools.change(change).await? == 1)
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
            match self.try_settle(id, event, now_ms).await {
                Ok(Some(settled)) => return Ok(settled),
                // Somebody else moved the row in between: ask again about where it is now.
                Ok(None) => tries.again(Error::Taken("the row")).await?,
                Err(error) => tries.again(error).await?,
            }
        }
    }

    async fn try_settle(
        &self,
        id: &str,
        event: &Event,
        now_ms: i64,
    ) -> Result<Option<Settled>, Error> {
        let row = self.find(id).await?.ok_or(Error::Missing("transfer"))?;
        let to = match ledger::step(row.state, row.bank_payment_id.as_deref(), event) {
            Verdict::Moved(to) => to,
            Verdict::Unchanged => return Ok(Some(Settled::Unchanged(row.into()))),
            Verdict::Illegal => return Ok(Some(Settled::Illegal(row.into()))),
        };
        if let Some(payment) = rows::payment_of(event)
            && let Some(other) = read::by_payment(&self.pools.single(), row.kind, payment).await?
            && other.id != row.id
        {
            return Ok(Some(Settled::PaymentTaken(other.into())));
        }
        let moved = rows::moved(&row, to, event, now_ms);
        let changed = self.pools.change(rows::update(row.state, &moved)).await?;
        Ok((changed == 1).then(|| Settled::Moved(moved.into())))
    }
}

async fn open_in(
    db: &impl ConnectionTrait,
    entry: &NewEntry,
    caps: &[Cap],
    ceilings: &Ceilings,
    now_ms: i64,
) -> Result<Opened, Error> {
    if let Some(row) = read::by_key(db, &entry.key).await? {
        return Ok(if row.fingerprint != entry.fingerprint {
            Opened::KeyReused(row.into())
        } else if row.id == entry.id && row.state == State::Authorised {
            // Ours: an earlier try was committed, only its answer was lost.
            Opened::Opened(row.into())
        } else {
            Opened::Existing(row.into())
        });
    }
    if let Some(twin) = read::unsettled_twin(db, entry).await? {
        return Ok(Opened::UnsettledTwin(twin.into()));
    }
    if entry.kind == Kind::Transfer
        && let Some(exceeded) = first_exceeded(db, entry, caps, ceilings, now_ms).await?
    {
        return Ok(Opened::Exceeded(exceeded));
    }
    let row = rows::opened(entry, now_ms);
    Entity::insert(rows::active(&row))
        .exec_without_returning(db)
        .await?;
    Ok(Opened::Opened(row.into()))
}

async fn first_exceeded(
    db: &impl ConnectionTrait,
    entry: &NewEntry,
    caps: &[Cap],
    ceilings: &Ceilings,
    now_ms: i64,
) -> Result<Option<Exceeded>, Error> {
    if !caps::transfer_fits(ceilings, &entry.amount) {
        return Ok(Some(Exceeded::TransferMax(ceilings.transfer_max.clone())));
    }
    // One query for each window that is asked about, however many caps share it.
    let mut known: Vec<((CapScope, u32), caps::Totals)> = Vec::new();
    let windows = std::iter::once((CapScope::Caller, DAY_HOURS))
        .chain(caps.iter().map(|cap| (cap.scope, cap.window_hours)));
    for (scope, hours) in windows {
        if known.iter().all(|(window, _)| *window != (scope, hours)) {
            let subject = caps::subject(
                scope,
                &entry.user_id,
                &entry.from_account,
                &entry.to_account,
            );
            let counted = read::scope_of(scope, subject);
            known.push((
                (scope, hours),
                read::totals(db, counted, hours, now_ms).await?,
            ));
        }
    }
    let totals = |scope, hours| {
        known
            .iter()
            .find(|(window, _)| *window == (scope, hours))
            .map(|(_, totals)| totals)
    };
    let day_fits = totals(CapScope::Caller, DAY_HOURS)
        .is_some_and(|totals| caps::day_fits(ceilings, totals, &entry.amount));
    if !day_fits {
        return Ok(Some(Exceeded::DayMax(ceilings.day_max.clone())));
    }
    let broken = caps.iter().find_map(|cap| {
        // A window that was not counted holds nothing back, so it lets nothing through.
        match totals(cap.scope, cap.window_hours) {
            Some(totals) => caps::broken(cap, totals, &entry.amount),
            None => Some(cap.clone()),
        }
    });
    Ok(broken.map(Exceeded::Cap))
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
