//! What an earlier turn must not do to a later one: a second yes is a new yes, a service's answer is no caller's, a repeat after the
//! end is still answered, and what has no customer leaves nothing behind.
//!
//! Each test has a host of its own, because money is counted and calls are listed.

use anyhow::Result;
use serde_json::{Value, json};

use crate::harness::{Answer, Host, Setup, Spoken};

/// A tool call without a transcript: nothing in its body tells a second delivery from a second wish.
async fn bare(host: &Host, name: &str, arguments: Value) -> Result<Spoken> {
    let call =
        json!({"call_id": "call_bare", "from_number": "+14155552671", "direction": "inbound"});
    let body = json!({"name": name, "args": arguments, "call": call}).to_string();
    Spoken::of(&host.signed("/functions", body).await?)
}

fn transfer(amount: &str) -> Value {
    json!({"from_account": "checking", "to_account": "savings", "amount": amount})
}

#[tokio::test]
async fn a_second_yes_or_no_is_a_new_one_once_something_new_was_asked() -> Result<()> {
    let host = Setup::sandbox()?.start().await?;
    for (name, arguments, code) in [
        ("transfer_funds", transfer("150"), "confirm_transfer"),
        ("confirm", json!({}), "transfer_completed"),
        ("confirm", json!({}), "transfer_completed"),
        ("transfer_funds", transfer("160"), "confirm_transfer"),
        ("cancel", json!({}), "cancelled"),
        ("transfer_funds", transfer("170"), "confirm_transfer"),
        ("confirm", json!({}), "transfer_completed"),
        ("transfer_funds", transfer("180"), "confirm_transfer"),
        ("cancel", json!({}), "cancelled"),
        ("confirm", json!({}), "nothing_to_confirm"),
    ] {
        let said = bare(&host, name, arguments.clone()).await?;
        assert_eq!(said.code, code, "{name} {arguments}: {said:?}");
    }
    assert_eq!(host.balance("user_1", "checking_1").await?, "4680.50");
    Ok(())
}

#[tokio::test]
async fn what_a_service_was_told_is_not_repeated_to_the_caller() -> Result<()> {
    let host = Setup::sandbox()?.start().await?;
    let heard = bare(&host, "check_balance", json!({"account_id": "checking"})).await?;
    let asked = json!({"call_id": "call_bare", "user_id": "user_1"});
    let answer = host.post("/orchestrate/get-user-profile", &asked).await?;
    assert_eq!(answer.expect(200)["name"], "Alice Johnson");
    let again = bare(&host, "repeat", json!({})).await?;
    assert_eq!(again.result, heard.result);
    Ok(())
}

#[tokio::test]
async fn an_idempotent_repeat_is_answered_after_the_call_has_ended() -> Result<()> {
    let host = Setup::sandbox()?.start().await?;
    let loaded = json!({"call_id": "call_late", "user_id": "user_1"});
    host.post("/orchestrate/load-context", &loaded)
        .await?
        .expect(200);
    let first = pay(&host).await?.expect(200);
    let ended = json!({"event": "call_ended", "call": {"call_id": "call_late"}}).to_string();
    assert_eq!(host.signed("/webhook", ended).await?.status, 204);
    assert_eq!(pay(&host).await?.expect(200), first);
    assert_eq!(host.balance("user_1", "checking_1").await?, "4990.50");
    Ok(())
}

async fn pay(host: &Host) -> Result<Answer> {
    let body = json!({
        "call_id": "call_late", "from_account": "checking_1", "to_account": "savings_1",
        "amount": 10,
    });
    let headers = [("idempotency-key", "late")];
    host.post_text("/orchestrate/transfer", &body.to_string(), &headers)
        .await
}

#[tokio::test]
async fn arguments_are_taken_from_the_signed_body_alone() -> Result<()> {
    let host = Setup::sandbox()?.start().await?;
    let path =
        "/functions/transfer_funds?from_account=checking&to_account=savings&amount=50&call_id=c";
    let said = Spoken::of(&host.signed(path, "").await?)?;
    assert_eq!(said.code, "not_json");
    let said = Spoken::of(&host.signed(path, "{}").await?)?;
    assert!(!said.moves(), "{said:?}");
    assert_eq!(host.balance("user_1", "checking_1").await?, "5000.50");
    Ok(())
}

#[tokio::test]
async fn what_is_no_pin_does_not_count_towards_the_lock() -> Result<()> {
    let host = Setup::sandbox()?.start().await?;
    for _ in 0..6 {
        let said = bare(&host, "verify_pin", json!({"pin": "not now"})).await?;
        assert_eq!(said.code, "pin_needed");
    }
    assert_eq!(
        bare(&host, "verify_pin", json!({"pin": "1234"}))
            .await?
            .code,
        "pin_verified"
    );
    Ok(())
}
