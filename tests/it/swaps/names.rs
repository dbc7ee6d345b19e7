//! Whose file is whose: a component counts as the plugin that it calls itself, and a policy is missed by its name whatever came in
//! its place.

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::bench::{Rules, active, active_other_than, candidate, put, status};
use super::{LOW, OVER, PAID, new_call, order, sixty};
use crate::harness::{Conversation, Host, carrying, guests, until};

const POLICY: &str = "plugin = \"transfer-limits\"";

async fn looked_at(host: &Host, verdict: &str, words: &[&str]) -> Result<Value> {
    until("a candidate with its reason", async || {
        let found = candidate(host).await?;
        let reason = found["reason"].as_str().unwrap_or_default();
        let says_all = words.iter().all(|word| reason.contains(word));
        Ok((found["verdict"] == verdict && says_all).then_some(found))
    })
    .await
    .with_context(|| format!("{verdict}: {words:?}\n{}", host.log()))
}

/// The stage of the policy, word for word, with what follows it up to the next stage.
fn policy_stage(text: &str) -> Result<&str> {
    let from = text
        .find("[[stage]]\nphase = \"decide\"")
        .context("a policy")?;
    let to = text
        .find("[[stage]]\nphase = \"fulfil\"")
        .context("an action")?;
    Ok(&text[from..to])
}

#[tokio::test]
async fn a_component_under_another_plugins_name_is_refused() -> Result<()> {
    let rules = Rules::new()?;
    let host = rules.setup.start().await?;
    let first = active(&host).await?;
    let file = rules.component("transfer-limits");
    let good = std::fs::read(&file)?;
    let other = std::fs::read(guests()?.join("bad-policy.wasm"))?;
    put(&file, &other)?;
    let words = [
        "`transfer-limits`",
        "calls itself `bad-policy`",
        "`bad-policy.wasm`",
    ];
    looked_at(&host, "failed", &words).await?;
    // Of a copy, only the name that it carries may be another.
    put(
        &file,
        &carrying(&good, "name = 'other'\nphase = 'decide'\n"),
    )?;
    looked_at(&host, "failed", &["calls itself `other`"]).await?;
    // A plugin in another's place needs other grants; they are not what is to be mended.
    put(
        &file,
        &std::fs::read(guests()?.join("undeclared-import.wasm"))?,
    )?;
    looked_at(&host, "failed", &["calls itself `undeclared-import`"]).await?;
    assert_eq!(active(&host).await?, first);
    assert_eq!(new_call(&host).await?, PAID);
    Ok(())
}

#[tokio::test]
async fn a_plugin_toml_that_says_what_its_component_is_not_is_refused_by_its_own_kind() -> Result<()>
{
    let rules = Rules::new()?;
    let host = rules.setup.start().await?;
    let file = rules.component("transfer-limits");
    let good = std::fs::read(&file)?;
    for (text, words) in [
        (
            "name = 'transfer-limits'\nphase = 'shape'",
            "says phase `shape`, and it is a policy",
        ),
        (
            "name = 'transfer-limits'\nsumary = 'x'",
            "unknown key `sumary`, did you mean `summary`?",
        ),
    ] {
        put(&file, &carrying(&good, text))?;
        looked_at(&host, "failed", &[words]).await?;
    }
    let metrics = host.get("/metrics").await?.text;
    for (kind, count) in [("plugin-toml", 2), ("self-test", 0)] {
        let line = format!(
            "pipeline_candidates_refused_total{{kind=\"{kind}\",plugin=\"transfer-limits\"}} {count}"
        );
        assert!(metrics.lines().any(|it| it == line), "{line}: {metrics}");
    }
    let help = "# HELP pipeline_candidates_refused_total ";
    assert!(metrics.contains(help), "{metrics}");
    Ok(())
}

#[tokio::test]
async fn one_plugin_may_stand_twice_in_a_phase_and_each_of_its_names_halts_it() -> Result<()> {
    let rules = Rules::new()?;
    let host = rules.setup.start().await?;
    let first = active(&host).await?;
    let text = rules.text()?;
    let stage = policy_stage(&text)?;
    let strict = stage
        .replace(POLICY, &format!("{POLICY}\nname = \"savings\""))
        .replace("transfer_max = \"10000.00\"", "transfer_max = \"50.00\"");
    rules.write(&text.replace(stage, &format!("{stage}{strict}")))?;
    active_other_than(&host, &first).await?;
    let mut call = Conversation::of_alice(&host);
    assert_eq!(call.invoke("transfer_funds", sixty()).await?.code, OVER);
    let record = host.record(&call.call_id, 1).await?;
    let stages = record["stages"].as_array().context("stages")?;
    let policies: Vec<&Value> = stages
        .iter()
        .filter(|stage| stage["phase"] == "decide")
        .map(|stage| &stage["plugin"])
        .collect();
    assert_eq!(policies, ["transfer-limits", "savings"]);
    let list = host
        .get(&format!("/admin/decisions?call_id={}", call.call_id))
        .await?
        .expect(200);
    assert_eq!(list["decisions"][0]["decided_by"], "savings", "{list}");

    for name in ["savings", "transfer-limits"] {
        let target = json!({"what": "plugin", "name": name, "reason": "wrong"});
        order(&host, "halt", target.clone()).await?;
        let said = Conversation::of_alice(&host)
            .invoke("check_balance", json!({"account_id": "checking_1"}))
            .await?;
        assert_eq!(said.code, "policy_failed", "{name}");
        order(&host, "resume", target).await?;
    }
    let all = status(&host).await?["active"]["stages"].clone();
    let named = all.as_array().context("stages")?.iter();
    let named = named.filter(|stage| stage["component"] == "transfer-limits");
    assert_eq!(named.count(), 1, "{all}");
    Ok(())
}

#[tokio::test]
async fn a_policy_that_another_replaces_is_held_back_by_its_name() -> Result<()> {
    let rules = Rules::new()?;
    std::fs::copy(
        guests()?.join("bad-policy.wasm"),
        rules.component("bad-policy"),
    )?;
    let host = rules.setup.start().await?;
    let first = active(&host).await?;
    let text = rules.text()?;
    let stage = policy_stage(&text)?;
    for named in ["", "name = \"transfer-limits\"\n"] {
        let other = format!("[[stage]]\nphase = \"decide\"\nplugin = \"bad-policy\"\n{named}\n");
        rules.write(&text.replace(stage, &other))?;
        let held = looked_at(&host, "held", &["a policy disappears: transfer-limits"]).await?;
        assert_eq!(active(&host).await?, first, "{held}");
        rules.write(&text)?;
        until("the shipped files again", async || {
            Ok((candidate(&host).await?["verdict"] == "unchanged").then_some(()))
        })
        .await?;
    }
    rules.save(&LOW)?;
    active_other_than(&host, &first).await?;
    Ok(())
}
