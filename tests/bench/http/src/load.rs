//! The two kinds of load. Closed: so many connections, each sends its next request when it has its answer, which finds how much a
//! server can do. Open: requests come at a fixed rate whatever the server does, and a request's time begins when it was due, so that
//! those that had to wait for others are not left out.

mod share;

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use hdrhistogram::Histogram;
use tokio::task::JoinSet;

use crate::line::{Answer, Line};
use crate::request::{Call, Request};
use share::{Share, shares};

/// Connections of an open load: far more than are in use while the server keeps up. No more than there are calls.
const OPEN_LINES: usize = 256;
/// Before an open load: what the server has still to do of the load before is not this one's.
const REST: Duration = Duration::from_secs(1);
/// Longest time that is told apart, in microseconds.
const LONGEST_US: u64 = 60_000_000;

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// A balance.
    Balance,
    /// A transfer.
    Transfer,
    /// The end of a call and the start of its caller's next one.
    Events,
}

impl Ask {
    /// Whether an answer is what was asked for: a refusal is spoken with a 200 as well.
    fn is_answered_by(self, body: &[u8]) -> bool {
        let said = String::from_utf8_lossy(body);
        match self {
            Self::Balance => said.contains("5,000.50") || said.contains("5000.50"),
            Self::Transfer => said.contains("\"transfer_completed\""),
            Self::Events => true,
        }
    }
}

/// Whether the host says that it has too much to do.
fn is_turned_away(answer: &Answer) -> bool {
    String::from_utf8_lossy(&answer.body).contains("\"overloaded\"")
}

/// An empty one, for times in microseconds.
pub fn histogram() -> Result<Histogram<u64>> {
    Histogram::new_with_bounds(1, LONGEST_US, 3).context("no histogram of these bounds")
}

/// What came of one load.
pub struct Load {
    /// Microseconds from the moment a request was due to its whole answer.
    pub times_us: Histogram<u64>,
    /// Microseconds that the server says were its own.
    pub own_us: Histogram<u64>,
    /// From the first request to the last answer.
    pub took: Duration,
}

impl Load {
    fn new() -> Result<Self> {
        Ok(Self {
            times_us: histogram()?,
            own_us: histogram()?,
            took: Duration::ZERO,
        })
    }

    fn add(&mut self, since: Instant, own_ms: Option<f64>) {
        let us = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(LONGEST_US);
        self.times_us.saturating_record(us(since.elapsed()).max(1));
        if let Some(own) = own_ms.and_then(|own| Duration::try_from_secs_f64(own / 1000.0).ok()) {
            self.own_us.saturating_record(us(own).max(1));
        }
    }

    /// A request that was turned away, as if its answer never came: a rate that is too much for this machine is a figure too.
    fn add_turned_away(&mut self) {
        self.times_us.saturating_record(LONGEST_US);
        self.own_us.saturating_record(LONGEST_US);
    }

    /// Adds a load of the same kind.
    pub fn absorb(&mut self, other: &Self) -> Result<()> {
        self.times_us.add(&other.times_us).context("other bounds")?;
        self.own_us.add(&other.own_us).context("other bounds")?;
        self.took += other.took;
        Ok(())
    }

    /// Answers a second.
    pub fn rate(&self) -> f64 {
        #[allow(clippy::cast_precision_loss, reason = "some millions")]
        let count = self.times_us.len() as f64;
        count / self.took.as_secs_f64()
    }
}

/// So many connections for so long.
pub async fn closed(
    address: SocketAddr,
    calls: &mut Vec<Call>,
    lines: usize,
    ask: Ask,
    lasts: Duration,
) -> Result<Load> {
    let began = Instant::now();
    let mut workers = JoinSet::new();
    for mut share in shares(std::mem::take(calls), lines) {
        workers.spawn(async move {
            let mut line = Line::open(address).await?;
            let mut load = Load::new()?;
            while began.elapsed() < lasts || share.is_amid(ask) {
                let request = share.request(ask);
                let sent = Instant::now();
                let answer = asked(&mut line, request, ask).await?;
                load.add(sent, answer.own_ms);
            }
            anyhow::Ok((load, share))
        });
    }
    together(workers, began, calls).await
}

/// So many requests a second for so long. A request whose calls all wait for an answer waits too, and that is part of its time.
pub async fn open(
    address: SocketAddr,
    calls: &mut Vec<Call>,
    rate: f64,
    ask: Ask,
    lasts: Duration,
) -> Result<Load> {
    let (due, dues) = async_channel::unbounded::<Instant>();
    let mut workers = JoinSet::new();
    let mut ready = Vec::with_capacity(OPEN_LINES);
    for share in shares(std::mem::take(calls), OPEN_LINES) {
        // What the load itself takes some time to make is there before the first request is due.
        ready.push((share, Line::open(address).await?, Load::new()?));
    }
    tokio::time::sleep(REST).await;
    let began = Instant::now();
    for (mut share, mut line, mut load) in ready {
        let dues = dues.clone();
        workers.spawn(async move {
            while let Ok(due) = dues.recv().await {
                let answer = line.post(share.request(ask)).await?;
                if is_turned_away(&answer) {
                    load.add_turned_away();
                } else {
                    load.add(due, answered(answer, ask)?.own_ms);
                }
            }
            if share.is_amid(ask) {
                // Was not due, and leaves as many calls as it found.
                asked(&mut line, share.request(ask), ask).await?;
            }
            anyhow::Ok((load, share))
        });
    }
    drop(dues);
    // A thread of its own, because the runtime's timer has steps of a millisecond.
    let clock = std::thread::spawn(move || {
        let mut number = 0_u32;
        loop {
            let at = Duration::from_secs_f64(f64::from(number) / rate);
            if at >= lasts {
                break;
            }
            std::thread::sleep((began + at).saturating_duration_since(Instant::now()));
            if due.send_blocking(began + at).is_err() {
                break;
            }
            number += 1;
        }
    });
    let load = together(workers, began, calls).await;
    // It ends with its last request, or with the channel.
    let _ = clock.join();
    load
}

async fn asked(line: &mut Line, request: Request, ask: Ask) -> Result<Answer> {
    answered(line.post(request).await?, ask)
}

/// The answer, if it is one to what was asked.
fn answered(answer: Answer, ask: Ask) -> Result<Answer> {
    if !ask.is_answered_by(&answer.body) {
        bail!(
            "{ask:?} was answered: {}",
            String::from_utf8_lossy(&answer.body)
        );
    }
    Ok(answer)
}

/// Every worker's part of the load, and its calls back.
async fn together(
    mut workers: JoinSet<Result<(Load, Share)>>,
    began: Instant,
    calls: &mut Vec<Call>,
) -> Result<Load> {
    let mut all = Load::new()?;
    while let Some(done) = workers.join_next().await {
        let (load, share) = done.context("a worker of the load is lost")??;
        all.absorb(&load)?;
        calls.extend(share.into_calls());
    }
    all.took = began.elapsed();
    Ok(all)
}

/// Asks every call for a balance, or tells that it began, so that all of them are live.
pub async fn begin(
    address: SocketAddr,
    calls: &mut Vec<Call>,
    lines: usize,
    ask: Ask,
) -> Result<()> {
    let mut workers = JoinSet::new();
    for mut share in shares(std::mem::take(calls), lines) {
        workers.spawn(async move {
            let mut line = Line::open(address).await?;
            for _ in 0..share.count() {
                asked(&mut line, share.request(ask), ask).await?;
            }
            anyhow::Ok(share)
        });
    }
    while let Some(done) = workers.join_next().await {
        let share = done.context("a worker of the load is lost")??;
        calls.extend(share.into_calls());
    }
    Ok(())
}

/// Tells that they ended.
pub async fn end(address: SocketAddr, calls: &[Call]) -> Result<()> {
    let mut line = Line::open(address).await?;
    for call in calls {
        line.post(call.ended()).await?;
    }
    Ok(())
}
