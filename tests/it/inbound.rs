//! Who is calling, before the call is taken: by name, rejected, or taken all the same where nothing can be found out in time.
//!
//! The caller hears ringing meanwhile, so the bound of 1.5 s is asserted; the host gives up a little before it.

use std::time::{Duration, Instant};

use anyhow::Result;
use serde_json::{Value, json};

use crate::harness::{ALICE, Gate, Host, PostgresServer, Setup, payload, until};

/// Whom no bank and no database knows.
const NOBODY: &str = "+14155559999";
/// What the provider is promised.
const ANSWERED_WITHIN: Duration = Duration::from_millis(1_500);

/// What is answered for this number.
async fn inbound(host: &Host, from: &str) -> Result<Value> {
    let body = payload("inbound_call_request.json").replace(ALICE, from);
    let answer = host.signed("/webhook/inbound", body).await?.expect(200);
    Ok(answer["call_inbound"].clone())
}

/// The same, which must come in time.
async fn in_time(host: &Host, from: &str) -> Result<Value> {
    let began = Instant::now();
    let answer = inbound(host, from).await?;
    let took = began.elapsed();
    assert!(took < ANSWERED_WITHIN, "{took:?}");
    Ok(answer)
}

fn unknown() -> Value {
    json!({"dynamic_variables": {"customer_name": ""}})
}

#[tokio::test]
async fn a_known_caller_is_greeted_by_name_and_a_blocked_one_rejected() -> Result<()> {
    let host = Setup::sandbox()?.with_sqlite().start().await?;
    let known = inbound(&host, ALICE).await?;
    assert_eq!(known["dynamic_variables"]["customer_name"], "Alice Johnson");
    let typed = |arguments: &[&str]| host.setup.clone().with_arguments(arguments).run();
    let number = ["--phone", ALICE, "--reason", "threats"];
    let blocked = typed(&[&["users", "block"], &number[..]].concat())?;
    assert_eq!(blocked.code, Some(0), "{blocked:?}");
    assert_eq!(inbound(&host, ALICE).await?, json!({"reject": true}));
    let listed = typed(&["users", "blocked"])?.stdout;
    assert!(
        listed.contains("********2671") && listed.contains("threats"),
        "{listed}"
    );
    typed(&[&["users", "unblock"], &number[..]].concat())?;
    assert_eq!(inbound(&host, ALICE).await?, known);
    assert_eq!(typed(&["users", "blocked"])?.stdout, "");
    Ok(())
}

#[tokio::test]
async fn a_caller_is_taken_in_time_when_the_bank_hangs() -> Result<()> {
    let (_bank, url) = Setup::bank("documented").await?;
    let gate = Gate::before(&url)?;
    let setup = Setup::sandbox()?.set("PYTHON_BACKEND_URL", &gate.url);
    let host = setup.start().await?;
    gate.hold("/users/");
    let answer = in_time(&host, NOBODY).await?;
    gate.open();
    assert_eq!(answer, unknown());
    assert!(gate.came() > 0, "the bank was asked");
    Ok(())
}

/// A database that is away in this way, and comes back.
async fn database_away(
    leave: impl Fn(&PostgresServer) -> Result<()>,
    come_back: impl Fn(&PostgresServer) -> Result<()>,
) -> Result<()> {
    let Some(server) = PostgresServer::own()? else {
        return Ok(());
    };
    let database = server.database()?;
    let setup = Setup::sandbox()?.set("DATABASE_URL", &database.url);
    let host = setup.start().await?;
    leave(&server)?;
    for from in [ALICE, NOBODY] {
        let answer = in_time(&host, from).await?;
        assert!(answer["reject"].is_null(), "{answer}");
        assert!(
            answer["dynamic_variables"]["customer_name"].is_string(),
            "{answer}"
        );
    }
    come_back(&server)?;
    until("a caller who is known again", async || {
        let answer = inbound(&host, ALICE).await?;
        let name = &answer["dynamic_variables"]["customer_name"];
        Ok((name == "Alice Johnson").then_some(()))
    })
    .await
}

#[tokio::test]
async fn a_caller_is_taken_in_time_when_the_database_is_gone() -> Result<()> {
    database_away(PostgresServer::kill, PostgresServer::launch).await
}

#[tokio::test]
async fn a_caller_is_taken_in_time_when_the_database_hangs() -> Result<()> {
    database_away(
        |server| server.signal("STOP"),
        |server| server.signal("CONT"),
    )
    .await
}
