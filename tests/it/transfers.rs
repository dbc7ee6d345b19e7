//! Money by function call: what needs a yes, what needs the PIN, what happens once, and what moves nothing.
//!
//! On the shared host every customer but Alice belongs to one test here: Bob repeats, Carol says yes, David is refused, Emma gives
//! her PIN.

use anyhow::Result;
use serde_json::{Value, json};

use crate::harness::{Conversation, Setup, at_once, sandbox};

const BOB: &str = "+14155552672";
const CAROL: &str = "+14155552673";
const DAVID: &str = "+14155552674";
const EMMA: &str = "+14155552675";

/// Arguments of `transfer_funds`.
pub fn transfer(from: &str, to: &str, amount: &str) -> Value {
    json!({"from_account": from, "to_account": to, "amount": number(amount)})
}

/// A number exactly as it is written.
fn number(token: &str) -> Value {
    serde_json::from_str(token).expect("JSON")
}

/// `1250.25` as 125025; never through a float.
fn cents(balance: &str) -> i64 {
    let (whole, part) = balance.split_once('.').unwrap_or((balance, "00"));
    format!("{whole}{part:0<2}").parse().expect("a balance")
}

#[tokio::test]
async fn a_repeated_transfer_moves_money_once() -> Result<()> {
    let host = sandbox().await?;
    let mut bob = Conversation::of(host, BOB);
    let before = cents(&host.balance("user_2", "checking_2").await?);
    let body = bob.body(
        "transfer_funds",
        transfer("checking_2", "savings_2", "50.00"),
    );
    let first = bob.send(&body).await?;
    assert_eq!(first.code, "transfer_completed", "{first:?}");
    assert!(first.result.contains("fifty dollars"), "{first:?}");
    for _ in 0..4 {
        assert_eq!(
            bob.send(&body).await?,
            first,
            "a repeated delivery is answered alike"
        );
    }
    let body = bob.body(
        "transfer_funds",
        transfer("checking", "savings", "\"25.10\""),
    );
    let copies = (0..5).map(|_| bob.send(&body));
    for said in at_once(copies.collect()).await {
        assert_eq!(said?.code, "transfer_completed");
    }
    assert_eq!(
        before - cents(&host.balance("user_2", "checking_2").await?),
        7_510
    );
    Ok(())
}

#[tokio::test]
async fn above_a_hundred_a_transfer_waits_for_a_yes() -> Result<()> {
    let host = sandbox().await?;
    let mut carol = Conversation::of(host, CAROL);
    let before = cents(&host.balance("user_3", "checking_3").await?);
    let arguments = transfer("checking_3", "savings_3", "150");
    let asked = carol.invoke("transfer_funds", arguments.clone()).await?;
    assert_eq!(asked.code, "confirm_transfer", "{asked:?}");
    assert!(asked.result.ends_with('?'), "{asked:?}");
    assert_eq!(
        host.call(&carol.call_id).await?.unwrap()["awaits"],
        "confirmation"
    );
    assert_eq!(
        cents(&host.balance("user_3", "checking_3").await?),
        before,
        "not yet"
    );

    let cancelled = carol.invoke("cancel", json!({})).await?;
    assert_eq!(cancelled.code, "cancelled", "{cancelled:?}");
    let nothing = carol.invoke("confirm", json!({})).await?;
    assert_ne!(
        nothing.code, "transfer_completed",
        "a dropped transfer was confirmed"
    );

    assert_eq!(
        carol.invoke("transfer_funds", arguments).await?.code,
        "confirm_transfer"
    );
    let balance = carol
        .invoke("check_balance", json!({"account_id": "savings_3"}))
        .await?;
    assert_eq!(balance.code, "balance", "{balance:?}");
    assert!(
        balance.result.contains('?'),
        "the question is asked again: {balance:?}"
    );
    let body = carol.body("confirm", json!({}));
    let done = carol.send(&body).await?;
    assert_eq!(done.code, "transfer_completed", "{done:?}");
    assert_eq!(
        carol.send(&body).await?.code,
        "transfer_completed",
        "a repeated yes"
    );
    assert_eq!(
        before - cents(&host.balance("user_3", "checking_3").await?),
        15_000
    );
    Ok(())
}

#[tokio::test]
async fn above_250_a_yes_and_the_pin_are_needed() -> Result<()> {
    let host = sandbox().await?;
    let mut emma = Conversation::of(host, EMMA);
    let before = cents(&host.balance("user_5", "checking_5").await?);
    let arguments = transfer("checking_5", "savings_5", "500.00");
    assert_eq!(
        emma.invoke("transfer_funds", arguments).await?.code,
        "confirm_transfer"
    );
    assert_eq!(emma.invoke("confirm", json!({})).await?.code, "pin_needed");
    let wrong = emma.invoke("verify_pin", json!({"pin": "0000"})).await?;
    assert_eq!(wrong.code, "pin_wrong", "{wrong:?}");
    assert_eq!(
        cents(&host.balance("user_5", "checking_5").await?),
        before,
        "not yet"
    );
    let done = emma.invoke("verify_pin", json!({"pin": "7890"})).await?;
    assert_eq!(done.code, "transfer_completed", "{done:?}");
    assert_eq!(
        before - cents(&host.balance("user_5", "checking_5").await?),
        50_000
    );
    assert_eq!(host.call(&emma.call_id).await?.unwrap()["trust"], "pin");
    Ok(())
}

#[tokio::test]
async fn five_wrong_pins_lock_a_customer_across_calls() -> Result<()> {
    let host = Setup::sandbox()?.with_sqlite().start().await?;
    for attempt in 1..=5 {
        let mut alice = Conversation::of_alice(&host);
        let said = alice
            .invoke(
                "verify_pin",
                json!({"pin": format!("9{attempt}9{attempt}")}),
            )
            .await?;
        let expected = if attempt < 5 {
            "pin_wrong"
        } else {
            "pin_locked"
        };
        assert_eq!(said.code, expected, "attempt {attempt}: {said:?}");
    }
    let right = Conversation::of_alice(&host)
        .invoke("verify_pin", json!({"pin": "1234"}))
        .await?;
    assert_eq!(right.code, "pin_locked", "{right:?}");
    let little = json!({"from_account": "checking", "to_account": "savings", "amount": 5});
    let moved = Conversation::of_alice(&host)
        .invoke("transfer_funds", little)
        .await?;
    assert_eq!(moved.code, "pin_locked", "{moved:?}");
    let other = Conversation::of(&host, BOB)
        .invoke("verify_pin", json!({"pin": "5678"}))
        .await?;
    assert_eq!(other.code, "pin_verified", "{other:?}");

    let (setup, _) = host.stop()?;
    let unlocked = setup
        .clone()
        .with_arguments(&["users", "unlock", "--phone", "+14155552671"])
        .run()?;
    assert_eq!(unlocked.code, Some(0), "{unlocked:?}");
    let host = setup.start().await?;
    let right = Conversation::of_alice(&host)
        .invoke("verify_pin", json!({"pin": "1234"}))
        .await?;
    assert_eq!(right.code, "pin_verified", "{right:?}");
    Ok(())
}

#[tokio::test]
async fn an_amount_that_cannot_be_meant_moves_nothing_and_is_asked_for() -> Result<()> {
    let host = sandbox().await?;
    let before = host.balance("user_4", "savings_4").await?;
    for amount in [
        "0",
        "-5",
        "-0.01",
        "1.005",
        "0.001",
        "1e308",
        "1E+400",
        "1e-7",
        "9007199254740993",
        "true",
        "null",
        "[]",
        "{}",
        "\"\"",
        "\"NaN\"",
        "\"Infinity\"",
        "\"abc\"",
        "\"-5\"",
        "\"0\"",
        "\"1.005\"",
        "\"1e308\"",
        "\"five hundred thousand million billion\"",
        "\"٣٠\"",
    ] {
        let mut david = Conversation::of(host, DAVID);
        let said = david
            .invoke(
                "transfer_funds",
                transfer("savings_4", "checking_4", amount),
            )
            .await?;
        assert!(!said.moves(), "{amount}: {said:?}");
    }
    let mut david = Conversation::of(host, DAVID);
    for (arguments, what) in [
        (transfer("savings_4", "savings_4", "5"), "the same account"),
        (
            transfer("savings_4", "checking_4", "431.00"),
            "more than there is",
        ),
        (
            json!({"from_account": 7, "to_account": true, "amount": "x"}),
            "nonsense",
        ),
        (json!({}), "nothing"),
        (json!({"amount": 5}), "only an amount"),
    ] {
        let said = david.invoke("transfer_funds", arguments).await?;
        assert!(!said.moves(), "{what}: {said:?}");
    }
    assert_eq!(host.balance("user_4", "savings_4").await?, before);
    Ok(())
}

#[tokio::test]
async fn a_yes_confirms_only_what_was_asked() -> Result<()> {
    let host = Setup::sandbox()?.start().await?;
    let mut alice = Conversation::of_alice(&host);
    for amount in ["150.00", "160.00"] {
        let wanted = json!({"from_account": "checking", "to_account": "savings", "amount": amount});
        assert_eq!(
            alice.invoke("transfer_funds", wanted).await?.code,
            "confirm_transfer"
        );
    }
    assert_eq!(
        alice.invoke("confirm", json!({})).await?.code,
        "transfer_completed"
    );
    assert_eq!(host.balance("user_1", "checking_1").await?, "4840.50");
    let again = alice.invoke("confirm", json!({})).await?;
    assert_ne!(again.code, "transfer_completed", "{again:?}");
    let mut other = Conversation::of_alice(&host);
    let stray = other.invoke("confirm", json!({"amount": 150})).await?;
    assert_ne!(stray.code, "transfer_completed", "{stray:?}");
    assert_eq!(host.balance("user_1", "checking_1").await?, "4840.50");
    Ok(())
}
