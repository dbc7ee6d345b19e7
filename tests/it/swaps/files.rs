//! Whatever happens to the files: half written, slow, vanished, replaced as a whole, no files at all. The active revision is
//! unchanged until they are whole and good, and everybody can read why.
//!
//! Pauses in these tests are those of a slow writer; none is waited for by anybody.

use std::io::Write as _;
use std::os::unix::fs::symlink;
use std::time::{Duration, Instant};

use anyhow::Result;
use serde_json::json;

use super::LOW;
use super::bad_files::{
    bad_components, bad_manifests, cuts_short, misspelt_manifests, strange_manifests,
};
use super::bench::{Rules, active, active_other_than, candidate, changed, put, status};
use crate::harness::{Host, copy_dir, plugins, until};

async fn failed(host: &Host, words: &[&str]) -> Result<()> {
    until("a refused candidate with its reason", async || {
        let held = candidate(host).await?;
        let reason = held["reason"].as_str().unwrap_or_default();
        let says_all = words.iter().all(|word| reason.contains(word));
        // One line, whoever put it together from whose words.
        let stray = ["\n", ".;", ".:", ": .", "::", "  "];
        assert!(!stray.iter().any(|it| reason.contains(it)), "{reason:?}");
        Ok((held["verdict"] == "failed" && says_all).then_some(()))
    })
    .await
    .map_err(|cause| anyhow::anyhow!("{cause}: {words:?}\n{}", host.log()))
}

fn refused(metrics: &str) -> u64 {
    let counts = metrics
        .lines()
        .filter(|line| line.starts_with("pipeline_candidates_refused_total{"));
    counts
        .filter_map(|line| line.rsplit_once(' ')?.1.parse::<u64>().ok())
        .sum()
}

#[tokio::test]
async fn a_bad_candidate_never_changes_what_is_active() -> Result<()> {
    let rules = Rules::new()?;
    let host = rules.setup.start().await?;
    let good = active(&host).await?;
    let (text, file) = (rules.text()?, rules.component("transfer-limits"));
    let bytes = std::fs::read(&file)?;
    for (what, spoil, words) in bad_components()
        .into_iter()
        .chain(cuts_short())
        .chain(bad_manifests())
        .chain(misspelt_manifests())
        .chain(strange_manifests())
    {
        let before = refused(&host.get("/metrics").await?.text);
        spoil(&rules, &file)?;
        failed(&host, words)
            .await
            .map_err(|cause| cause.context(what))?;
        assert_eq!(active(&host).await?, good, "{what}");
        assert!(
            refused(&host.get("/metrics").await?.text) > before,
            "{what} is not counted"
        );
        assert_eq!(super::new_call(&host).await?, super::PAID, "{what}");
        for replaced in [&file, &rules.manifest()] {
            if replaced.is_dir() {
                std::fs::remove_dir(replaced)?;
            }
        }
        put(&file, &bytes)?;
        rules.write(&text)?;
        until("the good files again", async || {
            Ok((candidate(&host).await?["verdict"] == "unchanged").then_some(()))
        })
        .await?;
    }
    let log = host.log();
    let lines = log
        .lines()
        .filter(|line| line.contains("Candidate refused"));
    assert!(lines.count() >= 28, "{log}");
    Ok(())
}

#[tokio::test]
async fn a_file_that_no_stage_names_is_said_to_be_ignored() -> Result<()> {
    let rules = Rules::new()?;
    let host = rules.setup.start().await?;
    let good = active(&host).await?;
    put(&rules.dist().join("notes.txt"), b"do not forget")?;
    put(&rules.dist().join("stray.wasm"), &[7; 4_000])?;
    until("both ignored files", async || {
        let ignored = status(&host).await?["ignored"].clone();
        let names: Vec<_> = ignored
            .as_array()
            .into_iter()
            .flatten()
            .map(|one| one["file"].clone())
            .collect();
        Ok((names == [json!("notes.txt"), json!("stray.wasm")]).then_some(()))
    })
    .await?;
    assert_eq!(active(&host).await?, good);
    assert!(host.log().contains("stray.wasm"));
    assert!(
        host.get("/metrics")
            .await?
            .text
            .contains("pipeline_files_ignored_total 2")
    );
    Ok(())
}

async fn no_failures(host: &Host) -> Result<()> {
    let history = host.get("/admin/revisions?limit=1000").await?.expect(200);
    let proposals = history["proposals"].as_array().expect("a list");
    assert!(
        proposals.iter().all(|one| one["verdict"] != "failed"),
        "{history}"
    );
    Ok(())
}

#[tokio::test]
async fn a_component_that_no_stage_names_keeps_no_change_waiting_while_it_is_written() -> Result<()>
{
    let rules = Rules::new()?;
    let host = rules.setup.start().await?;
    let first = active(&host).await?;
    let mut slow = std::fs::File::create(rules.component("nobodys"))?;
    slow.write_all(b"\0asm")?;
    let began = Instant::now();
    rules.save(&LOW)?;
    while active(&host).await? == first {
        // A writer who goes on is given up only after half a minute.
        anyhow::ensure!(began.elapsed() < Duration::from_secs(20), "it waits");
        slow.write_all(b"more")?;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}

#[tokio::test]
async fn a_file_that_is_written_slowly_is_taken_when_it_is_whole() -> Result<()> {
    let rules = Rules::new()?;
    let host = rules.setup.start().await?;
    let good = active(&host).await?;
    let file = rules.component("transfer-limits");
    let bytes = changed(&file, 9)?;
    let mut slow = std::fs::File::create(&file)?;
    for part in bytes.chunks(bytes.len() / 20) {
        slow.write_all(part)?;
        tokio::time::sleep(Duration::from_millis(15)).await;
    }
    assert_eq!(active(&host).await?, good);
    drop(slow);
    active_other_than(&host, &good).await?;
    no_failures(&host).await
}

#[tokio::test]
async fn ten_saves_a_second_end_in_what_was_saved_last() -> Result<()> {
    let rules = Rules::new()?;
    let host = rules.setup.start().await?;
    for number in 0..20 {
        rules.save(&[("day_count_max", &format!("{}", 30 + number))])?;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    until("the last save", async || {
        let active = status(&host).await?["active"].clone();
        let stages = active["stages"].as_array().unwrap();
        let policy = stages
            .iter()
            .find(|stage| stage["phase"] == "decide")
            .unwrap();
        Ok((policy["settings"]["day_count_max"] == 49).then_some(()))
    })
    .await?;
    no_failures(&host).await
}

#[tokio::test]
async fn files_that_change_together_become_one_revision() -> Result<()> {
    let rules = Rules::new()?;
    let host = rules.setup.start().await?;
    let good = active(&host).await?;
    for plugin in [
        "intent-router",
        "transfer-limits",
        "banking-actions",
        "response-shaper",
    ] {
        rules.change_component(plugin, 3)?;
    }
    rules.save(&super::LOW)?;
    active_other_than(&host, &good).await?;
    let history = host.get("/admin/revisions").await?.expect(200);
    assert_eq!(
        history["activations"].as_array().unwrap().len(),
        2,
        "{history}"
    );
    assert_eq!(super::new_call(&host).await?, super::OVER);
    Ok(())
}

#[tokio::test]
async fn a_folder_may_be_replaced_as_a_whole_or_be_a_link_that_is_turned() -> Result<()> {
    let rules = Rules::new()?;
    let host = rules.setup.start().await?;
    let mut before = active(&host).await?;
    let (dist, beside) = (rules.dist(), rules.dist().with_file_name("next"));
    let prepare = |number: u8| -> Result<()> {
        copy_dir(&plugins()?, &beside)?;
        let file = beside.join("transfer-limits.wasm");
        put(
            &file,
            &changed(&plugins()?.join("transfer-limits.wasm"), number)?,
        )
    };
    for number in [1, 2] {
        prepare(number)?;
        std::fs::rename(&dist, dist.with_file_name(format!("before-{number}")))?;
        std::fs::rename(&beside, &dist)?;
        before = active_other_than(&host, &before).await?;
    }
    // A file of the new folder is watched as those of the old one were.
    rules.change_component("transfer-limits", 3)?;
    before = active_other_than(&host, &before).await?;

    for number in [4, 5] {
        prepare(number)?;
        let target = dist.with_file_name(format!("release-{number}"));
        std::fs::rename(&beside, &target)?;
        let link = dist.with_file_name("link");
        symlink(&target, &link)?;
        if !dist.is_symlink() {
            std::fs::rename(&dist, dist.with_file_name("last"))?;
        }
        std::fs::rename(&link, &dist)?;
        before = active_other_than(&host, &before).await?;
    }
    Ok(())
}

#[tokio::test]
async fn settings_in_a_file_of_their_own_are_watched_too() -> Result<()> {
    let rules = Rules::new()?;
    let limits = rules.manifest().with_file_name("limits.toml");
    put(&limits, b"transfer_max = \"10000.00\"\n")?;
    let text = rules.text()?.replace(
        "plugin = \"transfer-limits\"",
        "plugin = \"transfer-limits\"\nsettings_file = \"limits.toml\"",
    );
    let text = regex::Regex::new("(?m)^transfer_max .*\n")?
        .replace(&text, "")
        .into_owned();
    rules.write(&text)?;
    let host = rules.setup.start().await?;
    let good = active(&host).await?;
    assert_eq!(super::new_call(&host).await?, super::PAID);
    put(&limits, b"transfer_max = \"50.00\"\n")?;
    let low = active_other_than(&host, &good).await?;
    assert_eq!(super::new_call(&host).await?, super::OVER);
    put(&limits, b"transfer_max = ")?;
    failed(&host, &["limits.toml", "transfer-limits"]).await?;
    assert_eq!(active(&host).await?, low);
    Ok(())
}
