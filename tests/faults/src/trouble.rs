//! The bank in trouble: every way of answering badly, and what the caller hears meanwhile.
//!
//! One host for each mischief: first the bank spoils transfers, then reads, and is well again after each. What is counted is what
//! reached the bank's desk, not what the host says it sent.

use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tests::conversation::{Conversation, Spoken};
use tests::host::Host;
use tokio::task::block_in_place;
use tokio::time::{Instant, sleep};

use crate::bank::{Aim, Kind, Mischief};
use crate::memory::Peak;
use crate::world::{Store, World, phone};

/// The longest that a caller waits for a sentence.
const SENTENCE_WITHIN: Duration = Duration::from_secs(5);
/// Whose balances are asked for while reads go wrong.
const QUESTIONS: std::ops::Range<usize> = 10..22;
/// Failures after which the bank is left alone.
const FAILURES_MAX: u32 = 10;
/// One request and two repeats.
const TRIES_MAX: u32 = 3;
/// The longest until a bank that is well again is asked again.
const WELL_WITHIN: Duration = Duration::from_secs(5);
/// What a host may hold more at any moment: a quarter of the largest body of the bank's.
const GROWTH_KIB_MAX: u64 = 24 * 1024;
const CUSTOMERS: usize = 40;

/// What a busy machine is forgiven.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// On top of every figure that a caller or the bank waits for.
    pub slack: Duration,
    /// The longest until every row has ended.
    pub settled_within: Duration,
}

/// What was seen.
#[derive(Debug, Default, Clone, Copy)]
pub struct Seen {
    /// The longest that a caller waited.
    pub slowest: Duration,
    /// Requests at the desk before the bank was left alone.
    pub failures: u32,
    /// Until the bank was asked again after it was well.
    pub well_after: Duration,
    /// How much more memory the host ever held than before.
    pub growth_kib: u64,
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "a caller waited {:.2} s at most; {} failures; asked again {:.1} s after it was well; at most {:.1} MiB more",
            self.slowest.as_secs_f64(),
            self.failures,
            self.well_after.as_secs_f64(),
            self.growth_kib as f64 / 1024.0,
        )
    }
}

/// Runs one mischief through.
///
/// # Errors
/// What did not hold, in a sentence.
pub async fn run(mischief: Mischief, kind: Kind, seed: u64, bounds: Bounds) -> Result<Seen> {
    let made = World::make(kind, Store::Sqlite, seed).await?;
    let world = made.context("SQLite needs no server")?;
    block_in_place(|| world.admit(0..CUSTOMERS))?;
    let host = world.setups[0].start().await?;
    let mut scene = Scene {
        world: &world,
        host: &host,
        bounds,
        seen: Seen::default(),
        told: Vec::new(),
    };
    scene.balance(0).await?;
    let peak = Peak::since_now(host.id());

    scene.transfers(mischief).await?;
    scene.recover().await?;
    scene.settle().await?;
    scene.reads(mischief).await?;
    scene.recover().await?;

    let mut seen = scene.seen;
    if let Some(growth_kib) = peak.and_then(Peak::growth_kib) {
        seen.growth_kib = growth_kib;
        ensure!(
            growth_kib < GROWTH_KIB_MAX,
            "the host held {growth_kib} KiB more"
        );
    }
    Ok(seen)
}

/// One host, its bank, and what was seen of them.
struct Scene<'a> {
    world: &'a World,
    host: &'a Host,
    bounds: Bounds,
    seen: Seen,
    /// The account of each transfer, and what its caller heard.
    told: Vec<(String, String)>,
}

impl Scene<'_> {
    /// A sentence in time, and what it was.
    async fn spoken(&mut self, customer: usize, name: &str, arguments: Value) -> Result<Spoken> {
        let began = Instant::now();
        let mut caller = Conversation::of(self.host, &phone(customer));
        let said = caller.invoke(name, arguments).await?;
        let took = began.elapsed();
        self.seen.slowest = self.seen.slowest.max(took);
        ensure!(
            took < SENTENCE_WITHIN + self.bounds.slack,
            "the caller waited {took:?} for: {said:?}"
        );
        Ok(said)
    }

    async fn balance(&mut self, customer: usize) -> Result<Spoken> {
        let arguments = json!({"account_id": format!("checking_{customer}")});
        self.spoken(customer, "check_balance", arguments).await
    }

    /// Money: once in the books, also where it was sent again, and never told as done where it is not there.
    async fn transfers(&mut self, mischief: Mischief) -> Result<()> {
        let aim = if mischief == Mischief::Refused {
            Aim::All
        } else {
            Aim::Transfers
        };
        self.world.bank.play(Some((mischief, aim)));
        for customer in 1..4 {
            let before = self.world.bank.books().payments.len();
            let arguments = json!({
                "from_account": format!("checking_{customer}"),
                "to_account": format!("savings_{customer}"),
                "amount": format!("{}.25", 10 + customer),
            });
            let said = self.spoken(customer, "transfer_funds", arguments).await?;
            let booked = self.world.bank.books().payments.len() - before;
            ensure!(booked <= 1, "booked {booked} times: {said:?}");
            ensure!(
                said.code != "transfer_completed" || booked == 1,
                "told as done, and not in the books: {said:?}"
            );
            ensure!(
                booked == 0 || is_told_as_done(&said.code),
                "in the books, and told as not done: {said:?}"
            );
            self.told.push((format!("checking_{customer}"), said.code));
        }
        let books = self.world.bank.books();
        let most = books.orders_seen.values().max().copied().unwrap_or(0);
        ensure!(
            most <= 1 || self.world.bank.kind() == Kind::Idempotent,
            "a transfer was sent {most} times without proof"
        );
        Ok(())
    }

    /// Reads: never a wrong figure, at most two repeats, and the bank is left alone in the end.
    async fn reads(&mut self, mischief: Mischief) -> Result<()> {
        self.world.bank.books().reads_seen.clear();
        self.world.bank.play(Some((mischief, Aim::Reads)));
        let began = Instant::now();
        for customer in QUESTIONS {
            let said = self.balance(customer).await?;
            ensure!(
                said.code != "balance",
                "a figure of a bank that gives none: {said:?}"
            );
        }
        let probes = u32::try_from(began.elapsed().as_secs())? + 1;
        let books = self.world.bank.books();
        // What the proxy refuses or resets never comes to the desk, so there this holds of itself.
        let asked_for_callers = books
            .reads_seen
            .iter()
            .filter(|(path, _)| is_a_callers(path));
        let counts: Vec<u32> = asked_for_callers.map(|(_, count)| *count).collect();
        let most = counts.iter().max().copied().unwrap_or(0);
        ensure!(most <= TRIES_MAX, "one read was sent {most} times");
        self.seen.failures = counts.iter().sum();
        // A list of other accounts is a good list: nobody but the caller's question tells that it is not theirs, so each question
        // is asked, and once.
        let most = if mischief == Mischief::Another {
            u32::try_from(QUESTIONS.len())?
        } else {
            FAILURES_MAX + probes
        };
        ensure!(
            self.seen.failures <= most,
            "{} requests in {:?} to a bank that answers none well",
            self.seen.failures,
            began.elapsed()
        );
        Ok(())
    }

    async fn recover(&mut self) -> Result<()> {
        self.world.bank.play(None);
        let began = Instant::now();
        let mut customer = 22;
        loop {
            if self.balance(customer).await?.code == "balance" {
                self.seen.well_after = self.seen.well_after.max(began.elapsed());
                return Ok(());
            }
            ensure!(
                began.elapsed() < WELL_WITHIN + self.bounds.slack,
                "a bank that is well is not asked after {:?}",
                began.elapsed()
            );
            customer = 22 + (customer - 21) % 18;
            sleep(Duration::from_millis(100)).await;
        }
    }

    /// With a bank that keeps references, or is asked again with the same key, every booking is found, and every row ends.
    async fn settle(&self) -> Result<()> {
        let began = Instant::now();
        loop {
            let answer = self.host.get("/admin/transfers?limit=1000").await?;
            ensure!(answer.status == 200, "/admin/transfers: {}", answer.text);
            let answer = answer.json()?;
            let rows = answer["transfers"].as_array().context("no list of rows")?;
            let count = |state: &str| rows.iter().filter(|row| row["state"] == state).count();
            let open = rows.len() - count("completed") - count("refused") - count("needs_review");
            if open == 0 {
                let mut booked: HashMap<_, usize> = HashMap::new();
                for payment in &self.world.bank.books().payments {
                    *booked.entry(payment.reference.clone()).or_default() += 1;
                }
                ensure!(
                    booked.values().all(|count| *count == 1),
                    "booked more than once: {booked:?}"
                );
                ensure!(
                    count("completed") == booked.len(),
                    "{} bookings, {} rows completed",
                    booked.len(),
                    count("completed")
                );
                return self.nothing_came_later();
            }
            ensure!(
                began.elapsed() < self.bounds.settled_within,
                "{open} rows are still open"
            );
            sleep(Duration::from_millis(200)).await;
        }
    }

    /// What a caller was told was not done is not done when the bank is well again either.
    fn nothing_came_later(&self) -> Result<()> {
        let books = self.world.bank.books();
        for (from, code) in &self.told {
            let mut payments = books.payments.iter();
            let is_booked = payments.any(|payment| payment.order.from == *from);
            ensure!(
                !is_booked || is_told_as_done(code),
                "{from} was told {code}, and its transfer was booked later"
            );
        }
        Ok(())
    }
}

/// Or that it may be.
fn is_told_as_done(code: &str) -> bool {
    matches!(code, "transfer_completed" | "outcome_pending")
}

/// The ledger's own questions have a rhythm of their own.
fn is_a_callers(path: &str) -> bool {
    path.starts_with("/api/v1/users/") || path.starts_with("/api/v1/accounts/")
}
