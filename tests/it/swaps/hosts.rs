//! Several hosts on one PostgreSQL and one Redis: they follow each other, agree about every pinned call, and do not overwrite each other's
//! rules.
//!
//! Each host has a folder of its own, as on machines of their own.

use anyhow::Result;
use serde_json::json;

use super::bench::{Rules, active, active_other_than, candidate, status};
use super::{LOW, OVER, PAID, new_call, order, sixty};
use crate::harness::{Conversation, Database, Host, Redis, Setup, Spoken, postgres, until};
use crate::rules::digest;

pub async fn agree(host: &Host, revision: &str) -> Result<()> {
    until("the same active revision", async || {
        Ok((active(host).await? == revision).then_some(()))
    })
    .await
}

/// All know which calls a rollback moves: the one on what was taken back, and not the one that began before.
async fn assert_moves_one(hosts: &[&Host], from: &str, to: &str) -> Result<()> {
    let moved = json!({"revision": from, "calls": 1, "moving": 1, "moving_to": to});
    let kept = json!({"revision": to, "calls": 1, "moving": 0, "moving_to": null});
    for host in hosts {
        let pinned = status(host).await?["pinned"].clone();
        let all = pinned.as_array().map_or(&[][..], Vec::as_slice);
        assert!(all.contains(&moved) && all.contains(&kept), "{pinned}");
    }
    Ok(())
}

/// Files and setups of two hosts that share database, live state and bank.
pub struct Two {
    pub here: Rules,
    pub there: Rules,
    pub database: Database,
    _redis: Redis,
    _bank: Host,
}

impl Two {
    /// None on a machine that lacks what they share.
    pub async fn new() -> Result<Option<Self>> {
        let (Some(database), Some(redis)) = (postgres()?, Redis::start()?) else {
            return Ok(None);
        };
        let (bank, url) = Setup::bank("documented").await?;
        let rules = || {
            Rules::of(
                Setup::sandbox()?
                    .set("PYTHON_BACKEND_URL", &url)
                    // What a busy machine makes slow is no fault of these hosts.
                    .set("ORCHESTRATOR_DATABASE__STATEMENT_TIMEOUT_MS", 15_000)
                    .set("ORCHESTRATOR_TURN__DEADLINE_MS", 15_000)
                    .set("DATABASE_URL", &database.url)
                    .set("CALL_STATE_DB", "redis")
                    .set("REDIS_URL", &redis.url),
            )
        };
        Ok(Some(Self {
            here: rules()?,
            there: rules()?,
            database,
            _redis: redis,
            _bank: bank,
        }))
    }
}

#[tokio::test]
async fn hosts_follow_each_other_and_agree_about_a_pinned_call() -> Result<()> {
    let Some(two) = Two::new().await? else {
        return Ok(());
    };
    let (here, there) = (&two.here, &two.there);
    let (one, other) = (here.setup.start().await?, there.setup.start().await?);
    let first = active(&one).await?;
    agree(&other, &first).await?;
    let mut call = Conversation::of_alice(&one);
    assert_eq!(call.invoke("transfer_funds", sixty()).await?.code, PAID);

    here.save(&LOW)?;
    let second = active_other_than(&one, &first).await?;
    agree(&other, &second).await?;
    assert_eq!(new_call(&other).await?, OVER);
    // A host that never saw this call decides it by the rules that it began with.
    let body = call.body("transfer_funds", sixty());
    let said = Spoken::of(&other.signed("/functions", body).await?)?;
    assert_eq!(said.code, PAID, "{said:?}");
    assert_eq!(
        other.record(&call.call_id, 2).await?["revision"],
        json!(first)
    );

    // The other folder still holds the first rules; a restart there brings back what the database says.
    let other = other.kill()?.start().await?;
    assert_eq!(active(&other).await?, second);
    assert_eq!(active(&one).await?, second);

    let back = json!({"reason": "too low", "now": true});
    let back = order(&other, "rollback", back).await?;
    assert_eq!(back["calls_moved"], 1, "{back}");
    agree(&one, &first).await?;
    assert_moves_one(&[&other, &one], &second, &first).await?;
    // Nor does a start of the host whose folder holds what was taken back.
    let one = one.kill()?.start().await?;
    assert_eq!(active(&one).await?, first);
    assert_eq!(active(&other).await?, first);

    order(
        &one,
        "halt",
        json!({"what": "transfers", "reason": "fraud"}),
    )
    .await?;
    until("the halt on the other host", async || {
        let halts = status(&other).await?["halts"].clone();
        Ok(halts
            .as_array()
            .is_some_and(|all| all.len() == 1)
            .then_some(()))
    })
    .await?;
    assert_eq!(new_call(&other).await?, "transfers_halted");
    order(
        &other,
        "resume",
        json!({"what": "transfers", "reason": "over"}),
    )
    .await?;
    until("no halt any more", async || {
        Ok((status(&one).await?["halts"] == json!([])).then_some(()))
    })
    .await?;
    assert_eq!(new_call(&one).await?, PAID);
    Ok(())
}

#[tokio::test]
async fn a_new_host_with_other_files_overwrites_nobodys_rules() -> Result<()> {
    let Some(two) = Two::new().await? else {
        return Ok(());
    };
    let (here, there) = (&two.here, &two.there);
    let one = here.setup.start().await?;
    let first = active(&one).await?;
    there.save(&LOW)?;
    let other = there.setup.start().await?;
    let waits = candidate(&other).await?;
    assert_eq!(waits["verdict"], "held", "{waits}");
    assert!(
        waits["reason"]
            .to_string()
            .contains("did not see them change"),
        "{waits}"
    );
    // Nor does it once the database has seen the folder.
    let other = other.kill()?.start().await?;
    assert_eq!(candidate(&other).await?["verdict"], "held");
    for host in [&one, &other] {
        assert_eq!(active(host).await?, first);
        assert_eq!(new_call(host).await?, PAID);
    }

    let asked = order(&other, "reload", json!({})).await?;
    assert_eq!(asked["verdict"], "activated", "{asked}");
    agree(&one, &active(&other).await?).await?;
    assert_eq!(new_call(&one).await?, OVER);
    Ok(())
}

/// A response shaper that does the same and is another file.
const ANOTHER: u8 = 7;

#[tokio::test]
async fn a_host_that_cannot_load_what_is_active_says_so_and_goes_on_until_it_can() -> Result<()> {
    let Some(two) = Two::new().await? else {
        return Ok(());
    };
    let (here, there) = (&two.here, &two.there);
    let one = here.setup.start().await?;
    let old = active(&one).await?;
    here.change_component("response-shaper", ANOTHER)?;
    let new = active_other_than(&one, &old).await?;
    let mut call = Conversation::of_alice(&one);
    assert_eq!(call.invoke("transfer_funds", sixty()).await?.code, PAID);
    let back = json!({"revision": old, "reason": "for the test"});
    order(&one, "activate", back).await?;

    // A host that never loaded the newer rules, and whose database has other bytes for one of its components.
    let digest = digest(&here.component("response-shaper"))?;
    two.database.run(&format!(
        "CREATE TABLE kept AS SELECT * FROM components WHERE digest = '{digest}'; \
         UPDATE components SET bytes = '\\x00' WHERE digest = '{digest}'"
    ))?;
    let compiled = there.setup.folder().join("compiled").display().to_string();
    let setup = there.setup.clone();
    let other = setup
        .set("ORCHESTRATOR_PLUGIN__CACHE_DIR", compiled)
        .start()
        .await?;
    assert_eq!(active(&other).await?, old);
    let body = call.body("transfer_funds", sixty());
    let said = Spoken::of(&other.signed("/functions", body).await?)?;
    assert_eq!(said.code, PAID, "{said:?}");
    let record = other.record(&call.call_id, 2).await?;
    assert_eq!(record["revision"], json!(old), "{record}");
    assert_eq!(record["repinned"]["from"], json!(new), "{record}");
    let why = record["repinned"]["why"].to_string();
    assert!(why.contains("not those of its digest"), "{record}");

    let again = json!({"revision": new, "reason": "for the test"});
    order(&one, "activate", again).await?;
    until("a host that says it is behind", async || {
        let behind = status(&other).await?["behind"].to_string();
        Ok(behind.contains("not those of its digest").then_some(()))
    })
    .await?;
    let metrics = other.get("/metrics").await?.text;
    assert!(metrics.lines().any(|line| line == "pipeline_behind 1"));
    assert_eq!(active(&other).await?, old);
    assert_eq!(new_call(&other).await?, PAID);
    two.database.run(
        "UPDATE components SET bytes = kept.bytes FROM kept WHERE components.digest = kept.digest",
    )?;
    agree(&other, &new).await?;
    assert_eq!(status(&other).await?["behind"], json!(null));
    Ok(())
}
