//! Two thousand lines on one host: each is greeted, each ping is answered, and what an idle one costs is printed.
//!
//! What is printed here is of a development build; the figures that count are those of `cargo xtask bench voice`.

use std::time::{Duration, Instant};

use anyhow::Result;
use serde_json::json;

use crate::harness::{Line, Setup, at_once};

const LINES: usize = 2_000;

#[tokio::test]
async fn two_thousand_idle_lines_are_held_and_their_pings_answered() -> Result<()> {
    let host = Setup::sandbox()?.set("LOG_LEVEL", "WARN").start().await?;
    let mut lines = Vec::with_capacity(LINES);
    // One that is gone again, so that what is made once is not counted.
    let mut first = Line::open(&host, "call_first").await?;
    first.response(0).await?;
    let before = host.resident_kib();
    for number in 0..LINES {
        lines.push(Line::open(&host, &format!("call_idle_{number}")).await?);
    }
    for line in &mut lines {
        line.response(0).await?;
    }
    let after = host.resident_kib();
    let began = Instant::now();
    for (number, line) in lines.iter_mut().enumerate() {
        line.send(&json!({"interaction_type": "ping_pong", "timestamp": number}))
            .await?;
    }
    let echoes = lines.iter_mut().map(async |line| {
        line.next().await?;
        anyhow::Ok(began.elapsed())
    });
    let mut slowest = Duration::ZERO;
    for echo in at_once(echoes.collect()).await {
        slowest = slowest.max(echo?);
    }
    println!("{LINES} pings at once, all answered after {slowest:?}");
    if let Some((before, after)) = before.zip(after) {
        let each = after.saturating_sub(before) * 1_024 / LINES as u64;
        println!("an idle line with its call has {each} bytes");
    }
    let metrics = host.get("/metrics").await?.text;
    let open = format!("websockets_open {}", LINES + 1);
    assert!(metrics.contains(&open), "{metrics}");
    drop(lines);
    crate::harness::until("all lines gone", async || {
        let metrics = host.get("/metrics").await?.text;
        Ok(metrics.contains("websockets_open 1\n").then_some(()))
    })
    .await
}
