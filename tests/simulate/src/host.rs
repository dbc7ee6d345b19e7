//! A host: the way of a wish and of an event through it, step by step, so that it can die between any two.
//!
//! What follows from what is asked of the same pure functions that the real host executes; here is only their order, as in
//! `orchestrator::write` and `orchestrator::inbox`.

mod inbox;

pub use inbox::Way;
use orchestrator::call::Failure;
use orchestrator::call::state::{self, Verdict};
use orchestrator::call::{Event as CallEvent, State as CallState};
use orchestrator::ledger::opening::Seen;
use orchestrator::ledger::written::{KEYS_MAX, Sending, never_reached_the_bank};
use orchestrator::ledger::{Event, NewEntry, Opened, Settled, State};

use crate::bank::{Answer, Kind};
use crate::books;
use crate::outside::{self, Outside};
use crate::patrol;
use crate::world::{Flaw, Step, World};

/// How long a lock outlives a holder who does not renew it.
const LOCK_MS: i64 = 2_000;
/// How long a host waits for the bank.
const BANK_PATIENCE_MS: i64 = 3_000;
/// Between two looks at a lock that somebody else holds.
const LOCK_PAUSE_MS: i64 = 25;

/// What a caller is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// The money has moved.
    Done,
    /// The bank does not do it.
    Refused,
    /// The bounds do not allow it as things stand.
    NotNow,
    /// Nothing was done; ask again.
    Unavailable,
    /// Nobody knows yet.
    Uncertain,
}

/// A call that is held for one turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// What is wished.
    pub wish: usize,
    /// The call as it was read.
    pub version: Option<u64>,
    /// Where it stands now.
    pub state: CallState,
    /// Which row of the wish.
    pub number: u32,
}

/// What a host does next.
#[derive(Debug, Clone)]
pub enum Work {
    /// A wish comes in.
    Asked {
        /// Which.
        wish: usize,
        /// Its turn ends then.
        until_ms: i64,
    },
    /// An intent row is asked for.
    Open(Turn),
    /// It is written.
    Write(Turn, Box<NewEntry>, Option<Box<Seen>>),
    /// It is taken to the bank.
    Mark(Turn, String),
    /// The request leaves.
    Send(Turn, String),
    /// The bank has answered.
    Answered(Turn, String, Answer),
    /// The bank has not answered in time.
    GaveUp(Turn, String),
    /// The row is told what happened, and the caller what to believe.
    Settle(Turn, String, Event, Said),
    /// An event comes in.
    Heard {
        /// Which.
        event: usize,
    },
    /// It is kept, and its call is waited for.
    Effect(Way),
    /// It has its effect.
    Apply(Way),
    /// What belongs to nobody is looked after.
    Patrol(patrol::Work),
}

/// One process.
#[derive(Debug, Default)]
pub struct Host {
    /// Counts its starts.
    pub life: u32,
    /// Runs.
    pub is_alive: bool,
    /// Stands still before.
    pub paused_until_ms: i64,
    /// Rows whose answer is waited for.
    pub waiting: Vec<String>,
}

/// A host begins to run.
pub fn start(world: &mut World, host: usize) {
    let at = &mut world.hosts[host];
    at.is_alive = true;
    at.paused_until_ms = 0;
    at.waiting.clear();
    patrol::start(world, host);
}

/// One step of a host's.
pub fn step(world: &mut World, host: usize, work: Work) {
    match work {
        Work::Asked { wish, until_ms } => asked(world, host, wish, until_ms),
        Work::Open(turn) => open(world, host, turn),
        Work::Write(turn, entry, looked_at) => {
            write(world, host, turn, &entry, looked_at.map(|seen| *seen));
        }
        Work::Mark(turn, row) => mark(world, host, turn, row),
        Work::Send(turn, row) => send(world, host, turn, row),
        Work::Answered(turn, row, answer) => answered(world, host, turn, row, answer),
        Work::GaveUp(turn, row) => gave_up(world, host, turn, row),
        Work::Settle(turn, row, event, said) => settle(world, host, &turn, &row, &event, said),
        Work::Heard { event } => inbox::heard(world, host, event),
        Work::Effect(way) => inbox::effect(world, host, way),
        Work::Apply(way) => inbox::apply(world, host, way),
        Work::Patrol(work) => patrol::step(world, host, work),
    }
}

/// Takes a call's lock; false while somebody else has it.
pub fn lock(world: &mut World, host: usize, call: &str) -> bool {
    let (now_ms, life) = (world.agenda.now_ms(), world.hosts[host].life);
    if let Some((_, _, until_ms)) = world.locks.get(call)
        && *until_ms > now_ms
    {
        return false;
    }
    world
        .locks
        .insert(call.to_owned(), (host, life, now_ms + LOCK_MS));
    true
}

/// Gives it back, where it is still this host's.
pub fn unlock(world: &mut World, host: usize, call: &str) {
    let life = world.hosts[host].life;
    let is_ours = |(holder, in_life, _): &(usize, u32, i64)| (*holder, *in_life) == (host, life);
    if world.locks.get(call).is_some_and(is_ours) {
        world.locks.remove(call);
    }
}

fn soon(world: &mut World, host: usize, work: Work) {
    let ms = world.chance.between(0, 40);
    world.later(host, ms, work);
}

fn asked(world: &mut World, host: usize, wish: usize, until_ms: i64) {
    let call = world.wishes[wish].call.clone();
    if !lock(world, host, &call) {
        if world.agenda.now_ms() + LOCK_PAUSE_MS > until_ms {
            return outside::tell(world, wish, Said::Unavailable);
        }
        return world.later(host, LOCK_PAUSE_MS, Work::Asked { wish, until_ms });
    }
    let key = world.wishes[wish].key.clone();
    let read = world.transact(|store| {
        let stored = store.calls.get(&call).cloned();
        (stored, books::newest_of(store, &key).map(books::said_of))
    });
    let Ok((stored, before)) = read else {
        unlock(world, host, &call);
        return outside::tell(world, wish, Said::Unavailable);
    };
    let (version, mut state) = stored.map_or((None, CallState::AwaitingCall), |stored| {
        (Some(stored.version), stored.state)
    });
    for event in [
        CallEvent::TurnAbandoned,
        CallEvent::Opened,
        CallEvent::ContextLoaded,
        CallEvent::TurnBegan,
    ] {
        match state::apply(state, event) {
            Verdict::Moved(to) => state = to,
            Verdict::Unchanged => {}
            // In a call that is over nothing is begun; what was begun before is answered.
            Verdict::Illegal if event == CallEvent::TurnBegan => {
                unlock(world, host, &call);
                return outside::tell(world, wish, before.unwrap_or(Said::NotNow));
            }
            Verdict::Illegal => {}
        }
    }
    let turn = Turn {
        wish,
        version,
        state,
        number: 0,
    };
    soon(world, host, Work::Open(turn));
}

fn open(world: &mut World, host: usize, turn: Turn) {
    let now_ms = world.agenda.now_ms();
    let wish = &world.wishes[turn.wish];
    let entry = books::entry(wish, turn.number, world.next_try);
    world.next_try += 1;
    let (caps, _) = books::bounds(world.cap_minor);
    let looked_at = (world.flaw == Some(Flaw::CapsBeforehand))
        .then(|| books::seen(&world.store, &entry, &caps, now_ms));
    soon(
        world,
        host,
        Work::Write(turn, entry.into(), looked_at.map(Box::new)),
    );
}

fn write(world: &mut World, host: usize, turn: Turn, entry: &NewEntry, looked_at: Option<Seen>) {
    let (now_ms, cap) = (world.agenda.now_ms(), world.cap_minor);
    let opened = world.transact(|store| books::open(store, entry, cap, looked_at, now_ms));
    match opened {
        Ok(Opened::Opened(row)) => soon(world, host, Work::Mark(turn, row.id)),
        Ok(Opened::Existing(row)) if never_reached_the_bank(&row) => {
            let number = turn.number + 1;
            if number < KEYS_MAX {
                soon(world, host, Work::Open(Turn { number, ..turn }));
            } else {
                finish(world, host, &turn, Said::Unavailable);
            }
        }
        Ok(Opened::Existing(row))
            if row.state == State::Sent && world.flaw == Some(Flaw::SendsAgain) =>
        {
            soon(world, host, Work::Send(turn, row.id));
        }
        Ok(Opened::Existing(row)) => finish(world, host, &turn, books::said_of(&row)),
        Ok(Opened::KeyReused(_) | Opened::Exceeded(_) | Opened::UnsettledTwin(_)) => {
            finish(world, host, &turn, Said::NotNow);
        }
        Err(_) => finish(world, host, &turn, Said::Unavailable),
    }
}

fn mark(world: &mut World, host: usize, turn: Turn, row: String) {
    let now_ms = world.agenda.now_ms();
    let is_repeatable = world.bank.kind == Kind::Idempotent;
    match world.transact(|store| books::mark_sent(store, &row, is_repeatable, now_ms)) {
        Ok(true) => soon(world, host, Work::Send(turn, row)),
        Ok(false) => finish(world, host, &turn, Said::Uncertain),
        Err(_) => {
            let said = books::not_marked(world, &row);
            finish(world, host, &turn, said);
        }
    }
}

fn send(world: &mut World, host: usize, turn: Turn, row: String) {
    if world.agenda.now_ms() < world.bank_away_until_ms && world.is_in_trouble() {
        let event = Sending::Bounced(Failure::Unavailable).event();
        return soon(
            world,
            host,
            Work::Settle(turn, row, event, Said::Unavailable),
        );
    }
    world.note(|| format!("host {host} sends {row}"));
    world.hosts[host].waiting.push(row.clone());
    world.later(
        host,
        BANK_PATIENCE_MS,
        Work::GaveUp(turn.clone(), row.clone()),
    );
    if world.goes_wrong(30) {
        // The connection breaks before the bank has read it.
        return;
    }
    let order = books::order(&world.store.rows[&row]);
    let late = if world.goes_wrong(40) { 60_000 } else { 200 };
    let way = world.chance.between(1, late);
    let life = world.hosts[host].life;
    let asks = Step::At {
        host,
        life,
        work: Work::Answered(turn, row, Answer::Insufficient),
    };
    let takes = Outside::BankTakes {
        order,
        asks: Box::new(asks),
    };
    world.agenda.after(way, Step::Outside(takes));
}

fn answered(world: &mut World, host: usize, turn: Turn, row: String, answer: Answer) {
    if !waits_no_more(world, host, &row) {
        return;
    }
    let said = match answer {
        Answer::Paid(_) => Said::Done,
        Answer::Insufficient => Said::Refused,
    };
    let event = answer.sending(&world.store.rows[&row]).event();
    soon(world, host, Work::Settle(turn, row, event, said));
}

fn gave_up(world: &mut World, host: usize, turn: Turn, row: String) {
    if !waits_no_more(world, host, &row) {
        return;
    }
    let (sending, said) = if world.flaw == Some(Flaw::SilenceIsRefusal) {
        let refused = Failure::Rejected("no answer".to_owned());
        (Sending::Refused(refused), Said::Refused)
    } else {
        (Sending::Unanswered, Said::Uncertain)
    };
    let event = sending.event();
    soon(world, host, Work::Settle(turn, row, event, said));
}

/// Whether this is the first that is heard of what was sent.
fn waits_no_more(world: &mut World, host: usize, row: &str) -> bool {
    let waiting = &mut world.hosts[host].waiting;
    let Some(at) = waiting.iter().position(|waits| waits == row) else {
        return false;
    };
    waiting.remove(at);
    true
}

fn settle(world: &mut World, host: usize, turn: &Turn, row: &str, event: &Event, said: Said) {
    let now_ms = world.agenda.now_ms();
    let settled = world.transact(|store| books::settle(store, row, event, now_ms));
    let said = match settled {
        Ok(Some(Settled::Moved(_))) => said,
        // What one sending came to says nothing where another one may be under way.
        Ok(Some(Settled::Unchanged(row))) => books::said_of(&row),
        Ok(Some(Settled::Illegal(_) | Settled::PaymentTaken(_)) | None) => {
            let lost = Event::LoseTrack {
                reason: "contradicts_ledger".to_owned(),
            };
            let _ = world.transact(|store| books::settle(store, row, &lost, now_ms));
            Said::Uncertain
        }
        Err(_) if said == Said::Done => said,
        Err(_) => Said::Uncertain,
    };
    finish(world, host, turn, said);
}

/// The call is saved as it stands, and the caller is told.
fn finish(world: &mut World, host: usize, turn: &Turn, said: Said) {
    let mut state = turn.state;
    for event in [CallEvent::OutcomeKnown, CallEvent::ReplyHandedOver] {
        if let Verdict::Moved(to) = state::apply(state, event) {
            state = to;
        }
    }
    let call = world.wishes[turn.wish].call.clone();
    let (read, now_ms) = (turn.version, world.agenda.now_ms());
    // A save that comes too late changes nothing; what was told stands, since the row was written before.
    let _ = world.transact(|store| store.save_call(&call, state, read, now_ms));
    unlock(world, host, &call);
    outside::tell(world, turn.wish, said);
}
