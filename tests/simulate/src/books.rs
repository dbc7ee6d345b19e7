//! The ledger's transactions over the simulated database, executed as the pure ledger says.
//!
//! The counterpart of `orchestrator::db`'s: one function here is one transaction there.

use orchestrator::call::intent::Payee;
use orchestrator::call::{Cap, CapScope, Intent, Money, Transfer};
use orchestrator::ledger::caps::{Ceilings, Totals};
use orchestrator::ledger::opening::{self, Seen, Window};
use orchestrator::ledger::written::{NOT_MARKED_AS_SENT, never_reached_the_bank, numbered};
use orchestrator::ledger::{
    Event, Kind, NewEntry, Opened, Row, Settled, State, Verdict, settling, step,
};
use serde_json::json;

use crate::bank::{CURRENCY, Order};
use crate::host::Said;
use crate::store::Store;
use crate::world::{Wish, World};

const HOUR_MS: i64 = 60 * 60 * 1_000;

/// The row that is asked for.
pub fn entry(wish: &Wish, number: u32, try_: u32) -> NewEntry {
    let key = numbered(&wish.key, number);
    let amount = Money::new(wish.minor, CURRENCY);
    let intent = Intent::Transfer(Transfer {
        from_account: wish.from.clone(),
        to_account: wish.to.clone(),
        payee: Payee::SameOwner,
        amount: amount.clone(),
        memo: None,
    });
    NewEntry {
        id: format!("row-{key}-{try_}"),
        fingerprint: wish.key.clone(),
        key,
        kind: Kind::Transfer,
        call_id: Some(wish.call.clone()),
        user_id: wish.user.clone(),
        from_account: wish.from.clone(),
        to_account: wish.to.clone(),
        amount,
        memo: None,
        body: json!(intent),
        revision: None,
        turn_id: None,
    }
}

/// The order that a row stands for.
pub fn order(row: &Row) -> Order {
    Order {
        key: row.key.clone(),
        reference: row.id.clone(),
        from: row.from_account.clone(),
        to: row.to_account.clone(),
        minor: row.amount.minor,
    }
}

/// The newest row of a wish.
pub fn newest_of<'a>(store: &'a Store, key: &str) -> Option<&'a Row> {
    let rows = store.rows.values();
    rows.filter(|row| row.fingerprint == key)
        .max_by_key(|row| (row.key.len(), &row.key))
}

/// What a caller is told who asks again for what a row stands for.
pub fn said_of(row: &Row) -> Said {
    match row.state {
        State::Completed => Said::Done,
        State::Refused if never_reached_the_bank(row) => Said::Unavailable,
        State::Refused => Said::Refused,
        _ => Said::Uncertain,
    }
}

/// What counts towards a bound of one customer's, as the database would add it up.
fn totals(store: &Store, entry: &NewEntry, window: Window, now_ms: i64) -> Totals {
    let since_ms = now_ms - i64::from(window.hours) * HOUR_MS;
    let counted = store.rows.values().filter(|row| {
        row.user_id == entry.user_id && row.created_at_ms > since_ms && row.state.is_counted()
    });
    let (count, minor) = counted.fold((0, 0), |(count, minor), row| {
        (count + 1, minor + row.amount.minor)
    });
    Totals {
        count,
        sums: vec![Money::new(minor, CURRENCY)],
    }
}

/// What the ledger holds that bears on an entry.
pub fn seen(store: &Store, entry: &NewEntry, caps: &[Cap], now_ms: i64) -> Seen {
    let is_twin = |row: &&Row| {
        row.user_id == entry.user_id
            && row.from_account == entry.from_account
            && row.to_account == entry.to_account
            && row.amount == entry.amount
            && row.state.is_unsettled()
    };
    let windows = opening::windows(entry, caps).into_iter();
    Seen {
        by_key: store.by_key(&entry.key).cloned(),
        twin: store.rows.values().find(is_twin).cloned(),
        totals: windows
            .map(|window| (window, totals(store, entry, window, now_ms)))
            .collect(),
    }
}

/// The policy's cap, and ceilings above it that never bind.
pub fn bounds(cap_minor: i64) -> (Vec<Cap>, Ceilings) {
    let cap = Cap {
        scope: CapScope::Caller,
        window_hours: 24,
        total: Some(Money::new(cap_minor, CURRENCY)),
        count: None,
    };
    let most = Money::new(i64::MAX / 4, CURRENCY);
    let ceilings = Ceilings {
        transfer_max: most.clone(),
        day_max: most,
    };
    (vec![cap], ceilings)
}

/// Writes the intent row, if its key is new and all bounds hold with it. `looked_at` is what was seen of the ledger where that was
/// before this transaction; none is how it has to be.
pub fn open(
    store: &mut Store,
    entry: &NewEntry,
    cap_minor: i64,
    looked_at: Option<Seen>,
    now_ms: i64,
) -> Opened {
    let (caps, ceilings) = bounds(cap_minor);
    let mut seen_now = seen(store, entry, &caps, now_ms);
    if let Some(before) = looked_at {
        seen_now.totals = before.totals;
        seen_now.twin = before.twin;
    }
    let opened = opening::open(entry, seen_now, &caps, &ceilings, now_ms);
    if let Opened::Opened(row) = &opened {
        let row = Row::clone(row);
        store.rows.entry(row.id.clone()).or_insert(row);
    }
    opened
}

/// Moves a row to `sent`: true for the one who moved it.
pub fn mark_sent(store: &mut Store, id: &str, is_repeatable: bool, now_ms: i64) -> bool {
    let Some(row) = store.rows.get(id) else {
        return false;
    };
    let send = Event::Send { is_repeatable };
    if !matches!(step(row.standing(), &send), Verdict::Moved(_)) {
        return false;
    }
    settle(store, id, &send, now_ms);
    true
}

/// Nobody knows whether the row was marked: it is not sent by this host. What may be told depends on whether anybody can send it yet.
pub fn not_marked(world: &mut World, id: &str) -> Said {
    let now_ms = world.agenda.now_ms();
    let dropped = Event::Drop {
        reason: NOT_MARKED_AS_SENT.to_owned(),
    };
    match world.transact(|store| settle(store, id, &dropped, now_ms)) {
        Ok(Some(Settled::Moved(_) | Settled::Unchanged(_))) => Said::Unavailable,
        Ok(_) | Err(_) => Said::Uncertain,
    }
}

/// Tells a row what happened; none where there is no such row.
pub fn settle(store: &mut Store, id: &str, event: &Event, now_ms: i64) -> Option<Settled> {
    let row = store.rows.get(id)?.clone();
    let holder = event
        .payment()
        .and_then(|payment| store.by_payment(payment));
    let settled = settling::settle(row, holder.cloned(), event, now_ms);
    if let Settled::Moved(row) = &settled {
        store.rows.insert(id.to_owned(), Row::clone(row));
    }
    Some(settled)
}
