//! An action that fails after it asked the bank to pay: the caller hears what is known of the money, and nothing else.
//!
//! The bank that does not answer is a real one behind a line that is cut when the answer to a transfer comes.

use anyhow::Result;
use serde_json::json;

use super::bench::{self, ALICE, Turn};
use crate::harness::{Cut, Host, Setup};

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
    let line = Cut::of_answers(&url, "/payments/transfer HTTP")?;
    let host = setup.set("PYTHON_BACKEND_URL", &line.url).start().await?;
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
