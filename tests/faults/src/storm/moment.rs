//! When the blow falls: somewhere in the whole run, or when the bank has booked everything and not everybody knows of it.
//!
//! Counted in what stands in the bank's books, so that it is the same place of the run on any machine.

use std::collections::HashSet;
use std::fmt;
use std::time::Duration;

use anyhow::{Result, ensure};
use fastrand::Rng;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use super::{Answer, Weather, Wish};
use crate::bank::books::Order;
use crate::bank::{Aim, Mischief};
use crate::world::World;

/// The longest until so much is booked.
const UNDER_WAY_WITHIN: Duration = Duration::from_secs(300);
/// One blow of so many falls after the last booking.
const ONE_IN: u8 = 4;
/// The last so many transfers are not answered by the bank, so that there is something to settle after the last booking. Fewer than a
/// host works on at once: they are all there before it leaves such a bank alone.
const UNANSWERED: usize = 12;
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// Where in the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// So many of a hundred transfers are booked.
    Among(usize),
    /// So long ago the last one was booked, and the bank has not answered it, nor some before it.
    After(Duration),
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Among(percent) => write!(f, "at {percent} %"),
            Self::After(since) => write!(f, "{:.1} s after the last", since.as_secs_f64()),
        }
    }
}

/// What is going on while the moment is waited for.
pub(super) struct Run<'a> {
    pub(super) world: &'a World,
    pub(super) weather: &'a Weather,
    /// Payments in the books before it.
    pub(super) before: usize,
    pub(super) wishes: &'a [Wish],
    pub(super) clients: &'a [JoinHandle<Answer>],
}

impl Moment {
    pub(super) fn of(seed: u64) -> Self {
        let mut chance = Rng::with_seed(seed);
        if chance.u8(0..ONE_IN) == 0 {
            Self::After(Duration::from_millis(chance.u64(0..=3_000)))
        } else {
            Self::Among(chance.usize(5..=95))
        }
    }

    pub(super) async fn comes(self, run: &Run<'_>) -> Result<()> {
        match self {
            Self::Among(percent) => run.until_booked(percent).await,
            Self::After(since) => {
                run.until_left(UNANSWERED).await?;
                run.play(Some((Mischief::Never, Aim::Transfers)));
                run.until_left(0).await?;
                sleep(since).await;
                run.play(None);
                Ok(())
            }
        }
    }
}

impl Run<'_> {
    /// Until so many of a hundred are, or no more will be: some are turned away.
    async fn until_booked(&self, percent: usize) -> Result<()> {
        let wanted = self.before + self.wishes.len() * percent / 100;
        let is_there = || {
            let booked = self.world.bank.books().payments.len();
            booked >= wanted || self.clients.iter().all(JoinHandle::is_finished)
        };
        self.until(is_there).await
    }

    /// Until no more wishes than this are neither in the books nor known not to be.
    async fn until_left(&self, wishes: usize) -> Result<()> {
        let are_few = || {
            let books = self.world.bank.books();
            let booked = books.payments[self.before..].iter();
            let booked: HashSet<&Order> = booked.map(|payment| &payment.order).collect();
            let all = self.wishes.iter().zip(self.clients);
            let left =
                all.filter(|(wish, client)| !client.is_finished() && !booked.contains(&wish.order));
            left.count() <= wishes
        };
        self.until(are_few).await
    }

    async fn until(&self, is_there: impl Fn() -> bool) -> Result<()> {
        let began = Instant::now();
        while !is_there() {
            ensure!(
                began.elapsed() < UNDER_WAY_WITHIN,
                "the transfers do not get under way: {} payments of {} wishes",
                self.world.bank.books().payments.len() - self.before,
                self.wishes.len()
            );
            sleep(LOOK_EVERY).await;
        }
        Ok(())
    }

    /// In the same weather, which the bank's mischief begins without.
    fn play(&self, mischief: Option<(Mischief, Aim)>) {
        self.world.bank.play(mischief);
        self.weather.comes_to_bank(self.world);
    }
}
