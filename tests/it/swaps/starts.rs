//! What a start makes of the files that it finds: it shows what they are, and takes nothing.
//!
//! What is active is the database's word, whatever lies in the folder.

use std::time::Duration;

use anyhow::Result;
use serde_json::json;

use super::bench::{Rules, active, candidate};
use super::{LOW, PAID, new_call, order};

#[tokio::test]
async fn a_start_brings_back_what_is_active_whatever_lies_in_the_folder() -> Result<()> {
    let rules = Rules::new()?;
    let host = rules.setup.start().await?;
    let first = active(&host).await?;
    let (setup, _) = host.stop()?;
    rules.save(&LOW)?;
    let host = setup.start().await?;
    assert_eq!(active(&host).await?, first);
    let waits = candidate(&host).await?;
    assert_eq!(waits["verdict"], "held", "{waits}");
    // Nor does the watcher's first look, which follows the start's; nor a comment, which makes nothing else of them.
    rules.write(&format!("{}\n# later\n", rules.text()?))?;
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert_eq!(active(&host).await?, first);
    assert_eq!(new_call(&host).await?, PAID);
    let asked = order(&host, "reload", json!({})).await?;
    assert_eq!(asked["verdict"], "activated", "{asked}");
    let second = active(&host).await?;
    assert_ne!(first, second);
    order(
        &host,
        "activate",
        json!({"revision": first, "reason": "back"}),
    )
    .await?;
    let (setup, _) = host.stop()?;
    let host = setup.start().await?;
    assert_eq!(active(&host).await?, first);

    // Bad files do not keep a host from starting that has good rules in its database.
    let (setup, _) = host.stop()?;
    rules.write("[[stage")?;
    let host = setup.start().await?;
    assert_eq!(active(&host).await?, first);
    assert_eq!(candidate(&host).await?["verdict"], "failed");
    assert_eq!(new_call(&host).await?, PAID);
    Ok(())
}

#[tokio::test]
async fn a_restart_does_not_try_again_what_was_refused() -> Result<()> {
    let rules = Rules::new()?;
    let own_cache = rules.setup.folder().join("compiled");
    let patient = rules
        .setup
        .clone()
        .set("ORCHESTRATOR_PLUGIN__CACHE_DIR", own_cache.display());
    let host = patient.start().await?;
    let first = active(&host).await?;
    host.stop()?;

    rules.change_component("transfer-limits", 1)?;
    let hasty = patient
        .clone()
        .set("ORCHESTRATOR_PLUGIN__COMPILE_MS_MAX", 1);
    let host = hasty.start().await?;
    assert_eq!(candidate(&host).await?["verdict"], "failed");
    host.stop()?;

    // It would pass now; but nobody changed it, and nobody asked.
    let host = patient.start().await?;
    assert_eq!(active(&host).await?, first);
    let held = candidate(&host).await?;
    assert_eq!(held["verdict"], "failed", "{held}");
    assert!(held["reason"].to_string().contains("1 ms"), "{held}");
    let log = host.log();
    assert!(log.contains("not what is active: "), "{log}");
    let asked = order(&host, "reload", json!({})).await?;
    assert_eq!(asked["verdict"], "activated", "{asked}");
    assert_ne!(active(&host).await?, first);
    Ok(())
}
