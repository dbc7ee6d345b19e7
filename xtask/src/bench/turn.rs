//! `cargo xtask bench turn`: what a caller's balance question takes, seen from Retell's side of the socket.
//!
//! Signed custom-function requests, one after another on one kept connection, each a full turn. Beside the socket's times stand the
//! shares that the host reports in `server-timing`, so that what is neither can be seen.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::bench::figures::{Figures, heading, server_timing};
use crate::bench::host::Host;
use crate::bench::http::{Answer, Connection};
use crate::workspace::Workspace;

const API_KEY: &str = "key_of_the_bench";
/// A call of a bank has some twenty turns; then another begins.
const TURNS_PER_CALL: u32 = 20;

/// Arguments of `cargo xtask bench turn`.
#[derive(clap::Args, Debug)]
pub struct Arguments {
    /// Requests that are measured.
    #[arg(long, default_value_t = 2000)]
    requests: u32,
    /// Requests before that, which are not.
    #[arg(long, default_value_t = 200)]
    warm_up: u32,
}

/// The bench.
pub fn run(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    let host = Host::start(workspace, API_KEY)?;
    let idle_kib = host.resident_kib();
    let mut connection = Connection::open(host.address)?;
    let health = health(&mut connection, arguments)?;
    let (mut socket, mut own, mut backend) =
        (Figures::default(), Figures::default(), Figures::default());
    for number in 0..arguments.warm_up.saturating_add(arguments.requests) {
        let answer = ask(&mut connection, number)?;
        if number == 0 {
            println!("The first answer: {}", answer.body);
        }
        if number < arguments.warm_up {
            continue;
        }
        socket.add(answer.took);
        let shares = answer.header("server-timing").unwrap_or_default();
        let timing = |name| server_timing(shares, name);
        timing("host")
            .into_iter()
            .for_each(|time_ms| own.add_ms(time_ms));
        timing("backend")
            .into_iter()
            .for_each(|time_ms| backend.add_ms(time_ms));
    }
    println!(
        "\n{} balance questions after {}",
        arguments.requests, arguments.warm_up
    );
    println!("{}", heading());
    println!("{}", health.line("GET /health, for scale"));
    println!("{}", socket.line("socket"));
    println!("{}", own.line("host (server-timing)"));
    println!("{}", backend.line("backend (server-timing)"));
    println!(
        "start to first /health  {:.0} ms",
        host.started_in.as_secs_f64() * 1000.0
    );
    println!("resident memory, idle   {}", mebibytes(idle_kib));
    println!("resident memory, after  {}", mebibytes(host.resident_kib()));
    Ok(())
}

/// The same socket with nothing behind it: what machine, kernel and HTTP cost before a turn begins.
fn health(connection: &mut Connection, arguments: &Arguments) -> Result<Figures> {
    let mut figures = Figures::default();
    for number in 0..arguments.warm_up.saturating_add(arguments.requests) {
        let answer = connection.get("/health")?;
        if number >= arguments.warm_up {
            figures.add(answer.took);
        }
    }
    Ok(figures)
}

fn ask(connection: &mut Connection, number: u32) -> Result<Answer> {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .context("the clock is before 1970")?;
    let now_ms = now.as_millis();
    let body = body(number, now_ms);
    let signature = signature(API_KEY, body.as_bytes(), now_ms)?;
    let answer = connection
        .post("/functions", &[("x-retell-signature", &signature)], &body)
        .with_context(|| format!("request {number} failed"))?;
    if answer.status != 200 {
        bail!(
            "request {number} was answered {}: {}",
            answer.status,
            answer.body
        );
    }
    Ok(answer)
}

/// A request of Retell's for a sample caller of the sandbox.
fn body(number: u32, now_ms: u128) -> String {
    let call = serde_json::json!({
        "call_id": format!("call_bench_{}", number / TURNS_PER_CALL),
        "call_type": "phone_call",
        "agent_id": "agent_bench",
        "agent_version": 1,
        "call_status": "ongoing",
        "from_number": "+14155552671",
        "to_number": "+14155550100",
        "direction": "inbound",
        "start_timestamp": u64::try_from(now_ms).unwrap_or_default(),
        "transcript": "Agent: How can I help you today?\nUser: What is my checking balance?\n",
        "transcript_object": [
            { "role": "agent", "content": "How can I help you today?", "words": [] },
            { "role": "user", "content": "What is my checking balance?", "words": [] },
        ],
    });
    serde_json::json!({
        "name": "check_balance",
        "args": { "account_id": "checking_1" },
        "call": call,
    })
    .to_string()
}

/// `v={ms},d={hex}` over the body and then the digits of the time, as Retell signs.
fn signature(api_key: &str, body: &[u8], now_ms: u128) -> Result<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(api_key.as_bytes()).context("no such key")?;
    mac.update(body);
    mac.update(now_ms.to_string().as_bytes());
    Ok(format!(
        "v={now_ms},d={}",
        hex::encode(mac.finalize().into_bytes())
    ))
}

fn mebibytes(kib: Option<u64>) -> String {
    match kib {
        Some(kib) => format!("{} MiB", kib.div_ceil(1024)),
        None => "not told by this system".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_covers_the_body_and_then_the_time() {
        let signed = signature(
            "key_0123456789abcdef0123456789ab",
            b"{\"a\":\"x\0y\"}\r\n",
            1763800000123,
        )
        .expect("any key will do");
        assert_eq!(
            signed,
            "v=1763800000123,d=2a0ed30d3436a924e0f0cb9c5d7f94b252ca2dae5a54ae2eaef127b9d4b40672"
        );
    }

    #[test]
    fn a_call_has_twenty_turns_and_then_another_begins() {
        assert!(body(19, 1).contains("\"call_bench_0\""));
        assert!(body(20, 1).contains("\"call_bench_1\""));
    }
}
