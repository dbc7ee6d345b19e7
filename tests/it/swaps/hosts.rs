//! Several hosts on one PostgreSQL: they follow each other, agree about every pinned call, and do not overwrite each other's
//! rules.
//!
//! Each host has a folder of its own, as on machines of their own.

use anyhow::Result;
use serde_json::json;

use super::bench::{Rules, active, active_other_than, status};
use super::{LOW, OVER, PAID, new_call, order, sixty};
use crate::harness::{Conversation, Host, Setup, Spoken, postgres, until};

async fn agree(host: &Host, revision: &str) -> Result<()> {
    until("the same active revision", async || {
        Ok((active(host).await? == revision).then_some(()))
    })
    .await
}

fn rules(bank: &str, database: &str) -> Result<Rules> {
    Rules::of(
        Setup::sandbox()?
            .set("PYTHON_BACKEND_URL", bank)
            .set("DATABASE_URL", database),
    )
}

#[tokio::test]
async fn hosts_follow_each_other_and_agree_about_a_pinned_call() -> Result<()> {
    let Some(database) = postgres()? else {
        return Ok(());
    };
    let (_bank, bank) = Setup::bank("documented").await?;
    let (here, there) = (rules(&bank, &database.url)?, rules(&bank, &database.url)?);
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

    order(&other, "rollback", json!({"reason": "too low"})).await?;
    agree(&one, &first).await?;
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
