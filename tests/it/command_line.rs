//! What every command of `orchestrator` has in common, whatever it prints.
//!
//! Run as a shell runs them, with their answers going to a reader who has had enough.

use anyhow::Result;

use crate::harness::{Setup, plugins, sandbox};

/// What shells report of a program that wrote to a reader who was gone.
const READER_GONE: i32 = 141;

fn ends_quietly(setup: &Setup, what: &str) -> Result<()> {
    let ended = setup.run_unread()?;
    let said = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(READER_GONE), "{what}: {said}");
    assert!(
        !said.contains("panicked") && !said.contains("orchestrator:"),
        "{what}: {said}"
    );
    Ok(())
}

#[tokio::test]
async fn a_command_whose_reader_goes_away_ends_quietly() -> Result<()> {
    let plugin = plugins()?
        .join("response-shaper.wasm")
        .display()
        .to_string();
    let host = sandbox().await?;
    for arguments in [
        &["check", "--sandbox"][..],
        &["plugin", "inspect", &plugin],
        &["call", "--script-keys"],
        &["pipeline", "status", "--url", &host.url],
        &["pipeline", "history", "--json", "--url", &host.url],
        &["transfers", "list", "--url", &host.url],
    ] {
        ends_quietly(&Setup::command(arguments)?, &arguments.join(" "))?;
    }
    let bad = Setup::command(&["check"])?.set("ORCHESTRATOR_SERVER__PROT", 1);
    ends_quietly(&bad, "check with a setting that cannot be read")?;
    let phone = "+14155550199";
    let users = [
        "users",
        "add",
        "--phone",
        phone,
        "--name",
        "Ann",
        "--user-id",
        "user_9",
    ];
    ends_quietly(&Setup::command(&users)?.with_sqlite(), "users add")
}
