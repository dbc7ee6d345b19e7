//! Which calls keep which rules, as an operator reads it: counted in the database, so that a restart forgets none, and an order for
//! live calls leads to what was ordered, whatever is activated after it.

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::bench::{Rules, active, active_other_than, status};
use super::orders::{assert_prints, typed};
use super::{LOW, OVER, PAID, order, sixty};
use crate::harness::{Conversation, Host, Setup, until};

/// The live calls that are pinned to a revision: all, and those that take another next.
async fn pinned(host: &Host, revision: &str) -> Result<(u64, u64, Value)> {
    let status = status(host).await?;
    let all = status["pinned"].as_array().context("a count")?;
    let found = all.iter().find(|it| it["revision"] == revision);
    let number = |key: &str| found.and_then(|it| it[key].as_u64()).unwrap_or_default();
    let to = found.map_or(Value::Null, |it| it["moving_to"].clone());
    Ok((number("calls"), number("moving"), to))
}

/// Three revisions, the first of them active: the shipped one, and two with lower limits.
async fn three(rules: &Rules, host: &Host) -> Result<[String; 3]> {
    let first = active(host).await?;
    rules.save(&LOW)?;
    let second = active_other_than(host, &first).await?;
    rules.save(&[("transfer_max", "\"40.00\"")])?;
    let third = active_other_than(host, &second).await?;
    activate(host, &first, false).await?;
    Ok([first, second, third])
}

async fn activate(host: &Host, revision: &str, now: bool) -> Result<Value> {
    let wanted = json!({"revision": revision, "reason": "a test", "now": now});
    order(host, "activate", wanted).await
}

#[tokio::test]
async fn calls_that_keep_older_rules_are_counted_after_a_restart_as_before() -> Result<()> {
    // A bank that outlasts the host.
    let (_bank, bank) = Setup::bank("documented").await?;
    let setup = Setup::sandbox()?.with_sqlite();
    let rules = Rules::of(setup.set("PYTHON_BACKEND_URL", bank))?;
    let host = rules.setup.start().await?;
    let [first, second, third] = three(&rules, &host).await?;
    let mut call = Conversation::of_alice(&host);
    assert_eq!(call.invoke("transfer_funds", sixty()).await?.code, PAID);
    let changed = activate(&host, &second, false).await?;
    assert_eq!(changed["calls_kept"], 1, "{changed}");

    let host = host.kill()?.start().await?;
    assert_eq!(pinned(&host, &first).await?, (1, 0, Value::Null));
    let shown = typed(&host, &["status"])?;
    assert_prints(&shown, &[&format!("{first}  1 live call pinned; ")]);
    until("the gauge of a call on retired rules", async || {
        let metrics = host.get("/metrics").await?.text;
        let line = "pipeline_calls_pinned{rules=\"retired\"} 1";
        Ok(metrics.lines().any(|it| it == line).then_some(()))
    })
    .await?;
    let left = typed(&host, &["activate", &third, "--reason", "lower"])?;
    assert_prints(&left, &["1 live call keeps the rules it began with"]);
    let moved = typed(&host, &["activate", &second, "--now", "--reason", "fraud"])?;
    assert_prints(&moved, &["1 live call takes it at the next turn"]);
    let again = typed(&host, &["activate", &second, "--now", "--reason", "again"])?;
    assert_prints(&again, &[&format!("active     {second} as before")]);
    assert_eq!(pinned(&host, &first).await?, (1, 1, json!(second)));
    Ok(())
}

#[tokio::test]
async fn a_call_takes_what_was_ordered_for_it_whatever_is_activated_before_its_next_turn()
-> Result<()> {
    let rules = Rules::new()?;
    let host = rules.setup.start().await?;
    let [first, second, third] = three(&rules, &host).await?;
    let mut call = Conversation::of_alice(&host);
    assert_eq!(call.invoke("transfer_funds", sixty()).await?.code, PAID);
    let ordered = activate(&host, &second, true).await?;
    assert_eq!(ordered["calls_moved"], 1, "{ordered}");
    let after = activate(&host, &third, false).await?;
    assert_eq!(
        (&after["calls_moved"], &after["calls_kept"]),
        (&json!(0), &json!(0)),
        "{after}"
    );
    assert_eq!(pinned(&host, &first).await?, (1, 1, json!(second)));
    for number in [2, 3] {
        assert_eq!(call.invoke("transfer_funds", sixty()).await?.code, OVER);
        let record = host.record(&call.call_id, number).await?;
        assert_eq!(record["revision"], json!(second), "{record}");
        let from = &record["repinned"]["from"];
        assert_eq!(
            *from,
            if number == 2 {
                json!(first)
            } else {
                Value::Null
            }
        );
    }
    assert_eq!(pinned(&host, &second).await?, (1, 0, Value::Null));
    Ok(())
}

#[tokio::test]
async fn a_rollback_takes_an_order_for_live_calls_back_with_it() -> Result<()> {
    let rules = Rules::new()?;
    let host = rules.setup.start().await?;
    let [first, second, third] = three(&rules, &host).await?;
    let mut call = Conversation::of_alice(&host);
    assert_eq!(call.invoke("transfer_funds", sixty()).await?.code, PAID);
    activate(&host, &third, false).await?;
    activate(&host, &second, true).await?;
    order(&host, "rollback", json!({"reason": "too low"})).await?;
    assert_eq!(active(&host).await?, third);
    assert_eq!(pinned(&host, &first).await?, (1, 0, Value::Null));
    assert_eq!(call.invoke("transfer_funds", sixty()).await?.code, PAID);
    let record = host.record(&call.call_id, 2).await?;
    assert_eq!(record["revision"], json!(first), "{record}");
    Ok(())
}

#[tokio::test]
async fn a_rollback_moves_only_the_calls_that_are_on_what_it_takes_back() -> Result<()> {
    let (_bank, bank) = Setup::bank("documented").await?;
    let setup = Setup::sandbox()?.with_sqlite();
    let rules = Rules::of(setup.set("PYTHON_BACKEND_URL", bank))?;
    let host = rules.setup.start().await?;
    let [first, second, third] = three(&rules, &host).await?;
    let mut calls = Vec::new();
    for revision in [&first, &second, &third] {
        activate(&host, revision, false).await?;
        let mut call = Conversation::of_alice(&host);
        let expected = if revision == &first { PAID } else { OVER };
        assert_eq!(call.invoke("transfer_funds", sixty()).await?.code, expected);
        calls.push(call);
    }
    let back = typed(&host, &["rollback", "--now", "--reason", "odd"])?;
    assert_prints(
        &back,
        &[
            &format!("active     {second} instead of {third}"),
            "1 live call takes it at the next turn",
            "1 live call keeps the rules it began with",
        ],
    );
    let shown = typed(&host, &["history"])?;
    assert_prints(&shown, &[&format!("(and the live calls on {third})")]);

    // Another host, or this one after a power cut, knows it from the database.
    let bodies: Vec<String> = calls
        .iter_mut()
        .map(|call| call.body("transfer_funds", sixty()))
        .collect();
    let ids: Vec<String> = calls.into_iter().map(|call| call.call_id).collect();
    let host = host.kill()?.start().await?;
    assert_eq!(pinned(&host, &first).await?, (1, 0, Value::Null));
    assert_eq!(pinned(&host, &third).await?, (1, 1, json!(second)));
    for (id, body, decided_by) in [
        (&ids[0], &bodies[0], &first),
        (&ids[2], &bodies[2], &second),
    ] {
        host.signed("/functions", body.clone()).await?;
        let record = host.record(id, 2).await?;
        assert_eq!(record["revision"], json!(decided_by), "{record}");
        let why = record["repinned"]["why"].to_string();
        let is_moved = decided_by == &second;
        assert_eq!(why.contains("rolled back") && why.contains("odd"), is_moved);
    }

    // One step more: both are on what is taken back now, and the first keeps what is active again.
    let again = typed(&host, &["rollback", "--now", "--reason", "odd, too"])?;
    assert_prints(&again, &["2 live calls take it at the next turn"]);
    assert!(!again.stdout.contains("keep"), "{again:?}");
    assert_eq!(pinned(&host, &second).await?, (2, 2, json!(first)));
    Ok(())
}
