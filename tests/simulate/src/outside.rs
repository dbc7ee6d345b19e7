//! Outside the hosts: callers who ask and ask again, the provider's events, and what goes wrong.
//!
//! A caller repeats what was not answered, as the voice provider does: the same key, up to five times, to whichever host.

use orchestrator::call::Event;

use crate::bank::Order;
use crate::host::{Said, Work};
use crate::person;
use crate::world::{Step, TROUBLE_MS, Wish, World};

/// Customers.
pub const USERS: i64 = 4;
/// Stands where a payment that no host made would have a reference.
pub const ELSEWHERE: &str = "elsewhere";
/// Times that one wish is asked for.
const ASKED_MAX: u32 = 5;
/// How long the provider waits for an answer.
const PATIENCE_MS: i64 = 8_000;
/// Times that an event is delivered that is not acknowledged.
const DELIVERED_MAX: u32 = 3;

/// What happens outside the hosts.
#[derive(Debug, Clone)]
pub enum Outside {
    /// A wish is asked for.
    Ask(usize),
    /// The provider has waited for an answer.
    Impatient {
        /// Which wish.
        wish: usize,
        /// How much it had been told by then.
        told: usize,
    },
    /// The customer makes the same transfer at a branch, past all hosts.
    PayElsewhere(usize),
    /// An event is delivered.
    Deliver(usize),
    /// The provider has waited for its acknowledgement.
    Undelivered(usize),
    /// The bank reads an order; its answer goes back to whoever asked.
    BankTakes {
        /// What is asked.
        order: Order,
        /// Where the answer goes.
        asks: Box<Step>,
    },
    /// A host dies.
    Kill(usize),
    /// And is started again.
    Start(usize),
    /// A host stands still.
    Pause(usize, i64),
    /// A person decides about a row that waits for one.
    Decide,
    /// Nobody reaches the bank.
    BankAway(i64),
    /// Nobody reaches the database.
    StoreAway(i64),
}

/// What the provider tells of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// `call_started`.
    Started,
    /// `call_ended`.
    Ended,
    /// `call_analyzed`.
    Analyzed,
}

impl Told {
    /// What it means to the call's machine.
    #[must_use]
    pub fn event(self) -> Event {
        match self {
            Self::Started => Event::Opened,
            Self::Ended => Event::Ended,
            Self::Analyzed => Event::Analyzed,
        }
    }
}

/// An event of the provider's.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// Its key in the inbox.
    pub key: String,
    /// The call.
    pub call: String,
    /// What it says.
    pub told: Told,
    /// Deliveries so far.
    pub tries: u32,
    /// A host has said that it has it.
    pub is_acknowledged: bool,
}

impl Delivery {
    /// Whether it brings the analysis.
    #[must_use]
    pub fn is_analysis(&self) -> bool {
        self.told == Told::Analyzed
    }
}

/// Fills the agenda of a new world.
pub fn arrange(world: &mut World) {
    for host in 0..world.hosts.len() {
        crate::host::start(world, host);
    }
    for number in 0..world.chance.between(2, 6) {
        call(world, number);
    }
    trouble(world);
    people(world);
}

fn call(world: &mut World, number: i64) {
    let id = format!("call_{number}");
    let user = world.chance.between(0, USERS - 1);
    let begin = world.chance.between(0, TROUBLE_MS / 2);
    let mut at = begin;
    for turn in 0..world.chance.between(1, 6) {
        at += world.chance.between(200, 9_000);
        let payee = world.chance.between(0, USERS - 1);
        // The same wish in another turn is another wish, and so is that of a second call at once.
        let wish = Wish {
            key: format!("{id}-{turn}"),
            user: format!("user_{user}"),
            call: id.clone(),
            from: format!("checking_{user}"),
            to: format!("savings_{payee}"),
            minor: 1_000 * world.chance.between(1, 40),
            told: Vec::new(),
            asked: 0,
        };
        world.wishes.push(wish);
        world.counts.wishes += 1;
        let wish = world.wishes.len() - 1;
        // Now and then a delivery comes twice at once.
        for _ in 0..=i64::from(world.chance.happens(200)) {
            world.agenda.after(at, Step::Outside(Outside::Ask(wish)));
        }
        if world.chance.happens(100) {
            let at = at + world.chance.between(0, 9_000);
            let elsewhere = Outside::PayElsewhere(wish);
            world.agenda.after(at, Step::Outside(elsewhere));
        }
    }
    let end = at + world.chance.between(0, 20_000);
    for (told, when) in [
        (Told::Started, begin),
        (Told::Ended, end),
        (Told::Analyzed, end + 2_000),
    ] {
        if world.chance.happens(100) {
            // Never sent at all.
            continue;
        }
        world.deliveries.push(Delivery {
            key: format!("{id}-{told:?}"),
            call: id.clone(),
            told,
            tries: 0,
            is_acknowledged: false,
        });
        let event = world.deliveries.len() - 1;
        for _ in 0..=world.chance.between(0, 2) {
            let late = if world.chance.happens(300) {
                30_000
            } else {
                300
            };
            let at = when + world.chance.between(0, late);
            world
                .agenda
                .after(at, Step::Outside(Outside::Deliver(event)));
        }
    }
}

fn trouble(world: &mut World) {
    for _ in 0..world.chance.between(0, 8) {
        let at = world.chance.between(0, TROUBLE_MS - 1);
        let host = world.chance.index(world.hosts.len());
        let away = world.chance.between(100, 15_000);
        let happens = match world.chance.between(0, 4) {
            0 | 1 => Outside::Kill(host),
            2 => Outside::Pause(host, away),
            3 => Outside::BankAway(away),
            _ => Outside::StoreAway(away),
        };
        world.agenda.after(at, Step::Outside(happens));
    }
}

/// Now and then a person has time for the ledger, also long after all trouble.
fn people(world: &mut World) {
    for _ in 0..world.chance.between(0, 6) {
        let at = world.chance.between(TROUBLE_MS / 4, 2 * TROUBLE_MS);
        world.agenda.after(at, Step::Outside(Outside::Decide));
    }
}

/// One step outside.
pub fn step(world: &mut World, step: Outside) {
    let now_ms = world.agenda.now_ms();
    match step {
        Outside::Ask(wish) => ask(world, wish),
        Outside::Impatient { wish, told } => {
            let asked = &world.wishes[wish];
            if asked.told.len() == told && asked.asked < ASKED_MAX {
                ask(world, wish);
            }
        }
        Outside::PayElsewhere(wish) => {
            let Wish {
                from, to, minor, ..
            } = world.wishes[wish].clone();
            let order = Order {
                key: format!("{ELSEWHERE}-{wish}"),
                reference: ELSEWHERE.to_owned(),
                from,
                to,
                minor,
            };
            world.bank.take(&order, now_ms);
        }
        Outside::Deliver(event) => deliver(world, event),
        Outside::Undelivered(event) => {
            let delivery = &world.deliveries[event];
            if !delivery.is_acknowledged && delivery.tries < DELIVERED_MAX {
                deliver(world, event);
            }
        }
        Outside::BankTakes { order, asks } => bank_takes(world, &order, *asks),
        Outside::Kill(host) => {
            if world.hosts[host].is_alive {
                world.note(|| format!("host {host} is killed"));
                world.counts.kills += 1;
                world.hosts[host].is_alive = false;
                let later = world.chance.between(50, 20_000);
                world
                    .agenda
                    .after(later, Step::Outside(Outside::Start(host)));
            }
        }
        Outside::Start(host) => {
            world.note(|| format!("host {host} is started"));
            world.hosts[host].is_alive = true;
            world.hosts[host].life += 1;
            crate::host::start(world, host);
        }
        Outside::Decide => person::decide(world),
        Outside::Pause(host, ms) => world.hosts[host].paused_until_ms = now_ms + ms,
        Outside::BankAway(ms) => world.bank_away_until_ms = now_ms + ms,
        Outside::StoreAway(ms) => world.store.away_until_ms = now_ms + ms,
    }
}

fn bank_takes(world: &mut World, order: &Order, mut asks: Step) {
    let now_ms = world.agenda.now_ms();
    let said = world.bank.take(order, now_ms);
    world.note(|| format!("the bank says {said:?} to {}", order.reference));
    if let Step::At {
        work: Work::Answered(_, _, answer),
        ..
    } = &mut asks
    {
        *answer = said;
    }
    // The answer may be lost, or come when nobody waits for it any more.
    if !world.goes_wrong(40) {
        let way = world.chance.between(1, 200);
        world.agenda.after(way, asks);
    }
}

/// A host that takes connections; none where the one that was chosen has died.
fn some_host(world: &mut World) -> Option<usize> {
    let host = world.chance.index(world.hosts.len());
    world.hosts[host].is_alive.then_some(host)
}

fn ask(world: &mut World, wish: usize) {
    world.wishes[wish].asked += 1;
    let told = world.wishes[wish].told.len();
    let impatient = Outside::Impatient { wish, told };
    if let Some(host) = some_host(world) {
        let work = Work::Asked {
            wish,
            until_ms: world.agenda.now_ms() + 5_000,
        };
        let way = world.chance.between(1, 30);
        world.later(host, way, work);
        world.agenda.after(PATIENCE_MS, Step::Outside(impatient));
    } else {
        world.agenda.after(1_000, Step::Outside(impatient));
    }
}

fn deliver(world: &mut World, event: usize) {
    world.deliveries[event].tries += 1;
    if let Some(host) = some_host(world) {
        let way = world.chance.between(1, 30);
        world.later(host, way, Work::Heard { event });
    }
    let undelivered = Outside::Undelivered(event);
    world.agenda.after(10_000, Step::Outside(undelivered));
}

/// What a host says to a wish; now and then it does not arrive, and the caller asks again.
pub fn tell(world: &mut World, wish: usize, said: Said) {
    if world.goes_wrong(30) {
        return;
    }
    world.note(|| format!("wish {wish} is told {said:?}"));
    world.wishes[wish].told.push(said);
    if said == Said::Unavailable && world.wishes[wish].asked < ASKED_MAX {
        let again = world.chance.between(500, 5_000);
        world.agenda.after(again, Step::Outside(Outside::Ask(wish)));
    }
}

/// A host has an event.
pub fn acknowledge(world: &mut World, event: usize) {
    if world.goes_wrong(30) {
        return;
    }
    if !world.deliveries[event].is_acknowledged {
        world.counts.events += 1;
    }
    world.deliveries[event].is_acknowledged = true;
}
