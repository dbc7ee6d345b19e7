//! What an operator can read of rules that are live or refused: which stage fails, which settings a sandbox replaces, and figures
//! and places as they are.

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::bench::{Rules, active, active_other_than, status};
use super::orders::{assert_prints, typed};
use super::{PAID, new_call, order, sixty};
use crate::harness::{Conversation, Host, guests};

/// One stage of the active revision.
async fn stage(host: &Host, plugin: &str) -> Result<Value> {
    let status = status(host).await?;
    let stages = status["active"]["stages"].as_array().context("stages")?;
    let found = stages.iter().find(|stage| stage["plugin"] == plugin);
    Ok(found.context("its stage")?.clone())
}

#[tokio::test]
async fn a_live_rule_that_fails_is_seen_in_the_status() -> Result<()> {
    let rules = Rules::new()?;
    std::fs::copy(
        guests()?.join("bad-policy.wasm"),
        rules.component("bad-policy"),
    )?;
    let policy = "[[stage]]\nphase = \"decide\"\nplugin = \"bad-policy\"\nlimits = { instances_max = 1000 }\n";
    rules.write(&format!("{}\n{policy}", rules.text()?))?;
    let host = rules.setup.start().await?;
    let first = active(&host).await?;
    assert_eq!(new_call(&host).await?, PAID);
    let mut call = Conversation::of_alice(&host);
    for (number, misdeed) in [(1, "trap"), (2, "oversized")] {
        let wanted = json!({"account_id": "checking_1", "fault": format!("bad-policy:{misdeed}")});
        let said = call.invoke("check_balance", wanted).await?;
        assert_eq!(said.code, "policy_failed");
        let record = host.record(&call.call_id, number).await?;
        let failures = record["stages"].as_array().context("stages")?.iter();
        let failure = failures
            .filter_map(|stage| stage["failure"].as_str())
            .next();
        let failure = failure.context("a failure")?;
        if misdeed == "oversized" {
            // Which field, and which bound.
            assert!(failure.contains("outside the contract: `"), "{failure}");
            assert!(failure.contains("are allowed"), "{failure}");
            assert!(
                host.log()
                    .contains(failure.trim_start_matches("bad_answer: "))
            );
        }
    }
    let turns = stage(&host, "bad-policy").await?["turns"].clone();
    assert_eq!((&turns["asked"], &turns["failed"]), (&json!(3), &json!(2)));
    assert_eq!(turns["last"]["kind"], "bad_answer");
    assert_eq!(stage(&host, "transfer-limits").await?["turns"]["failed"], 0);
    let shown = typed(&host, &["status"])?;
    assert_prints(
        &shown,
        &[
            "FAILED 2 of 3 turns here",
            "last: bad_answer",
            "the pool has 64 places",
        ],
    );
    rules.save(&super::LOW)?;
    active_other_than(&host, &first).await?;
    assert_eq!(stage(&host, "bad-policy").await?["turns"]["failed"], 0);
    Ok(())
}

#[tokio::test]
async fn a_sandbox_refuses_what_production_would() -> Result<()> {
    let rules = Rules::new()?;
    let host = rules.setup.start().await?;
    let first = active(&host).await?;
    let text = rules.text()?;
    let wrong = text.replacen("day_count_max = 20\n", "day_count_max = \"20\"\n", 1);
    assert_ne!(text, wrong);
    rules.write(&wrong)?;
    let reloaded = typed(&host, &["reload"])?;
    assert_eq!(reloaded.code, Some(1), "{reloaded:?}");
    let line = 1 + text[..text.find("day_count_max = 20\n").context("it")?]
        .matches('\n')
        .count();
    for words in [
        "pipeline.toml: plugin `transfer-limits` refuses its settings as they are outside a sandbox",
        &format!("line {line}, day_count_max: "),
        "[stage.sandbox] stands in for transfer-limits day_count_max, day_pin_above, night_max",
    ] {
        assert!(reloaded.stdout.contains(words), "{words}: {reloaded:?}");
    }
    assert_eq!(active(&host).await?, first);
    rules.write(&text)?;
    assert_prints(
        &typed(&host, &["reload"])?,
        &["stands in for transfer-limits"],
    );
    Ok(())
}

#[tokio::test]
async fn refused_settings_are_told_with_file_line_and_figures() -> Result<()> {
    let rules = Rules::new()?;
    let host = rules.setup.start().await?;
    let named = "plugin = \"transfer-limits\"";
    let text = rules.text()?;
    let (before, _) = text.split_once("transfer_max").context("a limit")?;
    let line = 1 + before.matches('\n').count();
    std::fs::write(
        rules.manifest().with_file_name("limits.toml"),
        "\nday_hours = 3\n",
    )?;
    rules.write(
        &text
            .replace(named, &format!("{named}\nsettings_file = \"limits.toml\""))
            .replace("transfer_max = \"10000.00\"", "transfer_max = \"lots\""),
    )?;
    let looked = order(&host, "reload", json!({})).await?;
    let reason = looked["reason"].as_str().unwrap_or_default();
    // The line of the file moved by the one that was put in before it.
    for words in [
        format!("line {}, transfer_max: ", line + 1),
        "limits.toml line 2, day_hours: ".to_owned(),
    ] {
        assert!(reason.contains(&words), "{words}: {looked}");
    }
    let revision = looked["revision"].as_str().context("a revision")?;
    let refused = typed(&host, &["activate", revision, "--reason", "x"])?;
    assert!(refused.stderr.contains("\"10000.00\""), "{refused:?}");
    let unknown = typed(&host, &["activate", "r-000000000000", "--reason", "x"])?;
    assert!(unknown.stderr.contains("`r-000000000000`"), "{unknown:?}");
    Ok(())
}

#[tokio::test]
async fn an_order_or_a_question_that_cannot_be_read_is_a_problem_that_says_why() -> Result<()> {
    let rules = Rules::new()?;
    let host = rules.setup.start().await?;
    let first = active(&host).await?;
    let long = json!({"revision": first, "reason": "x".repeat(5_000)});
    let refused = host.post("/admin/pipeline/activate", &long).await?;
    assert_eq!(refused.problem(422), "reason_invalid");
    assert!(
        refused.text.contains("at most 2000 are allowed"),
        "{}",
        refused.text
    );
    for path in [
        "/admin/pipeline/diff?from=x",
        "/admin/revisions?limit=many",
        "/admin/decisions?limit=-1",
        "/admin/transfers?limit=many",
    ] {
        let refused = host.get(path).await?;
        assert_eq!(refused.problem(400), "parameters_invalid", "{path}");
    }
    let (_, ended) = host.stop()?;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let log = format!("{}{}", ended.stdout, ended.stderr);
    assert!(!log.contains("cannot be followed"), "{log}");
    Ok(())
}

#[tokio::test]
async fn the_record_of_a_stage_has_all_that_the_host_answered_it() -> Result<()> {
    let rules = Rules::new()?;
    let host = rules.setup.start().await?;
    let mut call = Conversation::of_alice(&host);
    assert_eq!(call.invoke("transfer_funds", sixty()).await?.code, PAID);
    let record = host.record(&call.call_id, 1).await?;
    let asked = |phase: &str| {
        let stages = record["stages"].as_array().expect("stages").iter();
        let calls = stages.filter(|stage| stage["phase"] == phase);
        let calls = calls
            .filter_map(|stage| stage["host_calls"].as_array())
            .flatten();
        calls
            .filter(|call| call["function"] == "accounts.get-all")
            .collect::<Vec<_>>()
    };
    let (routed, decided) = (asked("route"), asked("decide"));
    assert_eq!((routed.len(), decided.len()), (1, 1), "{record}");
    assert_eq!(routed[0]["answer"], decided[0]["answer"]);
    assert_eq!(routed[0].get("from_memory"), None, "{record}");
    assert_eq!(decided[0]["from_memory"], true, "{record}");
    Ok(())
}
