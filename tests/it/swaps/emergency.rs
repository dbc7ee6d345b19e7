//! What an operator does in an emergency: halts hold at once, outlast the host and are undone the same way; an order holds against
//! whatever the files are about to become.

use anyhow::Result;
use serde_json::json;

use super::bench::{Rules, active, active_other_than, candidate};
use super::{LOW, OVER, PAID, new_call, order, sixty};
use crate::harness::{Conversation, Host, signal, until};

#[tokio::test]
async fn halted_transfers_and_plugins_are_refused_recorded_and_undone_the_same_way() -> Result<()> {
    let rules = Rules::new()?;
    let host = rules.setup.start().await?;
    let mut call = Conversation::of_alice(&host);
    order(
        &host,
        "halt",
        json!({"what": "transfers", "reason": "fraud", "who": "ann"}),
    )
    .await?;
    assert_eq!(
        call.invoke("transfer_funds", sixty()).await?.code,
        "transfers_halted"
    );
    assert_eq!(
        host.record(&call.call_id, 1).await?["reason"],
        "transfers_halted"
    );
    let rest =
        r#"{"user_id":"user_1","from_account":"checking_1","to_account":"savings_1","amount":5}"#;
    let refused = host.post_text("/orchestrate/transfer", rest, &[]).await?;
    assert_eq!(refused.problem(503), "transfers_halted");
    assert_eq!(
        call.invoke("check_balance", json!({"account_id": "checking_1"}))
            .await?
            .code,
        "balance"
    );
    let host = host.kill()?.start().await?;
    assert_eq!(
        new_call(&host).await?,
        "transfers_halted",
        "a halt outlasts the host"
    );
    order(
        &host,
        "resume",
        json!({"what": "transfers", "reason": "over"}),
    )
    .await?;
    assert_eq!(new_call(&host).await?, PAID);

    for (plugin, code) in [
        ("transfer-limits", "policy_failed"),
        ("intent-router", "help"),
        ("banking-actions", "bank_unavailable"),
        ("response-shaper", PAID),
    ] {
        let target = json!({"what": "plugin", "name": plugin, "reason": "wrong"});
        order(&host, "halt", target.clone()).await?;
        assert_eq!(new_call(&host).await?, code, "{plugin}");
        order(&host, "resume", target).await?;
        assert_eq!(new_call(&host).await?, PAID, "{plugin}");
    }
    let unknown = json!({"what": "plugin", "name": "transfer-limit", "reason": "wrong"});
    let refused = host.post("/admin/pipeline/halt", &unknown).await?;
    assert_eq!(refused.problem(422), "plugin_unknown");
    let history = host.get("/admin/revisions").await?.expect(200);
    let halts = history["halts"].as_array().unwrap();
    assert_eq!(halts.len(), 10, "{history}");
    assert_eq!(
        (&halts[9]["who"], &halts[9]["why"]),
        (&json!("ann"), &json!("fraud"))
    );
    Ok(())
}

/// The child process in which a host compiles, once there is one.
async fn compiling(host: &Host) -> Result<u32> {
    let children = format!("/proc/{0}/task", host.id());
    until("a component being compiled", async || {
        for thread in std::fs::read_dir(&children)? {
            let children = std::fs::read_to_string(thread?.path().join("children"));
            let children = children.unwrap_or_default();
            if let Some(child) = children.split_whitespace().next() {
                return Ok(Some(child.parse()?));
            }
        }
        Ok(None)
    })
    .await
}

#[tokio::test]
async fn an_order_given_while_a_candidate_compiles_is_not_overtaken_by_it() -> Result<()> {
    let rules = Rules::new()?;
    let compiled = rules.setup.folder().join("compiled").display().to_string();
    let setup = rules.setup.clone();
    let host = setup
        .set("ORCHESTRATOR_PLUGIN__CACHE_DIR", compiled)
        .start()
        .await?;
    let first = active(&host).await?;
    rules.save(&LOW)?;
    let second = active_other_than(&host, &first).await?;
    rules.change_component("response-shaper", 9)?;
    let child = compiling(&host).await?;
    signal(child, "STOP")?;
    // Calls and orders do not wait for a compiler.
    assert_eq!(new_call(&host).await?, OVER);
    let back = json!({"revision": first, "reason": "too low"});
    order(&host, "activate", back).await?;
    assert_eq!(new_call(&host).await?, PAID);
    signal(child, "CONT")?;
    until("an overtaken candidate", async || {
        let candidate = candidate(&host).await?;
        let reason = candidate["reason"].as_str().unwrap_or_default();
        Ok(reason
            .contains("while these files were looked at")
            .then_some(()))
    })
    .await?;
    assert_eq!(active(&host).await?, first);
    assert_ne!(first, second);
    Ok(())
}
