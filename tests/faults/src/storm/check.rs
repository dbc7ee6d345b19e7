//! Books, ledger and answers against each other: nothing lost, nothing doubled, every cent where the ledger says.
//!
//! The bank's books are the truth. A wish may have several rows, of which one at most moved money. A row may wait for a person only
//! where the bank gives no proof: nothing in its books under our reference is none.

mod day;

use std::collections::HashMap;
use std::ops::AddAssign;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use tests::host::Host;

use super::{Answer, Door, Wish, watch};
use crate::bank::{Kind, books::Order, shown};
use crate::world::World;
use day::Day;

/// What a round came to.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Wishes.
    pub transfers: usize,
    /// Of which so many had no answer when the blow came.
    pub unanswered_at_the_blow: usize,
    /// Rows that the ledger says are done.
    pub completed: usize,
    /// Rows that it says were not.
    pub refused: usize,
    /// Rows that wait for a person.
    pub needs_review: usize,
    /// Wishes that never became a row.
    pub never_opened: usize,
    /// Wishes that were turned away because of what their customer had moved in the day.
    pub over_day: usize,
    /// Wishes whose caller never heard what became of their yes.
    pub unheard: usize,
    /// Told as done and not in the books.
    pub lost: usize,
    /// In the books more than once.
    pub doubled: usize,
    /// The longest that a row stayed open after the blow.
    pub settled_after: Duration,
}

impl Counts {
    fn add(&mut self, state: Option<&str>) {
        match state {
            Some("completed") => self.completed += 1,
            Some("refused") => self.refused += 1,
            Some("needs_review") => self.needs_review += 1,
            _ => self.never_opened += 1,
        }
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.transfers += other.transfers;
        self.unanswered_at_the_blow += other.unanswered_at_the_blow;
        self.completed += other.completed;
        self.refused += other.refused;
        self.needs_review += other.needs_review;
        self.never_opened += other.never_opened;
        self.over_day += other.over_day;
        self.unheard += other.unheard;
        self.lost += other.lost;
        self.doubled += other.doubled;
        self.settled_after = self.settled_after.max(other.settled_after);
    }
}

impl std::fmt::Display for Counts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} transfers, {} unanswered at the blow: {} lost, {} doubled; {} completed, {} refused, {} needs_review, \
             {} never opened ({} over the day's bound), {} unheard; settled after {:.1} s",
            self.transfers,
            self.unanswered_at_the_blow,
            self.lost,
            self.doubled,
            self.completed,
            self.refused,
            self.needs_review,
            self.never_opened,
            self.over_day,
            self.unheard,
            self.settled_after.as_secs_f64(),
        )
    }
}

/// The bank before a round.
pub(super) struct Before {
    at_ms: i64,
    payments: usize,
    balances: HashMap<String, i64>,
    day_max_cents: i64,
}

impl Before {
    /// Bookings so far.
    pub(super) fn payments(&self) -> usize {
        self.payments
    }

    pub(super) fn of(world: &World, day_max_cents: i64) -> Self {
        let books = world.bank.books();
        let balance =
            |(id, one): (&String, &crate::bank::books::Account)| (id.clone(), one.balance_cents);
        Self {
            at_ms: watch::now_ms(),
            payments: books.payments.len(),
            balances: books.accounts.iter().map(balance).collect(),
            day_max_cents,
        }
    }
}

/// Everything against everything.
pub(super) async fn compare(
    world: &World,
    host: &Host,
    before: &Before,
    answers: &[(Wish, Answer)],
) -> Result<Counts> {
    let rows = rows(host, before.at_ms).await?;
    let mut counts = Counts {
        transfers: answers.len(),
        ..Counts::default()
    };
    let mut expected = before.balances.clone();
    let books = world.bank.books();
    let day = Day::of(before.day_max_cents, answers);
    let mut faults = day.faults(&books.payments[before.payments..], &rows)?;
    let mut booked: HashMap<&Order, usize> = HashMap::new();
    for payment in &books.payments[before.payments..] {
        *booked.entry(&payment.order).or_default() += 1;
    }
    for (wish, answer) in answers {
        let in_books = booked.remove(&wish.order).unwrap_or(0);
        let rows = rows.get(&wish.order).cloned().unwrap_or_default();
        let state = rows.last().and_then(|row| row["state"].as_str());
        counts.doubled += usize::from(in_books > 1);
        counts.lost += usize::from(*answer == Answer::Done && in_books == 0);
        let is_over_day = day.turns_away(&wish.order, answer);
        counts.over_day += usize::from(is_over_day);
        counts.unheard += usize::from(*answer == Answer::Unheard);
        let agrees = if is_over_day {
            in_books == 0 && matches!(state, None | Some("refused"))
        } else {
            agree(state, in_books, (wish.door, answer), world.bank.kind())
        };
        counts.add(state);
        let moved = match state {
            Some("completed") => 1,
            Some("needs_review") => i64::try_from(in_books)?,
            _ => 0,
        };
        *expected.entry(wish.order.from.clone()).or_default() -= moved * wish.order.cents;
        *expected.entry(wish.order.to.clone()).or_default() += moved * wish.order.cents;
        if !agrees {
            faults.push(format!(
                "{:?} by {:?}: {in_books} times in the books, answer {answer:?}, rows {}",
                wish.order,
                wish.door,
                Value::Array(rows)
            ));
        }
    }
    let strange = booked
        .keys()
        .map(|order| format!("nobody wished for {order:?}"));
    faults.extend(strange);
    for (id, account) in &books.accounts {
        let wanted = expected.get(id).copied().unwrap_or_default();
        if account.balance_cents != wanted {
            let (has, wanted) = (shown(account.balance_cents), shown(wanted));
            faults.push(format!("{id} holds {has}, by the ledger {wanted}"));
        }
    }
    let (sum, opening) = (books.sum_cents(), books.opening_sum_cents());
    if sum != opening {
        faults.push(format!("all hold {}, once {}", shown(sum), shown(opening)));
    }
    faults.truncate(20);
    ensure!(faults.is_empty(), "{counts}\n  {}", faults.join("\n  "));
    Ok(counts)
}

/// Whether the ledger's word, the books and the client's knowledge can all be true.
fn agree(
    state: Option<&str>,
    in_books: usize,
    (door, answer): (Door, &Answer),
    kind: Kind,
) -> bool {
    match (state, answer) {
        (Some("completed"), Answer::Done | Answer::Pending | Answer::Unheard) => in_books == 1,
        // What one delivery began another may find under way: it says so, and nothing of how it ends.
        (Some("completed"), Answer::Refused(code)) => {
            in_books == 1 && code == "transfer_in_progress"
        }
        (Some("needs_review"), Answer::Pending | Answer::Unheard) => {
            may_need_review(kind, in_books)
        }
        // The bank had answered, and the host died before its books said so.
        (Some("needs_review"), Answer::Done) => kind == Kind::Unproven && in_books == 1,
        (Some("needs_review"), Answer::Refused(code)) => {
            may_need_review(kind, in_books) && code == "transfer_in_progress"
        }
        // A caller who hears that it is under way asks no more in this call, where they would hear that it was not done.
        (Some("refused") | None, Answer::Pending) => in_books == 0 && door.is_a_call(),
        (Some("refused") | None, Answer::Unheard) => in_books == 0,
        (Some("refused") | None, Answer::Refused(code)) => {
            let goes_to_a_person = code == "human_after_all";
            let is_under_way = code == "transfer_in_progress";
            in_books == 0 && door.is_a_call() && (goes_to_a_person || is_under_way)
        }
        // Nothing speaks against any wish, and every client insists.
        _ => false,
    }
}

/// A payment that is listed with its reference is proof; one that is not there proves nothing.
fn may_need_review(kind: Kind, in_books: usize) -> bool {
    match kind {
        Kind::Idempotent => false,
        Kind::Reference => in_books == 0,
        Kind::Unproven => in_books <= 1,
    }
}

/// The ledger's rows of each wish of the round: what moved money, or may have, after what did not.
async fn rows(host: &Host, since_ms: i64) -> Result<HashMap<Order, Vec<Value>>> {
    let mut rows: HashMap<Order, Vec<Value>> = HashMap::new();
    for state in ["refused", "needs_review", "completed"] {
        for row in watch::listed(host, state).await? {
            if row["created_at_ms"].as_i64().unwrap_or_default() >= since_ms {
                rows.entry(order(&row)?).or_default().push(row);
            }
        }
    }
    Ok(rows)
}

fn order(row: &Value) -> Result<Order> {
    let text = |name: &str| {
        let found = row[name].as_str().map(str::to_owned);
        found.with_context(|| format!("a row without `{name}`: {row}"))
    };
    let amount = text("amount")?;
    let (whole, part) = amount.split_once('.').unwrap_or((&amount, ""));
    let cents = format!("{whole}{part:0<2}").parse().context("an amount")?;
    Ok(Order {
        from: text("from_account")?,
        to: text("to_account")?,
        cents,
    })
}
