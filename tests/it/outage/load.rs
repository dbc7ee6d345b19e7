//! Steady load of webhooks and function calls, open loop: what is due is sent, whatever has become of what was sent before, up to a
//! bound.
//!
//! Every answer is checked as it comes; the counts say what became of all.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use futures_util::stream::{FuturesUnordered, StreamExt as _};
use reqwest::Client;
use serde_json::json;
use tokio::runtime::Builder;
use tokio::time::{MissedTickBehavior, interval};

use crate::harness::{ALICE, Answer, Conversation, Host, Spoken, signed_now};

/// Tasks that send, each its share.
const CLIENTS: u32 = 4;
/// Of all clients. Five hundred requests a second with the others, where the machine bears it.
const WEBHOOKS_PER_SECOND: u32 = 400;
/// Of all clients; every other one opens a call of its own.
const FUNCTIONS_PER_SECOND: u32 = 100;
/// Of one client and kind, unanswered. Where the machine bears less, what finds no place is not sent: a queue of this test's own is
/// no wait of the host's.
const IN_FLIGHT_MAX: usize = 16;
/// No answer takes so long.
const GIVEN_UP_AFTER: Duration = Duration::from_secs(30);
/// Calls of each client that are live all the time.
const LIVE_CALLS: usize = 8;

/// Load on one host.
pub struct Load {
    host: Arc<Host>,
    is_over: AtomicBool,
    numbers: AtomicUsize,
    counts: Mutex<Counts>,
}

/// What became of it.
#[derive(Debug, Default)]
pub struct Counts {
    /// The calls whose event was answered 204.
    pub acknowledged: Vec<String>,
    /// The events that were answered 503.
    pub refused: Vec<String>,
    /// Function calls with a balance.
    pub told: usize,
    /// Function calls with any other sentence.
    pub comforted: usize,
    /// Longest wait of a function call.
    pub longest: Duration,
    /// From the first request to the last answer.
    pub lasted: Duration,
}

impl Counts {
    /// Requests in a second, over the whole time.
    pub fn rate(&self) -> usize {
        let webhooks = self.acknowledged.len() + self.refused.len();
        let seconds = usize::try_from(self.lasted.as_secs().max(1)).unwrap_or(1);
        (webhooks + self.told + self.comforted) / seconds
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} requests a second: webhooks {} acknowledged, {} told to come again; function calls {} with a balance, {} with another sentence, longest {:?}",
            self.rate(),
            self.acknowledged.len(),
            self.refused.len(),
            self.told,
            self.comforted,
            self.longest
        )
    }
}

impl Load {
    /// On this host.
    pub fn on(host: &Arc<Host>) -> Arc<Self> {
        Arc::new(Self {
            host: Arc::clone(host),
            is_over: AtomicBool::new(false),
            numbers: AtomicUsize::new(0),
            counts: Mutex::default(),
        })
    }

    /// Goes on as long as `during` does.
    pub async fn drive(
        self: Arc<Self>,
        during: impl AsyncFnOnce() -> Result<()>,
    ) -> Result<Counts> {
        let began = Instant::now();
        let mut clients = Vec::new();
        for _ in 0..CLIENTS {
            let load = Arc::clone(&self);
            clients.push(tokio::task::spawn_blocking(move || {
                let runtime = Builder::new_current_thread().enable_all().build()?;
                runtime.block_on(Sender::of(load)?.send())
            }));
        }
        let went = during().await;
        self.is_over.store(true, Ordering::Relaxed);
        for client in clients {
            client.await??;
        }
        went?;
        let mut counts = std::mem::take(&mut *self.counts.lock().expect("nobody panics here"));
        counts.lasted = began.elapsed();
        Ok(counts)
    }
}

/// One client, in a thread of its own.
struct Sender {
    load: Arc<Load>,
    client: Client,
}

impl Sender {
    fn of(load: Arc<Load>) -> Result<Self> {
        // Connections are kept, as the provider's are.
        let client = Client::builder().no_proxy().timeout(GIVEN_UP_AFTER);
        let client = client.build()?;
        Ok(Self { load, client })
    }

    /// Its share.
    async fn send(&self) -> Result<()> {
        let host = &self.load.host;
        let live: Vec<tokio::sync::Mutex<Conversation>> = (0..LIVE_CALLS)
            .map(|_| tokio::sync::Mutex::new(Conversation::of_alice(host)))
            .collect();
        let webhooks = self.at_rate(WEBHOOKS_PER_SECOND, async |_| self.webhook().await);
        let functions = self.at_rate(FUNCTIONS_PER_SECOND, async |number| {
            // Turns of one call wait for each other, so each has its own as long as it takes.
            match live[number % LIVE_CALLS].try_lock() {
                Ok(mut call) if number % 2 == 0 => self.function(&mut call).await,
                _ => self.function(&mut Conversation::of_alice(host)).await,
            }
        });
        let (webhooks, functions) = tokio::join!(webhooks, functions);
        webhooks.and(functions)
    }

    /// Sends what is due until it is over, then waits for all answers.
    async fn at_rate(
        &self,
        per_second: u32,
        send: impl AsyncFn(usize) -> Result<()>,
    ) -> Result<()> {
        let mut ticks = interval(Duration::from_secs(1) * CLIENTS / per_second);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let mut sent = FuturesUnordered::new();
        let mut number = 0;
        while !self.load.is_over.load(Ordering::Relaxed) {
            tokio::select! {
                _ = ticks.tick(), if sent.len() < IN_FLIGHT_MAX => {
                    sent.push(send(number));
                    number += 1;
                }
                Some(answered) = sent.next() => answered?,
            }
        }
        while let Some(answered) = sent.next().await {
            answered?;
        }
        Ok(())
    }

    async fn signed(&self, path: &str, body: String) -> Result<Answer> {
        let host = &self.load.host;
        let request = self
            .client
            .post(format!("{}{path}", host.url))
            .header("content-type", "application/json")
            .header("x-retell-signature", signed_now(&host.key, body.as_bytes()));
        Answer::of(request.body(body)).await
    }

    async fn webhook(&self) -> Result<()> {
        let number = self.load.numbers.fetch_add(1, Ordering::Relaxed);
        let call_id = format!("call_of_an_outage_{number}");
        let event = json!({"event": "call_started", "call": {
            "call_id": call_id, "call_type": "phone_call", "agent_id": "agent_1",
            "call_status": "ongoing", "from_number": ALICE, "to_number": "+14155550100",
            "direction": "inbound",
        }});
        let event = event.to_string();
        let answer = self.signed("/webhook", event.clone()).await?;
        let mut counts = self.load.counts.lock().expect("nobody panics here");
        match answer.status {
            204 => counts.acknowledged.push(call_id),
            503 => {
                ensure!(answer.header("retry-after").is_some(), "{answer:?}");
                counts.refused.push(event);
            }
            _ => anyhow::bail!("neither 204 nor 503: {answer:?}"),
        }
        Ok(())
    }

    async fn function(&self, call: &mut Conversation<'_>) -> Result<()> {
        let began = Instant::now();
        let body = call.body("check_balance", json!({"account_id": "checking_1"}));
        // Asserts that it is a sentence.
        let said = Spoken::of(&self.signed("/functions", body).await?)?;
        let mut counts = self.load.counts.lock().expect("nobody panics here");
        counts.longest = counts.longest.max(began.elapsed());
        if said.code == "balance" {
            counts.told += 1;
        } else {
            counts.comforted += 1;
        }
        Ok(())
    }
}
