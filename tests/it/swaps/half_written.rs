//! Files that somebody has begun to write and not closed: whoever asks for a look, or starts a host, does not get half of them.
//!
//! The halves are good manifests by themselves, and say something else than the whole.

use std::fs::File;
use std::io::Write as _;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};
use serde_json::json;

use super::bench::{Rules, active, active_other_than, status};
use super::{LOW, OVER, new_call};
use crate::harness::{Host, until};

/// The manifest with a low limit, except its last line, in a file that is kept open; and that line.
fn begun(rules: &Rules) -> Result<(File, String)> {
    begun_at(rules, &rules.manifest())
}

fn begun_at(rules: &Rules, file: &Path) -> Result<(File, String)> {
    let text = rules.saying(&LOW)?;
    let at = text.rfind("words_max").context("the last line")?;
    let mut file = File::create(file)?;
    file.write_all(&text.as_bytes()[..at])?;
    Ok((file, text[at..].to_owned()))
}

/// Writes that line, and closes the file.
fn finish(mut file: File, last: &str) -> Result<()> {
    Ok(file.write_all(last.as_bytes())?)
}

/// Waits until the whole manifest is active instead of these rules.
async fn is_whole_after(host: &Host, before: &str) -> Result<()> {
    active_other_than(host, before).await?;
    assert_eq!(new_call(host).await?, OVER);
    Ok(())
}

async fn revisions(host: &Host) -> Result<usize> {
    let history = host.get("/admin/revisions").await?.expect(200);
    Ok(history["revisions"].as_array().context("a list")?.len())
}

#[tokio::test]
async fn who_asks_for_a_look_while_a_file_is_written_is_told_so_and_nothing_is_taken() -> Result<()>
{
    for watch in [true, false] {
        let rules = Rules::new()?;
        let setup = rules
            .setup
            .clone()
            .set("ORCHESTRATOR_PIPELINE__WATCH", watch);
        let host = setup.start().await?;
        let first = active(&host).await?;
        let (file, last) = begun(&rules)?;

        let asked = host.post("/admin/pipeline/reload", &json!({})).await?;
        let problem = asked.expect(409);
        assert_eq!(problem["code"], "files_changing", "{problem}");
        let said = problem["detail"].to_string();
        assert!(
            said.contains("pipeline.toml is still being written"),
            "{said}"
        );
        host.signal("HUP")?;
        until("the answer to a hangup", async || {
            let log = host.log();
            let is_told =
                log.contains("not reloaded on SIGHUP") && log.contains("still being written");
            Ok(is_told.then_some(()))
        })
        .await?;
        let waits = status(&host).await?["waits_for"].to_string();
        assert!(waits.contains("pipeline.toml"), "{waits}");
        assert_eq!(active(&host).await?, first);

        finish(file, &last)?;
        if !watch {
            super::order(&host, "reload", json!({})).await?;
        }
        is_whole_after(&host, &first).await?;
        assert_eq!(revisions(&host).await?, 2);
    }
    Ok(())
}

#[tokio::test]
async fn a_start_takes_no_half_of_what_is_written_meanwhile() -> Result<()> {
    let rules = Rules::new()?;
    let host = rules.setup.start().await?;
    let first = active(&host).await?;
    let (setup, _) = host.stop()?;
    let (file, last) = begun(&rules)?;
    let host = setup.start().await?;
    // Longer than anything waits that nobody told of.
    tokio::time::sleep(Duration::from_secs(6)).await;
    assert_eq!(active(&host).await?, first);
    finish(file, &last)?;
    is_whole_after(&host, &first).await?;
    Ok(())
}

#[tokio::test]
async fn the_first_rules_of_a_database_are_whole_as_well() -> Result<()> {
    let rules = Rules::new()?;
    let (file, last) = begun(&rules)?;
    let writing = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        finish(file, &last)
    };
    let (host, written) = tokio::join!(rules.setup.start(), writing);
    written?;
    let host = host?;
    assert_eq!(new_call(&host).await?, OVER);
    assert_eq!(revisions(&host).await?, 1);
    Ok(())
}

#[tokio::test]
async fn what_a_link_leads_to_is_not_taken_half_either() -> Result<()> {
    let rules = Rules::new()?;
    let elsewhere = rules.setup.folder().join("elsewhere.toml");
    std::fs::rename(rules.manifest(), &elsewhere)?;
    symlink(&elsewhere, rules.manifest())?;
    let host = rules.setup.start().await?;
    let first = active(&host).await?;
    // Through the link, so that it stays one.
    let (file, last) = begun_at(&rules, &elsewhere)?;
    let asked = host.post("/admin/pipeline/reload", &json!({})).await?;
    let said = asked.expect(409)["detail"].to_string();
    assert!(said.contains("is still being written"), "{said}");
    tokio::time::sleep(Duration::from_secs(6)).await;
    assert_eq!(active(&host).await?, first);
    finish(file, &last)?;
    is_whole_after(&host, &first).await?;
    assert_eq!(revisions(&host).await?, 2);
    Ok(())
}
