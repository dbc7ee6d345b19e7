//! Files that somebody has begun to write and not closed: whoever asks for a look, or starts a host, does not get half of them.
//!
//! The halves are good manifests by themselves, and say something else than the whole.

use std::fs::File;
use std::io::Write as _;
use std::time::Duration;

use anyhow::{Context as _, Result};
use serde_json::json;

use super::bench::{Rules, active, active_other_than};
use super::{LOW, OVER, new_call};
use crate::harness::{Host, until};

/// The manifest with a low limit, except its last line, in a file that is kept open; and that line.
fn begun(rules: &Rules) -> Result<(File, String)> {
    let shipped = rules.text()?;
    rules.save(&LOW)?;
    let text = rules.text()?;
    rules.write(&shipped)?;
    let at = text.rfind("words_max").context("the last line")?;
    let mut file = File::create(rules.manifest())?;
    file.write_all(&text.as_bytes()[..at])?;
    Ok((file, text[at..].to_owned()))
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
        // Somebody who watches has begun to.
        tokio::time::sleep(Duration::from_millis(200)).await;
        let (mut file, last) = begun(&rules)?;

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
        assert_eq!(active(&host).await?, first);

        file.write_all(last.as_bytes())?;
        drop(file);
        if !watch {
            super::order(&host, "reload", json!({})).await?;
        }
        active_other_than(&host, &first).await?;
        assert_eq!(new_call(&host).await?, OVER);
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
    let (mut file, last) = begun(&rules)?;
    let writing = async {
        tokio::time::sleep(Duration::from_millis(1_000)).await;
        file.write_all(last.as_bytes())?;
        drop(file);
        anyhow::Ok(())
    };
    let (host, written) = tokio::join!(setup.start(), writing);
    written?;
    let host = host?;
    active_other_than(&host, &first).await?;
    assert_eq!(new_call(&host).await?, OVER);
    assert_eq!(revisions(&host).await?, 2);
    Ok(())
}
