//! Stopping, dying and starting again; starts that fail; and every other command of the binary.
//!
//! A start that fails says in one sentence what is wrong and what to do.

use std::net::TcpListener;
use std::time::Instant;

use anyhow::Result;
use serde_json::json;

use crate::harness::{Conversation, Setup, free_port, postgres};

#[tokio::test]
async fn a_host_that_is_told_to_stop_answers_what_it_took_and_ends_cleanly() -> Result<()> {
    let host = Setup::sandbox()?.with_sqlite().start().await?;
    let mut alice = Conversation::of_alice(&host);
    alice
        .invoke("check_balance", json!({"account_id": "checking_1"}))
        .await?;
    let call_id = alice.call_id;
    let began = Instant::now();
    let (setup, ended) = host.stop()?;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(began.elapsed().as_secs() < 10);
    let host = setup.start().await?;
    assert_eq!(
        host.record(&call_id, 1).await?["outcome"],
        "balance",
        "the record was lost"
    );
    Ok(())
}

#[tokio::test]
async fn a_pending_yes_survives_a_power_cut() -> Result<()> {
    let host = Setup::sandbox()?.with_sqlite().start().await?;
    let mut alice = Conversation::of_alice(&host);
    let wanted = json!({"from_account": "checking", "to_account": "savings", "amount": 150});
    assert_eq!(
        alice.invoke("transfer_funds", wanted).await?.code,
        "confirm_transfer"
    );
    let confirm = alice.body("confirm", json!({}));
    let call_id = alice.call_id;
    let host = host.kill()?.start().await?;
    let call = host.call(&call_id).await?.unwrap();
    assert_eq!(
        (&call["awaits"], &call["user_id"]),
        (&json!("confirmation"), &json!("user_1")),
        "{call}"
    );
    let said = crate::harness::Spoken::of(&host.signed("/functions", confirm.clone()).await?)?;
    assert_eq!(said.code, "transfer_completed", "{said:?}");
    assert_eq!(host.balance("user_1", "checking_1").await?, "4850.50");

    let host = host.kill()?.start().await?;
    let again = crate::harness::Spoken::of(&host.signed("/functions", confirm).await?)?;
    assert_eq!(
        again, said,
        "a repeated delivery after a power cut is answered alike"
    );
    assert_eq!(
        host.balance("user_1", "checking_1").await?,
        "5000.50",
        "this bank is a new one"
    );
    Ok(())
}

#[tokio::test]
async fn money_moves_only_after_its_intent_row_is_committed_and_never_twice() -> Result<()> {
    let (_bank, url) = Setup::bank("documented").await?;
    let setup = Setup::sandbox()?
        .with_sqlite()
        .set("PYTHON_BACKEND_URL", &url);
    let mut host = setup.start().await?;
    let mut alice = Conversation::of_alice(&host);
    let wanted = json!({"from_account": "checking", "to_account": "savings", "amount": "20.00"});
    let body = alice.body("transfer_funds", wanted);
    let key = [("idempotency-key", "order-1")];
    let context = json!({"call_id": "call_1", "user_id": "user_1"});
    let rest =
        r#"{"call_id":"call_1","from_account":"checking_1","to_account":"savings_1","amount":30}"#;
    let mut answers = Vec::new();
    for _ in 0..3 {
        let said = crate::harness::Spoken::of(&host.signed("/functions", body.clone()).await?)?;
        assert_eq!(said.code, "transfer_completed", "{said:?}");
        host.post("/orchestrate/load-context", &context)
            .await?
            .expect(200);
        answers.push(
            host.post_text("/orchestrate/transfer", rest, &key)
                .await?
                .expect(200),
        );
        host = host.kill()?.start().await?;
    }
    assert!(
        answers.iter().all(|answer| *answer == answers[0]),
        "{answers:?}"
    );
    assert_eq!(host.balance("user_1", "checking_1").await?, "4950.50");
    Ok(())
}

/// A setup that cannot start, the word that says what is wrong, and the word that says what to do.
type Hopeless = (&'static str, Setup, &'static str, &'static str);

fn hopeless(taken_port: u16) -> Result<Vec<Hopeless>> {
    let closed = free_port();
    let refused = format!("postgres://nobody@127.0.0.1:{closed}/nothing");
    let with = |name: &str, value: &str| Ok::<_, anyhow::Error>(Setup::sandbox()?.set(name, value));
    Ok(vec![
        (
            "port in use",
            with("ORCHESTRATOR_PORT", &taken_port.to_string())?,
            "already in use",
            "ORCHESTRATOR_PORT",
        ),
        (
            "no database",
            with("DATABASE_URL", &refused)?,
            "database",
            "DATABASE_URL",
        ),
        (
            "strange database",
            with("DATABASE_URL", "mysql://x/y")?,
            "database",
            "sqlite://",
        ),
        (
            "unknown variable",
            with("ORCHESTRATOR_PROT", "1")?,
            "ORCHESTRATOR_PROT",
            "ORCHESTRATOR_PORT",
        ),
        (
            "unknown key",
            with("ORCHESTRATOR_LEDGER__TRANSFER_MAXX", "1")?,
            "transfer_maxx",
            "transfer_max",
        ),
        (
            "bad port",
            with("ORCHESTRATOR_PORT", "eighty")?,
            "server.port",
            "eighty",
        ),
        ("bad level", with("LOG_LEVEL", "LOUD")?, "LOUD", "DEBUG"),
        (
            "bad dialect",
            with("BACKEND_DIALECT", "latin")?,
            "latin",
            "published",
        ),
        (
            "bad address",
            with("PYTHON_BACKEND_URL", "no address")?,
            "backend",
            "PYTHON_BACKEND_URL",
        ),
        (
            "bad limit",
            with("ORCHESTRATOR_LEDGER__TRANSFER_MAX", "lots")?,
            "transfer_max",
            "lots",
        ),
        (
            "no plugins",
            with("ORCHESTRATOR_PLUGIN_DIR", "nowhere")?,
            "nowhere",
            "ORCHESTRATOR_PLUGIN_DIR",
        ),
    ])
}

#[tokio::test]
async fn a_start_that_cannot_be_is_one_sentence_that_says_what_to_do() -> Result<()> {
    let taken = TcpListener::bind("127.0.0.1:0")?;
    let cases = hopeless(taken.local_addr()?.port())?;
    let mut faults = Vec::new();
    for (what, setup, word, remedy) in cases {
        let ended = setup.run()?;
        let said: Vec<&str> = ended
            .stderr
            .lines()
            .filter(|line| line.starts_with("orchestrator: "))
            .collect();
        let is_clear = said.len() == 1 && said[0].contains(word) && said[0].contains(remedy);
        if ended.code != Some(1) || !is_clear {
            faults.push(format!(
                "{what}: not one sentence with `{word}` and `{remedy}`: {ended:?}"
            ));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    Ok(())
}

#[tokio::test]
async fn a_secret_setting_that_is_bad_is_not_repeated() -> Result<()> {
    let closed = free_port();
    let url = format!("postgres://bank:hunter2-canary@127.0.0.1:{closed}/bank");
    let ended = Setup::sandbox()?.set("DATABASE_URL", url).run()?;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(
        !ended.stderr.contains("hunter2") && !ended.stdout.contains("hunter2"),
        "{}",
        ended.stderr
    );
    Ok(())
}

#[tokio::test]
async fn check_gives_a_verdict_on_each_part() -> Result<()> {
    let (_bank, url) = Setup::bank("documented").await?;
    let good = Setup::served(&url)?.with_arguments(&["check"]);
    let ended = good.run()?;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    for part in ["configuration", "plugins", "database", "backend"] {
        let verdict = ended.stdout.lines().find(|line| line.contains(part));
        assert!(
            verdict.is_some_and(|line| line.starts_with("ok")),
            "{part}: {}",
            ended.stdout
        );
    }
    let file = good.folder().join("none-yet.sqlite");
    let ended = good
        .clone()
        .set("DATABASE_URL", format!("sqlite://{}", file.display()))
        .run()?;
    assert!(
        ended.stdout.contains("makes it") && !file.exists(),
        "a look makes nothing: {ended:?}"
    );
    let closed = format!("http://127.0.0.1:{}", free_port());
    for (part, bad, remedy) in [
        (
            "configuration",
            good.clone().unset("RETELL_API_KEY"),
            "RETELL_API_KEY",
        ),
        (
            "plugins",
            good.clone().set("ORCHESTRATOR_PLUGIN_DIR", "nowhere"),
            "ORCHESTRATOR_PLUGIN_DIR",
        ),
        (
            "database",
            good.clone()
                .set("DATABASE_URL", "postgres://x@127.0.0.1:9/x"),
            "DATABASE_URL",
        ),
        (
            "backend",
            good.clone().set("PYTHON_BACKEND_URL", closed),
            "PYTHON_BACKEND_URL",
        ),
    ] {
        let ended = bad.run()?;
        assert_eq!(ended.code, Some(1), "{part}: {ended:?}");
        let verdicts: Vec<&str> = ended.stdout.lines().collect();
        assert_eq!(
            verdicts.len(),
            5,
            "all are checked, even after a fault: {}",
            ended.stdout
        );
        let failed: Vec<&&str> = verdicts
            .iter()
            .filter(|line| !line.starts_with("ok"))
            .collect();
        assert!(
            failed.len() == 1 && failed[0].contains(part) && failed[0].contains(remedy),
            "{}",
            ended.stdout
        );
    }
    Ok(())
}

#[tokio::test]
async fn healthcheck_asks_the_running_host() -> Result<()> {
    let host = Setup::sandbox()?.start().await?;
    let check = host.setup.clone().with_arguments(&["healthcheck"]);
    let well = check.run()?;
    assert_eq!(well.code, Some(0), "{well:?}");
    host.stop()?;
    let gone = check.run()?;
    assert_eq!(gone.code, Some(1), "{gone:?}");
    assert!(gone.stderr.contains("running"), "{gone:?}");
    Ok(())
}

#[tokio::test]
async fn migrate_makes_the_tables_once_and_again() -> Result<()> {
    let sqlite = Setup::command(&["migrate"])?.with_sqlite();
    let mut setups = vec![sqlite.clone()];
    if let Some(database) = postgres()? {
        setups.push(sqlite.set("DATABASE_URL", database.url));
    }
    for setup in setups {
        for _ in 0..2 {
            let ended = setup.run()?;
            assert_eq!(ended.code, Some(0), "{ended:?}");
        }
        let listed = setup.with_arguments(&["users", "list"]).run()?;
        assert_eq!(
            (listed.code, listed.stdout.as_str()),
            (Some(0), ""),
            "{listed:?}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn customers_are_imported_all_or_none_and_call_with_their_pins() -> Result<()> {
    let (_bank, url) = Setup::bank("documented").await?;
    let setup = Setup::served(&url)?;
    let file = setup.folder().join("customers.csv");
    let shown = file.display().to_string();
    let import = setup.clone().with_arguments(&["users", "import", &shown]);
    for (bad, line) in [
        (
            "phone,name,user_id,pin\n+14155552671,Alice,user_1,1234\n4155552672,Bob,user_2,5678\n",
            "line 3",
        ),
        (
            "phone,name,user_id,pin\n+14155552671,Alice,user_1,12\n",
            "line 2",
        ),
        (
            "phone,name,user_id,pin\n+14155552671,A,user_1,\n+14155552671,B,user_2,\n",
            "line 3",
        ),
        ("name,user_id\nAlice,user_1\n", "phone"),
        ("", "phone"),
    ] {
        std::fs::write(&file, bad)?;
        let ended = import.run()?;
        assert_eq!(ended.code, Some(1), "{bad}: {ended:?}");
        assert!(ended.stderr.contains(line), "{bad}: {}", ended.stderr);
    }
    assert_eq!(
        setup
            .clone()
            .with_arguments(&["users", "list"])
            .run()?
            .stdout,
        "",
        "nobody was added"
    );
    std::fs::write(
        &file,
        "phone,name,user_id,pin\n+14155552671,Alice Johnson,user_1,1234\n+14155552672,Bob Smith,user_2,\n",
    )?;
    let ended = import.run()?;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.stdout.contains("2 users"), "{ended:?}");
    let set = setup
        .clone()
        .with_arguments(&["users", "set-pin", "--phone", "+14155552672"]);
    assert_eq!(set.run_with("5678\n")?.code, Some(0));
    let host = setup.start().await?;
    for (phone, pin) in [("+14155552671", "1234"), ("+14155552672", "5678")] {
        let mut caller = Conversation::of(&host, phone);
        let said = caller.invoke("verify_pin", json!({"pin": pin})).await?;
        assert_eq!(said.code, "pin_verified", "{said:?}");
        assert_eq!(
            caller.invoke("get_profile", json!({})).await?.code,
            "profile"
        );
    }
    Ok(())
}
