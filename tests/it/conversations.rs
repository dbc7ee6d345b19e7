//! Every shipped script, played by `orchestrator call` against every kind of bank: what is said, decided and moved is as written.
//!
//! Where a script fails, the test fails with what the command printed, which names the line.

use anyhow::Result;

use crate::harness::{Dialect, Ended, FastApi, Host, Setup, root};

/// Number, name, bank's id and PIN of the five customers that both reference banks know.
const CUSTOMERS: [(&str, &str, &str, &str); 5] = [
    ("+14155552671", "Alice Johnson", "user_1", "1234"),
    ("+14155552672", "Bob Smith", "user_2", "5678"),
    ("+14155552673", "Carol Williams", "user_3", "9012"),
    ("+14155552674", "David Brown", "user_4", "3456"),
    ("+14155552675", "Emma Davis", "user_5", "7890"),
];

/// Runs `orchestrator call` with the host's own settings.
fn call(host: &Host, arguments: &[&str]) -> Result<Ended> {
    let arguments: Vec<&str> = ["call"].iter().chain(arguments).copied().collect();
    host.setup.clone().with_arguments(&arguments).run()
}

#[track_caller]
fn all_pass(played: &Ended) {
    let (printed, told) = (&played.stdout, &played.stderr);
    assert_eq!(played.code, Some(0), "\n{printed}\n{told}");
    assert!(printed.contains("scripts passed"), "{printed}");
}

fn shipped() -> String {
    root().join("tests/conversations").display().to_string()
}

fn enrol(setup: &Setup) -> Result<()> {
    for (phone, name, id, pin) in CUSTOMERS {
        let arguments = [
            "users",
            "add",
            "--phone",
            phone,
            "--user-id",
            id,
            "--name",
            name,
            "--pin-stdin",
        ];
        let added = setup.clone().with_arguments(&arguments).run_with(pin)?;
        assert_eq!(added.code, Some(0), "{added:?}");
    }
    Ok(())
}

#[tokio::test]
async fn the_shipped_conversations_with_the_sandbox_bank() -> Result<()> {
    let host = Setup::sandbox()?.start().await?;
    all_pass(&call(&host, &["--script", &shipped()])?);
    Ok(())
}

#[tokio::test]
async fn the_shipped_conversations_with_the_fastapi_bank() -> Result<()> {
    let Some(bank) = FastApi::start(Dialect::Documented).await? else {
        return Ok(());
    };
    let setup =
        Setup::served(&bank.url)?.set("ORCHESTRATOR_WEBSOCKET_TOKEN", "line-of-the-tests-41d0");
    enrol(&setup)?;
    let host = setup.start().await?;
    all_pass(&call(&host, &["--script", &shipped()])?);
    Ok(())
}

#[tokio::test]
async fn a_script_that_differs_fails_with_its_line_and_both_sides() -> Result<()> {
    let host = Setup::sandbox()?.start().await?;
    let file = host.setup.folder().join("wrong.yaml");
    let path = file.display().to_string();
    for (steps, expected) in [
        (
            "- say: What is my checking balance?\n  expect: six dollars\n",
            "wrong.yaml:3: \"six dollars\" was expected; heard was \"You have five thousand",
        ),
        (
            "- say: What is my checking balance?\n  intent: transfer\n",
            "wrong.yaml:3: the intent `transfer` was expected; the host decided `balance`",
        ),
        (
            "- expect_transfer: {from: checking_1, to: savings_1, amount: 1.00}\n",
            "wrong.yaml:3: 1.00 from checking_1 to savings_1 should have moved once; no payment",
        ),
    ] {
        std::fs::write(&file, format!("name: wrong\nsteps:\n{steps}"))?;
        let played = call(&host, &["--script", &path])?;
        assert_eq!(played.code, Some(1), "{played:?}");
        assert!(played.stdout.contains(expected), "{expected}: {played:?}");
    }
    std::fs::write(&file, "name: wrong\nsteps:\n- sai: Hello\n")?;
    let refused = call(&host, &["--script", &path])?;
    assert_eq!(refused.code, Some(1), "{refused:?}");
    let slip = "line 3: unknown key `sai`, did you mean `say`?";
    assert!(refused.stderr.contains(slip), "{refused:?}");
    Ok(())
}

#[tokio::test]
async fn a_caller_without_the_secret_or_with_another_key_is_told_what_to_do() -> Result<()> {
    let host = Setup::sandbox()?
        .set("ORCHESTRATOR_WEBSOCKET_TOKEN", "line-of-the-tests-41d0")
        .start()
        .await?;
    let script = root().join("tests/conversations/balance.yaml");
    let script = script.display().to_string();
    let played = call(&host, &["--script", &script, "--token", "another"])?;
    assert_eq!(played.code, Some(1), "{played:?}");
    assert!(
        played.stderr.contains("ORCHESTRATOR_WEBSOCKET_TOKEN"),
        "{played:?}"
    );
    assert!(!played.stderr.contains("another"), "{played:?}");
    let arguments = ["call", "--script", script.as_str()];
    let another_key = host
        .setup
        .clone()
        .set("RETELL_API_KEY", "key_of_somebody_else");
    let played = another_key.with_arguments(&arguments).run()?;
    assert_eq!(played.code, Some(1), "{played:?}");
    assert!(played.stderr.contains("set RETELL_API_KEY"), "{played:?}");
    Ok(())
}

#[tokio::test]
async fn a_call_by_hand_says_what_is_typed_and_the_end_of_the_input_hangs_up() -> Result<()> {
    let host = Setup::sandbox()?.start().await?;
    let arguments = [
        "call",
        "--call-id",
        "call_by_hand",
        "--words-per-minute",
        "6000",
    ];
    let by_hand = host.setup.clone().with_arguments(&arguments);
    let played = by_hand.run_with("/keys\n/hangup\n")?;
    assert_eq!(played.code, Some(0), "{played:?}");
    assert!(
        played.stdout.contains("known are /digits 1234"),
        "{played:?}"
    );
    assert!(played.stdout.contains("you hung up"), "{played:?}");
    assert_eq!(host.state("call_by_hand").await?, "CALL_ENDED");
    Ok(())
}
