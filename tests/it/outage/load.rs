//! Steady load of webhooks and function calls, open loop: what is due is sent, whatever has become of what was sent before.
//!
//! Every answer is checked as it comes; the counts say what became of all.

use std::fmt;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use futures_util::stream::{FuturesUnordered, StreamExt as _};
use serde_json::json;

use crate::harness::{ALICE, Conversation, Host, Spoken};

/// Between two webhooks; a debug build on a busy machine bears it.
const WEBHOOK_EVERY: Duration = Duration::from_millis(40);
/// Between two function calls.
const FUNCTION_EVERY: Duration = Duration::from_millis(100);
/// Calls that are live all the time; the other half of the function calls open a new one each.
const LIVE_CALLS: usize = 4;

/// Load on one host.
pub struct Load<'a> {
    host: &'a Host,
    is_over: AtomicBool,
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
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "webhooks {} acknowledged, {} told to come again; function calls {} with a balance, {} with another sentence, longest {:?}",
            self.acknowledged.len(),
            self.refused.len(),
            self.told,
            self.comforted,
            self.longest
        )
    }
}

impl<'a> Load<'a> {
    /// On this host.
    pub fn on(host: &'a Host) -> Self {
        Self {
            host,
            is_over: AtomicBool::new(false),
            counts: Mutex::default(),
        }
    }

    /// Goes on as long as `during` does.
    pub async fn drive(self, during: impl AsyncFnOnce() -> Result<()>) -> Result<Counts> {
        let until = async {
            let went = during().await;
            self.is_over.store(true, Ordering::Relaxed);
            went
        };
        let live: Vec<tokio::sync::Mutex<Conversation>> = (0..LIVE_CALLS)
            .map(|_| tokio::sync::Mutex::new(Conversation::of_alice(self.host)))
            .collect();
        let (went, hooked, called) = tokio::join!(
            until,
            self.at_rate(WEBHOOK_EVERY, async |number| self.webhook(number).await),
            self.at_rate(FUNCTION_EVERY, async |number| {
                // Turns of one call wait for each other, so each has its own as long as it takes.
                match live[number % LIVE_CALLS].try_lock() {
                    Ok(mut call) if number % 2 == 0 => self.function(&mut call).await,
                    _ => self.function(&mut Conversation::of_alice(self.host)).await,
                }
            }),
        );
        went?;
        hooked?;
        called?;
        Ok(self.counts.into_inner().expect("nobody panics here"))
    }

    /// Sends what is due until it is over, then waits for all answers.
    async fn at_rate(
        &self,
        every: Duration,
        send: impl AsyncFn(usize) -> Result<()>,
    ) -> Result<()> {
        let mut ticks = tokio::time::interval(every);
        let mut sent = FuturesUnordered::new();
        let mut number = 0;
        while !self.is_over.load(Ordering::Relaxed) {
            tokio::select! {
                _ = ticks.tick() => {
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

    async fn webhook(&self, _number: usize) -> Result<()> {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let call_id = format!("call_of_an_outage_{}_{number}", std::process::id());
        let event = json!({"event": "call_started", "call": {
            "call_id": call_id, "call_type": "phone_call", "agent_id": "agent_1",
            "call_status": "ongoing", "from_number": ALICE, "to_number": "+14155550100",
            "direction": "inbound",
        }});
        let event = event.to_string();
        let answer = self.host.signed("/webhook", event.clone()).await?;
        let mut counts = self.counts.lock().expect("nobody panics here");
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
        let said = Spoken::of(&self.host.signed("/functions", body).await?)?;
        let mut counts = self.counts.lock().expect("nobody panics here");
        counts.longest = counts.longest.max(began.elapsed());
        if said.code == "balance" {
            counts.told += 1;
        } else {
            counts.comforted += 1;
        }
        Ok(())
    }
}
