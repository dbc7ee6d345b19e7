//! What belongs to nobody: rows whose host has died or was not answered, events that wait for their effect, and calls that fell
//! silent.
//!
//! Every host goes its rounds, so two may look at the same row at once.

use orchestrator::backend::PaymentSeen;
use orchestrator::call::Event as CallEvent;
use orchestrator::call::state::{self, Verdict};
use orchestrator::ledger::proof::{self, Finding, Next, Question, Testimony};
use orchestrator::ledger::written::Sending;
use orchestrator::ledger::{Event, Row, Settled};

use crate::bank::Kind;
use crate::books;
use crate::host::{Way, Work as HostWork, lock, unlock};
use crate::store::Store;
use crate::world::{Flaw, World};

/// Between two rounds over the ledger.
const ROUND_MS: i64 = 2_000;
/// Whoever wrote a row that has not moved for so long is not at it any more.
const ABANDONED_MS: i64 = 8_000;
/// Between two looks for events that wait.
const INBOX_MS: i64 = 1_000;
/// So long a delivery is at work on its event itself.
const OWN_MS: i64 = 6_000;
/// Between two looks at silent calls.
const REAP_MS: i64 = 15_000;
/// A call that was silent for so long is over.
const SILENT_MS: i64 = 180_000;

/// This host was told since that the bank understands keys, whatever is true of it.
const MISLED: usize = 1;

/// Code of a bank that nobody reaches.
pub const UNREACHABLE: &str = "unreachable";

/// What a host looks after.
#[derive(Debug, Clone)]
pub enum Work {
    /// The open rows.
    Round,
    /// One of them.
    LookAt(String),
    /// The bank is asked about it.
    Ask(Box<Row>, Question),
    /// And has answered.
    Heard(Box<Row>, Testimony),
    /// The events that wait for their effect.
    Inbox,
    /// The calls.
    Reap,
}

/// Begins the rounds of a host that was started.
pub fn start(world: &mut World, host: usize) {
    for (work, every_ms) in [
        (Work::Round, ROUND_MS),
        (Work::Inbox, INBOX_MS),
        (Work::Reap, REAP_MS),
    ] {
        let first = world.chance.between(0, every_ms);
        world.later(host, first, HostWork::Patrol(work));
    }
}

/// One step.
pub fn step(world: &mut World, host: usize, work: Work) {
    match work {
        Work::Round => {
            round(world, host);
            world.later(host, ROUND_MS, HostWork::Patrol(Work::Round));
        }
        Work::LookAt(row) => look_at(world, host, &row),
        Work::Ask(row, question) => ask(world, host, row, question),
        Work::Heard(row, said) => heard(world, &row, said),
        Work::Inbox => {
            inbox(world, host);
            world.later(host, INBOX_MS, HostWork::Patrol(Work::Inbox));
        }
        Work::Reap => {
            reap(world, host);
            world.later(host, REAP_MS, HostWork::Patrol(Work::Reap));
        }
    }
}

fn round(world: &mut World, host: usize) {
    if world.flaw == Some(Flaw::NoProof) {
        return;
    }
    let found = world.transact(|store| {
        let rows = store.rows.values();
        let open = rows.filter(|row| row.state.is_unsettled() || row.is_written_off());
        open.map(|row| row.id.clone()).collect::<Vec<_>>()
    });
    for row in found.unwrap_or_default() {
        let ms = world.chance.between(0, 50);
        world.later(host, ms, HostWork::Patrol(Work::LookAt(row)));
    }
}

fn look_at(world: &mut World, host: usize, id: &str) {
    let now_ms = world.agenda.now_ms();
    let Ok(Some(mut row)) = world.transact(|store| store.rows.get(id).cloned()) else {
        return;
    };
    let is_idempotent = world.bank.kind == Kind::Idempotent || host == MISLED;
    if row.is_written_off() && world.flaw == Some(Flaw::WriteOffIsTheEnd) {
        return;
    }
    row.is_repeatable |= world.flaw == Some(Flaw::RepeatsAnything);
    match proof::next(&row, is_idempotent, now_ms, ABANDONED_MS) {
        Next::Wait => {}
        Next::Tell(event) => tell(world, &row, &event),
        Next::Ask { question, until_ms } => {
            let claimed = world.transact(|store| claim(store, &row, until_ms));
            if let Ok(Some(row)) = claimed {
                let ms = world.chance.between(1, 100);
                let work = Work::Ask(Box::new(row), question);
                world.later(host, ms, HostWork::Patrol(work));
            }
        }
    }
}

fn inbox(world: &mut World, host: usize) {
    if world.flaw == Some(Flaw::NoInbox) {
        return;
    }
    let before_ms = world.agenda.now_ms() - OWN_MS;
    let found = world.transact(|store| {
        let kept = store.inbox.values();
        let waiting = kept.filter(|kept| !kept.is_applied && kept.received_ms <= before_ms);
        waiting.map(|kept| kept.event).collect::<Vec<_>>()
    });
    for event in found.unwrap_or_default() {
        let way = Way::found(world, event);
        let ms = world.chance.between(0, 50);
        world.later(host, ms, HostWork::Effect(way));
    }
}

/// One of all hosts that want to ask.
fn claim(store: &mut Store, seen: &Row, until_ms: i64) -> Option<Row> {
    let row = store.rows.get_mut(&seen.id)?;
    if row.state != seen.state || row.search != seen.search {
        return None;
    }
    row.search.looks += 1;
    row.search.next_at_ms = Some(until_ms);
    Some(row.clone())
}

fn ask(world: &mut World, host: usize, row: Box<Row>, question: Question) {
    let now_ms = world.agenda.now_ms();
    let is_away = world.is_in_trouble() && now_ms < world.bank_away_until_ms;
    let heard = if is_away {
        Testimony::Silent(UNREACHABLE)
    } else {
        match question {
            Question::Again => {
                let said = world.bank.take(&books::order(&row), now_ms);
                match said.sending(&row) {
                    refused @ Sending::Refused(_) => Some(payments(world, &row))
                        .filter(|heard| !heard.leaves_a_refusal())
                        .unwrap_or(Testimony::Sent(refused)),
                    sending => Testimony::Sent(sending),
                }
            }
            Question::Payments => payments(world, &row),
            Question::Nothing => Testimony::Hopeless("nothing_to_ask"),
        }
    };
    let way = world.chance.between(1, 200);
    world.later(host, way, HostWork::Patrol(Work::Heard(row, heard)));
}

fn payments(world: &World, row: &Row) -> Testimony {
    let kind = world.bank.kind;
    let listed = world.bank.payments.iter().map(|payment| payment.seen(kind));
    let listed: Vec<PaymentSeen> = listed.collect();
    let is_ours = |payment: &&PaymentSeen| payment.reference.as_ref() == Some(&row.id);
    let is_free = |payment: &&PaymentSeen| world.store.by_payment(&payment.id).is_none();
    let alike = proof::alike(row, &listed).into_iter();
    Testimony::Payments {
        ours: listed.iter().filter(is_ours).cloned().collect(),
        alike: alike.filter(is_free).cloned().collect(),
    }
}

fn heard(world: &mut World, row: &Row, heard: Testimony) {
    let now_ms = world.agenda.now_ms();
    let heard = match heard {
        Testimony::Payments { ours, alike }
            if ours.is_empty() && world.flaw == Some(Flaw::LookAlikeIsProof) =>
        {
            let ours = alike.iter().take(1).map(|payment| PaymentSeen {
                reference: Some(row.id.clone()),
                ..payment.clone()
            });
            Testimony::Payments {
                ours: ours.collect(),
                alike: Vec::new(),
            }
        }
        heard => heard,
    };
    match proof::proof(row, &heard, world.silence_ms_max, now_ms) {
        Finding::Tell(event) => tell(world, row, &event),
        Finding::Later(later) => {
            let looks = row.search.looks;
            let _ = world.transact(|store| {
                let stored = store.rows.get_mut(&row.id)?;
                if stored.search.looks == looks {
                    stored.search.next_at_ms = Some(later.at_ms);
                    stored.search.fruitless_since_ms = later.fruitless_since_ms;
                }
                Some(())
            });
        }
    }
}

fn tell(world: &mut World, row: &Row, event: &Event) {
    let now_ms = world.agenda.now_ms();
    world.note(|| format!("{} is told {event:?}", row.id));
    let settled = world.transact(|store| books::settle(store, &row.id, event, now_ms));
    if let Ok(Some(Settled::PaymentTaken(holder))) = settled {
        let event = proof::taken(row, &holder, now_ms);
        let _ = world.transact(|store| books::settle(store, &row.id, &event, now_ms));
    }
}

fn reap(world: &mut World, host: usize) {
    if world.flaw == Some(Flaw::NoReaper) {
        return;
    }
    let now_ms = world.agenda.now_ms();
    let silent = world.transact(|store| {
        let calls = store.calls.iter();
        calls
            .filter(|(_, call)| call.state.is_live() && call.touched_ms + SILENT_MS <= now_ms)
            .map(|(id, _)| id.clone())
            .collect::<Vec<_>>()
    });
    for call in silent.unwrap_or_default() {
        if lock(world, host, &call) {
            let _ = world.transact(|store| {
                let stored = store.calls.get(&call)?;
                let Verdict::Moved(to) = state::apply(stored.state, CallEvent::Ended) else {
                    return None;
                };
                let read = Some(stored.version);
                store.save_call(&call, to, read, now_ms).then_some(())
            });
            unlock(world, host, &call);
        }
    }
}
