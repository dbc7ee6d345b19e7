//! Retell's custom functions: what the caller hears, in every form of request and in every trouble.
//!
//! Where money moves is in `transfers.rs`; nobody moves Alice's on the shared host.

use anyhow::Result;
use serde_json::{Value, json};

use crate::harness::{Conversation, Setup, Spoken, assert_speakable, payload, sandbox};
use crate::transfers::transfer;

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
        assert!(!said.moves(), "{account}: {said:?}");
    }
    assert_eq!(host.balance("user_5", "market_5").await?, before);
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
    let alice = Conversation::of_alice(host);
    let body = json!({"name": "check_balance", "args": null, "call": alice.call()}).to_string();
    let answer = host.signed("/functions", body).await?.expect(200);
    assert_eq!(answer["code"], "account_id_needed", "{answer}");
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
    assert!(!Spoken::of(&said)?.moves(), "{said:?}");
    Ok(())
}

/// Arguments alone say nothing of when they were said.
#[tokio::test]
async fn a_confirm_without_a_transcript_never_tells_of_an_earlier_wish() -> Result<()> {
    let host = Setup::sandbox()?.start().await?;
    let alice = Conversation::of_alice(&host);
    let event = json!({"event": "call_started", "call": alice.call()}).to_string();
    assert_eq!(host.signed("/webhook", event).await?.status, 204);
    let header = [("x-call-id", alice.call_id.as_str())];
    let ask = async |function: &str, arguments: &str| {
        let path = format!("/functions/{function}");
        Spoken::of(&host.signed_with(&path, arguments, &header).await?)
    };
    let transfer = |amount: &str| {
        format!(r#"{{"from_account":"checking","to_account":"savings","amount":"{amount}"}}"#)
    };
    let asked = ask("transfer_funds", &transfer("150.00")).await?;
    assert_eq!(asked.code, "confirm_transfer", "{asked:?}");
    for delivery in ["the first", "a repeated one"] {
        let said = ask("confirm", "{}").await?;
        assert_eq!(said.code, "transfer_completed", "{delivery}: {said:?}");
    }
    let refused = ask("transfer_funds", &transfer("9000.00")).await?;
    assert_eq!(refused.code, "insufficient_funds", "{refused:?}");
    let said = ask("confirm", "{}").await?;
    assert!(!said.moves(), "{said:?}");
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
            said.code != "balance" && !said.moves(),
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
