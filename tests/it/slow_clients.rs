//! Clients that take their time: slow headers and bodies are cut off, connections are bounded, and nobody else notices.
//!
//! Raw sockets, since no well-behaved client does what these do.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::harness::{ALICE, Caller, Conversation, Host, Setup, at_once, until};

/// The time for a header and for a body in these tests.
const LIMIT_MS: u64 = 1_500;
/// Slow connections of each kind.
const SLOW: usize = 100;
/// Longer than any test's machine takes to notice.
const PATIENCE: Duration = Duration::from_secs(30);

fn impatient() -> Result<Setup> {
    Ok(Setup::sandbox()?
        .set("ORCHESTRATOR_SERVER__HEADER_TIMEOUT_MS", LIMIT_MS)
        .set("ORCHESTRATOR_SERVER__BODY_TIMEOUT_MS", LIMIT_MS))
}

async fn connect(host: &Host) -> Result<TcpStream> {
    let address = host.url.trim_start_matches("http://");
    TcpStream::connect(address).await.context("no connection")
}

/// Sends this, then a byte at a time for ever; what is answered until the end, and when that comes.
async fn trickle(host: &Host, first: &str) -> Result<(String, Duration)> {
    let stream = connect(host).await?;
    let began = Instant::now();
    let (mut read, mut write) = stream.into_split();
    let first = first.to_owned();
    let writing = tokio::spawn(async move {
        write.write_all(first.as_bytes()).await?;
        loop {
            tokio::time::sleep(Duration::from_millis(100)).await;
            write.write_all(b"x").await?;
        }
        #[expect(unreachable_code, reason = "names the error's type")]
        std::io::Result::Ok(())
    });
    let mut answer = Vec::new();
    // A connection that is reset has ended as well.
    let _ = tokio::time::timeout(PATIENCE, read.read_to_end(&mut answer))
        .await
        .context("the connection stays open")?;
    writing.abort();
    Ok((
        String::from_utf8_lossy(&answer).into_owned(),
        began.elapsed(),
    ))
}

#[tokio::test]
async fn slow_headers_and_bodies_are_cut_off_and_nobody_else_notices() -> Result<()> {
    let host = impatient()?.start().await?;
    let header = "POST /webhook HTTP/1.1\r\nhost: bank\r\nx-slow: ";
    let body = "POST /webhook HTTP/1.1\r\nhost: bank\r\nx-retell-signature: v=1,d=00\r\ncontent-length: 100000\r\n\r\n{";
    let kinds = [("header", header), ("nothing", ""), ("body", body)];
    let slow = kinds.iter().flat_map(|(_, first)| {
        let host = &host;
        (0..SLOW).map(move |_| trickle(host, first))
    });
    let others = async {
        let mut alice = Conversation::of_alice(&host);
        let mut longest = Duration::ZERO;
        for _ in 0..20 {
            let began = Instant::now();
            let asked = json!({"account_id": "checking_1"});
            assert_eq!(alice.invoke("check_balance", asked).await?.code, "balance");
            longest = longest.max(began.elapsed());
        }
        anyhow::Ok(longest)
    };
    let (cut, longest) = tokio::join!(at_once(slow.collect()), others);
    let longest = longest?;
    let cut: Vec<(String, Duration)> = cut.into_iter().collect::<Result<_>>()?;
    for ((kind, _), cut) in kinds.iter().zip(cut.chunks(SLOW)) {
        let first = cut
            .iter()
            .map(|(_, after)| *after)
            .min()
            .unwrap_or_default();
        let last = cut
            .iter()
            .map(|(_, after)| *after)
            .max()
            .unwrap_or_default();
        assert!(
            first.as_millis() >= u128::from(LIMIT_MS) / 2,
            "{kind}: {first:?}"
        );
        println!("{SLOW} connections with a slow {kind}: cut off after {first:?} to {last:?}");
    }
    println!("function calls beside them: {longest:?} at most");
    Ok(())
}

#[tokio::test]
async fn an_idle_connection_outlives_the_time_for_a_header() -> Result<()> {
    let host = impatient()?.start().await?;
    let mut stream = connect(&host).await?;
    for _ in 0..2 {
        stream
            .write_all(b"GET /livez HTTP/1.1\r\nhost: bank\r\n\r\n")
            .await?;
        let mut answer = Vec::new();
        while !answer.ends_with(b"ok") {
            let read = stream.read_buf(&mut answer);
            let length = tokio::time::timeout(PATIENCE, read).await??;
            assert!(length > 0, "closed: {}", String::from_utf8_lossy(&answer));
        }
        // The only way to be idle for a while.
        tokio::time::sleep(Duration::from_millis(2 * LIMIT_MS)).await;
    }
    Ok(())
}

#[tokio::test]
async fn connections_are_bounded_and_who_comes_then_is_told_so() -> Result<()> {
    const MOST: usize = 20;
    let setup = Setup::sandbox()?.set("ORCHESTRATOR_SERVER__CONNECTIONS_MAX", MOST);
    let host = setup.start().await?;
    let mut caller = Caller::dial(&host, &format!("call_bound_{}", host.id()), ALICE).await?;
    let mut idle = Vec::new();
    let refused = until("a connection too many", async || {
        idle.push(connect(&host).await?);
        // Who is told before they have asked may take that for a broken connection.
        let answer = host.get("/livez").await.ok();
        Ok(answer.filter(|answer| answer.status != 200))
    })
    .await?;
    assert_eq!(refused.status, 503, "{refused:?}");
    assert_eq!(refused.json()?["code"], "too_many_connections");
    assert!(refused.header("retry-after").is_some());
    // The websocket is one of them, and so is the probe's own. What the system has taken and the host has not seen yet is none.
    let held = idle.len() + 1;
    assert!(
        (MOST - 2..=2 * MOST).contains(&held),
        "{held} connections held"
    );
    let said = caller.says("what is my checking balance").await?;
    assert!(said.text.contains("five thousand"), "{said:?}");
    drop(idle);
    until("a free place", async || {
        Ok((host.get("/livez").await?.status == 200).then_some(()))
    })
    .await
}
