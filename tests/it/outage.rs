//! PostgreSQL goes away under load and comes back: what was acknowledged is there, callers hear sentences, nobody restarts the host.
//!
//! Killed and started again on the same port, as after a crash or a failover; and stopped so that it takes connections and says
//! nothing, as behind a network that swallows everything.

mod load;

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use futures_util::stream::{StreamExt as _, iter};
use serde_json::json;

use crate::harness::{
    Conversation, Database, Host, PostgresServer, Setup, Spoken, slack, until, within,
};
use load::{Counts, Load};

/// How long the server is away.
const AWAY: Duration = Duration::from_secs(10);
/// Load before and after.
const AROUND: Duration = Duration::from_secs(2);
/// What is promised.
const UNREADY_WITHIN: Duration = Duration::from_secs(2);
const READY_WITHIN: Duration = Duration::from_secs(5);
const ANSWERED_WITHIN: Duration = Duration::from_secs(5);
/// What a development build on a busy machine may take more.
const SLACK: Duration = Duration::from_secs(3);
/// Longer than any of them.
const PATIENCE: Duration = Duration::from_secs(20);

/// What `/readyz` says.
async fn readiness(host: &Host) -> Result<(u16, String)> {
    let answer = host.get("/readyz").await?;
    Ok((answer.status, answer.text))
}

/// How long until it says this.
async fn readiness_is(host: &Host, status: u16) -> Result<(Duration, String)> {
    let (text, after) = within(PATIENCE, "another readiness", async || {
        let (now, text) = readiness(host).await?;
        Ok((now == status).then_some(text))
    })
    .await?;
    Ok((after, text))
}

/// Load around an outage that `leave` begins and `come_back` ends; what was counted.
async fn outage(
    what: &str,
    reason: &str,
    leave: impl Fn(&PostgresServer) -> Result<()>,
    come_back: impl Fn(&PostgresServer) -> Result<()>,
) -> Result<String> {
    let Some(server) = PostgresServer::own()? else {
        return Ok(format!("{what}: left out"));
    };
    let database = server.database()?;
    let setup = Setup::sandbox()?.set("DATABASE_URL", &database.url);
    // What every request writes would cost the log's reader as much as the host.
    let host = Arc::new(setup.set("LOG_LEVEL", "WARN").start().await?);
    let process = host.id();
    let (mut unready, mut ready) = (PATIENCE, PATIENCE);
    let driven = Load::on(&host).drive(async || {
        tokio::time::sleep(AROUND).await;
        leave(&server)?;
        let said;
        (unready, said) = readiness_is(&host, 503).await?;
        assert!(said.contains(reason), "{said}");
        tokio::time::sleep(AWAY.saturating_sub(unready)).await;
        come_back(&server)?;
        (ready, _) = readiness_is(&host, 200).await?;
        tokio::time::sleep(AROUND).await;
        Ok(())
    });
    let counts = driven.await?;
    let report = format!(
        "{what}: not ready {unready:?} after it left, ready {ready:?} after it came back\n{what}: {counts}"
    );
    let slack = slack(SLACK);
    assert!(unready <= UNREADY_WITHIN + slack, "{report}");
    assert!(ready <= READY_WITHIN + slack, "{report}");
    assert!(counts.longest <= ANSWERED_WITHIN + slack, "{report}");
    assert!(counts.acknowledged.len() > 20, "{report}");
    assert!(
        !counts.refused.is_empty(),
        "the outage was not felt: {report}"
    );
    nothing_is_lost(&host, &database, &counts).await?;
    assert_eq!(host.id(), process);
    let delivered = counts.acknowledged.len() + counts.refused.len();
    let live = database.run("SELECT count(*) FROM calls")?;
    let live = live.trim();
    Ok(format!(
        "{report}\n{what}: {delivered} events in the database, 0 lost; {live} calls"
    ))
}

/// What was acknowledged is there, what was refused is taken when the provider delivers it again, and each once.
async fn nothing_is_lost(host: &Host, database: &Database, counts: &Counts) -> Result<()> {
    let again = counts.refused.iter().map(async |event| {
        // As the provider does: what is put off once more is delivered once more.
        until("a refused event to be taken", async || {
            let again = host.signed("/webhook", event.clone()).await?;
            assert!(matches!(again.status, 204 | 503), "{}", again.text);
            Ok((again.status == 204).then_some(()))
        })
        .await
    });
    iter(again)
        .buffer_unordered(16)
        .collect::<Vec<Result<()>>>()
        .await
        .into_iter()
        .collect::<Result<()>>()?;
    let stored = database.run("SELECT call_id FROM call_events WHERE event = 'call_started'")?;
    let stored: std::collections::BTreeSet<&str> = stored.lines().collect();
    let lost: Vec<&String> = counts
        .acknowledged
        .iter()
        .filter(|call_id| !stored.contains(call_id.as_str()))
        .collect();
    assert!(lost.is_empty(), "acknowledged and not there: {lost:?}");
    let delivered = counts.acknowledged.len() + counts.refused.len();
    assert_eq!(stored.len(), delivered, "every event once");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_is_killed_and_comes_back_loses_nothing_that_was_acknowledged() -> Result<()>
{
    let counted = outage(
        "killed",
        "cannot be reached",
        PostgresServer::kill,
        PostgresServer::launch,
    );
    println!("{}", counted.await?);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_hangs_and_comes_back_loses_nothing_that_was_acknowledged() -> Result<()> {
    let counted = outage(
        "hangs",
        "does not answer",
        |server| server.signal("STOP"),
        |server| server.signal("CONT"),
    );
    println!("{}", counted.await?);
    Ok(())
}

#[tokio::test]
async fn a_tool_call_that_found_no_database_is_not_done_when_it_is_delivered_once_that_is_back()
-> Result<()> {
    let Some(server) = PostgresServer::own()? else {
        return Ok(());
    };
    let database = server.database()?;
    let setup = Setup::sandbox()?.set("DATABASE_URL", &database.url);
    let host = setup.start().await?;
    let mut alice = Conversation::of_alice(&host);
    let wish =
        || json!({"from_account": "checking_1", "to_account": "savings_1", "amount": "20.00"});
    let body = alice.body("transfer_funds", wish());
    server.kill()?;
    readiness_is(&host, 503).await?;
    let first = Spoken::of(&host.signed("/functions", body.clone()).await?)?;
    assert_ne!(first.code, "transfer_completed", "{first:?}");
    server.launch()?;
    readiness_is(&host, 200).await?;
    until("the note of it", async || {
        let noted = database.run("SELECT count(*) FROM transfers WHERE reason = 'turned_away'");
        Ok(noted.is_ok_and(|rows| rows.trim() == "1").then_some(()))
    })
    .await?;
    // Whoever heard that nothing was done may have asked anew meanwhile.
    let again = Spoken::of(&host.signed("/functions", body).await?)?;
    assert_ne!(again.code, "transfer_completed", "{again:?}");
    let anew = alice.invoke("transfer_funds", wish()).await?;
    assert_eq!(anew.code, "transfer_completed", "{anew:?}");
    assert_eq!(host.balance("user_1", "checking_1").await?, "4980.50");
    Ok(())
}

#[tokio::test]
async fn what_was_kept_while_the_database_was_away_is_written_before_the_end() -> Result<()> {
    let Some(server) = PostgresServer::own()? else {
        return Ok(());
    };
    let database = server.database()?;
    let setup = Setup::sandbox()?.set("DATABASE_URL", &database.url);
    let host = setup.start().await?;
    let mut alice = Conversation::of_alice(&host);
    let asked = || json!({"account_id": "checking_1"});
    assert_eq!(
        alice.invoke("check_balance", asked()).await?.code,
        "balance"
    );
    server.kill()?;
    readiness_is(&host, 503).await?;
    let said = alice.invoke("check_balance", asked()).await?;
    assert_eq!(
        said.code, "balance",
        "a live call needs no database: {said:?}"
    );
    let call_id = alice.call_id;
    host.signal("TERM")?;
    server.launch()?;
    let (_, ended) = host.stopped(Duration::from_secs(40))?;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let records = format!("SELECT count(*) FROM turns WHERE call_id = '{call_id}'");
    let records = until("a server that takes commands", async || {
        Ok(database.run(&records).ok())
    });
    assert_eq!(records.await?.trim(), "2", "{}", ended.stderr);
    Ok(())
}
