//! How often a request is sent: a read at most three times inside its bounds, a write once.
//!
//! Stands between the questions and the transport, with the breaker in front of both. Every call counts once in the metrics,
//! however many tries it took.
//!
//! Invariant: a write leaves the host a second time only with `idempotent`
//! (`a_transfer_is_never_sent_again_after_a_reset`, `a_key_that_the_bank_understands_allows_another_try`).

use std::time::Duration;

use reqwest::Method;
use tokio::time::{Instant, sleep_until};

use super::Backend;
use super::breaker::Permit;
use super::error::Error;
use super::request::Request;
use super::trace;
use super::types::Missing;
use super::wire::{self, Garbage};

/// First try included.
const TRIES_MAX: u32 = 3;
/// Pause before a repeat, without what chance adds.
const PAUSE_MS: u64 = 40;
/// What chance adds at most to the pause that a bank asks for.
const ASKED_SPREAD_MS: u64 = 250;
/// Longest wait for the answer that decides whether a write may go while the bank is given a rest.
const PROBE_MS: u64 = 500;

impl Backend {
    /// Asks for something, again where the next try may go better.
    pub(super) async fn read<T>(
        &self,
        request: &Request,
        deadline: Instant,
        parse: impl Fn(&[u8]) -> Result<T, Garbage>,
    ) -> Result<T, Error> {
        let began = Instant::now();
        let tries = self.tries_of_read(request, deadline, &parse);
        let result = trace::within(trace::current(), tries).await;
        count(request.operation, began, &result);
        result
    }

    /// Changes something: once, or with the same key again where the bank understands it.
    pub(super) async fn write<T>(
        &self,
        request: &Request,
        deadline: Instant,
        parse: impl Fn(&[u8]) -> Result<T, Garbage>,
    ) -> Result<T, Error> {
        let began = Instant::now();
        let tries = self.tries_of_write(request, deadline, &parse);
        let result = trace::within(trace::current(), tries).await;
        count(request.operation, began, &result);
        result
    }
}

/// One call in the metrics.
pub(super) fn count<T>(operation: &'static str, began: Instant, result: &Result<T, Error>) {
    let result = result.as_ref().map_or_else(Error::label, |_| "ok");
    metrics::counter!("backend_calls_total", "operation" => operation, "result" => result)
        .increment(1);
    metrics::histogram!("backend_call_seconds", "operation" => operation, "result" => result)
        .record(began.elapsed().as_secs_f64());
}

impl Backend {
    async fn tries_of_read<T>(
        &self,
        request: &Request,
        deadline: Instant,
        parse: &impl Fn(&[u8]) -> Result<T, Garbage>,
    ) -> Result<T, Error> {
        let until = deadline.min(Instant::now() + millis(self.inner.settings.read_total_ms));
        let mut tries = 1;
        loop {
            if self.breaker.permit(Instant::now()) == Permit::Rest {
                return Err(Error::Resting);
            }
            let try_until = until.min(Instant::now() + millis(self.inner.settings.read_try_ms));
            let error = match self.once(request, try_until, parse).await {
                Ok(value) => return Ok(value),
                Err(error) => error,
            };
            let again_at = Instant::now() + pause(&error, tries);
            if tries == TRIES_MAX || !error.is_passing() || again_at >= until {
                return Err(error);
            }
            tries += 1;
            metrics::counter!("backend_repeats_total", "operation" => request.operation)
                .increment(1);
            sleep_until(again_at).await;
        }
    }

    async fn tries_of_write<T>(
        &self,
        request: &Request,
        deadline: Instant,
        parse: &impl Fn(&[u8]) -> Result<T, Garbage>,
    ) -> Result<T, Error> {
        self.permit_write(deadline).await?;
        let mut in_doubt = false;
        let mut tries = 1;
        loop {
            let try_until = if self.inner.settings.idempotent {
                deadline.min(Instant::now() + millis(self.inner.settings.write_try_ms))
            } else {
                deadline
            };
            let error = match self.once(request, try_until, parse).await {
                Ok(value) => return Ok(value),
                Err(error) => error,
            };
            in_doubt |= error.may_have_happened();
            let again_at = Instant::now() + pause(&error, tries);
            let may_repeat = self.inner.settings.idempotent && error.is_passing();
            if !may_repeat || tries == TRIES_MAX || again_at >= deadline {
                // After a try whose outcome is unknown only a success settles it: a later refusal may be of the second sending.
                return Err(match error {
                    settled if in_doubt && !settled.may_have_happened() => {
                        Error::Unknown(Box::new(settled))
                    }
                    other => other,
                });
            }
            tries += 1;
            metrics::counter!("backend_repeats_total", "operation" => request.operation)
                .increment(1);
            sleep_until(again_at).await;
        }
    }

    /// Money is never the probe: while the bank is given a rest its health is asked first.
    async fn permit_write(&self, deadline: Instant) -> Result<(), Error> {
        match self.breaker.permit(Instant::now()) {
            Permit::Go => Ok(()),
            Permit::Rest => Err(Error::Resting),
            Permit::Probe => {
                let until = deadline.min(Instant::now() + millis(PROBE_MS));
                let probe = Request::get("health", "/health".to_owned(), Missing::Endpoint);
                match self.once(&probe, until, &wire::health).await {
                    Ok(_) => Ok(()),
                    Err(_) if !self.breaker.is_open() => Ok(()),
                    Err(_) => Err(Error::Resting),
                }
            }
        }
    }

    /// One try, and what it says of the bank's health.
    async fn once<T>(
        &self,
        request: &Request,
        until: Instant,
        parse: &impl Fn(&[u8]) -> Result<T, Garbage>,
    ) -> Result<T, Error> {
        let began = Instant::now();
        // A write is not given up before its time: until it is heard of, its outcome is unknown.
        let first_byte = match request.method {
            Method::GET => began + millis(self.inner.settings.first_byte_ms),
            _ => until,
        };
        let sent = self.inner.transport.send(request, first_byte, until).await;
        let result = sent.and_then(|body| parse(&body).map_err(Error::Unreadable));
        match &result {
            Err(Error::NotSent) => {}
            // A turn that had hardly any time left says nothing about the bank.
            Err(Error::TimedOut)
                if began.elapsed() < millis(self.inner.settings.read_try_ms.min(PROBE_MS) / 2) => {}
            Err(error) if error.is_outage() => self.breaker.failed(Instant::now()),
            _ => self.breaker.succeeded(),
        }
        result
    }
}

/// What the bank asks for, or a short pause that grows; spread by chance, so that those who were turned away together do not come
/// back together.
fn pause(error: &Error, tries: u32) -> Duration {
    match error.retry_after() {
        Some(wait) => wait + chance_up_to(ASKED_SPREAD_MS),
        None => millis(PAUSE_MS << (tries - 1)) + chance_up_to(PAUSE_MS),
    }
}

fn chance_up_to(ms: u64) -> Duration {
    millis(getrandom::u32().map_or(ms / 2, |chance| u64::from(chance) % ms))
}

fn millis(ms: u64) -> Duration {
    Duration::from_millis(ms)
}
