//! A line while PostgreSQL is away: every request is completed with a sentence in time, no money moves, and afterwards all goes on.
//!
//! Left out where there is no PostgreSQL.

use std::time::{Duration, Instant};

use anyhow::Result;

use super::{fifty, fresh_id};
use crate::harness::{ALICE, Caller, Host, PostgresServer, Said, Setup, assert_speakable, until};

/// What a turn may take in all, and what a busy machine adds.
const ANSWERED_WITHIN: Duration = Duration::from_millis(5_000 + 1_500);

/// Speaks, and must be answered with a sentence in time.
async fn in_time(caller: &mut Caller, text: &str) -> Result<Said> {
    let began = Instant::now();
    let said = caller.says(text).await?;
    let took = began.elapsed();
    assert!(took < ANSWERED_WITHIN, "{text}: {took:?}");
    assert_speakable(said.text.trim());
    Ok(said)
}

async fn ready(host: &Host, status: u16) -> Result<()> {
    until("another readiness", async || {
        Ok((host.get("/readyz").await?.status == status).then_some(()))
    })
    .await
}

/// One conversation over an outage.
async fn over_an_outage(
    leave: impl Fn(&PostgresServer) -> Result<()>,
    come_back: impl Fn(&PostgresServer) -> Result<()>,
) -> Result<()> {
    let Some(server) = PostgresServer::own()? else {
        return Ok(());
    };
    let (bank, url) = Setup::bank("documented").await?;
    let database = server.database()?;
    let setup = Setup::sandbox()?
        .set("PYTHON_BACKEND_URL", url)
        .set("DATABASE_URL", &database.url);
    let host = setup.start().await?;
    let mut caller = Caller::dial(&host, &fresh_id(&host), ALICE).await?;
    fifty(&mut caller).await?;
    leave(&server)?;
    let refused = in_time(&mut caller, "yes").await?;
    assert!(!refused.text.contains("I moved"), "{refused:?}");
    in_time(&mut caller, "what is my checking balance").await?;
    // Somebody who calls now is greeted, though nobody knows by what name.
    let mut another = Caller::dial(&host, &fresh_id(&host), ALICE).await?;
    in_time(&mut another, "what is my checking balance").await?;
    ready(&host, 503).await?;
    in_time(&mut caller, "what is my checking balance").await?;
    assert_eq!(bank.balance("user_1", "checking_1").await?, "5000.50");
    come_back(&server)?;
    ready(&host, 200).await?;
    let said = in_time(&mut caller, "what is my checking balance").await?;
    assert!(said.text.contains("five thousand"), "{said:?}");
    fifty(&mut caller).await?;
    let done = in_time(&mut caller, "yes").await?;
    assert!(done.text.contains("I moved fifty dollars"), "{done:?}");
    assert_eq!(bank.balance("user_1", "checking_1").await?, "4950.50");
    Ok(())
}

#[tokio::test]
async fn a_line_is_answered_in_time_while_the_database_is_gone_and_goes_on_when_it_is_back()
-> Result<()> {
    over_an_outage(PostgresServer::kill, PostgresServer::launch).await
}

#[tokio::test]
async fn a_line_is_answered_in_time_while_the_database_hangs_and_goes_on_when_it_is_back()
-> Result<()> {
    over_an_outage(
        |server| server.signal("STOP"),
        |server| server.signal("CONT"),
    )
    .await
}
