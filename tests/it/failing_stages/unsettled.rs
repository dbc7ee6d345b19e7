//! An action that fails after it asked the bank to pay: the caller hears what is known of the money, and nothing else.
//!
//! The bank that does not answer is a real one behind a line that is cut when the answer to a transfer comes.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Result;
use serde_json::json;

use super::bench::{self, ALICE, Turn};
use crate::harness::{Host, Setup};

/// A line to `bank` over which every question goes, and every answer but that to a transfer.
fn line(bank: &str) -> Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let url = format!("http://{}", listener.local_addr()?);
    let bank = bank.trim_start_matches("http://").to_owned();
    std::thread::spawn(move || {
        for caller in listener.incoming().flatten() {
            let Ok(bank) = TcpStream::connect(&bank) else {
                continue;
            };
            let is_cut = Arc::new(AtomicBool::new(false));
            let (Ok(back), Ok(forth)) = (caller.try_clone(), bank.try_clone()) else {
                continue;
            };
            let cut = Arc::clone(&is_cut);
            std::thread::spawn(move || carry(caller, forth, &cut, true));
            std::thread::spawn(move || carry(bank, back, &is_cut, false));
        }
    });
    Ok(url)
}

fn carry(mut from: TcpStream, mut to: TcpStream, is_cut: &AtomicBool, is_question: bool) {
    let mut bytes = [0; 64 * 1024];
    while let Ok(count @ 1..) = from.read(&mut bytes) {
        if is_question {
            let head = String::from_utf8_lossy(&bytes[..count]);
            is_cut.fetch_or(head.contains("/payments/transfer HTTP"), Ordering::SeqCst);
        } else if is_cut.load(Ordering::SeqCst) {
            break;
        }
        if to.write_all(&bytes[..count]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(std::net::Shutdown::Both);
    let _ = from.shutdown(std::net::Shutdown::Both);
}

async fn transfer(host: &Host, phone: &str, fault: &str, amount: &str) -> Result<Turn> {
    let user = phone.chars().last().unwrap_or_default();
    let wanted = json!({
        "from_account": format!("checking_{user}"), "to_account": format!("savings_{user}"),
        "amount": amount,
    });
    bench::turn(
        host,
        phone,
        &format!("bad-action:{fault}"),
        "transfer_funds",
        wanted,
    )
    .await
}

#[tokio::test]
async fn an_action_that_fails_after_an_unanswered_payment_never_says_that_nothing_was_done()
-> Result<()> {
    let (bank, url) = Setup::bank("documented").await?;
    let setup = bench::setup(&bench::pipeline("")?)?;
    let host = setup.set("PYTHON_BACKEND_URL", line(&url)?).start().await?;
    let mut faults = Vec::new();
    for (at, (fault, amount)) in [
        ("", "11.00"),
        ("pays_then_refuses", "12.00"),
        ("pays_then_traps", "13.00"),
        ("pays_then_loops", "14.00"),
        ("pays_twice", "15.00"),
    ]
    .into_iter()
    .enumerate()
    {
        let turn = transfer(&host, ALICE, fault, amount).await?;
        assert!(turn.record["transfer_id"].is_string(), "{fault}: {turn:?}");
        if turn.said.code != "outcome_pending" {
            faults.push(format!(
                "`{fault}`: {} {:?}",
                turn.said.code, turn.said.result
            ));
        }
        // The money did move, each time: saying otherwise invites the caller to move it again.
        let moved: usize = (0..=at).map(|more| 1_100 + more * 100).sum();
        let left = 500_050 - moved;
        let expected = format!("{}.{:02}", left / 100, left % 100);
        assert_eq!(
            bank.balance("user_1", "checking_1").await?,
            expected,
            "{fault}"
        );
    }
    assert!(
        faults.is_empty(),
        "not told as pending:\n  {}",
        faults.join("\n  ")
    );
    Ok(())
}

#[tokio::test]
async fn an_action_that_pays_and_outlasts_the_turn_is_told_as_paid() -> Result<()> {
    let setup = bench::setup(&bench::pipeline("deadline_ms = 60000")?)?;
    let host = setup
        .set("ORCHESTRATOR_TURN__DEADLINE_MS", 2_000)
        .start()
        .await?;
    let turn = transfer(&host, ALICE, "pays_then_loops", "20.00").await?;
    assert_eq!(host.balance("user_1", "checking_1").await?, "4980.50");
    assert!(turn.record["transfer_id"].is_string(), "{turn:?}");
    assert_eq!(turn.said.code, "transfer_completed", "{turn:?}");
    turn.assert_one_failed("bad-action", "fulfil", "turn_deadline");
    Ok(())
}

#[tokio::test]
async fn an_action_whose_payment_was_refused_and_that_outlasts_the_turn_is_not_told_as_pending()
-> Result<()> {
    let setup = bench::setup(&bench::pipeline("deadline_ms = 60000")?)?
        .set("ORCHESTRATOR_TURN__DEADLINE_MS", 2_000)
        .set("ORCHESTRATOR_LEDGER__TRANSFER_MAX", "10.00");
    let host = setup.start().await?;
    let turn = transfer(&host, ALICE, "pays_then_loops", "10.01").await?;
    assert_eq!(host.balance("user_1", "checking_1").await?, "5000.50");
    assert_ne!(turn.said.code, "outcome_pending", "{turn:?}");
    assert_ne!(turn.said.code, "transfer_completed", "{turn:?}");
    turn.assert_one_failed("bad-action", "fulfil", "turn_deadline");
    Ok(())
}
