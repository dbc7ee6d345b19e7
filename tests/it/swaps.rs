//! Rules change while calls are live: who is decided by which rules, what a rollback and a restart bring back, what a halt stops.
//!
//! Each test has files of its own to change. What the files themselves may do is in `files`, many swaps under load in `storm`,
//! several hosts in `hosts`, the command line in `orders`, whose file is whose in `names`, which calls keep which rules in `pinned`.

mod any_content;
mod bad_files;
mod bench;
mod convergence;
mod emergency;
mod files;
mod half_written;
mod hosts;
mod names;
mod orders;
mod pinned;
mod seen;
mod starts;
mod storm;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use crate::harness::{Conversation, Host, Setup, Spoken, free_port, until};
use bench::{Rules, active, active_other_than, candidate, status};

/// Sixty dollars: more than the low limit of these tests, less than the shipped one.
fn sixty() -> Value {
    json!({"from_account": "savings", "to_account": "checking", "amount": "60.00"})
}

const LOW: [(&str, &str); 1] = [("transfer_max", "\"50.00\"")];
const PAID: &str = "transfer_completed";
const OVER: &str = "over_transfer_max";

async fn new_call(host: &Host) -> Result<String> {
    Ok(Conversation::of_alice(host)
        .invoke("transfer_funds", sixty())
        .await?
        .code)
}

async fn order(host: &Host, path: &str, body: Value) -> Result<Value> {
    let path = format!("/admin/pipeline/{path}");
    Ok(host.post(&path, &body).await?.expect(200))
}

#[tokio::test]
async fn a_call_keeps_the_rules_it_began_with_also_after_a_power_cut_until_now_is_said()
-> Result<()> {
    // A bank that outlasts the host.
    let (_bank, bank) = Setup::bank("documented").await?;
    let rules = Rules::of(
        Setup::sandbox()?
            .with_sqlite()
            .set("PYTHON_BACKEND_URL", bank),
    )?;
    let host = rules.setup.start().await?;
    let old = active(&host).await?;
    let mut call = Conversation::of_alice(&host);
    assert_eq!(call.invoke("transfer_funds", sixty()).await?.code, PAID);
    rules.save(&LOW)?;
    let new = active_other_than(&host, &old).await?;
    assert_eq!(call.invoke("transfer_funds", sixty()).await?.code, PAID);
    assert_eq!(new_call(&host).await?, OVER);
    let after = call.body("transfer_funds", sixty());
    let after_now = call.body("transfer_funds", sixty());
    let call_id = call.call_id;

    let host = host.kill()?.start().await?;
    assert_eq!(active(&host).await?, new);
    let said = Spoken::of(&host.signed("/functions", after).await?)?;
    assert_eq!(said.code, PAID, "{said:?}");
    let record = host.record(&call_id, 3).await?;
    assert_eq!(
        (&record["revision"], &record["repinned"]),
        (&json!(old), &Value::Null)
    );
    assert_eq!(new_call(&host).await?, OVER);

    let now = json!({"revision": new, "reason": "fraud", "now": true});
    order(&host, "activate", now).await?;
    let said = Spoken::of(&host.signed("/functions", after_now).await?)?;
    assert_eq!(said.code, OVER, "{said:?}");
    let record = host.record(&call_id, 4).await?;
    assert_eq!(record["revision"], json!(new), "{record}");
    assert_eq!(record["repinned"]["from"], json!(old), "{record}");
    assert!(
        record["repinned"]["why"].to_string().contains("fraud"),
        "{record}"
    );
    Ok(())
}

#[tokio::test]
async fn with_pin_turn_a_call_takes_the_active_rules_at_each_turn() -> Result<()> {
    let rules = Rules::new()?;
    rules.write(&rules.text()?.replace("pin = \"call\"", "pin = \"turn\""))?;
    let host = rules.setup.start().await?;
    let old = active(&host).await?;
    let mut call = Conversation::of_alice(&host);
    assert_eq!(call.invoke("transfer_funds", sixty()).await?.code, PAID);
    rules.save(&LOW)?;
    active_other_than(&host, &old).await?;
    assert_eq!(call.invoke("transfer_funds", sixty()).await?.code, OVER);
    let metrics = host.get("/metrics").await?.text;
    for line in [
        "pipeline_swaps_total{by=\"folder\"} 1",
        "stage_duration_microseconds_count{plugin=\"transfer-limits\"",
    ] {
        assert!(metrics.contains(line), "{line}: {metrics}");
    }
    assert!(host.record(&call.call_id, 2).await?["repinned"].is_null());
    Ok(())
}

#[tokio::test]
async fn a_rollback_lasts_until_the_folder_changes_again_also_over_a_restart() -> Result<()> {
    let rules = Rules::new()?;
    let host = rules.setup.start().await?;
    let first = active(&host).await?;
    let refused = host
        .post("/admin/pipeline/rollback", &json!({"reason": "x"}))
        .await?;
    assert_eq!(refused.problem(409), "nothing_before");
    rules.save(&LOW)?;
    let second = active_other_than(&host, &first).await?;
    let changed = order(&host, "rollback", json!({"reason": "too low"})).await?;
    assert_eq!(
        (&changed["revision"], &changed["replaced"]),
        (&json!(first), &json!(second))
    );
    assert_eq!(new_call(&host).await?, PAID);

    // The same files again are no change, neither when they are saved nor when a host starts with them.
    rules.save(&[])?;
    let looked = order(&host, "reload", json!({})).await?;
    assert_ne!(looked["verdict"], "activated", "{looked}");
    let host = host.kill()?.start().await?;
    assert_eq!(active(&host).await?, first);
    let held = candidate(&host).await?;
    assert_eq!(held["revision"], json!(second), "{held}");
    assert!(held["reason"].is_string(), "{held}");

    rules.save(&[("transfer_max", "\"40.00\"")])?;
    let third = active_other_than(&host, &first).await?;
    rules.save(&LOW)?;
    assert_eq!(active_other_than(&host, &third).await?, second);
    // Allowed, and said.
    let shown = status(&host).await?;
    assert_eq!(shown["active"]["taken_back"]["why"], "too low", "{shown}");
    assert!(
        host.log().contains("active again and was taken back"),
        "{}",
        host.log()
    );
    Ok(())
}

#[tokio::test]
async fn a_slip_of_the_pen_after_a_rollback_does_not_bring_back_what_was_taken_back() -> Result<()>
{
    let rules = Rules::new()?;
    let host = rules.setup.start().await?;
    let first = active(&host).await?;
    rules.save(&LOW)?;
    let second = active_other_than(&host, &first).await?;
    order(&host, "rollback", json!({"reason": "too low"})).await?;
    let good = rules.text()?;
    rules.write("[[stage")?;
    until("the slip", async || {
        Ok((candidate(&host).await?["verdict"] == "failed").then_some(()))
    })
    .await?;
    rules.write(&good)?;
    let held = until("a rejection", async || {
        let held = candidate(&host).await?;
        Ok((held["verdict"] == "rejected").then_some(held))
    })
    .await?;
    assert_eq!(held["revision"], json!(second), "{held}");
    assert_eq!(active(&host).await?, first);
    let metrics = host.get("/metrics").await?.text;
    let counted = r#"pipeline_candidates_refused_total{kind="rejected"} 1"#;
    assert!(metrics.contains(counted), "{metrics}");

    // Asked for by its name it is what is active, whoever looks at the files again.
    let wanted = json!({"revision": second, "reason": "it was right"});
    order(&host, "activate", wanted).await?;
    let looked = order(&host, "reload", json!({})).await?;
    assert_eq!(looked["verdict"], "unchanged", "{looked}");
    assert_eq!(looked["reason"], Value::Null, "{looked}");
    Ok(())
}

#[tokio::test]
async fn a_policy_that_disappears_is_held_back_until_a_person_wants_it() -> Result<()> {
    let rules = Rules::new()?;
    let host = rules.setup.start().await?;
    let first = active(&host).await?;
    let text = rules.text()?;
    let (before, rest) = text
        .split_once("[[stage]]\nphase = \"decide\"")
        .context("a policy")?;
    let (_, after) = rest
        .split_once("[[stage]]\nphase = \"fulfil\"")
        .context("an action")?;
    rules.write(&format!(
        "without = [\"decide\"]\n{before}[[stage]]\nphase = \"fulfil\"{after}"
    ))?;
    let held = until("a candidate that is held", async || {
        let held = candidate(&host).await?;
        Ok((held["verdict"] == "held").then_some(held))
    })
    .await?;
    let reason = held["reason"].as_str().unwrap_or_default();
    let wanted = held["revision"].as_str().unwrap_or_default();
    for words in [
        "a policy disappears: transfer-limits",
        "pipeline activate",
        wanted,
    ] {
        assert!(reason.contains(words), "{words}: {held}");
    }
    assert_eq!(active(&host).await?, first);
    // However often somebody asks, it is one candidate.
    for _ in 0..2 {
        let looked = order(&host, "reload", json!({})).await?;
        assert_eq!(looked["verdict"], "held", "{looked}");
    }
    let metrics = host.get("/metrics").await?.text;
    let counted = r#"pipeline_candidates_refused_total{kind="held"} 1"#;
    assert!(metrics.lines().any(|it| it == counted), "{metrics}");

    // A host that starts with these files holds them too, and says why.
    let host = host.kill()?.start().await?;
    assert_eq!(active(&host).await?, first);
    let again = candidate(&host).await?;
    assert_eq!(
        (&again["verdict"], &again["reason"]),
        (&held["verdict"], &held["reason"])
    );

    let meant = json!({"revision": wanted, "reason": "meant"});
    order(&host, "activate", meant).await?;
    assert_eq!(active(&host).await?, wanted);
    assert_eq!(candidate(&host).await?["verdict"], "unchanged");
    Ok(())
}

#[tokio::test]
async fn relative_paths_are_watched_like_others() -> Result<()> {
    let rules = Rules::new()?;
    let setup = rules
        .setup
        .clone()
        .set("ORCHESTRATOR_PIPELINE", "rules/pipeline.toml")
        .set("ORCHESTRATOR_PLUGIN_DIR", "./rules/dist");
    let host = setup.start().await?;
    let first = active(&host).await?;
    rules.save(&LOW)?;
    let second = active_other_than(&host, &first).await?;
    rules.change_component("response-shaper", 1)?;
    active_other_than(&host, &second).await?;
    Ok(())
}

#[tokio::test]
async fn a_component_that_takes_too_much_to_compile_is_refused_by_name() -> Result<()> {
    for (key, value, words) in [
        ("COMPILE_MS_MAX", 1, "more than 1 ms to compile"),
        ("COMPILE_MEMORY_BYTES_MAX", 4_000_000, "the compiler ended"),
    ] {
        let setup = Rules::new()?.setup;
        let own_cache = setup.folder().join("compiled");
        let ended = setup
            .set("ORCHESTRATOR_PLUGIN__CACHE_DIR", own_cache.display())
            .set(&format!("ORCHESTRATOR_PLUGIN__{key}"), value)
            .set("ORCHESTRATOR_PORT", free_port())
            .run()?;
        assert_eq!(ended.code, Some(1), "{ended:?}");
        assert!(ended.stderr.contains(words), "{words}: {}", ended.stderr);
        assert!(ended.stderr.contains("plugin `"), "{}", ended.stderr);
    }
    Ok(())
}

#[tokio::test]
async fn any_past_revision_can_be_activated_again_and_one_that_failed_cannot() -> Result<()> {
    let rules = Rules::new()?;
    let host = rules.setup.start().await?;
    let first = active(&host).await?;
    rules.change_component("transfer-limits", 1)?;
    let second = active_other_than(&host, &first).await?;
    rules.save(&LOW)?;
    active_other_than(&host, &second).await?;
    for revision in [&first, &second] {
        let wanted = json!({"revision": revision, "reason": "again"});
        order(&host, "activate", wanted).await?;
        assert_eq!(&active(&host).await?, revision);
    }
    rules.save(&[("transfer_max", "\"lots\"")])?;
    let failed = until("a failed candidate", async || {
        let held = candidate(&host).await?;
        Ok((held["verdict"] == "failed").then_some(held))
    });
    let failed = failed.await?["revision"].clone();
    for (revision, status, code) in [
        (failed, 409, "revision_failed"),
        (json!("r-000000000000"), 404, "revision_not_found"),
    ] {
        let wanted = json!({"revision": revision, "reason": "again"});
        let refused = host.post("/admin/pipeline/activate", &wanted).await?;
        assert_eq!(refused.problem(status), code);
    }
    let unsaid = json!({"revision": first});
    let refused = host.post("/admin/pipeline/activate", &unsaid).await?;
    assert_eq!(refused.problem(422), "reason_missing");
    assert_eq!(active(&host).await?, second);
    Ok(())
}

#[tokio::test]
async fn a_retired_revision_is_freed_when_its_last_call_ends_and_a_gauge_shows_it() -> Result<()> {
    let rules = Rules::new()?;
    let host = rules.setup.start().await?;
    let first = active(&host).await?;
    let mut call = Conversation::of_alice(&host);
    call.invoke("check_balance", json!({"account_id": "checking_1"}))
        .await?;
    rules.save(&LOW)?;
    let second = active_other_than(&host, &first).await?;
    let pinned = status(&host).await?["loaded"].clone();
    assert!(
        pinned
            .as_array()
            .is_some_and(|all| all.contains(&json!({"revision": first, "calls": 1}))),
        "{pinned}"
    );
    let shows = async |line: &str| {
        let metrics = host.get("/metrics").await?.text;
        anyhow::Ok(metrics.lines().any(|one| one == line))
    };
    let of_retired = "pipeline_calls_pinned{rules=\"retired\"}";
    until("the gauge of a pinned call", async || {
        Ok(shows(&format!("{of_retired} 1")).await?.then_some(()))
    })
    .await?;
    let ended = json!({"event": "call_ended", "call": call.call()});
    assert_eq!(
        host.signed("/webhook", ended.to_string()).await?.status,
        204
    );
    until("a freed revision", async || {
        let is_shown = shows("pipeline_revisions_loaded 1").await?
            && shows(&format!("{of_retired} 0")).await?;
        let loaded = status(&host).await?["loaded"].clone();
        let is_freed = loaded == json!([{"revision": second, "calls": 0}]);
        Ok((is_shown && is_freed).then_some(()))
    })
    .await?;
    Ok(())
}

#[tokio::test]
async fn a_hangup_and_the_admin_surface_look_at_the_files_where_nobody_watches() -> Result<()> {
    let rules = Rules::new()?;
    let setup: Setup = rules
        .setup
        .clone()
        .set("ORCHESTRATOR_PIPELINE__WATCH", "false");
    let host = setup.start().await?;
    let first = active(&host).await?;
    rules.save(&LOW)?;
    host.signal("HUP")?;
    let second = active_other_than(&host, &first).await?;
    rules.save(&[("transfer_max", "\"lots\"")])?;
    let looked = order(&host, "reload", json!({})).await?;
    assert_eq!(looked["verdict"], "failed", "{looked}");
    assert!(
        looked["reason"].to_string().contains("transfer_max"),
        "{looked}"
    );
    rules.save(&[("transfer_max", "\"40.00\"")])?;
    let looked = order(&host, "reload", json!({})).await?;
    assert_eq!(looked["verdict"], "activated", "{looked}");
    assert_ne!(active(&host).await?, second);
    Ok(())
}
