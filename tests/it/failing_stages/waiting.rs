//! A plugin that waits for the host: the turn's time passes, its own does not.
//!
//! The bank behind the host keeps its answer until the test lets it go, so what is looked at is an order of events.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

use anyhow::{Context as _, Result};

use super::bench::{self, ALICE, BOB, PLAIN_OF_BOB, assert_nothing_failed};
use crate::harness::{Setup, until};

/// A line to a bank; a question for this path is told to the test and goes on only when the test says so.
struct HeldLine {
    url: String,
    held: Receiver<()>,
    /// Dropped, it lets everything go.
    gate: Option<Sender<()>>,
}

impl HeldLine {
    fn to(bank: &str, path: &'static str) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let url = format!("http://{}", listener.local_addr()?);
        let bank = bank.trim_start_matches("http://").to_owned();
        let (tell, held) = channel();
        let (gate, wait) = channel::<()>();
        let wait = Arc::new(Mutex::new(wait));
        std::thread::spawn(move || {
            for caller in listener.incoming().flatten() {
                let Ok(bank) = TcpStream::connect(&bank) else {
                    continue;
                };
                let (Ok(back), Ok(answers)) = (caller.try_clone(), bank.try_clone()) else {
                    continue;
                };
                let (tell, wait) = (tell.clone(), Arc::clone(&wait));
                let hold = move |head: &str| {
                    if head.contains(path) && tell.send(()).is_ok() {
                        // Ends when the other side is dropped.
                        let _ = wait.lock().map(|wait| wait.recv());
                    }
                };
                std::thread::spawn(move || carry(caller, bank, hold));
                std::thread::spawn(move || carry(answers, back, |_| {}));
            }
        });
        Ok(Self {
            url,
            held,
            gate: Some(gate),
        })
    }
}

fn carry(mut from: TcpStream, mut to: TcpStream, hold: impl Fn(&str)) {
    let mut bytes = [0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut bytes) {
        hold(&String::from_utf8_lossy(&bytes[..count]));
        if to.write_all(&bytes[..count]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(std::net::Shutdown::Both);
    let _ = from.shutdown(std::net::Shutdown::Both);
}

#[tokio::test]
async fn a_plugin_that_waits_for_the_bank_outlives_one_that_loops() -> Result<()> {
    let (_bank, url) = Setup::bank("documented").await?;
    // Bob's router asks for his accounts. It has the deadline that all plugins have, and so has the one that loops.
    let mut line = HeldLine::to(&url, "/users/user_2/accounts ")?;
    let setup = bench::setup(&bench::pipeline("")?)?;
    let host = setup.set("PYTHON_BACKEND_URL", &line.url).start().await?;
    let waiting = bench::balance(&host, BOB, "");
    let looping = async {
        until("the question to the bank", async || {
            Ok(line.held.try_recv().ok())
        })
        .await?;
        let looped = bench::balance(&host, ALICE, "bad-action:endless_loop").await;
        drop(line.gate.take());
        looped
    };
    let (waited, looped) = tokio::join!(waiting, looping);
    looped
        .context("the loop")?
        .assert_one_failed("bad-action", "fulfil", "deadline");
    let waited = waited.context("the wait")?;
    assert_nothing_failed(&waited.record);
    assert_eq!(waited.said.result, PLAIN_OF_BOB);
    Ok(())
}
