//! What must hold when a world has come to rest, whatever happened in it.
//!
//! Every check compares what hosts believe with what really is: the bank's books, and what callers were told. The bank's own proof
//! stands above what a person decided; where the bank keeps none, nobody can know that they were wrong.

use std::collections::BTreeMap;

use orchestrator::call::State as CallState;
use orchestrator::ledger::{Row, State};

use crate::bank::{Kind, Payment};
use crate::host::Said;
use crate::outside::ELSEWHERE;
use crate::patrol;
use crate::person;
use crate::world::{Wish, World};

/// An invariant does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// An account does not hold what the ledger says that it holds.
    #[error("{account} holds {found} cents, and by the ledger {expected}")]
    Balance {
        /// Whose.
        account: String,
        /// Cents, from the opening balance and the rows.
        expected: i64,
        /// Cents, in the bank's books.
        found: i64,
    },
    /// One wish, several payments.
    #[error("{wish} was paid {times} times")]
    Doubled {
        /// Its key.
        wish: String,
        /// How often.
        times: usize,
    },
    /// Told as done, and not done.
    #[error("{wish} was told as done, and the bank has no such payment")]
    Lost {
        /// Its key.
        wish: String,
    },
    /// Told as not done for good, and done.
    #[error("{wish} was told as refused, and the bank has the payment")]
    SecretlyPaid {
        /// Its key.
        wish: String,
    },
    /// Told as not done each time it was asked for, and done.
    #[error("{wish} was told as not done every time, and the bank has the payment")]
    PaidAfterAll {
        /// Its key.
        wish: String,
    },
    /// A customer moved more than the cap.
    #[error("{user} moved {moved} cents, and the cap is {cap}")]
    OverCap {
        /// Whose.
        user: String,
        /// Cents.
        moved: i64,
        /// Cents.
        cap: i64,
    },
    /// The ledger and the bank's books differ.
    #[error("row {row} is {state:?}, and the bank has {payments} such payments")]
    Books {
        /// Its id.
        row: String,
        /// Where it stands.
        state: State,
        /// With its reference.
        payments: usize,
    },
    /// A payment of the bank's that no row of the ledger stands for.
    #[error("the bank has {payment}, and the ledger knows nothing of it")]
    Unbooked {
        /// The bank's id.
        payment: String,
    },
    /// Two rows claim one payment.
    #[error("{payment} settles {rows} rows")]
    ClaimedTwice {
        /// The bank's id.
        payment: String,
        /// How many.
        rows: usize,
    },
    /// Nobody settles a row any more.
    #[error("row {row} is {state:?} for good")]
    Unsettled {
        /// Its id.
        row: String,
        /// Where it stands.
        state: State,
    },
    /// The bank could have said what became of it.
    #[error("row {row} waits for a person, and the bank knew")]
    NeedlessReview {
        /// Its id.
        row: String,
    },
    /// A call that never ends.
    #[error("{call} is {state:?} for good")]
    OpenCall {
        /// Its id.
        call: String,
        /// Where it stands.
        state: CallState,
    },
    /// An event that was acknowledged had no effect.
    #[error("{event} was acknowledged and had no effect")]
    EventLost {
        /// Its key.
        event: String,
    },
}

/// All of them; the first that does not hold.
///
/// # Errors
/// [`Broken`].
pub fn all(world: &World) -> Result<(), Broken> {
    money(world)?;
    wishes(world)?;
    caps(world)?;
    rows(world)?;
    calls(world)
}

/// To the cent, account by account: what there was, what the ledger says was moved, what was moved past all hosts. What waits for
/// a person counts as the bank knows it, since the ledger does not.
fn money(world: &World) -> Result<(), Broken> {
    let mut expected = world.opening.clone();
    let mut moves = |from: &str, to: &str, minor: i64| {
        *expected.entry(from.to_owned()).or_default() -= minor;
        *expected.entry(to.to_owned()).or_default() += minor;
    };
    let rows = world.store.rows.values();
    for row in rows.filter(|row| row.state == State::Completed) {
        moves(&row.from_account, &row.to_account, row.amount.minor);
    }
    for Payment { order, .. } in &world.bank.payments {
        let row = world.store.rows.get(&order.reference);
        let is_open = row.is_some_and(Row::is_with_a_person);
        if is_open || order.reference == ELSEWHERE {
            moves(&order.from, &order.to, order.minor);
        }
    }
    for (account, expected) in expected {
        let found = world.bank.balances.get(&account).copied().unwrap_or(0);
        if found != expected {
            return Err(Broken::Balance {
                account,
                expected,
                found,
            });
        }
    }
    Ok(())
}

/// Of one wish, whichever of its rows they came from.
fn payments_of<'a>(world: &'a World, key: &str) -> Vec<&'a Payment> {
    let is_its = |payment: &&Payment| {
        let made = payment.order.key.split('~').next();
        made == Some(key)
    };
    world.bank.payments.iter().filter(is_its).collect()
}

fn wishes(world: &World) -> Result<(), Broken> {
    for wish in &world.wishes {
        let key = || wish.key.clone();
        let times = payments_of(world, &wish.key).len();
        if times > 1 {
            return Err(Broken::Doubled { wish: key(), times });
        }
        if times == 0 && wish.told.contains(&Said::Done) {
            return Err(Broken::Lost { wish: key() });
        }
        if times == 1 && wish.told.contains(&Said::Refused) && !was_written_off(world, wish) {
            return Err(Broken::SecretlyPaid { wish: key() });
        }
        let is_no = |said: &Said| matches!(said, Said::Unavailable | Said::NotNow);
        let was_always_answered = wish.told.len() == usize::try_from(wish.asked).unwrap_or(0);
        if times == 1 && was_always_answered && wish.told.iter().all(is_no) {
            return Err(Broken::PaidAfterAll { wish: key() });
        }
    }
    Ok(())
}

/// Told as refused because a person said so, who could not know better.
fn was_written_off(world: &World, wish: &Wish) -> bool {
    let rows = world.store.rows.values();
    let is_its = |row: &&Row| row.key.split('~').next() == Some(wish.key.as_str());
    rows.filter(is_its).any(person::was_written_off)
}

/// What was written off counts no more, so that another took its room.
fn caps(world: &World) -> Result<(), Broken> {
    let cap = world.cap_minor;
    let mut moved: BTreeMap<&str, i64> = BTreeMap::new();
    let ours = |payment: &&Payment| payment.order.reference != ELSEWHERE;
    for payment in world.bank.payments.iter().filter(ours) {
        let row = world.store.rows.get(&payment.order.reference);
        let row = row.ok_or_else(|| Broken::Unbooked {
            payment: payment.id.clone(),
        })?;
        if !person::was_written_off(row) {
            *moved.entry(&row.user_id).or_default() += payment.order.minor;
        }
    }
    match moved.into_iter().find(|(_, moved)| *moved > cap) {
        Some((user, moved)) => Err(Broken::OverCap {
            user: user.to_owned(),
            moved,
            cap,
        }),
        None => Ok(()),
    }
}

fn rows(world: &World) -> Result<(), Broken> {
    let mut claimed: BTreeMap<&str, usize> = BTreeMap::new();
    for row in world.store.rows.values() {
        row_agrees(world, row)?;
        if let Some(payment) = &row.bank_payment_id {
            *claimed.entry(payment).or_default() += 1;
        }
    }
    match claimed.into_iter().find(|(_, rows)| *rows > 1) {
        Some((payment, rows)) => Err(Broken::ClaimedTwice {
            payment: payment.to_owned(),
            rows,
        }),
        None => Ok(()),
    }
}

fn row_agrees(world: &World, row: &Row) -> Result<(), Broken> {
    let is_its = |payment: &&Payment| payment.order.reference == row.id;
    let made: Vec<&Payment> = world.bank.payments.iter().filter(is_its).collect();
    let id = || row.id.clone();
    let fits = match row.state {
        State::Completed => made.len() == 1 && row.bank_payment_id.as_ref() == Some(&made[0].id),
        State::Refused if row.is_written_off() && world.bank.kind == Kind::Forgetful => true,
        State::Refused => made.is_empty(),
        State::NeedsReview => true,
        state => return Err(Broken::Unsettled { row: id(), state }),
    };
    if !fits {
        return Err(Broken::Books {
            row: id(),
            state: row.state,
            payments: made.len(),
        });
    }
    let found = row.evidence.as_ref().and_then(|it| it["found"].as_str());
    let bank_knew = match world.bank.kind {
        // A request that it was never asked again about, since it was away for too long, is a person's.
        Kind::Idempotent => !made.is_empty() || found != Some(patrol::UNREACHABLE),
        Kind::KeepsReferences => !made.is_empty(),
        Kind::Forgetful => false,
    };
    if row.state == State::NeedsReview && bank_knew {
        return Err(Broken::NeedlessReview { row: id() });
    }
    Ok(())
}

fn calls(world: &World) -> Result<(), Broken> {
    for (id, call) in &world.store.calls {
        if call.state.is_live() {
            return Err(Broken::OpenCall {
                call: id.clone(),
                state: call.state,
            });
        }
    }
    for event in world
        .deliveries
        .iter()
        .filter(|event| event.is_acknowledged)
    {
        let call = world.store.calls.get(&event.call);
        let kept = world.store.inbox.get(&event.key);
        let has_effect = kept.is_some_and(|kept| kept.is_applied)
            && call.is_some_and(|call| !event.is_analysis() || call.has_analysis);
        if !has_effect {
            return Err(Broken::EventLost {
                event: event.key.clone(),
            });
        }
    }
    Ok(())
}
