//! A person who decides about rows that nothing proves, by what the bank's books say at that moment.
//!
//! They are right about the present and may be wrong about what comes: a request that was on its way may yet be paid.

use orchestrator::ledger::written::PAID_AFTER_WRITE_OFF;
use orchestrator::ledger::{Event, Row, Settled, State};

use crate::books;
use crate::world::World;

/// Looks at one row that waits, if there is one.
pub fn decide(world: &mut World) {
    let rows = world.store.rows.values();
    let waiting: Vec<String> = rows
        .filter(|row| row.state == State::NeedsReview)
        .map(|row| row.id.clone())
        .collect();
    if waiting.is_empty() {
        return;
    }
    let id = &waiting[world.chance.index(waiting.len())];
    let found = world.bank.payments.iter();
    let found = found
        .filter(|payment| payment.order.reference == *id)
        .map(|payment| payment.id.clone())
        .next();
    let (by, reason) = ("ann".to_owned(), "looked".to_owned());
    let event = match found {
        Some(payment) => Event::Confirm {
            by,
            reason,
            bank_payment_id: Some(payment),
        },
        None => Event::WriteOff { by, reason },
    };
    let now_ms = world.agenda.now_ms();
    world.note(|| format!("a person says of {id}: {event:?}"));
    let settled = world.transact(|store| books::settle(store, id, &event, now_ms));
    if let (Event::WriteOff { .. }, Ok(Some(Settled::Moved(_)))) = (&event, settled) {
        world.counts.write_offs += 1;
    }
}

/// Whether a person ever wrote it off.
pub fn was_written_off(row: &Row) -> bool {
    row.is_written_off() || row.reason.as_deref() == Some(PAID_AFTER_WRITE_OFF)
}
