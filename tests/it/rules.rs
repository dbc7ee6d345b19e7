//! The rules are plugins: their figures decide, their digests stand in every record, and one is bounded.
//!
//! Each test takes a copy of `config/pipeline.toml` and changes one thing.

use std::path::Path;

use anyhow::Result;
use regex::Regex;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::harness::{Answer, Conversation, Host, Setup, at_once, free_port, plugins, root};

/// The shipped pipeline.
pub fn pipeline() -> Result<String> {
    Ok(std::fs::read_to_string(
        root().join("config/pipeline.toml"),
    )?)
}

/// The shipped pipeline with other values of some settings.
pub fn with(settings: &[(&str, &str)]) -> Result<String> {
    let mut text = pipeline()?;
    for (key, value) in settings {
        let line = Regex::new(&format!(r"(?m)^{key} *=[^#\n]*"))?;
        assert!(line.is_match(&text), "the shipped pipeline sets no {key}");
        text = line
            .replace_all(&text, format!("{key} = {value} "))
            .into_owned();
    }
    Ok(text)
}

fn setup(pipeline: &str) -> Result<Setup> {
    ruled(Setup::sandbox()?, pipeline)
}

/// The setup with these rules.
pub fn ruled(setup: Setup, pipeline: &str) -> Result<Setup> {
    let file = setup.folder().join("pipeline.toml");
    std::fs::write(&file, pipeline)?;
    Ok(setup.set("ORCHESTRATOR_PIPELINE", file.display()))
}

pub fn digest(file: &Path) -> Result<String> {
    Ok(hex::encode(Sha256::digest(std::fs::read(file)?)))
}

async fn rest_transfer(host: &Host, amount: &str) -> Result<Answer> {
    let context = json!({"call_id": "call_1", "user_id": "user_1"});
    host.post("/orchestrate/load-context", &context)
        .await?
        .expect(200);
    let body = format!(
        r#"{{"call_id":"call_1","from_account":"checking_1","to_account":"savings_1","amount":{amount}}}"#
    );
    host.post_text("/orchestrate/transfer", &body, &[]).await
}

#[tokio::test]
async fn another_figure_in_the_pipeline_is_another_outcome() -> Result<()> {
    let host = setup(&with(&[("transfer_max", "\"300.00\"")])?)?
        .start()
        .await?;
    let mut alice = Conversation::of_alice(&host);
    let wanted = json!({"from_account": "checking", "to_account": "savings", "amount": "300.01"});
    let said = alice.invoke("transfer_funds", wanted).await?;
    assert_eq!(said.code, "over_transfer_max", "{said:?}");
    assert!(said.result.contains("three hundred dollars"), "{said:?}");
    let record = host.record(&alice.call_id, 1).await?;
    assert_eq!(
        (&record["decision"], &record["reason"]),
        (&json!("deny"), &json!("over_transfer_max"))
    );
    assert_eq!(record["reply"], said.result);
    assert_eq!(
        rest_transfer(&host, "300.01").await?.problem(403),
        "over_transfer_max"
    );
    rest_transfer(&host, "300.00").await?.expect(200);
    drop(host);

    let host = setup(&with(&[("transfer_max", "\"300.01\"")])?)?
        .start()
        .await?;
    rest_transfer(&host, "300.01").await?.expect(200);
    Ok(())
}

#[tokio::test]
async fn over_the_shipped_limit_a_colleague_takes_over() -> Result<()> {
    let host = Setup::sandbox()?.start().await?;
    let mut alice = Conversation::of_alice(&host);
    let wanted = json!({"from_account": "savings", "to_account": "checking", "amount": "10000.01"});
    let said = alice.invoke("transfer_funds", wanted).await?;
    assert_eq!(said.code, "amount_needs_human", "{said:?}");
    let record = host.record(&alice.call_id, 1).await?;
    assert_eq!(
        (&record["decision"], &record["reason"]),
        (&json!("hand-off"), &json!("amount_needs_human"))
    );
    assert_eq!(host.balance("user_1", "savings_1").await?, "12500.00");
    Ok(())
}

#[tokio::test]
async fn the_days_sum_and_count_hold_across_calls_and_at_once() -> Result<()> {
    let few = with(&[("day_count_max", "3"), ("day_total_max", "\"10000.00\"")])?;
    let host = setup(&few)?.start().await?;
    let copies = (0..8).map(|_| rest_transfer(&host, "10.00"));
    let answers = at_once(copies.collect()).await;
    let done = answers
        .iter()
        .filter(|answer| answer.as_ref().is_ok_and(|one| one.status == 200))
        .count();
    assert_eq!(done, 3, "{answers:?}");
    assert_eq!(host.balance("user_1", "checking_1").await?, "4970.50");
    let code = rest_transfer(&host, "10.00").await?.problem(403);
    assert_eq!(code, "over_day_count");
    Ok(())
}

#[tokio::test]
async fn a_days_sum_in_small_parts_asks_for_the_pin_in_every_further_call() -> Result<()> {
    let host = setup(&with(&[("day_pin_above", "\"60.00\"")])?)?
        .start()
        .await?;
    let wanted =
        |amount| json!({"from_account": "checking", "to_account": "savings", "amount": amount});
    let mut codes = Vec::new();
    for amount in [30, 30, 1] {
        let mut alice = Conversation::of_alice(&host);
        codes.push(alice.invoke("transfer_funds", wanted(amount)).await?.code);
    }
    assert_eq!(
        codes,
        ["transfer_completed", "transfer_completed", "pin_needed"]
    );
    let mut alice = Conversation::of_alice(&host);
    let pin = alice.invoke("verify_pin", json!({"pin": "1234"})).await?;
    assert_eq!(pin.code, "pin_verified", "{pin:?}");
    let paid = alice.invoke("transfer_funds", wanted(1)).await?;
    assert_eq!(paid.code, "transfer_completed", "{paid:?}");
    Ok(())
}

#[tokio::test]
async fn a_pin_that_was_given_before_does_not_move_a_large_sum() -> Result<()> {
    let host = setup(&with(&[("pin_each_above", "\"20.00\"")])?)?
        .start()
        .await?;
    let mut alice = Conversation::of_alice(&host);
    let pin = json!({"pin": "1234"});
    let verified = alice.invoke("verify_pin", pin.clone()).await?;
    assert_eq!(verified.code, "pin_verified", "{verified:?}");
    let wanted =
        |amount| json!({"from_account": "checking", "to_account": "savings", "amount": amount});
    let small = alice.invoke("transfer_funds", wanted(20)).await?;
    assert_eq!(small.code, "transfer_completed", "{small:?}");
    let large = alice.invoke("transfer_funds", wanted(21)).await?;
    assert_eq!(large.code, "pin_needed", "{large:?}");
    let paid = alice.invoke("verify_pin", pin).await?;
    assert_eq!(paid.code, "transfer_completed", "{paid:?}");
    let record = host.record(&alice.call_id, 4).await?;
    assert_eq!(
        record["turn"]["extra"],
        json!([["pin", "for-this"]]),
        "{record}"
    );
    Ok(())
}

#[tokio::test]
async fn a_pin_that_is_given_while_the_yes_is_awaited_is_given_for_that() -> Result<()> {
    let large = with(&[
        ("pin_each_above", "\"20.00\""),
        ("confirm_invocation_above", "\"20.00\""),
    ])?;
    let host = setup(&large)?.start().await?;
    let mut alice = Conversation::of_alice(&host);
    let wanted = json!({"from_account": "checking", "to_account": "savings", "amount": 21});
    let asked = alice.invoke("transfer_funds", wanted).await?;
    assert_eq!(asked.code, "confirm_transfer", "{asked:?}");
    let pin = json!({"pin": "1234"});
    let verified = alice.invoke("verify_pin", pin).await?;
    assert_eq!(verified.code, "pin_verified", "{verified:?}");
    let paid = alice.invoke("confirm", json!({})).await?;
    assert_eq!(paid.code, "transfer_completed", "{paid:?}");
    Ok(())
}

#[tokio::test]
async fn the_decision_record_names_the_revision_and_every_digest() -> Result<()> {
    let host = Setup::sandbox()?.start().await?;
    let mut alice = Conversation::of_alice(&host);
    alice
        .invoke("check_balance", json!({"account_id": "checking_1"}))
        .await?;
    let wanted = json!({"from_account": "checking", "to_account": "savings", "amount": 20});
    let paid = alice.invoke("transfer_funds", wanted).await?;
    assert_eq!(paid.code, "transfer_completed", "{paid:?}");
    for (number, intent, outcome) in [
        (1, "balance", "balance"),
        (2, "transfer", "transfer_completed"),
    ] {
        let record = host.record(&alice.call_id, number).await?;
        assert_eq!(
            (&record["intent"], &record["outcome"]),
            (&json!(intent), &json!(outcome)),
            "{record}"
        );
        assert_eq!(record["decision"], "allow", "{record}");
        let stages = record["stages"].as_array().unwrap();
        let phases: Vec<&str> = stages
            .iter()
            .filter_map(|stage| stage["phase"].as_str())
            .collect();
        assert_eq!(phases, ["route", "decide", "fulfil", "shape"], "{record}");
        for stage in stages {
            let file = plugins()?.join(format!("{}.wasm", stage["plugin"].as_str().unwrap()));
            assert_eq!(stage["digest"], digest(&file)?, "{stage}");
            assert!(stage["failure"].is_null(), "{stage}");
        }
        let revision = host.call(&alice.call_id).await?.unwrap()["revision"].clone();
        assert!(
            revision.is_string() && record["revision"] == revision,
            "{record}"
        );
    }
    let list = host
        .get(&format!("/admin/decisions?call_id={}", alice.call_id))
        .await?
        .expect(200);
    let facts = list["decisions"].as_array().unwrap();
    assert_eq!(facts.len(), 2, "{list}");
    let all = facts[0].to_string();
    for plugin in [
        "intent-router",
        "transfer-limits",
        "banking-actions",
        "response-shaper",
    ] {
        assert!(
            all.contains(&digest(&plugins()?.join(format!("{plugin}.wasm")))?),
            "{plugin}: {all}"
        );
    }
    assert_eq!(
        host.record(&alice.call_id, 2).await?["transfer_id"]
            .as_str()
            .map(str::is_empty),
        Some(false)
    );
    Ok(())
}

#[tokio::test]
async fn a_pipeline_without_a_policy_denies() -> Result<()> {
    let text = pipeline()?;
    let from = text
        .find("[[stage]]\nphase = \"decide\"")
        .expect("a policy");
    let to = text
        .find("[[stage]]\nphase = \"fulfil\"")
        .expect("an action");
    let text = format!("{}{}", &text[..from], &text[to..]);
    // By accident it is refused; it has to be meant.
    let refused = setup(&text)?.set("ORCHESTRATOR_PORT", free_port()).run()?;
    assert!(
        refused.code == Some(1) && refused.stderr.contains("no stage in phase `decide`"),
        "{refused:?}"
    );
    let host = setup(&format!("without = [\"decide\"]\n{text}"))?
        .start()
        .await?;
    let mut alice = Conversation::of_alice(&host);
    let said = alice
        .invoke("check_balance", json!({"account_id": "checking_1"}))
        .await?;
    assert_ne!(said.code, "balance", "{said:?}");
    assert_eq!(host.record(&alice.call_id, 1).await?["decision"], "deny");
    assert_eq!(rest_transfer(&host, "1.00").await?.status, 403);
    Ok(())
}

#[tokio::test]
async fn no_plugin_runs_without_a_deadline_and_a_memory_bound() -> Result<()> {
    for limits in [
        "{ memory_bytes_max = 65536 }",
        "{ memory_bytes_max = 1200000, host_calls_max = 0 }",
    ] {
        for (plugin, phase, code) in [
            ("response-shaper", "shape", "balance"),
            ("transfer-limits", "decide", "not balance"),
        ] {
            let named = format!("plugin = \"{plugin}\"");
            let bound = format!("{named}\nlimits = {limits}");
            let setup = setup(&pipeline()?.replace(&named, &bound))?;
            let Ok(host) = setup.start().await else {
                // A bound within which the plugin cannot even describe itself is found at the start.
                let ended = setup.set("ORCHESTRATOR_PORT", free_port()).run()?;
                assert!(
                    ended.stderr.contains(plugin) && ended.code == Some(1),
                    "{limits}: {ended:?}"
                );
                continue;
            };
            let mut alice = Conversation::of_alice(&host);
            let said = alice
                .invoke("check_balance", json!({"account_id": "checking_1"}))
                .await?;
            assert_eq!(
                said.code == "balance",
                code == "balance",
                "{plugin} {limits}: {said:?}"
            );
            let record = host.record(&alice.call_id, 1).await?;
            let stage = record["stages"]
                .as_array()
                .unwrap()
                .iter()
                .find(|stage| stage["phase"] == phase);
            assert!(
                stage.is_some_and(|stage| stage["failure"].is_string()),
                "{limits}: {record}"
            );
        }
    }
    Ok(())
}
