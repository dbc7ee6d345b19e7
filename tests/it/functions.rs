//! Retell's custom functions: what the caller hears, and what it does to their money.
//!
//! On the shared host every customer belongs to one test where money moves: Bob small transfers, Carol the yes, David what is
//! refused, Emma the PIN. Nobody moves Alice's.

use anyhow::Result;
use serde_json::{Value, json};

use crate::harness::{Conversation, Setup, Spoken, assert_speakable, at_once, payload, sandbox};

const BOB: &str = "+14155552672";
const CAROL: &str = "+14155552673";
const DAVID: &str = "+14155552674";
const EMMA: &str = "+14155552675";

fn transfer(from: &str, to: &str, amount: &str) -> Value {
    json!({"from_account": from, "to_account": to, "amount": number(amount)})
}

/// A number exactly as it is written.
fn number(token: &str) -> Value {
    serde_json::from_str(token).expect("JSON")
}

#[tokio::test]
async fn a_balance_is_said_in_words() -> Result<()> {
    let host = sandbox().await?;
    let mut alice = Conversation::of_alice(host);
    for account in ["checking_1", "checking", "my checking account"] {
        let said = alice
            .invoke("check_balance", json!({"account_id": account}))
            .await?;
        let expected = "You have five thousand dollars and fifty cents in your checking account.";
        assert_eq!(
            (said.result.as_str(), said.code.as_str()),
            (expected, "balance"),
            "{account}"
        );
    }
    assert_eq!(host.state(&alice.call_id).await?, "SPEAKING_RESPONSE");
    Ok(())
}

#[tokio::test]
async fn a_known_number_alone_hears_balances_and_not_the_rest() -> Result<()> {
    let host = sandbox().await?;
    let mut alice = Conversation::of_alice(host);
    let accounts = alice.invoke("list_accounts", json!({})).await?;
    assert!(accounts.result.contains("savings"), "{accounts:?}");
    for (name, code) in [("get_statements", "statement"), ("get_profile", "profile")] {
        let arguments = json!({"account_id": "checking_1"});
        let asked = alice.invoke(name, arguments).await?;
        assert_eq!(asked.code, "pin_needed", "{name}: {asked:?}");
        let mut with_pin = Conversation::of_alice(host);
        let verified = with_pin
            .invoke("verify_pin", json!({"pin": "1234"}))
            .await?;
        assert_eq!(verified.code, "pin_verified", "{verified:?}");
        let said = with_pin
            .invoke(name, json!({"account_id": "checking_1"}))
            .await?;
        assert_eq!(said.code, code, "{name}: {said:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_pin_that_was_asked_for_goes_on_with_what_was_asked() -> Result<()> {
    let host = sandbox().await?;
    let mut alice = Conversation::of_alice(host);
    let month = json!({"account_id": "checking_1", "month": "March"});
    assert_eq!(
        alice.invoke("get_statements", month).await?.code,
        "pin_needed"
    );
    let said = alice.invoke("verify_pin", json!({"pin": "1234"})).await?;
    assert_eq!(said.code, "statement", "{said:?}");
    Ok(())
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
        75_10
    );
    Ok(())
}

/// `1250.25` as 125025; never through a float.
fn cents(balance: &str) -> i64 {
    let (whole, part) = balance.split_once('.').unwrap_or((balance, "00"));
    format!("{whole}{part:0<2}").parse().expect("a balance")
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
        150_00
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
        500_00
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
async fn a_caller_reaches_only_their_own_accounts() -> Result<()> {
    let host = sandbox().await?;
    let before = host.balance("user_5", "market_5").await?;
    let mut alice = Conversation::of_alice(host);
    alice.invoke("verify_pin", json!({"pin": "1234"})).await?;
    for account in [
        "market_5",
        "savings_9",
        "../user_5",
        "market_5/..",
        "a b",
        "user_5",
    ] {
        for name in ["check_balance", "get_statements"] {
            let said = alice.invoke(name, json!({"account_id": account})).await?;
            assert!(
                !["balance", "statement"].contains(&said.code.as_str()),
                "{account}: {said:?}"
            );
            let all = format!("{} {}", said.result, said.data);
            assert!(
                !all.contains("20100") && !all.contains("twenty thousand"),
                "{all}"
            );
        }
        let foreign = transfer(account, "checking_1", "10.00");
        let said = alice.invoke("transfer_funds", foreign).await?;
        assert!(!moves(&said), "{account}: {said:?}");
    }
    assert_eq!(host.balance("user_5", "market_5").await?, before);
    Ok(())
}

/// Whether money was moved, or would be after a yes.
fn moves(said: &Spoken) -> bool {
    [
        "transfer_completed",
        "confirm_transfer",
        "pin_needed",
        "outcome_pending",
    ]
    .contains(&said.code.as_str())
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
        assert!(!moves(&said), "{amount}: {said:?}");
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
        assert!(!moves(&said), "{what}: {said:?}");
    }
    assert_eq!(host.balance("user_4", "savings_4").await?, before);
    Ok(())
}

#[tokio::test]
async fn every_turn_ends_in_a_spoken_sentence() -> Result<()> {
    let host = sandbox().await?;
    let mut stranger = Conversation::of(host, "+19995550123");
    for name in [
        "check_balance",
        "list_accounts",
        "get_statements",
        "transfer_funds",
        "get_profile",
        "verify_pin",
        "apply_loan",
        "apply_credit_card",
        "application_status",
        "confirm",
        "cancel",
        "no_such_function",
    ] {
        let said = stranger.invoke(name, json!({})).await?;
        assert!(!said.data.to_string().contains("5000"), "{name}: {said:?}");
        Conversation::of_alice(host).invoke(name, json!({})).await?;
    }
    let said = stranger
        .invoke("check_balance", json!({"account_id": "checking_1"}))
        .await?;
    assert_eq!(said.code, "caller_unknown", "{said:?}");
    for body in [
        "not JSON",
        "[]",
        "{}",
        "null",
        "",
        r#"{"name":"check_balance","args":{}}"#,
    ] {
        let answer = host.signed("/functions", body).await?.expect(200);
        assert_speakable(answer["result"].as_str().unwrap_or_default());
        assert!(answer["code"].is_string(), "{body}: {answer}");
    }
    Ok(())
}

#[tokio::test]
async fn arguments_alone_are_taken_with_the_call_id_in_a_header_or_the_query() -> Result<()> {
    let host = sandbox().await?;
    let alice = Conversation::of_alice(host);
    let event = json!({"event": "call_started", "call": alice.call()}).to_string();
    assert_eq!(host.signed("/webhook", event).await?.status, 204);
    let arguments = r#"{"account_id":"checking_1"}"#;
    let header = [("x-call-id", alice.call_id.as_str())];
    let answer = host
        .signed_with("/functions/check_balance", arguments, &header)
        .await?;
    assert_eq!(Spoken::of(&answer)?.code, "balance", "by header");
    let path = format!("/functions/check_balance?call_id={}", alice.call_id);
    assert_eq!(
        Spoken::of(&host.signed(&path, arguments).await?)?.code,
        "balance",
        "by query"
    );
    let nowhere = host.signed("/functions/check_balance", arguments).await?;
    assert_ne!(Spoken::of(&nowhere)?.code, "balance", "without a call id");
    let captured = payload("function_request_args_only.json");
    let said = host
        .signed_with("/functions/transfer_funds", captured, &header)
        .await?;
    assert!(!moves(&Spoken::of(&said)?), "{said:?}");
    Ok(())
}

#[tokio::test]
async fn the_providers_own_requests_are_answered() -> Result<()> {
    let host = sandbox().await?;
    for file in [
        "function_request_check_balance.json",
        "function_request_transfer_funds.json",
    ] {
        let id = Conversation::of_alice(host).call_id;
        let body = payload(file).replace("call_7c1f0a93d2be4856a0917e3c5d2", &id);
        let said = Spoken::of(&host.signed("/functions", body.clone()).await?)?;
        assert!(
            said.code != "balance" && !moves(&said),
            "ACC123 is nobody's: {said:?}"
        );
        assert_eq!(host.call(&id).await?.unwrap()["user_id"], "user_1");
        let own = body
            .replace("ACC123", "checking_1")
            .replace("ACC456", "savings_1");
        let name = serde_json::from_str::<Value>(&own)?["name"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        if name == "check_balance" {
            assert_eq!(
                Spoken::of(&host.signed("/functions", own).await?)?.code,
                "balance"
            );
        }
    }
    Ok(())
}

#[tokio::test]
async fn loans_and_cards_are_applied_for_after_a_yes_and_the_pin() -> Result<()> {
    let host = sandbox().await?;
    for (name, arguments, confirm) in [
        (
            "apply_loan",
            json!({"amount": 10_000, "purpose": "a car", "years": 5}),
            "confirm_loan",
        ),
        (
            "apply_credit_card",
            json!({"card_type": "gold", "credit_limit": "2500"}),
            "confirm_credit_card",
        ),
    ] {
        let mut alice = Conversation::of_alice(host);
        let asked = alice.invoke(name, arguments).await?;
        assert!(
            [confirm, "pin_needed"].contains(&asked.code.as_str()),
            "{asked:?}"
        );
        let mut said = asked;
        for _ in 0..2 {
            said = match said.code.as_str() {
                "pin_needed" => alice.invoke("verify_pin", json!({"pin": "1234"})).await?,
                _ => alice.invoke("confirm", json!({})).await?,
            };
        }
        assert_eq!(said.code, "application", "{name}: {said:?}");
        let id = said.data["application_id"]
            .as_str()
            .or_else(|| said.data["id"].as_str());
        let id = id
            .unwrap_or_else(|| panic!("no id for the model: {said:?}"))
            .to_owned();
        let status = alice
            .invoke("application_status", json!({"application_id": id}))
            .await?;
        assert_eq!(status.code, "application", "{status:?}");
    }
    Ok(())
}
