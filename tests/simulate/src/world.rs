//! A world: hosts, a database, a bank, callers and their provider, and what goes wrong between them.
//!
//! One seed decides everything. The world has trouble for a while, then none, and comes to rest; what must hold then is in `check`.

use std::collections::BTreeMap;

use orchestrator::ledger::{Row, State};

use crate::agenda::Agenda;
use crate::bank::{Bank, Kind};
use crate::chance::Chance;
use crate::check::{self, Broken};
use crate::host::{Host, Said, Work};
use crate::outside::{self, Delivery, Outside};
use crate::person;
use crate::store::Store;

/// How long there is trouble.
pub const TROUBLE_MS: i64 = 120_000;
/// How long the world has to come to rest: the reaper's patience and more.
const REST_MS: i64 = 900_000;
/// For how long an operator may have a silent bank waited for.
const SILENCE_MS: [i64; 2] = [18_000, 3_600_000];
/// Kept for whoever asks what happened.
const TRACE_LEN_MAX: usize = 4_000;

/// A fault put into the hosts on purpose, so that the checks are seen to find it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// Caps are looked at before the transaction that writes the row.
    CapsBeforehand,
    /// A row that somebody else took to the bank is taken there again.
    SendsAgain,
    /// No answer counts as a no.
    SilenceIsRefusal,
    /// A payment that looks alike counts as proof.
    LookAlikeIsProof,
    /// An event is acknowledged before it is kept.
    AcknowledgesFirst,
    /// Nobody looks for events that wait for their effect.
    NoInbox,
    /// Nobody ends silent calls.
    NoReaper,
    /// Nobody looks for proof.
    NoProof,
    /// What was sent to a bank that does not understand keys is sent again by whoever was told since that it does.
    RepeatsAnything,
    /// What a person wrote off is not looked for any more.
    WriteOffIsTheEnd,
}

impl Flaw {
    /// Every flaw.
    pub const ALL: [Self; 10] = [
        Self::CapsBeforehand,
        Self::SendsAgain,
        Self::SilenceIsRefusal,
        Self::LookAlikeIsProof,
        Self::AcknowledgesFirst,
        Self::NoInbox,
        Self::NoReaper,
        Self::NoProof,
        Self::RepeatsAnything,
        Self::WriteOffIsTheEnd,
    ];
}

/// A wish of a caller's, and what they were told.
#[derive(Debug, Clone)]
pub struct Wish {
    /// Its ledger key.
    pub key: String,
    /// Who wishes.
    pub user: String,
    /// In which call.
    pub call: String,
    /// From.
    pub from: String,
    /// To.
    pub to: String,
    /// Cents.
    pub minor: i64,
    /// In order.
    pub told: Vec<Said>,
    /// How often it was asked for.
    pub asked: u32,
}

/// What happens next, and to whom.
#[derive(Debug, Clone)]
pub enum Step {
    /// At a host; nothing where it has died since.
    At {
        /// Which.
        host: usize,
        /// In which of its lives.
        life: u32,
        /// What.
        work: Work,
    },
    /// Elsewhere.
    Outside(Outside),
}

/// What happened in a world, in figures.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Steps.
    pub steps: u64,
    /// Wishes.
    pub wishes: u64,
    /// Payments in the bank's books.
    pub payments: u64,
    /// Rows that a person must look at.
    pub reviews: u64,
    /// Rows that a person wrote off.
    pub write_offs: u64,
    /// Of which the bank paid one after all, and said so.
    pub paid_after_all: u64,
    /// Events acknowledged.
    pub events: u64,
    /// Hosts killed.
    pub kills: u64,
}

impl Counts {
    /// Those of another world on top.
    pub fn add(&mut self, other: Self) {
        self.steps += other.steps;
        self.wishes += other.wishes;
        self.payments += other.payments;
        self.reviews += other.reviews;
        self.write_offs += other.write_offs;
        self.paid_after_all += other.paid_after_all;
        self.events += other.events;
        self.kills += other.kills;
    }
}

impl std::fmt::Display for Counts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            steps,
            wishes,
            payments,
            reviews,
            write_offs,
            paid_after_all,
            events,
            kills,
        } = self;
        write!(
            f,
            "{steps} steps, {kills} kills, {wishes} wishes, {payments} payments, {reviews} for a person, \
             {write_offs} written off, {paid_after_all} of them paid after all, {events} events"
        )
    }
}

/// Everything.
#[derive(Debug)]
pub struct World {
    /// Of everything.
    pub chance: Chance,
    /// Time.
    pub agenda: Agenda<Step>,
    /// The database.
    pub store: Store,
    /// The bank.
    pub bank: Bank,
    /// Nobody reaches the bank before.
    pub bank_away_until_ms: i64,
    /// How long a bank that is away is waited for before a person is asked.
    pub silence_ms_max: i64,
    /// All hosts.
    pub hosts: Vec<Host>,
    /// Who holds which call, in which life, and until when.
    pub locks: BTreeMap<String, (usize, u32, i64)>,
    /// All wishes.
    pub wishes: Vec<Wish>,
    /// All events of the provider's.
    pub deliveries: Vec<Delivery>,
    /// Cents that one customer may move.
    pub cap_minor: i64,
    /// Cents by account at the beginning.
    pub opening: BTreeMap<String, i64>,
    /// Counts the rows that were asked for, so that no two have one id.
    pub next_try: u32,
    /// The fault that was put in.
    pub flaw: Option<Flaw>,
    /// What happened.
    pub counts: Counts,
    /// What happened, in words.
    pub trace: Vec<String>,
}

/// A world that broke.
#[derive(Debug, thiserror::Error)]
#[error("seed {seed}: {broken}")]
pub struct Failed {
    /// Says it again.
    pub seed: u64,
    /// What does not hold.
    pub broken: Broken,
    /// What happened.
    pub trace: Vec<String>,
}

/// One world, from its beginning to its rest.
///
/// # Errors
/// [`Failed`] names the invariant that does not hold.
pub fn run(seed: u64, flaw: Option<Flaw>) -> Result<Counts, Box<Failed>> {
    let mut world = World::new(seed, flaw);
    outside::arrange(&mut world);
    while let Some(step) = world.agenda.next(TROUBLE_MS + REST_MS) {
        world.counts.steps += 1;
        world.step(step);
    }
    world.counts.payments = u64::try_from(world.bank.payments.len()).unwrap_or(u64::MAX);
    let count = |is_so: fn(&Row) -> bool| {
        let rows = world.store.rows.values();
        u64::try_from(rows.filter(|row| is_so(row)).count()).unwrap_or(u64::MAX)
    };
    world.counts.reviews = count(|row| row.state == State::NeedsReview);
    world.counts.paid_after_all =
        count(|row| row.state == State::Completed && person::was_written_off(row));
    check::all(&world).map_err(|broken| {
        Box::new(Failed {
            seed,
            broken,
            trace: std::mem::take(&mut world.trace),
        })
    })?;
    Ok(world.counts)
}

impl World {
    fn new(seed: u64, flaw: Option<Flaw>) -> Self {
        let mut chance = Chance::of(seed);
        let kind = Kind::ALL[chance.index(Kind::ALL.len())];
        let balances: BTreeMap<String, i64> = (0..outside::USERS)
            .flat_map(|user| ["checking", "savings"].map(|account| format!("{account}_{user}")))
            .map(|account| (account, chance.between(0, 200_000)))
            .collect();
        let bank = Bank::new(kind, balances);
        let hosts = chance.between(1, 3);
        Self {
            opening: bank.balances.clone(),
            bank,
            bank_away_until_ms: 0,
            silence_ms_max: SILENCE_MS[chance.index(SILENCE_MS.len())],
            hosts: (0..hosts).map(|_| Host::default()).collect(),
            cap_minor: chance.between(20_000, 150_000),
            chance,
            agenda: Agenda::new(),
            store: Store::default(),
            locks: BTreeMap::new(),
            wishes: Vec::new(),
            deliveries: Vec::new(),
            next_try: 0,
            flaw,
            counts: Counts::default(),
            trace: Vec::new(),
        }
    }

    /// Whether things still go wrong.
    pub fn is_in_trouble(&self) -> bool {
        self.agenda.now_ms() < TROUBLE_MS
    }

    /// Whether something goes wrong now that goes wrong so often in a thousand times while there is trouble.
    pub fn goes_wrong(&mut self, per_mille: u64) -> bool {
        self.is_in_trouble() && self.chance.happens(per_mille)
    }

    /// One transaction of the database.
    ///
    /// # Errors
    /// [`crate::store::Unavailable`].
    pub fn transact<T>(
        &mut self,
        work: impl FnOnce(&mut Store) -> T,
    ) -> Result<T, crate::store::Unavailable> {
        if !self.is_in_trouble() {
            return Ok(work(&mut self.store));
        }
        let now_ms = self.agenda.now_ms();
        self.store.transact(now_ms, &mut self.chance, work)
    }

    /// Puts work of a host's so many milliseconds from now.
    pub fn later(&mut self, host: usize, ms: i64, work: Work) {
        let life = self.hosts[host].life;
        self.agenda.after(ms, Step::At { host, life, work });
    }

    /// Remembers what happened.
    pub fn note(&mut self, what: impl FnOnce() -> String) {
        if self.trace.len() < TRACE_LEN_MAX {
            self.trace
                .push(format!("{:>8} {}", self.agenda.now_ms(), what()));
        }
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Outside(outside) => outside::step(self, outside),
            Step::At { host, life, work } => {
                let at = &self.hosts[host];
                if !at.is_alive || at.life != life {
                    return;
                }
                let wait = at.paused_until_ms - self.agenda.now_ms();
                if wait > 0 {
                    return self.agenda.after(wait, Step::At { host, life, work });
                }
                crate::host::step(self, host, work);
            }
        }
    }
}
